import { unixNanos, type Span, type TraceId } from '@throughline/model';
import { encodeTraces } from '@throughline/wire';
import { traceFromText } from '@throughline/wire/testing';
import { randomBytes } from 'node:crypto';

/** A trace drawn as text (see `traceFromText`), with an id of its own, that began at `startMs` since 1970. */
export function drawnTrace(text: string, startMs: number): Span[] {
  const traceId = randomBytes(16).toString('hex') as TraceId;
  return traceFromText(text, { traceId, start: unixNanos(BigInt(Math.round(startMs * 1000)) * 1000n) });
}

/** Sends spans over OTLP/HTTP. */
export async function sendSpans(otlpHttp: string, spans: readonly Span[]): Promise<void> {
  const response = await fetch(`${otlpHttp}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeTraces(spans)),
  });
  if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`);
}

const orders = 'messaging.system=kafka messaging.destination.name=orders';
const mails = 'messaging.system=nats messaging.destination.name=mails';

/** An order in a shop of seven services, two topics, two databases and two hosts that send no spans; `fails`: the payment does. */
export function shopOrder(fails: boolean, slow = 1): string {
  const bad = fails ? ' error' : '';
  const at = (ms: number) => (ms * slow).toFixed(1);
  return `
web: GET /order client 0..${at(200)} server.address=shop server.port=8080
  frontend: POST /order server 1..${at(198)}${bad}
    frontend: GET client 2..${at(30)} server.address=catalogue
      catalogue: GET /products server 3..${at(28)}
        catalogue: SELECT products client 5..${at(20)} db.system.name=postgresql db.namespace=products
        catalogue: GET client 20..${at(22)} db.system.name=redis server.address=cache
    frontend: POST client 40..${at(150)}${bad} server.address=payment
      payment: charge server 42..${at(148)}${bad}
        payment: POST client 50..${at(140)}${bad} server.address=api.bank.example server.port=443
        payment: INSERT client 141..${at(146)} db.system.name=postgresql db.namespace=payments
    frontend: send orders producer 150..${at(155)} ${orders}
      warehouse: process orders consumer ${at(290)}..${at(340)} ${orders}
        warehouse: UPDATE stock client ${at(291)}..${at(310)} db.system.name=postgresql db.namespace=stock
        warehouse: send mails producer ${at(311)}..${at(314)} ${mails}
          mail: process mails consumer ${at(340)}..${at(420)} ${mails}
            mail: EHLO client ${at(350)}..${at(410)} server.address=smtp.example server.port=587
      billing: process orders consumer ${at(230)}..${at(260)} ${orders}`;
}
