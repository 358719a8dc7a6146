import {
  unixNanos,
  type Attributes,
  type Span,
  type SpanId,
  type SpanKind,
  type TraceId,
} from '@throughline/model';
import { traceFromText } from '@throughline/wire/testing';
import { describe, expect, it } from 'vitest';
import { plainEdges, WatchedBlocks } from './call-finder.test-kit.ts';

const orders = 'messaging.system=kafka messaging.destination.name=orders';

/** What is found when the spans of the drawing come in one block, each in its own, and each in its own from the last. */
function found(text: string, change = (spans: Span[]): Span[] => spans): string[] {
  const spans = change(traceFromText(text));
  const together = new WatchedBlocks().write(spans).lines();
  for (const order of [spans, spans.toReversed()]) {
    const apart = new WatchedBlocks();
    for (const span of order) apart.write([span]);
    expect(apart.lines()).toEqual(together);
  }
  expect(together).toEqual(plainEdges(spans));
  return together;
}

/** Lets the span of that line, from 0, link to these. */
function linking(line: number, ...to: number[]) {
  return (spans: Span[]) =>
    spans.map((span, n) => (n === line ? { ...span, links: to.map((each) => linkTo(spans[each]!)) } : span));
}

function linkTo({ traceId, spanId }: Span): Span['links'][number] {
  return { traceId, spanId, traceState: '', attributes: {}, droppedAttributes: 0, flags: 0 };
}

describe('calls', () => {
  it('go from a service to another, whatever the kinds, and not inside one', () => {
    expect(
      found(`
        shop: GET / 0..100
          shop: prepare 0..10
          cart: list 10..20 error
            pay: charge 12..14
          pay: charge 20..30`),
    ).toEqual(['cart -call> pay 1', 'shop -call> cart 1', 'shop -call> cart failed 1', 'shop -call> pay 1']);
  });

  it('are found though span ids are alike in every trace', () => {
    const blocks = new WatchedBlocks();
    for (let n = 1; n <= 3; n++)
      blocks.write(traceFromText(`shop: a 0..9\n  s${n}: b 0..9`, { traceId: `${n}`.repeat(32) }));
    expect(blocks.lines()).toEqual(['shop -call> s1 1', 'shop -call> s2 1', 'shop -call> s3 1']);
  });

  it('are remembered for eighty thousand spans, in whatever order they come', () => {
    const [parent, child] = traceFromText('shop: a 0..9\n  cart: b 0..9');
    const traceIds = Array.from(
      { length: 40_000 },
      (_, n) => (n + 1).toString(16).padStart(32, '0') as TraceId,
    );
    const blocks = new WatchedBlocks();
    blocks.write(traceIds.map((traceId) => ({ ...child!, traceId })));
    blocks.write(traceIds.toReversed().map((traceId) => ({ ...parent!, traceId })));
    expect(blocks.lines()).toEqual(['shop -call> cart 40000']);
  });

  it('go on when far more spans wait for parents that never come', () => {
    const blocks = new WatchedBlocks();
    const [, lonely] = traceFromText('shop: a 0..9\n  lonely: b 0..9');
    for (let block = 0; block < 5; block++)
      blocks.write(
        Array.from({ length: 100_000 }, (_, n) => ({
          ...lonely!,
          spanId: idOf(block * 100_000 + n),
          parentSpanId: idOf(1e9 + block * 100_000 + n),
        })),
      );
    const [parent, child] = traceFromText('shop: a 0..9\n  cart: b 0..9', { traceId: 'f'.repeat(32) });
    expect(blocks.write([child!]).write([parent!]).lines()).toEqual(['shop -call> cart 1']);
  });

  it('of a sender that sends one span again and again are counted again and again, up to a point', () => {
    const blocks = new WatchedBlocks();
    const [parent, child] = traceFromText('shop: a 0..9\n  cart: b 0..9');
    for (let n = 0; n < 3; n++) blocks.write(Array.from({ length: 100_000 }, () => child!));
    blocks.write([parent!]);
    expect(blocks.lines()[0]).toMatch(/^shop -call> cart \d{3}$/);
  });
});

