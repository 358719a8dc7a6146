import type { ResourceConfigModel } from '@opentelemetry/configuration';
import type { AttributeValue, Attributes } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import {
  type DetectedResourceAttributes,
  type Resource,
  defaultResource,
  resourceFromAttributes,
} from '@opentelemetry/resources';
import { type DetectorName, detect } from '../detect.ts';
import { ofApplication } from '../resource.ts';
import { under, warnOfOthers } from './section.ts';

/** The schema's detectors; the operating system belongs to its host, the instance to its service. */
const detectors: Record<string, readonly DetectorName[]> = {
  container: ['container'],
  host: ['host', 'os'],
  process: ['process'],
  service: ['serviceinstance'],
};

/**
 * The resource in this section: name and version of the application, what the detectors find that it names (without
 * any, none is run), then its list of attributes, then its attributes, then `own`. The later wins.
 */
export function resourceOf(section: ResourceConfigModel | undefined, own: Attributes): Resource {
  warnOfOthers(section, 'resource', ['attributes', 'attributes_list', 'schema_url', 'detection/development']);
  const schemaUrl = section?.schema_url ?? undefined;
  return defaultResource()
    .merge(ofApplication())
    .merge(resourceFromAttributes(detected(section?.['detection/development'])))
    .merge(resourceFromAttributes(parseKeyPairsIntoRecord(section?.attributes_list ?? undefined)))
    .merge(resourceFromAttributes(named(section?.attributes), schemaUrl === undefined ? {} : { schemaUrl }))
    .merge(resourceFromAttributes(own));
}

const named = (attributes: ResourceConfigModel['attributes'] = []): Attributes =>
  Object.fromEntries(
    attributes.flatMap(({ name, value }) => (value === null ? [] : [[name, value as AttributeValue]])),
  );

function detected(section: ResourceConfigModel['detection/development']): DetectedResourceAttributes {
  const asked = section?.detectors ?? [];
  const path = 'resource.detection/development.detectors';
  for (const [index, each] of asked.entries()) warnOfOthers(each, under(path, index), Object.keys(detectors));
  const found = detect(asked.flatMap((each) => Object.keys(each).flatMap((name) => detectors[name] ?? [])));
  const { included = ['*'], excluded = [] } = section?.attributes ?? {};
  const entries = Object.entries(found);
  return Object.fromEntries(entries.filter(([name]) => matches(name, included) && !matches(name, excluded)));
}

/** `*` stands for any characters, `?` for one. */
const matches = (name: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => {
    const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  });
