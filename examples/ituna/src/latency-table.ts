// Prints how long each piece of work took, over the traces of the last minutes: where is the bottleneck?

interface Row {
  service: string;
  operation: string;
  spans: number;
  p50: number;
  p95: number;
  max: number;
  self: number;
}

const api = new URL('/throughline/v1/', process.env['THROUGHLINE'] ?? 'http://localhost:16686');
const minutes = Number(process.argv[2] ?? 10);
const end = BigInt(Date.now()) * 1_000_000n;
const query = new URLSearchParams({
  // Every order ends in the kitchen.
  operation: 'main-kitchen',
  start: String(end - BigInt(minutes) * 60_000_000_000n),
  end: String(end),
});
const response = await fetch(new URL(`statistics?${query.toString()}`, api));
if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
const { rows, traces } = (await response.json()) as { rows: Row[]; traces: number };

process.stdout.write(`${traces} orders in the last ${minutes} minutes, milliseconds:\n`);
console.table(
  rows
    .toSorted((a, b) => b.self - a.self)
    .map(({ operation, service, spans, p50, p95, max, self }) => ({
      span: operation,
      service,
      count: spans,
      p50: ms(p50),
      p95: ms(p95),
      max: ms(max),
      'self time': ms(self),
    })),
);

function ms(nanos: number): number {
  return Math.round(nanos / 1e6);
}