describe('messages', () => {
  it('go through their topic, where the consumer is a child', () => {
    expect(
      found(`
        shop: send orders producer 0..10 ${orders}
          mail: process orders consumer 25..30 error ${orders}`),
    ).toEqual([
      'kafka orders -consume> mail 1',
      'kafka orders -consume> mail failed 1',
      'kafka orders -consume> mail waited 15 1',
      'shop -publish> kafka orders 1',
    ]);
  });

  it('go through it where the consumer links, and of a batch wait each', () => {
    expect(
      found(
        `
        shop: send orders producer 0..10 ${orders}
        till: send orders producer 0..12 ${orders}
        mail: process orders consumer 20..30 ${orders}`,
        linking(2, 0, 1),
      ),
    ).toEqual([
      'kafka orders -consume> mail 1',
      'kafka orders -consume> mail waited 10 1',
      'kafka orders -consume> mail waited 8 1',
      'shop -publish> kafka orders 1',
      'till -publish> kafka orders 1',
    ]);
  });

  it('are counted once where the consumer is a child and links to its parent too', () => {
    expect(
      found(
        `
        shop: send orders producer 0..10 ${orders}
          mail: process orders consumer 20..30`,
        linking(1, 0),
      ),
    ).toEqual([
      'kafka orders -consume> mail 1',
      'kafka orders -consume> mail waited 10 1',
      'shop -publish> kafka orders 1',
    ]);
  });

  it('may come from the service that they go to', () => {
    expect(
      found(`
        shop: send orders producer 0..10 ${orders}
          shop: process orders consumer 10..30 ${orders}`),
    ).toEqual([
      'kafka orders -consume> shop 1',
      'kafka orders -consume> shop waited 0 1',
      'shop -publish> kafka orders 1',
    ]);
  });

  it('are seen where one side alone sends spans', () => {
    expect(found(`shop: send orders producer 0..10 error ${orders}`)).toEqual([
      'shop -publish> kafka orders 1',
      'shop -publish> kafka orders failed 1',
    ]);
    expect(found(`mail: process orders consumer 0..10 ${orders}`)).toEqual(['kafka orders -consume> mail 1']);
  });

  it('go from a producer to what is below it in another service, consumer or not', () => {
    expect(
      found(`
        shop: send orders producer 0..10 ${orders}
          mail: handle server 15..30
          log: handle 30..31`),
    ).toEqual([
      'kafka orders -consume> log 1',
      'kafka orders -consume> log waited 20 1',
      'kafka orders -consume> mail 1',
      'kafka orders -consume> mail waited 5 1',
      'shop -publish> kafka orders 1',
    ]);
  });

  it('are taken to come from the service of a parent that is no producer', () => {
    expect(
      found(`
        shop: order 0..10
          mail: process orders consumer 20..30 ${orders}`),
    ).toEqual(['kafka orders -consume> mail 1', 'shop -inferredPublish> kafka orders 1']);
  });

  it('that are published under one name and consumed under another go from the one to the other', () => {
    expect(
      found(`
        shop: send producer 0..10 messaging.system=rabbitmq messaging.destination.name=events
          mail: process consumer 20..30 messaging.system=rabbitmq messaging.destination.name=mails`),
    ).toEqual([
      'rabbitmq events -route> rabbitmq mails 1',
      'rabbitmq mails -consume> mail 1',
      'rabbitmq mails -consume> mail waited 10 1',
      'shop -publish> rabbitmq events 1',
    ]);
  });

  it('that somebody has passed on come from whom the consumer links to', () => {
    expect(
      found(
        `
        shop: order producer 0..10 ${orders}
          check: process consumer 20..30 ${orders}
          cook: process consumer 40..50 messaging.system=kafka messaging.destination.name=checked`,
        linking(2, 1),
      ),
    ).toEqual([
      'check -weakPublish> kafka checked 1',
      'kafka checked -consume> cook 1',
      'kafka orders -consume> check 1',
      'kafka orders -consume> check waited 10 1',
      'shop -publish> kafka orders 1',
    ]);
  });

  it('are told from what a broker is asked: sends beside creates, receives before processing', () => {
    expect(
      found(
        `
        shop: work 0..100
          shop: create producer 0..1 ${orders} messaging.operation.type=create
          shop: send client 1..9 ${orders} messaging.operation.type=send
          shop: settle client 9..10 ${orders} messaging.operation.type=settle
        mail: receive client 20..21 ${orders} messaging.operation.type=receive
        mail: receive consumer 21..22 ${orders} messaging.operation.type=receive
        mail: process consumer 22..23 ${orders} messaging.operation.type=process`,
      ),
    ).toEqual([
      'kafka orders -consume> mail 1',
      'kafka orders -weakConsume> mail 2',
      'shop -publish> kafka orders 1',
      'shop -weakPublish> kafka orders 1',
    ]);
  });

  it('to an address made for one reply are as one, and a template stands for its topics', () => {
    const blocks = new WatchedBlocks().write(
      traceFromText(`
        shop: send producer 0..1 messaging.system=nats messaging.destination.name=_INBOX.k3J.1
        shop: send producer 0..1 messaging.system=nats messaging.destination.name=_INBOX.x9.2
        shop: send producer 0..1 messaging.system=jms messaging.destination.name=T:77 messaging.destination.temporary=true
        shop: send producer 0..1 messaging.system=nats messaging.destination.name=orders.17 messaging.destination.template=orders.{id}
        shop: send producer 0..1 messaging.system=nats messaging.destination.name=orders.18 messaging.destination.template=orders.{id}
        shop: send producer 0..1 messaging.system=kafka messaging.destination=former`),
    );
    expect(blocks.lines()).toEqual([
      'shop -publish> jms (temporary) 1',
      'shop -publish> kafka former 1',
      'shop -publish> nats (temporary) 2',
      'shop -publish> nats orders.{id} 2',
    ]);
  });
});

