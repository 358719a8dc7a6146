import { createServer, type Server } from 'node:http';
import type { Endpoint, Meter, Sample } from '@throughline/pipeline';
import { collectDefaultMetrics, Registry, type Metric, type MetricObject } from 'prom-client';
import { close, listen } from './listen.ts';

/** Gauges of the library with the names of counters; the same numbers are in others. */
const misnamed = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`);

/** The program's metrics, and the Meter that components write them with. */
export class Metrics {
  readonly meter: Meter;
  readonly #registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.#registry, eventLoopMonitoringPrecision: 50 });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    const counters = new Map<string, CounterValues>();
    const gauges = new Map<string, Reader[]>();
    this.meter = {
      counter: (name, help) => {
        const values = counters.get(name) ?? new CounterValues();
        if (!counters.has(name)) this.#register(name, help, 'counter', () => values.samples());
        counters.set(name, values);
        return (value, labels = {}) => values.add(value, labels);
      },
      gauge: (name, help, read) => {
        const readers = gauges.get(name) ?? [];
        if (!gauges.has(name)) this.#register(name, help, 'gauge', () => readers.flatMap((each) => each()));
        gauges.set(name, readers);
        readers.push(read);
      },
    };
    this.meter.gauge('otelcol_process_memory_rss', 'Resident memory of the main process, bytes.', () => [
      { value: process.memoryUsage.rss() },
    ]);
    this.meter.gauge('otelcol_process_uptime', 'Seconds since the start.', () => [
      { value: process.uptime() },
    ]);
    this.meter.gauge('otelcol_process_cpu_seconds', 'CPU time of the main process, user and system.', () => {
      const { user, system } = process.cpuUsage();
      return [{ value: (user + system) / 1e6 }];
    });
  }

  /** Prometheus text. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The library's own counters want their labels named beforehand; this gives it ours as they are. */
  #register(name: string, help: string, type: 'counter' | 'gauge', read: Reader): void {
    const object = (): MetricObject & { values: unknown } => ({
      name,
      help,
      type: type as unknown as MetricObject['type'],
      aggregator: 'sum',
      collect: () => {},
      values: read().map(({ value, labels }) => ({ value, labels: labels ?? {} })),
    });
    const metric = { name, help, type, get: () => Promise.resolve(object()), reset: () => {} };
    this.#registry.registerMetric(metric as unknown as Metric);
  }
}

type Reader = () => readonly Sample[];

/** One counter's values by label set. */
class CounterValues {
  readonly #values = new Map<string, { value: number; labels: Record<string, string> }>();

  add(value: number, labels: Record<string, string>): void {
    const key = JSON.stringify(labels);
    const known = this.#values.get(key);
    if (known) known.value += value;
    else this.#values.set(key, { value, labels });
  }

  samples(): readonly Sample[] {
    return [...this.#values.values()];
  }
}

/** Serves the metrics at `/metrics`. */
export class MetricsServer {
  readonly #server: Server;

  constructor(metrics: Metrics) {
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://localhost').pathname;
      if (path !== '/metrics') return response.writeHead(404).end('metrics are at /metrics\n');
      metrics.text().then(
        (text) => response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8').end(text),
        (error: Error) => response.writeHead(500).end(error.message),
      );
    });
  }

  /** Resolves with the address. StartError when it is taken. */
  listen(endpoint: Endpoint): Promise<Endpoint> {
    return listen(this.#server, endpoint, 'metrics');
  }

  close(): Promise<void> {
    return close(this.#server, 100);
  }
}
