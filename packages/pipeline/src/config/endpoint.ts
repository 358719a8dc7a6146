import { z } from 'zod';

/** Where to listen or to connect. An empty host is every interface. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The endpoint written in `text` (`127.0.0.1:4317`, `[::1]:4317`, `:4317`, `collector:4317`), or undefined. */
export function parseEndpoint(text: string): Endpoint | undefined {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^\s:/[\]]*)):(\d{1,5})$/.exec(text);
  if (!match) return undefined;
  const port = Number(match[3]);
  return port > 65_535 ? undefined : { host: match[1] ?? match[2] ?? '', port };
}

/** The endpoint as written in a configuration or a URL. */
export function formatEndpoint({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function endpointCodec(meta: { listen?: boolean }) {
  return z
    .codec(z.string(), z.object({ host: z.string(), port: z.int().min(0).max(65_535) }), {
      decode(written, context) {
        const parsed = parseEndpoint(written);
        if (parsed) return parsed;
        context.issues.push({
          code: 'custom',
          input: written,
          message: `expected host:port such as 127.0.0.1:4317, got ${JSON.stringify(written)}`,
        });
        return z.NEVER;
      },
      encode: formatEndpoint,
    })
    .meta({ type: 'host:port', ...meta });
}

/**
 * An address to listen on, `host:port`; port 0 takes a free one. Where the configuration leaves it out it is
 * `standard`, with its host replaced by the program's `--host`.
 */
export function listenEndpoint(standard: string) {
  return endpointCodec({ listen: true }).prefault(standard);
}

/** An address to connect to, `host:port`. */
export function targetEndpoint() {
  return endpointCodec({});
}

/** An `http:` or `https:` URL, kept as text; `print-config` masks the password in it. */
export function httpUrl() {
  return z
    .url({ protocol: /^https?$/, error: 'expected a URL such as http://127.0.0.1:4318' })
    .meta({ type: 'URL', password: true });
}
