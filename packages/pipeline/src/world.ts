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

/** Which component of the configuration a share of the world is for. */
export interface Place {
  readonly id: string;
  /** As in the configuration: `receivers.otlp`. */
  readonly component: string;
  /** Names of folders in the data folder, of any characters. */
  readonly folder: readonly string[];
  /** Put on every metric of the component that does not say otherwise, so that two of a type do not become one. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A component's share of the world. */
export function envOf(world: World, { id, component, folder, labels }: Place): Env {
  return {
    id,
    log: world.log(component),
    meter: labelled(world.meter, labels),
    now: () => world.clock.now(),
    directory: join(world.directory, ...folder.map(encodeURIComponent)),
    version: world.version,
    listening: world.listening,
  };
}

/** The place of a receiver, an exporter or an extension. */
export function placeOf(kind: 'receiver' | 'exporter' | 'extension', id: string): Place {
  return { id, component: `${kind}s.${id}`, folder: [`${kind}s`, id], labels: { [kind]: id } };
}

function labelled(meter: Meter, always: Readonly<Record<string, string>>): Meter {
  return {
    counter(name, help) {
      const count = meter.counter(name, help);
      return (value, labels) => count(value, { ...always, ...labels });
    },
    gauge(name, help, read) {
      meter.gauge(name, help, () =>
        read().map(({ value, labels }) => ({ value, labels: { ...always, ...labels } })),
      );
    },
  };
}
