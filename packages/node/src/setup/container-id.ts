import { readFileSync } from 'node:fs';

const id = /[0-9a-f]{64}/;
/** What container engines mount over an image's own. */
const mountedByEngine = new Set(['/etc/hostname', '/etc/hosts', '/etc/resolv.conf']);

/** The id of the container that this process runs in, as Linux tells it: from cgroups, else from mounts. */
export function containerId(proc = '/proc/self'): string | undefined {
  return fromCgroup(textOf(`${proc}/cgroup`)) ?? fromMounts(textOf(`${proc}/mountinfo`));
}

/** cgroups(7): `hierarchy:controllers:path`. A path ends in the id, or in `docker-<id>.scope` or the like. */
function fromCgroup(text: string): string | undefined {
  const paths = text.split('\n').map((line) => line.split(':').slice(2).join(':'));
  const names = paths.map((path) => path.split('/').at(-1) ?? '');
  return first(names);
}

/**
 * proc(5), mountinfo: the fourth field is the path on the other side, the fifth where it is mounted. With cgroups
 * version 2 a process sees its own group as `/`, but the engine's folder of the container is still to be seen.
 */
function fromMounts(text: string): string | undefined {
  const engine = text
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , , , target = '']) => mountedByEngine.has(target))
    .map(([, , , root = '']) => root);
  // containerd's folder is that of the pod's sandbox, which is not the container.
  return first(engine.filter((root) => !root.includes('/sandboxes/')));
}

function first(names: readonly string[]): string | undefined {
  for (const name of names) {
    const [found] = id.exec(name) ?? [];
    if (found) return found;
  }
  return undefined;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
