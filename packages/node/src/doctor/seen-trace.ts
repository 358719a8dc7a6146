import { type Hop } from './hop.ts';
import { stripped, userAgentOf } from './http-hop.ts';
import { type Answered, ask } from './http.ts';
import type { Finding } from './report.ts';

interface SeenSpan {
  readonly service: string;
  readonly span_id: string;
  readonly parent_span_id?: string;
  readonly name: string;
  readonly kind: string;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
}

const pauseMs = 250;
const timeoutMs = 3000;
/** Spans of services further on arrive later. */
const quietMs = 1500;

/** Throughline's API, which knows what has arrived. */
export class SeenTrace {
  readonly #base: URL;

  constructor(address: string) {
    this.#base = new URL('throughline/v1/', address.endsWith('/') ? address : `${address}/`);
  }

  get address(): string {
    return this.#base.origin;
  }

  /** Rejects where there is no such API. */
  async status(): Promise<Answered> {
    const answer = await ask(new URL('status', this.#base), { timeoutMs });
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status}`);
    return answer;
  }

  /** What has arrived of the trace, once every hop has somebody behind it and nothing new comes, or the time is up. */
  async spans(traceId: string, hops: readonly Hop[], waitMs: number): Promise<SeenSpan[]> {
    const deadline = Date.now() + waitMs;
    let spans: SeenSpan[] = [];
    let changed = Date.now();
    for (;;) {
      const { status, text } = await ask(new URL(`traces/${traceId}`, this.#base), { timeoutMs });
      const now = status === 200 ? (JSON.parse(text) as { spans: SeenSpan[] }).spans : [];
      if (now.length !== spans.length) changed = Date.now();
      spans = now;
      const complete = hops.every((hop) => behind(spans, hop).length > 0);
      if (Date.now() > deadline || (complete && Date.now() - changed > quietMs)) return spans;
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** The services that got the request of a hop in a trace of their own. */
  async elsewhere(hop: Hop): Promise<string[]> {
    const conditions = [{ key: 'user_agent.original', op: '=', value: userAgentOf(hop.sent) }];
    const { status, text } = await ask(new URL('traces/search', this.#base), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ conditions }),
      timeoutMs,
    });
    if (status !== 200) return [];
    const { traces } = JSON.parse(text) as { traces: { root_service: string }[] };
    return [...new Set(traces.map(({ root_service: service }) => service))];
  }
}

/** The spans under that of a hop. */
function behind(spans: readonly SeenSpan[], { sent }: Hop): SeenSpan[] {
  const below = (id: string): SeenSpan[] =>
    spans.filter((span) => span.parent_span_id === id).flatMap((span) => [span, ...below(span.span_id)]);
  return below(sent.span.spanContext().spanId);
}

/** What a hop turns out to be when it is known who joined the trace behind it. */
export async function withServices(
  hop: Hop,
  spans: readonly SeenSpan[],
  seen: SeenTrace,
): Promise<Finding[]> {
  const { advice: suggested, ...finding } = hop.finding;
  const own = behind(spans, hop);
  const services = [...new Set(own.map(({ service }) => service))];
  if (services.length > 0) {
    const joined = `${finding.found}; in the trace: ${services.join(' → ')}`;
    return [
      { ...finding, status: 'ok', found: joined, services, context: { traceId: true } },
      ...lostBehind(own, hop),
    ];
  }
  const elsewhere =
    finding.status === 'problem' || hop.target.kind !== 'http' ? [] : await seen.elsewhere(hop);
  if (elsewhere.length > 0) {
    const found = `${finding.found}; ${elsewhere.join(', ')} got the request, but in a trace of its own: the context was lost on the way`;
    return [
      { ...finding, status: 'problem', found, advice: stripped, services, context: { traceId: false } },
    ];
  }
  if (finding.status === 'problem' || finding.context) return [{ ...hop.finding, services }];
  const advice =
    suggested ??
    'Is what answers there traced, does it sample, and does it send its spans to the same place?';
  return [
    {
      ...finding,
      status: 'warning',
      found: `${finding.found}; nobody behind it has joined the trace`,
      advice,
      services,
    },
  ];
}

/** Requests that were sent on within the trace, and that nobody has answered in it. */
function lostBehind(spans: readonly SeenSpan[], { finding }: Hop): Finding[] {
  const leaves = spans.filter(
    (span) =>
      (span.kind === 'client' || span.kind === 'producer') &&
      !spans.some((each) => each.parent_span_id === span.span_id && each.service !== span.service),
  );
  return leaves.filter(carriesContext).map((span) => ({
    check: 'hop',
    subject: `${finding.subject}, further on`,
    status: 'warning',
    found: `${span.service} sent ${span.name}${placeOf(span)} with the context, and nobody behind it has joined the trace`,
    advice: 'Something strips the context there, or what answers is not traced.',
  }));
}

/** Databases and caches take no context. */
const carriesContext = ({ attributes }: SeenSpan): boolean =>
  attributes.some(({ key }) => /^(http\.request\.method|rpc\.|messaging\.)/.test(key)) &&
  !attributes.some(({ key }) => key.startsWith('db.'));

function placeOf({ attributes }: SeenSpan): string {
  const of = (key: string): unknown => attributes.find((each) => each.key === key)?.value;
  const place = of('url.full') ?? of('messaging.destination.name') ?? of('server.address');
  return typeof place === 'string' ? ` to ${place}` : '';
}
