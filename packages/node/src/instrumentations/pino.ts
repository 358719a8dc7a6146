import type { InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import type { PinoInstrumentationConfig } from '@opentelemetry/instrumentation-pino';
import { OtlpLogStream } from '../logs/otlp-log-stream.ts';
import type { InstrumentationClass } from './package-hooks.ts';

type Pino = ((...args: unknown[]) => unknown) & Record<string, unknown>;
interface PinoInstrumentation {
  init(): InstrumentationNodeModuleDefinition[];
  getConfig(): PinoInstrumentationConfig;
  setConfig(config: PinoInstrumentationConfig): void;
}

/** The official instrumentation, but for loggers that send their lines through `otlpLogStream` themselves. */
export function sendingOnce(Official: InstrumentationClass): InstrumentationClass {
  const Base = Official as unknown as new (config: PinoInstrumentationConfig) => PinoInstrumentation;
  class SendingOnce extends Base {
    override init(): InstrumentationNodeModuleDefinition[] {
      const definitions = super.init();
      for (const definition of definitions) {
        const { patch } = definition;
        definition.patch = (exports, version) => this.#unlessItSends(patch?.(exports, version) as Pino);
      }
      return definitions;
    }

    #unlessItSends(pino: Pino): Pino {
      const make = (...args: unknown[]): unknown => {
        const config = this.getConfig();
        if (!args.some(sends)) return pino(...args);
        this.setConfig({ ...config, disableLogSending: true });
        try {
          return pino(...args);
        } finally {
          this.setConfig(config);
        }
      };
      const patched: Pino = Object.assign(make, pino);
      return Object.assign(patched, { pino: patched, default: patched });
    }
  }
  return SendingOnce as unknown as InstrumentationClass;
}

/** Such a stream, or pino's multistream with one. */
function sends(stream: unknown): boolean {
  if (stream instanceof OtlpLogStream) return true;
  const { streams } = (stream ?? {}) as { streams?: unknown };
  return Array.isArray(streams) && streams.some((each: { stream?: unknown }) => sends(each.stream));
}
