import type { Route } from '../../http/route.ts';
import type { Metrics } from '../../telemetry/metrics.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { writeTree } from '../../tree/write-tree.ts';
import type { DaemonSettings } from '../daemon-settings.ts';
import type { Drafts } from '../drafts.ts';
import type { Engine } from '../engine.ts';
import { Auth } from './auth.ts';
import { configRoutes } from './config.ts';
import { draftRoutes } from './drafts.ts';
import { monitoringRoutes } from './monitoring.ts';
import { runtimeConfigRoutes } from './runtime-config.ts';
import { testEventRoutes } from './test-events.ts';

/** The engine's HTTP API; trees that are deployed are written to the folder `rules`. */
export function engineRoutes(parts: {
  engine: Engine;
  drafts: Drafts;
  telemetry: Telemetry;
  metrics: Metrics;
  settings: DaemonSettings;
  rules: string;
}): Route[] {
  const { engine, settings, rules } = parts;
  const auth = new Auth(settings.daemon.at('auth').at('role_permissions'));
  const api = { ...parts, auth, maxBodyBytes: settings.maxBodyBytes };
  return [
    ...runtimeConfigRoutes(api, parts.telemetry.level),
    ...testEventRoutes(api),
    ...configRoutes(api),
    ...draftRoutes(api, (tree) => {
      engine.deploy(tree);
      writeTree(rules, tree);
    }),
    ...monitoringRoutes(api, { nats: settings.nats !== undefined, tcp: settings.tcp !== undefined }),
  ];
}
