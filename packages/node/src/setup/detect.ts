import {
  type DetectedResourceAttributes,
  hostDetector,
  osDetector,
  processDetector,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { readFileSync } from 'node:fs';
import { containerId } from './container-id.ts';

const detectors = {
  host,
  os: () => osDetector.detect().attributes,
  process: () => processDetector.detect().attributes,
  serviceinstance: () => serviceInstanceIdDetector.detect().attributes,
  container,
} satisfies Record<string, () => DetectedResourceAttributes | undefined>;

export type DetectorName = keyof typeof detectors;
export const detectorNames = Object.keys(detectors) as DetectorName[];

/** What these detectors find, none of them by asking the network. */
export function detect(names: readonly DetectorName[]): DetectedResourceAttributes {
  return Object.fromEntries(names.flatMap((name) => Object.entries(detectors[name]() ?? {})));
}

/** The SDK reads the machine's id in the background; on Linux that takes a moment, and then no span waits for it. */
function host(): DetectedResourceAttributes {
  const found = hostDetector.detect().attributes ?? {};
  return process.platform === 'linux' ? { ...found, 'host.id': machineId() } : found;
}

function machineId(): string | undefined {
  for (const file of ['/etc/machine-id', '/var/lib/dbus/machine-id']) {
    try {
      const text = readFileSync(file, 'utf8').trim();
      if (text !== '') return text;
    } catch {
      // A machine may have the other, or none.
    }
  }
  return undefined;
}

function container(): DetectedResourceAttributes {
  const id = containerId();
  return id === undefined ? {} : { 'container.id': id };
}