describe('peers that send no spans', () => {
  it('are databases and others, named by the service, the database or the host', () => {
    const blocks = new WatchedBlocks().write(
      traceFromText(`
        shop: GET / server 0..99
          shop: a client 0..1 db.system.name=postgresql db.namespace=shop server.address=db-1
          shop: b client 0..1 error db.system=mysql db.name=old net.peer.name=db-2
          shop: c client 0..1 db.system.name=redis db.namespace="0" server.address=cache
          shop: d client 0..1 db.system.name=redis
          shop: e client 0..1 server.address=api.example.com server.port=443
          shop: f client 0..1 server.address=10.0.0.7 server.port=8080
          shop: g client 0..1 server.address=::1 server.port=8080
          shop: h client 0..1 peer.service=bank server.address=10.0.0.8
          shop: i producer 0..1 peer.service=tornado
          shop: j client 0..1 http.request.method=GET
          shop: k internal 0..1 db.system.name=sqlite`),
    );
    expect(blocks.lines()).toEqual([
      'shop -database> mysql old 1',
      'shop -database> mysql old failed 1',
      'shop -database> postgresql shop 1',
      'shop -database> redis  1',
      'shop -database> redis cache 1',
      'shop -external> 10.0.0.7:8080 1',
      'shop -external> [::1]:8080 1',
      'shop -external> api.example.com 1',
      'shop -external> bank 1',
      'shop -external> tornado 1',
    ]);
  });

  it('are none where a service answers, which they are another name of', () => {
    expect(
      found(`
        shop: GET client 0..10 server.address=pay.local
          pay: GET server 1..9
        shop: GET client 20..30 server.address=pay.local
        shop: GET client 40..50 server.address=localhost
          shop: GET server 41..49`),
    ).toEqual([
      'localhost -alias> shop',
      'pay.local -alias> pay',
      'shop -call> pay 1',
      'shop -external> pay.local 1',
    ]);
  });

  it('are asked once by spans inside each other, and answered through all of them', () => {
    expect(
      found(`
        shop: GET client 0..10 server.address=pay.local
          shop: connect client 0..1 server.address=10.0.0.1
        shop: save client 20..30 db.system.name=dynamodb
          shop: POST client 21..29 server.address=dynamo.local
        shop: put client 40..50 server.address=store.local
          shop: PUT client 41..49 server.address=store.local
            store: PUT server 42..48`),
    ).toEqual([
      'shop -call> store 1',
      'shop -database> dynamodb  1',
      'shop -external> pay.local 1',
      'store.local -alias> store',
    ]);
  });

  it('beyond a thousand are one, until an hour has passed', () => {
    const blocks = new WatchedBlocks();
    const [call] = traceFromText('shop: GET client 0..1');
    const calls = (from: number, count: number) =>
      Array.from({ length: count }, (_, n) => ({
        ...call!,
        spanId: idOf(from + n),
        attributes: { 'server.address': `host-${from + n}` },
      }));
    blocks
      .write(calls(0, 900))
      .write(calls(500, 700))
      .write([...calls(3, 1), ...calls(5_000, 20)]);
    const lines = blocks.lines();
    expect(lines).toHaveLength(1001);
    expect(lines[0]).toBe('shop -external> (other) 220');
    expect(lines).toContain('shop -external> host-3 2');
    blocks.write([], 1_800_010_000).write(calls(9_000, 1), 1_800_010_000);
    expect(blocks.lines()).toContain('shop -external> host-9000 1');
  });
});

