import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NotInstalled } from './broker.ts';
import { installed } from './server-process.ts';

const list = fileURLToPath(new URL('../kafka/pom.xml', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));

const hint =
  '`apt-get install default-jre-headless maven` or `brew install openjdk maven`, or set KAFKA_BROKERS to one that runs.';

/** The folder of the jars of kafka/pom.xml, fetched by Maven (40 MB) when it is asked for the first time. */
export function kafkaJars(): string {
  if (!installed('java')) throw new NotInstalled(`Kafka needs Java 17: ${hint}`);
  const version = createHash('sha256').update(readFileSync(list)).digest('hex').slice(0, 12);
  const folder = join(cache, `kafka-${version}`);
  if (existsSync(folder)) return folder;
  if (!installed('mvn')) throw new NotInstalled(`Kafka's jars are fetched by Maven: ${hint}`);
  mkdirSync(cache, { recursive: true });
  const fetched = mkdtempSync(join(cache, 'kafka-fetch-'));
  const args = ['-q', '-B', '-f', list, 'dependency:copy-dependencies', `-DoutputDirectory=${fetched}`];
  const { status, stdout, stderr } = spawnSync('mvn', args, { encoding: 'utf8' });
  if (status !== 0) {
    rmSync(fetched, { recursive: true, force: true });
    const reason = /\[ERROR\] (.*)/.exec(`${stdout}${stderr}`)?.[1] ?? `mvn ended with ${status}`;
    throw new NotInstalled(`Kafka's jars cannot be fetched (${reason}): ${hint}`);
  }
  moveIntoPlace(fetched, folder);
  return folder;
}

/** Another process may have fetched them meanwhile: then its folder stays. */
function moveIntoPlace(fetched: string, folder: string): void {
  try {
    renameSync(fetched, folder);
  } catch (error) {
    rmSync(fetched, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}
