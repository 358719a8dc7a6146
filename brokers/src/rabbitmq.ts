import { existsSync } from 'node:fs';
import { type Broker, NotInstalled, type StartOptions, existingOr } from './broker.ts';
import { ServerProcess, freePort } from './server-process.ts';

const program = '/usr/lib/rabbitmq/bin/rabbitmq-server';

/** The RabbitMQ at AMQP_URL, or one that is started. */
export const rabbitmq = (): Promise<Broker> => existingOr('AMQP_URL', startRabbitmq);

/**
 * Erlang's name server (epmd), which would stay behind as a daemon, runs and ends with it. `exec` in place of a wrapper
 * that would wait for an orderly stop.
 */
const script = `export HOME="$PWD" RUNNING_UNDER_SYSTEMD=true
export RABBITMQ_MNESIA_BASE="$PWD/data" RABBITMQ_LOG_BASE="$PWD/log" RABBITMQ_ENABLED_PLUGINS_FILE="$PWD/plugins"
export RABBITMQ_CONFIG_FILE="$PWD/none" RABBITMQ_NODENAME="t$RABBITMQ_NODE_PORT@localhost" RABBITMQ_LOGS=-
epmd -address 127.0.0.1 -port "$ERL_EPMD_PORT" & names=$!
"${program}" & server=$!
trap 'kill -KILL $server' TERM
wait $server
kill -KILL $names 2>/dev/null
wait`;

/** A RabbitMQ of one's own, without plugins, whose queues are gone when it stops. Takes three seconds to start. */
export async function startRabbitmq(options: StartOptions = {}): Promise<Broker> {
  if (!existsSync(program))
    throw new NotInstalled(
      'RabbitMQ is missing: `apt-get install rabbitmq-server`, or set AMQP_URL to one that runs.',
    );
  const port = options.port ?? (await freePort());
  const variables = {
    RABBITMQ_NODE_IP_ADDRESS: '127.0.0.1',
    RABBITMQ_NODE_PORT: port,
    RABBITMQ_DIST_PORT: await freePort(),
    ERL_EPMD_PORT: await freePort(),
  };
  const args = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const command = { program: 'env', args: [...args, 'sh', '-c', script] };
  const server = await ServerProcess.start(() => command, port);
  return { url: `amqp://127.0.0.1:${port}`, stop: () => server.stop() };
}