it('finds in random traces that come in random pieces what is there with all spans at hand', () => {
  for (let seed = 1; seed <= 60; seed++) {
    const random = randomNumbers(seed);
    const spans = randomSpans(random);
    const blocks = new WatchedBlocks();
    const shuffled = spans.map((span) => [random(), span] as const).toSorted((a, b) => a[0] - b[0]);
    for (let at = 0; at < shuffled.length;) {
      const size = 1 + Math.floor(random() ** 3 * 60);
      blocks.write(shuffled.slice(at, at + size).map(([, span]) => span));
      at += size;
    }
    expect(blocks.lines(), `seed ${seed}`).toEqual(plainEdges(spans));
  }
});

function idOf(n: number): SpanId {
  return (n + 1).toString(16).padStart(16, '0') as SpanId;
}

/** Numbers from 0 to 1, the same in every run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Twenty traces of services that call, publish, consume and link, sensibly or not. */
function randomSpans(random: () => number): Span[] {
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)]!;
  const [sample] = traceFromText('shop: a 0..1');
  const spans: Span[] = [];
  for (let trace = 1; trace <= 20; trace++) {
    const traceId = `${trace}`.padStart(32, 'a') as TraceId;
    const ofTrace: Span[] = [];
    for (let n = 0; n < 12; n++) {
      const parent = random() < 0.8 && ofTrace.length > 0 ? one(ofTrace) : undefined;
      // Deeper chains of client spans are found only where they come together.
      const kinds: SpanKind[] =
        parent?.kind === 'client' &&
        ofTrace.find(({ spanId }) => spanId === parent.parentSpanId)?.kind === 'client'
          ? ['server', 'internal', 'consumer']
          : ['server', 'internal', 'client', 'client', 'producer', 'consumer'];
      const kind = one(kinds);
      const attributes = randomAttributes(kind, random, one);
      const linked = kind === 'consumer' && random() < 0.5 ? [one([...spans, ...ofTrace, sample!])] : [];
      ofTrace.push({
        ...sample!,
        traceId,
        spanId: idOf(n),
        parentSpanId: parent?.spanId,
        kind,
        status: random() < 0.2 ? 'error' : 'unset',
        start: unixNanos(1_800_000_000_000_000_000n + BigInt(Math.floor(random() * 90)) * 1_000_000_000n),
        duration: Math.floor(random() * 5_000) * 1e6,
        attributes,
        links: linked.map(linkTo),
        resource: { ...sample!.resource, attributes: { 'service.name': one(['a', 'b', 'c']) } },
      });
    }
    spans.push(...ofTrace);
  }
  return spans;
}

function randomAttributes(kind: SpanKind, random: () => number, one: <T>(of: readonly T[]) => T): Attributes {
  const destination = {
    'messaging.system': one(['kafka', 'nats']),
    'messaging.destination.name': one(['x', 'y']),
  };
  if (kind === 'producer') return random() < 0.8 ? destination : { 'peer.service': one(['a', 'p']) };
  if (kind === 'consumer')
    return random() < 0.5 ? { ...destination, 'messaging.operation.type': one(['process', 'receive']) } : {};
  if (kind !== 'client') return { 'server.address': 'ignored' };
  const pick = random();
  if (pick < 0.3) return { 'db.system.name': one(['redis', 'mysql']), 'db.namespace': one(['n', 'm']) };
  if (pick < 0.7) return { 'server.address': one(['h1', 'h2', 'h3']), 'http.route': '/' };
  if (pick < 0.85) return { ...destination, 'messaging.operation.type': one(['send', 'receive', 'settle']) };
  return { 'rpc.system': 'grpc' };
}
