import { type ApiSpan, breakdown } from './breakdown.ts';

// Prints where the time of the newest requests went, or of the one whose trace id is given.

interface Summary {
  trace_id: string;
}
interface Trace {
  spans: ApiSpan[];
}

const api = new URL('/throughline/v1/', process.env['THROUGHLINE'] ?? 'http://localhost:16686');

async function get<Body>(path: string): Promise<Body> {
  const response = await fetch(new URL(path, api));
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Body;
}

async function newest(): Promise<string[]> {
  const { traces } = await get<{ traces: Summary[] }>('traces?service=frontend&limit=20');
  return traces.map((each) => each.trace_id);
}

const given = process.argv.slice(2);
const ids = given.length > 0 ? given : await newest();
const rows: Record<string, Record<string, string>> = {};
for (const id of ids) {
  const parts = breakdown((await get<Trace>(`traces/${id}`)).spans);
  if (!parts) continue;
  rows[id] = Object.fromEntries(Object.entries(parts).map(([part, ms]) => [part, `${ms.toFixed(2)} ms`]));
}
console.table(rows, ['total', 'frontend', 'network', 'backend']);
