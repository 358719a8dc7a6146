import { isObject, listAt, microsAt, objectAt, textAt, type JsonObject } from './values.ts';

/** Whether a span is of Zipkin's first format: endpoints stand at its annotations. */
export function isVersion1(span: JsonObject): boolean {
  const first = Array.isArray(span['annotations']) ? (span['annotations'] as unknown[])[0] : undefined;
  return span['binaryAnnotations'] !== undefined || (isObject(first) && first['endpoint'] !== undefined);
}

const core = {
  cs: { kind: 'CLIENT', begins: true },
  cr: { kind: 'CLIENT', begins: false },
  sr: { kind: 'SERVER', begins: true },
  ss: { kind: 'SERVER', begins: false },
  ms: { kind: 'PRODUCER', begins: true },
  mr: { kind: 'CONSUMER', begins: true },
} as const;
type Core = keyof typeof core;

interface Annotation {
  readonly value: string;
  readonly timestamp: unknown;
  /** Nanoseconds. */
  readonly time: bigint;
  readonly endpoint: unknown;
}

/**
 * A span of version 1 as one of version 2 for each side that it tells of. Source: Zipkin, `zipkin-api.yaml`, and the
 * meaning of its annotations: `cs` client sent, `cr` client received, `sr` server received, `ss` server sent, `ms` and
 * `mr` message sent and received, `sa` and `ca` addresses of the server and the client.
 */
export function fromVersion1(span: JsonObject, place: string): JsonObject[] {
  const annotations = listAt(span['annotations'], `${place}.annotations`).map((each, n): Annotation => {
    const here = `${place}.annotations[${n}]`;
    const { value, timestamp, endpoint } = objectAt(each, here);
    const time = microsAt(timestamp, `${here}.timestamp`) ?? 0n;
    return { value: textAt(value, `${here}.value`), timestamp, time, endpoint };
  });
  const binary = listAt(span['binaryAnnotations'], `${place}.binaryAnnotations`).map((each, n) =>
    objectAt(each, `${place}.binaryAnnotations[${n}]`),
  );
  const kinds = [...new Set(annotations.filter(isCore).map(({ value }) => core[value as Core].kind))];
  const others = annotations.filter((each) => !isCore(each));
  const names = new Set(annotations.filter(isCore).map(({ endpoint }) => nameOf(endpoint)));
  const tags = binary.filter(({ key }) => key !== 'sa' && key !== 'ca' && key !== 'ma');
  const rest = { traceId: span['traceId'], id: span['id'], parentId: span['parentId'], name: span['name'] };
  if (kinds.length === 0) {
    return [
      {
        ...rest,
        timestamp: span['timestamp'],
        duration: span['duration'],
        localEndpoint: [...annotations, ...binary].find(({ endpoint }) => endpoint)?.endpoint,
        annotations: others,
        tags: tagsOf(tags),
      },
    ];
  }
  return kinds.map((kind, n) => {
    const ofKind = annotations.filter((each) => isCore(each) && core[each.value as Core].kind === kind);
    const begin = ofKind.find(({ value }) => core[value as Core].begins);
    const end = ofKind.find(({ value }) => !core[value as Core].begins);
    const local = ofKind.find(({ endpoint }) => endpoint)?.endpoint;
    const isFirst = n === 0;
    const belongs = ({ endpoint }: { endpoint?: unknown }) =>
      names.has(nameOf(endpoint)) && names.size > 1 ? nameOf(endpoint) === nameOf(local) : isFirst;
    const lasted =
      begin && end && end.time > begin.time ? Number((end.time - begin.time) / 1_000n) : undefined;
    const remote = binary.find(
      ({ key }) => key === (kind === 'SERVER' ? 'ca' : kind === 'CLIENT' ? 'sa' : 'ma'),
    );
    return {
      ...rest,
      kind,
      timestamp: begin?.timestamp ?? (isFirst ? span['timestamp'] : end?.timestamp),
      duration: lasted ?? (isFirst ? span['duration'] : undefined),
      localEndpoint: local,
      remoteEndpoint: remote?.['endpoint'],
      annotations: others.filter(belongs),
      tags: tagsOf(tags.filter(belongs)),
    };
  });
}

function isCore({ value }: Annotation): boolean {
  return Object.hasOwn(core, value);
}

function nameOf(endpoint: unknown): unknown {
  return isObject(endpoint) ? endpoint['serviceName'] : undefined;
}

function tagsOf(binary: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(
    binary.filter(({ key }) => typeof key === 'string').map(({ key, value }) => [key as string, value]),
  );
}
