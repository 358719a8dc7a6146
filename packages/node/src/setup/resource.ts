import type { Attributes } from '@opentelemetry/api';
import {
  type Resource,
  defaultResource,
  detectResources,
  envDetector,
  hostDetector,
  osDetector,
  processDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { ATTR_SERVICE_NAME, ATTR_SERVICE_VERSION } from '@opentelemetry/semantic-conventions';
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What this process is, found without asking the network: host, operating system, process and an instance id; name
 * and version from the application's package.json, then OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME, then `own`.
 * The later wins.
 */
export function describeProcess(own: Attributes): Resource {
  const detectors = [hostDetector, osDetector, processDetector, serviceInstanceIdDetector];
  return defaultResource()
    .merge(detectResources({ detectors }))
    .merge(resourceFromAttributes(ofPackage(process.argv[1] ?? join(process.cwd(), 'index.js'))))
    .merge(detectResources({ detectors: [envDetector] }))
    .merge(resourceFromAttributes(own));
}

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

function manifestIn(folder: string): { name?: unknown; version?: unknown } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as object;
  } catch {
    return {};
  }
}
