/** The files of a store in a folder, by Node's synchronous `fs`. */
import { type BlockFile, CACHE_FILE_NAMES, type CacheFiles } from './block-file.ts';
import type { FolderLock } from './folder-lock.ts';

/** The part of Node's `fs` that a store uses. */
export interface NodeFs {
  openSync(path: string, flags: string): number;
  closeSync(file: number): void;
  readSync(file: number, target: Uint8Array, offset: number, length: number, at: number): number;
  writeSync(file: number, bytes: Uint8Array, offset: number, length: number, at: number): number;
  ftruncateSync(file: number, size: number): void;
  fdatasyncSync(file: number): void;
  fstatSync(file: number): { size: number };
  mkdirSync(path: string, options: { recursive: boolean }): unknown;
  readFileSync(path: string, encoding: 'utf8'): string;
  writeFileSync(path: string, text: string): void;
  linkSync(path: string, newPath: string): void;
  renameSync(path: string, newPath: string): void;
  unlinkSync(path: string): void;
}

/** Node's `fs`, in any of its threads; null elsewhere. Bundlers see no `node:` import. */
export function findNodeFs(): NodeFs | null {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  return (host.process?.getBuiltinModule?.('node:fs') as NodeFs | undefined) ?? null;
}

/** Opens or makes the files. Throws what the file system throws. */
export function openNodeFiles(fs: NodeFs, folder: string, lock: FolderLock): CacheFiles {
  const opened: BlockFile[] = [];
  try {
    for (const name of CACHE_FILE_NAMES) opened.push(openNodeFile(fs, `${folder}/${name}`, lock));
  } catch (error) {
    for (const file of opened) file.close();
    throw error;
  }
  const [pack, first, second] = opened;
  return { pack: pack!, journals: [first!, second!] };
}

function openNodeFile(fs: NodeFs, path: string, lock: FolderLock): BlockFile {
  // Appending is the only flag that makes a file, keeps what is in it, and never fails for either.
  fs.closeSync(fs.openSync(path, 'a'));
  const file = fs.openSync(path, 'r+');
  return {
    get size() {
      return fs.fstatSync(file).size;
    },
    readAt(target, at) {
      let done = 0;
      while (done < target.length) {
        const count = fs.readSync(file, target, done, target.length - done, at + done);
        if (count === 0) break;
        done += count;
      }
      return done;
    },
    writeAt(bytes, at) {
      let done = 0;
      while (done < bytes.length)
        done += fs.writeSync(file, bytes, done, bytes.length - done, at + done);
    },
    truncate: (size) => fs.ftruncateSync(file, size),
    flush() {
      if (!lock.isHeld()) throw new Error(`another process has taken over ${lock.path}`);
      fs.fdatasyncSync(file);
    },
    close: () => fs.closeSync(file),
  };
}
