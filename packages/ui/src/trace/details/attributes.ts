import type { Attribute } from '@throughline/query/api';

export interface AttributeGroup {
  readonly title: string;
  readonly attributes: readonly Attribute[];
}

/** First parts of keys that the semantic conventions define, in the order in which they are worth reading. */
const known: Record<string, string> = {
  error: 'Error',
  exception: 'Exception',
  http: 'HTTP',
  url: 'URL',
  rpc: 'RPC',
  messaging: 'Messaging',
  db: 'Database',
  server: 'Server',
  client: 'Client',
  network: 'Network',
  net: 'Network',
  peer: 'Network',
  tls: 'TLS',
  dns: 'DNS',
  user_agent: 'User agent',
  enduser: 'User',
  user: 'User',
  session: 'Session',
  gen_ai: 'Generative AI',
  faas: 'Function',
  service: 'Service',
  deployment: 'Deployment',
  k8s: 'Kubernetes',
  container: 'Container',
  cloud: 'Cloud',
  host: 'Host',
  os: 'Operating system',
  process: 'Process',
  telemetry: 'Telemetry',
  code: 'Code',
  thread: 'Thread',
};
const rest = 'Other';

/** Grouped by the first part of the key; groups of one that no convention defines come last, together. */
export function groupAttributes(attributes: readonly Attribute[]): AttributeGroup[] {
  const groups = new Map<string, Attribute[]>();
  for (const attribute of attributes) {
    const [space = '', ...inner] = attribute.key.split('.');
    const title = known[space] ?? (inner.length > 0 && space !== '' ? space : rest);
    groups.set(title, [...(groups.get(title) ?? []), attribute]);
  }
  for (const [title, members] of groups) {
    if (members.length > 1 || title === rest || Object.values(known).includes(title)) continue;
    groups.delete(title);
    groups.set(rest, [...(groups.get(rest) ?? []), ...members]);
  }
  const order = [...new Set(Object.values(known))];
  const place = (title: string) => {
    if (title === rest) return Infinity;
    const index = order.indexOf(title);
    return index < 0 ? order.length : index;
  };
  return [...groups]
    .map(([title, members]) => ({ title, attributes: members.toSorted(byKey) }))
    .sort((a, b) =>
      place(a.title) === place(b.title) ? compare(a.title, b.title) : place(a.title) - place(b.title),
    );
}

function byKey(a: Attribute, b: Attribute): number {
  return compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Those whose key or value contains the text, letter case aside. */
export function filterAttributes(attributes: readonly Attribute[], text: string): readonly Attribute[] {
  const needle = text.trim().toLowerCase();
  if (needle === '') return attributes;
  return attributes.filter(
    (attribute) =>
      attribute.key.toLowerCase().includes(needle) || valueText(attribute).toLowerCase().includes(needle),
  );
}

/** The value as people read it; arrays and maps as JSON. */
export function valueText({ value, type }: Attribute): string {
  if (type === 'empty' || value === null || value === undefined) return '';
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** `key=value` for a command line or a search; quoted where it must be. */
export function pairText(attribute: Attribute): string {
  const text = valueText(attribute);
  return `${attribute.key}=${/[\s"'$]/.test(text) ? JSON.stringify(text) : text}`;
}

export function attributesJson(attributes: readonly Attribute[]): string {
  return JSON.stringify(
    Object.fromEntries(attributes.map(({ key, value }) => [key, value ?? null])),
    null,
    2,
  );
}
