import { join } from 'node:path';
import type { Clock } from './clock.ts';
import type { Env, Listener, Log, Meter } from './component.ts';

/** What the program gives to a running graph. */
export interface World {
  readonly version: string;
  /** The data folder. */
  readonly directory: string;
  readonly clock: Clock;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
  /** `component` is as in the configuration: `receivers.otlp`, `service.pipelines.traces`. */
  readonly log: (component: string) => Log;
  readonly meter: Meter;
  readonly listening: (listener: Listener) => void;
}

/** A component's share of the world. Its folder is made of `folder`, whatever characters those have. */
export function envOf(world: World, id: string, component: string, folder: readonly string[]): Env {
  return {
    id,
    log: world.log(component),
    meter: world.meter,
    now: () => world.clock.now(),
    directory: join(world.directory, ...folder.map(encodeURIComponent)),
    version: world.version,
    listening: world.listening,
  };
}
