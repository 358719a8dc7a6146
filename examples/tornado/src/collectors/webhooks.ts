import { createHash, timingSafeEqual } from 'node:crypto';
import { jsonFilesIn } from '../config/json-files.ts';
import { NotValid, type Piece } from '../config/piece.ts';
import { type EventTemplate, compileEventTemplate } from './jmespath-event.ts';

/** An endpoint that somebody posts JSON to. */
export interface Webhook {
  id: string;
  isToken(this: void, token: string): boolean;
  maxBytes: number;
  toEvent: EventTemplate;
}

const defaultMaxBytes = 5 * 1024 ** 2;

/** Reads `<folder>/*.json`, each with `id`, `token`, `max_payload_size` and the event's template, `collector_config`. */
export function readWebhooks(folder: string): Webhook[] {
  const webhooks = jsonFilesIn(folder).map(parseWebhook);
  const ids = webhooks.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) throw new NotValid(`${folder}: two webhooks have the id ${twice}`);
  return webhooks;
}

function parseWebhook(piece: Piece): Webhook {
  piece.only('id', 'token', 'max_payload_size', 'collector_config');
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const token = digest(piece.at('token').text());
  return {
    id: piece.at('id').text(),
    isToken: (given) => timingSafeEqual(digest(given), token),
    maxBytes: bytesOf(piece.at('max_payload_size')),
    toEvent: compileEventTemplate(piece.at('collector_config')),
  };
}

const units: Record<string, number> = { '': 1, b: 1, kb: 1e3, mb: 1e6, kib: 1024, mib: 1024 ** 2 };

/** `5MB`, `100 KiB` or a number of bytes. */
function bytesOf(piece: Piece): number {
  if (piece.isMissing) return defaultMaxBytes;
  if (typeof piece.value === 'number') return piece.number();
  const [, number, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*$/.exec(piece.text()) ?? [];
  const factor = units[unit.toLowerCase()];
  if (number === undefined || factor === undefined) return piece.fail('must be a size, such as 5MB');
  return Math.floor(Number(number) * factor);
}
