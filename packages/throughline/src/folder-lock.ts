import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { link, mkdir, rename, stat, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartError } from '@throughline/model';

export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Makes the folder and holds it for this process alone; StartError when another process holds it, or when it cannot be
 * made or written.
 *
 * The lock is a Unix socket in the folder on which the holder listens. It is free as soon as nobody does, so a process
 * that was killed holds nothing, and no process id can be mistaken for another's. Works between containers that share
 * the folder, not between machines.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  try {
    await makeFolder(folder);
  } catch (error) {
    throw unusable(folder, error);
  }
  const directory = shortName(folder);
  const own = join(directory.path, `lock-${randomBytes(4).toString('hex')}`);
  const path = join(directory.path, 'lock');
  const server = createServer((socket) => socket.on('error', () => {}).end(String(process.pid)));
  try {
    await listen(server, own);
    const { ino } = await stat(own);
    await take(own, path, folder);
    // Whoever found the same dead lock as we did may have moved ours away by mistake, and puts it back or has it now.
    await sleep(20);
    if ((await stat(path)).ino !== ino) throw inUse(folder, await holder(path));
    server.unref();
    return {
      async release() {
        if ((await inode(path)) === ino) await unlink(path);
        await close(server);
        directory.close();
      },
    };
  } catch (error) {
    await close(server);
    directory.close();
    throw error instanceof StartError ? error : unusable(folder, error);
  } finally {
    await unlink(own).catch(() => {});
  }
}

/** With its parents. (Where a file system refuses by saying ENOENT, as /proc does, `recursive` tries for ever.) */
async function makeFolder(folder: string): Promise<void> {
  const made = await makeOne(folder);
  if (made) return;
  await makeFolder(dirname(folder));
  await mkdir(folder);
}

/** False when its parent is missing. */
async function makeOne(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && dirname(folder) !== folder) return false;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return true;
    throw error;
  }
}

/** Makes `path` a name of our socket, once no living process has it. */
async function take(own: string, path: string, folder: string): Promise<void> {
  for (;;) {
    try {
      return await link(own, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = await holder(path);
    if (pid !== undefined) throw inUse(folder, pid);
    await removeDead(own, path);
  }
}

async function removeDead(own: string, path: string): Promise<void> {
  const aside = `${own}-dead`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // Between the question and the renaming somebody else may have put a living lock there.
  if ((await holder(aside)) !== undefined) await link(aside, path).catch(() => {});
  await unlink(aside);
}

/** The process id of whoever listens on the socket; undefined when nobody does. */
function holder(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    let pid = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => (pid += text));
    socket.on('error', () => resolve(undefined));
    socket.on('end', () => resolve(pid || 'unknown'));
    // A process that is stopped or very busy does not answer, but it does hold the lock.
    socket.setTimeout(1000, () => {
      resolve(socket.connecting ? undefined : 'unknown');
      socket.destroy();
    });
  });
}

/** A socket's path must be shorter than 108 characters, which the folder alone may exceed. */
function shortName(folder: string): { path: string; close: () => void } {
  if (process.platform !== 'linux') return { path: folder, close: () => {} };
  const fd = openSync(folder, 'r');
  return { path: `/proc/self/fd/${fd}`, close: () => closeSync(fd) };
}

const inode = (path: string) =>
  stat(path).then(
    ({ ino }) => ino,
    () => undefined,
  );

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}

function inUse(folder: string, pid: string | undefined): StartError {
  return new StartError(
    `another throughline (process ${pid ?? 'unknown'}) is using the data folder ${folder}`,
  );
}

function unusable(folder: string, error: unknown): StartError {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EPERM: 'not permitted',
    EROFS: 'the file system is read-only',
    ENOSPC: 'the disk is full',
    ENOTDIR: 'part of the path is a file',
    EEXIST: 'there is a file of that name',
    ENOENT: 'it cannot be made there',
    ENAMETOOLONG: 'its path is too long for the lock in it',
    ENOTSUP: 'its file system has no Unix sockets or hard links, which the lock in it needs',
    EOPNOTSUPP: 'its file system has no Unix sockets or hard links, which the lock in it needs',
  };
  return new StartError(`the data folder ${folder} cannot be written: ${reasons[code ?? ''] ?? message}`, {
    cause: error,
  });
}
