import { loadConfig } from '../config/load.ts';
import { daemonSettings } from './daemon-settings.ts';

/** Has the engine that runs with this configuration export all its spans (`enable`), or none (`disable`). */
export async function apmTracing(file: string, how: string | undefined): Promise<void> {
  if (how !== 'enable' && how !== 'disable') throw new Error('apm-tracing takes enable or disable');
  const { web, daemon } = daemonSettings(loadConfig(file, process.env, 'CONFIG'));
  const priority = how === 'enable' ? 'apm' : 'stdout';
  const path = `/api/v1_beta/runtime_config/logger/set_${priority}_priority_configuration`;
  const roles = daemon.at('auth').at('role_permissions').entries();
  const token = { user: 'command_line', roles: roles.map(([role]) => role) };
  const response = await fetch(`http://127.0.0.1:${web.port}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${Buffer.from(JSON.stringify(token)).toString('base64')}` },
    body: '{}',
  });
  if (!response.ok) throw new Error(`the engine answered ${response.status}: ${await response.text()}`);
  process.stdout.write(`The export of spans is ${how}d.\n`);
}
