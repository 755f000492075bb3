/** The files of a store in a browser's private file system. Only dedicated workers can open them. */
import type { Clock } from '../../base/clock.ts';
import { type BlockFile, CACHE_FILE_NAMES, type CacheFiles } from './block-file.ts';

/** `FileSystemSyncAccessHandle`: only the library of worker types has it. */
interface SyncHandle {
  getSize(): number;
  read(target: Uint8Array, options: { at: number }): number;
  write(bytes: Uint8Array, options: { at: number }): number;
  truncate(size: number): void;
  flush(): void;
  close(): void;
}

interface SyncFile extends FileSystemFileHandle {
  createSyncAccessHandle(): Promise<SyncHandle>;
}

/** A tab that was closed may hold its files a moment longer than its lock. */
const OPEN_ATTEMPTS = 40;
const OPEN_WAIT_MS = 50;

/** Folder of all caches of an origin. */
const ROOT = 'farfield-cache';

/** Whether this thread can open files synchronously. */
export function canOpenOpfs(): boolean {
  const scope = globalThis as {
    FileSystemFileHandle?: { prototype: object };
    navigator?: { storage?: { getDirectory?: unknown } };
  };
  return (
    typeof scope.navigator?.storage?.getDirectory === 'function' &&
    scope.FileSystemFileHandle !== undefined &&
    'createSyncAccessHandle' in scope.FileSystemFileHandle.prototype
  );
}

/** Rejects with what the browser says, e.g. in a private window. */
export async function openOpfsFiles(name: string, clock: Clock): Promise<CacheFiles> {
  const root = await navigator.storage.getDirectory();
  const caches = await root.getDirectoryHandle(ROOT, { create: true });
  const folder = await caches.getDirectoryHandle(name, { create: true });
  const opened: BlockFile[] = [];
  try {
    for (const file of CACHE_FILE_NAMES) {
      const handle = (await folder.getFileHandle(file, { create: true })) as SyncFile;
      opened.push(adapt(await openPatiently(handle, clock)));
    }
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
  const [pack, first, second] = opened;
  return { pack: pack!, journals: [first!, second!] };
}

/** Removes a cache that nobody has open. Rejects when somebody has. */
export async function removeOpfsFiles(name: string): Promise<void> {
  const root = await navigator.storage.getDirectory();
  try {
    const caches = await root.getDirectoryHandle(ROOT);
    await caches.removeEntry(name, { recursive: true });
  } catch (error) {
    if ((error as { name?: string }).name !== 'NotFoundError') throw error;
  }
}

async function openPatiently(file: SyncFile, clock: Clock): Promise<SyncHandle> {
  for (let attempt = 1; ; attempt++)
    try {
      return await file.createSyncAccessHandle();
    } catch (error) {
      if (attempt >= OPEN_ATTEMPTS) throw error;
      await new Promise<void>((resolve) => void clock.after(OPEN_WAIT_MS, resolve));
    }
}

function adapt(handle: SyncHandle): BlockFile {
  return {
    get size() {
      return handle.getSize();
    },
    readAt: (target, at) => handle.read(target, { at }),
    writeAt(bytes, at) {
      const count = handle.write(bytes, { at });
      if (count < bytes.length) throw new Error(`wrote ${count} of ${bytes.length} bytes`);
    },
    truncate: (size) => handle.truncate(size),
    flush: () => handle.flush(),
    close: () => handle.close(),
  };
}
