import { subscribe } from 'node:diagnostics_channel';
import type { Readable } from 'node:stream';
import type { KafkaConfig, Tracing } from './config.ts';
import { type PlatformaticProducer, tracePlatformaticProducer } from './platformatic-producer.ts';
import { tracePlatformaticStream } from './platformatic-stream.ts';

/** What `@platformatic/kafka` says when it has made one of its objects. */
interface Made {
  type: string;
  instance: unknown;
}

/**
 * Makes producers and consumers of `@platformatic/kafka` trace that are made from now on. It tells of them on a channel of
 * Node's diagnostics, so that nothing of it need be patched, however it is loaded.
 */
export function watchPlatformaticKafka(config: KafkaConfig = {}): void {
  const tracing: Tracing = () => ({ config });
  subscribe('plt:kafka:instances', (message) => {
    const { type, instance } = message as Made;
    if (type === 'producer') tracePlatformaticProducer(instance as PlatformaticProducer, tracing);
    if (type === 'messages-stream') tracePlatformaticStream(instance as Readable, tracing);
  });
}
