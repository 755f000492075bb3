/** A source over a folder of files, for Node: the cook, servers, tests. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes, Source } from '../source.ts';
import { cancelledRead, checkFileName, checkRange, shortRead } from './read-error.ts';

/** Files kept open at a time: a world has a few packs in use, an operating system a few hundred. */
const MAX_OPEN_FILES = 32;

export interface NodeFileSource extends Source {
  /** Closes all open files. Reads that are running end as errors; later ones open files again. */
  close(): Promise<void>;
}

interface OpenFile {
  handle: Promise<FileHandle>;
  users: number;
}

/** @param folder path of the bundle's folder */
export function nodeFileSource(folder: string): NodeFileSource {
  const files = new Map<string, OpenFile>();

  const closeIdle = async (): Promise<void> => {
    for (const [file, { handle, users }] of files) {
      if (files.size <= MAX_OPEN_FILES) return;
      if (users > 0) continue;
      files.delete(file);
      await (await handle).close();
    }
  };
  /** Files are kept in order of use: the first in the map is the one not used for longest. */
  const use = async <T>(file: string, action: (handle: FileHandle) => Promise<T>): Promise<T> => {
    checkFileName(file);
    const entry = files.get(file) ?? { handle: open(join(folder, file), 'r'), users: 0 };
    files.delete(file);
    files.set(file, entry);
    entry.users++;
    try {
      return await action(await entry.handle);
    } catch (error) {
      if (error instanceof StreamError) throw error;
      if (files.get(file) === entry) files.delete(file);
      await entry.handle.then(
        (handle) => handle.close(),
        () => undefined,
      );
      throw fileError(join(folder, file), error);
    } finally {
      entry.users--;
      await closeIdle();
    }
  };

  return {
    name: folder,
    read: (file, start, end, signal) =>
      use(file, (handle) => {
        checkRange(file, start, end);
        return readRange(handle, file, start, end, signal);
      }),
    readAll: (file, signal) =>
      use(file, async (handle) => {
        const { size } = await handle.stat();
        return readRange(handle, file, 0, size, signal);
      }),
    async close() {
      const handles = [...files.values()].map(({ handle }) => handle);
      files.clear();
      await Promise.allSettled(handles.map(async (handle) => (await handle).close()));
    },
  };
}

async function readRange(
  handle: FileHandle,
  file: string,
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): Promise<Bytes> {
  const bytes = new Uint8Array(end - start);
  let at = 0;
  while (at < bytes.length) {
    if (signal?.aborted) throw cancelledRead(file);
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, start + at);
    if (bytesRead === 0) throw shortRead(file, start, end, start + at);
    at += bytesRead;
  }
  if (signal?.aborted) throw cancelledRead(file);
  return bytes;
}

/** What can come right by itself is a `Network` error and retried; a missing file is final. */
function fileError(path: string, error: unknown): StreamError {
  const reason = error instanceof Error ? error.message : String(error);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const isFinal = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(code);
  return new StreamError(
    isFinal ? ErrorCode.NotFound : ErrorCode.Network,
    `cannot read ${path} (${reason})`,
  );
}
