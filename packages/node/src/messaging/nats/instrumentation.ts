import {
  InstrumentationBase,
  InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile,
} from '@opentelemetry/instrumentation';
import { version } from '../../version.ts';
import { traceJetStreamClient, traceJetStreamConsumer, traceJetStreamSubscriptions } from './jetstream.ts';
import { traceReceiving } from './receiving.ts';
import { traceSending } from './sending.ts';
import type { Connection, NatsConfig, Tracing } from './types.ts';

type Exports = Record<string, { prototype: never } | undefined>;
interface Connecting {
  connect(...args: unknown[]): Promise<Connection>;
}

/** The NATS clients: `nats` 2 with its JetStream, and `@nats-io/nats-core` and `@nats-io/jetstream` 3 below all of theirs. */
export class NatsInstrumentation extends InstrumentationBase<NatsConfig> {
  constructor(config: NatsConfig = {}) {
    super('@throughline/node/nats', version, config);
  }

  protected override init(): InstrumentationNodeModuleDefinition[] {
    const tracing: Tracing = () => ({ tracer: this.tracer, config: this.getConfig() });
    const core = (exports: Exports): void =>
      traceConnect(exports['NatsConnectionImpl'] as unknown as Connecting, tracing);
    const client = ({ JetStreamClientImpl }: Exports): void => {
      if (JetStreamClientImpl) traceJetStreamClient(JetStreamClientImpl.prototype, tracing);
    };
    const olderClient = (exports: Exports): void => {
      client(exports);
      const older = exports['JetStreamClientImpl'];
      if (older) traceJetStreamSubscriptions(older.prototype, tracing);
    };
    const consumers = (exports: Exports): void => {
      for (const name of ['PullConsumerImpl', 'OrderedPullConsumerImpl', 'PushConsumerImpl']) {
        const consumer = exports[name];
        if (consumer) traceJetStreamConsumer(consumer.prototype, tracing);
      }
    };
    return [
      files('nats', '>=2.7 <3', {
        'lib/nats-base-client/nats.js': core,
        'lib/jetstream/jsclient.js': olderClient,
        'lib/jetstream/consumer.js': consumers,
      }),
      files('@nats-io/nats-core', '>=3 <4', { 'lib/nats.js': core }),
      files('@nats-io/jetstream', '>=3 <4', {
        'lib/jsclient.js': client,
        'lib/consumer.js': consumers,
        'lib/pushconsumer.js': consumers,
      }),
    ];
  }
}

function files(
  name: string,
  versions: string,
  patches: Record<string, (exports: Exports) => void>,
): InstrumentationNodeModuleDefinition {
  const each = Object.entries(patches).map(([file, patch]) => {
    const patched = (exports: Exports): Exports => {
      patch(exports);
      return exports;
    };
    return new InstrumentationNodeModuleFile(`${name}/${file}`, [versions], patched, () => {});
  });
  return new InstrumentationNodeModuleDefinition(name, [versions], undefined, undefined, each);
}

function traceConnect(connections: Connecting, tracing: Tracing): void {
  const connect = connections.connect.bind(connections);
  connections.connect = async (...args) => traceConnection(await connect(...args), tracing);
}

/**
 * Makes a connection of `nats` or `@nats-io/transport-node` trace, without JetStream. Needed only where that is not done on
 * its own, as in a bundle.
 */
export const traceNats = <C extends object>(connection: C, config: NatsConfig = {}): C =>
  traceConnection(connection as unknown as Connection, () => ({ config })) as unknown as C;

const traced = new WeakSet<Connection>();

function traceConnection(connection: Connection, tracing: Tracing): Connection {
  if (traced.has(connection)) return connection;
  traced.add(connection);
  traceSending(connection, tracing);
  traceReceiving(connection, tracing);
  return connection;
}
