import { InstrumentationBase, InstrumentationNodeModuleDefinition } from '@opentelemetry/instrumentation';
import type { Consumer, ConsumerConfig, Producer } from 'kafkajs';
import { version } from '../../version.ts';
import type { KafkaConfig, Tracing } from './config.ts';
import { traceConsumer } from './kafkajs-consumer.ts';
import { traceProducer } from './kafkajs-producer.ts';

type Make<Options, Client> = (this: unknown, options?: Options) => Client;
interface Factory {
  producer: Make<object, Producer>;
  consumer: Make<ConsumerConfig, Consumer>;
}

/** Producers and consumers of kafkajs 1 and 2. */
export class KafkaJsInstrumentation extends InstrumentationBase<KafkaConfig> {
  constructor(config: KafkaConfig = {}) {
    super('@throughline/node/kafkajs', version, config);
  }

  protected override init(): InstrumentationNodeModuleDefinition {
    return new InstrumentationNodeModuleDefinition(
      'kafkajs',
      ['>=1.0.0 <3'],
      (exports: { Kafka: { prototype: Factory } }) => {
        traceFactory(exports.Kafka.prototype, () => ({ tracer: this.tracer, config: this.getConfig() }));
        return exports;
      },
    );
  }
}

/**
 * Makes the producers and consumers that a `Kafka` of kafkajs makes from now on trace. Needed only where that is not done
 * on its own, as in a bundle.
 */
export function traceKafkaJs<K extends object>(kafka: K, config: KafkaConfig = {}): K {
  traceFactory(kafka as Factory, () => ({ config }));
  return kafka;
}

const traced = new WeakSet<object>();

function traceFactory(factory: Factory, tracing: Tracing): void {
  const { producer, consumer } = factory;
  factory.producer = function (options) {
    return once(producer.call(this, options), (made) => traceProducer(made, tracing));
  };
  factory.consumer = function (options) {
    return once(consumer.call(this, options), (made) => traceConsumer(made, options?.groupId, tracing));
  };
}

function once<Client extends object>(made: Client, make: (client: Client) => void): Client {
  if (!traced.has(made)) make(made);
  traced.add(made);
  return made;
}
