import { constants, type ServerHttp2Session } from 'node:http2';

/** How long a connection may live and be silent; 0 is for ever. Meanings as in gRPC's keepalive guide. */
export interface Keepalive {
  /** Close a connection without calls after this long. */
  readonly maxIdleMs: number;
  /** Ask a client to connect anew after this long, which spreads clients over servers. */
  readonly maxAgeMs: number;
  /** And cut it off this long after that. */
  readonly maxAgeGraceMs: number;
  /** Ask a client for a sign of life this often. */
  readonly pingIntervalMs: number;
  /** And cut it off when none comes for this long. */
  readonly pingTimeoutMs: number;
  /** Cut off a client that pings more often than this. */
  readonly minPingIntervalMs: number;
  /** Whether a client may ping at that rate while it has no calls; otherwise once in two hours. */
  readonly permitPingWithoutCalls: boolean;
}

const strikesAllowed = 2;
const idlePingMs = 2 * 3_600_000;

/** Watches over one connection until it is closed, or until the function returned is called. */
export function keepSession(session: ServerHttp2Session, keepalive: Keepalive): () => void {
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) => {
    if (ms <= 0) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        act();
      },
      Math.min(ms, 2 ** 31 - 1),
    );
    timers.add(timer.unref());
    return timer;
  };
  pingRegularly(session, keepalive, after);
  after(jittered(keepalive.maxAgeMs), () => {
    session.close();
    after(keepalive.maxAgeGraceMs, () => session.destroy());
  });
  if (keepalive.maxIdleMs > 0 || keepalive.minPingIntervalMs > 0) watchCalls(session, keepalive, after);
  return () => timers.forEach(clearTimeout);
}

type After = (ms: number, act: () => void) => NodeJS.Timeout | undefined;

function pingRegularly(session: ServerHttp2Session, keepalive: Keepalive, after: After): void {
  after(keepalive.pingIntervalMs, () => {
    if (session.destroyed) return;
    const late = after(keepalive.pingTimeoutMs, () => session.destroy());
    session.ping((error) => {
      clearTimeout(late);
      if (!error) pingRegularly(session, keepalive, after);
    });
  });
}

function watchCalls(session: ServerHttp2Session, keepalive: Keepalive, after: After): void {
  let calls = 0;
  let idle = after(keepalive.maxIdleMs, () => session.close());
  session.on('stream', (stream) => {
    calls++;
    clearTimeout(idle);
    stream.on('close', () => {
      calls--;
      if (calls === 0) idle = after(keepalive.maxIdleMs, () => session.close());
    });
  });
  if (keepalive.minPingIntervalMs > 0) punishPings(session, keepalive, () => calls > 0);
}

/** As gRPC's servers do: more than two pings that come too early, and the client is told to calm down. */
function punishPings(session: ServerHttp2Session, keepalive: Keepalive, busy: () => boolean): void {
  let strikes = 0;
  let last = -Infinity;
  session.on('ping', () => {
    const allowedEvery =
      busy() || keepalive.permitPingWithoutCalls ? keepalive.minPingIntervalMs : idlePingMs;
    const now = performance.now();
    strikes = now - last < allowedEvery ? strikes + 1 : 0;
    last = now;
    if (strikes <= strikesAllowed) return;
    session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM, 0, Buffer.from('too_many_pings'));
    setImmediate(() => session.destroy());
  });
}

/** Up to a tenth more or less, so that clients that came together do not leave together. */
function jittered(ms: number): number {
  return ms * (0.9 + 0.2 * Math.random());
}
