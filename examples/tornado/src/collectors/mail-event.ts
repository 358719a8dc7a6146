import PostalMime, { type Address, type Attachment } from 'postal-mime';
import { type Event, newEvent } from '../event.ts';
import type { Value } from '../matcher/value.ts';

/** An event of type `email` of a whole MIME message; `date` is in seconds since 1970. */
export async function mailEvent(message: Uint8Array): Promise<Event> {
  const mail = await PostalMime.parse(message);
  const date = Date.parse(mail.date ?? '');
  return newEvent('email', {
    date: Number.isNaN(date) ? 0 : date / 1000,
    subject: mail.subject ?? '',
    to: addresses(mail.to),
    from: addresses(mail.from ? [mail.from] : []),
    cc: addresses(mail.cc),
    body: (mail.text ?? mail.html ?? '').trimEnd(),
    attachments: mail.attachments.map(attachmentValue),
  });
}

function addresses(all: readonly Address[] = []): string {
  return all
    .flatMap((each) => (each.group === undefined ? [each] : each.group))
    .map(({ name, address }) => (name === '' ? address : `"${name}" <${address}>`))
    .join(', ');
}

function attachmentValue({ filename, mimeType, content }: Attachment): Value {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content as ArrayBuffer);
  const plain = mimeType.startsWith('text/');
  return {
    filename: filename ?? '',
    mime_type: mimeType,
    encoding: plain ? 'plaintext' : 'base64',
    content: bytes.toString(plain ? 'utf8' : 'base64'),
  };
}
