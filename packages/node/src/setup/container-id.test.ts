import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { containerId } from './container-id.ts';

const id = 'f4d3c7a1'.repeat(8);
const another = '0b1e9d2c'.repeat(8);
let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'proc-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function found(cgroup: string, mountinfo = ''): string | undefined {
  writeFileSync(join(folder, 'cgroup'), cgroup);
  writeFileSync(join(folder, 'mountinfo'), mountinfo);
  return containerId(folder);
}

const cgroups = [
  `12:pids:/docker/${id}\n11:cpuset:/docker/${id}`,
  `0::/system.slice/docker-${id}.scope`,
  `5:cpu:/kubepods/besteffort/pod1d3e-4c/${id}`,
  `0::/kubepods.slice/kubepods-pod1d3e.slice/cri-containerd-${id}.scope`,
  `1:name=systemd:/kubepods.slice/kubepods-pod1d3e.slice/crio-${id}.scope\n`,
];
test.each(cgroups)('a container is known by its cgroup %j', (text) => expect(found(text)).toBe(id));

test('a container with its own cgroup namespace is known by what the engine mounts into it', () => {
  const docker = `900 880 8:1 /var/lib/docker/containers/${id}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`;
  const podman = `901 880 0:24 /containers/storage/overlay-containers/${id}/userdata/hosts /etc/hosts rw - tmpfs tmpfs rw`;
  expect(found('0::/', `880 700 0:50 / / rw - overlay overlay rw\n${docker}\n`)).toBe(id);
  expect(found('0::/', podman)).toBe(id);
});

test('the sandbox of a pod is not taken for the container', () => {
  const sandbox = `1 2 8:1 /var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes/${another}/hostname /etc/hostname rw - ext4 /dev/sda1 rw`;
  expect(found('0::/', sandbox)).toBeUndefined();
});

test('a process outside of containers has no container, even beside some', () => {
  const beside = `1 2 0:4 / /var/lib/docker/containers/${another}/mounts/shm rw - tmpfs shm rw`;
  expect(found('0::/user.slice/user-1000.slice/session-2.scope', beside)).toBeUndefined();
  expect(containerId(join(folder, 'nothing'))).toBeUndefined();
});
