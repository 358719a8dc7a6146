import { connect } from 'node:net';

/** Delivers an e-mail to the collector's socket. */
export function mail(socket: string, subject: string, body: string): Promise<void> {
  const message = [
    'From: sensor@example.com',
    'To: operators@example.com',
    `Date: ${new Date().toUTCString()}`,
    `Subject: ${subject}`,
    '',
    body,
    '',
  ];
  return new Promise((resolve, reject) => {
    const connection = connect(socket);
    connection.once('error', reject).once('close', () => resolve());
    connection.end(message.join('\r\n'));
    connection.resume();
  });
}
