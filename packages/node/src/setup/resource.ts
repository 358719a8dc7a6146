import type { Attributes } from '@opentelemetry/api';
import { getStringFromEnv, getStringListFromEnv } from '@opentelemetry/core';
import {
  type Resource,
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DetectorName, detect, detectorNames } from './detect.ts';
import { warn } from './warn.ts';

/**
 * What this process is, found without asking the network: what the detectors of OTEL_NODE_RESOURCE_DETECTORS find; name
 * and version from the application's package.json, then OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, then `own`.
 * The later wins.
 */
export const describeProcess = (own: Attributes): Resource =>
  defaultResource()
    .merge(resourceFromAttributes(detect(detectorsFromEnv())))
    .merge(ofApplication())
    .merge(ofVariables())
    .merge(resourceFromAttributes(own));

/** OpenTelemetry leaves out all that OTEL_RESOURCE_ATTRIBUTES says where a part of it is not understood. */
function ofVariables(): Resource {
  const text = getStringFromEnv('OTEL_RESOURCE_ATTRIBUTES') ?? '';
  const entries = text.split(',').filter((entry) => entry.trim() !== '');
  if (entries.some((entry) => !/^[^=]*[^=\s][^=]*=[^=]*$/.test(entry)))
    warn(`OTEL_RESOURCE_ATTRIBUTES=${text} is not key=value,…; all of it is left out`);
  return detectResources({ detectors: [envDetector] });
}

/** Those that OTEL_NODE_RESOURCE_DETECTORS names, all where it names none; `env` is always in force. */
function detectorsFromEnv(): DetectorName[] {
  const names = getStringListFromEnv('OTEL_NODE_RESOURCE_DETECTORS') ?? ['all'];
  const known: readonly string[] = [...detectorNames, 'env', 'all', 'none'];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    warn(`OTEL_NODE_RESOURCE_DETECTORS: ${unknown.join(', ')} is none of ${known.join(', ')} and left out`);
  if (names.includes('none')) return [];
  return detectorNames.filter((name) => names.includes('all') || names.includes(name));
}

/** Name and version of the application that this process runs. */
export const ofApplication = (): Resource =>
  resourceFromAttributes(ofPackage(process.argv[1] ?? join(process.cwd(), 'index.js')));

/** Name and version in the nearest package.json at or above `script` that has a name. */
export function ofPackage(script: string): Attributes {
  let folder: string;
  try {
    folder = dirname(realpathSync(script));
  } catch {
    return {};
  }
  for (;;) {
    const { name, version } = manifestIn(folder);
    if (typeof name === 'string' && name !== '') {
      return {
        [ATTR_SERVICE_NAME]: name,
        ...(typeof version === 'string' && { [ATTR_SERVICE_VERSION]: version }),
      };
    }
    if (dirname(folder) === folder) return {};
    folder = dirname(folder);
  }
}

/** The package.json there, as far as it can be read. */
export function manifestIn(folder: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  } catch {
    return {};
  }
}
