// Programs that some tests need and npm does not have. On Debian as root they are installed; elsewhere the tests that
// need a missing one skip themselves and say what is missing.
import { spawnSync } from 'node:child_process';
import { exists } from './run.mjs';

/** Program → Debian package. */
const debian = {
  chromium: 'chromium',
  'redis-server': 'redis-server',
  'nats-server': 'nats-server',
  java: 'default-jre-headless',
  '/usr/lib/rabbitmq/bin/rabbitmq-server': 'rabbitmq-server',
  pg_ctlcluster: 'postgresql',
  mvn: 'maven',
};

export function installTestTools() {
  const missing = Object.entries(debian).filter(([program]) => !exists(program));
  if (missing.length === 0) return;
  const packages = missing.map(([, name]) => name);
  if (!exists('apt-get') || process.getuid?.() !== 0) {
    console.log(`Not installed here: ${packages.join(', ')}. Tests that need them are skipped.`);
    return;
  }
  console.log(`Installing ${packages.join(', ')} (apt-get)…`);
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore', env: environment });
  for (const name of packages) {
    // Services are not to be started by their installation: tests start their own.
    const { status } = spawnSync(
      'apt-get',
      ['install', '-y', '-qq', '--no-install-recommends', '-o', 'Dpkg::Options::=--force-confold', name],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...environment, RUNLEVEL: '1' } },
    );
    if (status !== 0) console.log(`${name} could not be installed.`);
  }
}
