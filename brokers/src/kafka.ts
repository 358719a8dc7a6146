import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Broker, type StartOptions, existingOr } from './broker.ts';
import { kafkaJars } from './kafka-jars.ts';
import { ServerProcess, freePort } from './server-process.ts';

/** The Kafka at KAFKA_BROKERS (`host:port`, comma separated), or one that is started. */
export const kafka = (): Promise<Broker> => existingOr('KAFKA_BROKERS', startKafka);

/** Start fast and stay small: this broker lives for minutes. */
const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];
const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=error'];

/** A Kafka of one's own: one node in KRaft mode, topics made when they are first used, of one partition. */
export async function startKafka(options: StartOptions = {}): Promise<Broker> {
  const classPath = join(kafkaJars(), '*');
  const port = options.port ?? (await freePort());
  const controllerPort = await freePort();
  const java = (main: string, ...args: string[]): string[] => [
    ...jvm,
    ...quiet,
    '-cp',
    classPath,
    main,
    ...args,
  ];
  const server = await ServerProcess.start(
    (folder) => {
      const file = join(folder, 'server.properties');
      writeFileSync(file, properties(folder, port, controllerPort));
      format(java('kafka.tools.StorageTool', 'format', '-t', clusterId(), '-c', file));
      return { program: 'java', args: java('kafka.Kafka', file), signal: 'KILL' };
    },
    port,
    60_000,
  );
  return { url: `127.0.0.1:${port}`, stop: () => server.stop() };
}

function properties(folder: string, port: number, controllerPort: number): string {
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(folder, 'log'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    'group.initial.rebalance.delay.ms': 0,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');
}

/** Kafka's own form of a random UUID: 16 bytes in base64 without padding. One with a leading dash would be an option. */
const clusterId = (): string => `t${randomBytes(16).toString('base64url').slice(1)}`;

function format(args: string[]): void {
  const { status, stdout, stderr } = spawnSync('java', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`Kafka's folder cannot be made: ${stdout}${stderr}`);
}
