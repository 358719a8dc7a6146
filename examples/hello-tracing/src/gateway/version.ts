/** The versions of the API that there are. */
const versions = [0];

/** No such version. */
export class UnknownVersion extends Error {}

/**
 * `/hello` with the header `x-api-version: v0` is `/v0/hello`; without the header, or with one that is no version, the
 * highest version is meant. A path that has a version is left alone.
 */
export function versionedPath(path: string, header: string | undefined): string {
  if (/^\/v\d+(\/|$)/.test(path)) return path;
  const asked = /^v(\d+)$/.exec(header ?? '')?.[1];
  const version = asked === undefined ? Math.max(...versions) : Number(asked);
  if (!versions.includes(version)) throw new UnknownVersion(`unknown version '${version}'`);
  return `/v${version}${path}`;
}
