import { type Context, type Span, context as active, trace } from '@opentelemetry/api';
import { inject } from '../propagate.ts';
import { endOnce, recordError } from '../run.ts';
import { type KafkaMessage, type Tracing, areMessages } from './config.ts';
import { baggageOption, startSend, tellPlace } from './spans.ts';

type Headers = ReadonlyMap<unknown, unknown> | Record<string, unknown>;
interface Message extends KafkaMessage {
  topic: string;
  partition?: number;
  headers?: Headers;
}
interface Sent {
  offsets?: { partition: number; offset: bigint }[];
}
interface SendOptions {
  messages: Message[];
}
type Callback = (error: Error | null, sent?: Sent) => void;

/** A producer of `@platformatic/kafka`; its streams and transactions send by its `send`. */
export interface PlatformaticProducer {
  send: (options: SendOptions, callback?: Callback) => Promise<Sent> | undefined;
}

/** Makes `send` trace: a PRODUCER span for each message, with its context in the headers of what is sent, which is a copy. */
export function tracePlatformaticProducer(producer: PlatformaticProducer, tracing: Tracing): void {
  const send = producer.send.bind(producer);
  const asHeader = headerForm(producer);
  producer.send = (options, callback) => {
    if (!areMessages(options?.messages)) return send(options, callback);
    const parent = active.active();
    const spans: Span[] = [];
    const messages = options.messages.map((message) => {
      const span = startSend(tracing, { topic: message.topic, message }, parent);
      spans.push(span);
      const context = trace.setSpan(parent, span);
      return { ...message, headers: withContext(message.headers, context, asHeader, tracing) };
    });
    const done: Callback = (error, sent) => {
      const place = spans.length === 1 ? sent?.offsets?.[0] : undefined;
      for (const span of spans) {
        if (error) recordError(span, error);
        tellPlace(span, place?.partition, place?.offset);
        endOnce(span);
      }
    };
    const [only] = spans;
    const context = only && spans.length === 1 ? trace.setSpan(parent, only) : parent;
    const bound = callback && active.bind(parent, callback);
    return active.with(context, () => sendAndTell(send, { ...options, messages }, bound, done));
  };
}

/** Calls `done` before the caller hears of the outcome, whichever way it asked to. */
function sendAndTell(
  send: PlatformaticProducer['send'],
  options: SendOptions,
  callback: Callback | undefined,
  done: Callback,
): Promise<Sent> | undefined {
  const told: Callback | undefined =
    callback &&
    ((error, sent) => {
      done(error, sent);
      callback(error, sent);
    });
  try {
    const sent = send(options, told);
    if (told) return sent;
    return sent?.then(
      (result) => {
        done(null, result);
        return result;
      },
      (error: Error) => {
        done(error);
        throw error;
      },
    );
  } catch (error) {
    done(error as Error);
    throw error;
  }
}

type Form = (text: string) => string | Buffer;
interface HeaderForm {
  name: Form;
  value: Form;
}

function withContext(
  headers: Headers | undefined,
  context: Context,
  form: HeaderForm,
  tracing: Tracing,
): Map<unknown, unknown> {
  const copy = new Map<unknown, unknown>(headers instanceof Map ? headers : Object.entries(headers ?? {}));
  const known = new Set(copy.keys());
  inject(copy, { context, ...baggageOption(tracing) });
  const added = [...copy].filter(([name]) => !known.has(name)) as [string, string][];
  for (const [name, value] of added) {
    copy.delete(name);
    copy.set(form.name(name), form.value(value));
  }
  return copy;
}

interface Serializers {
  headerKey?: unknown;
  headerValue?: unknown;
}
interface Options {
  serializers?: Serializers;
  registry?: { getSerializers(): Serializers };
}

/** Headers are bytes where the producer was not told how to make them of something else. */
function headerForm(producer: PlatformaticProducer): HeaderForm {
  const symbol = Object.getOwnPropertySymbols(producer).find(
    ({ description }) => description === 'plt.kafka.base.options',
  );
  const options = symbol && (producer as unknown as Record<symbol, Options>)[symbol];
  const serializers = options?.registry?.getSerializers() ?? options?.serializers;
  const form = (serializer: unknown): Form => (serializer ? (text) => text : (text) => Buffer.from(text));
  return { name: form(serializers?.headerKey), value: form(serializers?.headerValue) };
}
