/**
 * A source over a folder of files, for Node: the cook, servers, tests. Handles are shared and
 * bounded, so that a world of thousands of files does not use up those of the process.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { assertNumber } from '../../base/assert.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { createPartCutter } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import { HandlePool } from './handle-pool.ts';
import { cancelledRead, checkFileName, checkRange, shortRead } from './read-error.ts';

export interface NodeFileOptions {
  /** Files open at a time; reads beyond that wait. */
  maxHandles?: number;
  /**
   * Bytes asked of the system at once, up to 4 MiB: how often a large read looks whether it is
   * still wanted, and how soon the first parts of a merged one are delivered.
   */
  chunkBytes?: number;
}

/** 64 concurrent reads of different files need not wait; most systems allow a process 256 or more. */
export const NODE_FILE_DEFAULTS: Readonly<Required<NodeFileOptions>> = {
  maxHandles: 64,
  chunkBytes: 512 * 1024,
};

const MAX_CHUNK_BYTES = 4 * 1024 * 1024;

export interface NodeFileSource extends Source {
  /** Files open now; never more than `maxHandles`. */
  readonly openFiles: number;
  readParts(
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    options?: ReadOptions,
  ): Promise<ReadReport>;
  /** Closes all files for good. Reads that run or wait reject with `Cancelled`, later ones too. */
  dispose(): Promise<void>;
}

/** @param folder path of the bundle's folder */
export function nodeFileSource(folder: string, options: NodeFileOptions = {}): NodeFileSource {
  const { maxHandles, chunkBytes } = { ...NODE_FILE_DEFAULTS, ...options };
  assertNumber('maxHandles', maxHandles, 1);
  assertNumber('chunkBytes', chunkBytes, 1, MAX_CHUNK_BYTES);
  const ending = new AbortController();
  const pool = new HandlePool<FileHandle>(maxHandles, (file) => open(join(folder, file), 'r'));

  const use = async <T>(
    file: string,
    { signal, fresh = false }: ReadOptions,
    action: (reader: Reader) => Promise<T>,
  ): Promise<T> => {
    checkFileName(file);
    const check = (): void => {
      if (signal?.aborted || ending.signal.aborted) throw cancelledRead(file);
    };
    const read = (handle: FileHandle): Promise<T> => action({ handle, file, chunkBytes, check });
    try {
      return await pool.use(file, read, { signal, renew: fresh });
    } catch (error) {
      throw error instanceof StreamError ? error : fileError(join(folder, file), error);
    }
  };

  return {
    name: folder,
    get openFiles() {
      return pool.size;
    },
    read: (file, start, end, signal) =>
      use(file, signal ? { signal } : {}, (reader) => {
        checkRange(file, start, end);
        return readRange(reader, start, end);
      }),
    size: (file, signal) =>
      use(file, signal ? { signal } : {}, async ({ handle }) => (await handle.stat()).size),
    // A head is replaced under its name when a world is cooked again: never from an old handle.
    readAll: (file, signal) =>
      use(file, signal ? { signal, fresh: true } : { fresh: true }, async (reader) => {
        const { size } = await reader.handle.stat();
        return readRange(reader, 0, size);
      }),
    readParts: (file, parts, sink, settings = {}) =>
      use(file, settings, (reader) => readSpan(reader, parts, sink)),
    async dispose() {
      ending.abort();
      await pool.dispose();
    },
  };
}

interface Reader {
  handle: FileHandle;
  file: string;
  chunkBytes: number;
  /** Throws when the read is not wanted any more. */
  check(): void;
}

/** Reads into `target`; throws `ShortRead` where the file ends before the range does. */
async function fill(
  { handle, file, chunkBytes, check }: Reader,
  target: Bytes,
  start: number,
  end: number,
): Promise<void> {
  for (let at = start; at < end; ) {
    check();
    const length = Math.min(chunkBytes, end - at);
    const { bytesRead } = await handle.read(target, at - start, length, at);
    if (bytesRead === 0) throw shortRead(file, start, end, at);
    at += bytesRead;
  }
  check();
}

async function readRange(reader: Reader, start: number, end: number): Promise<Bytes> {
  const bytes = new Uint8Array(end - start);
  await fill(reader, bytes, start, end);
  return bytes;
}

async function readSpan(
  reader: Reader,
  parts: readonly Part[],
  sink: ReadSink,
): Promise<ReadReport> {
  const { file, chunkBytes } = reader;
  for (const { start, end } of parts) checkRange(file, start, end);
  const cutter = createPartCutter(parts, sink);
  const { start, end } = cutter;
  if (parts.length === 1) {
    // The one part needs no cutting, hence no copy.
    const bytes = await readRange(reader, start, end);
    sink.onBytes?.(bytes.length);
    sink.onPart(0, bytes);
  } else {
    const chunk = new Uint8Array(Math.min(chunkBytes, end - start));
    for (let at = start; at < end; at += chunk.length) {
      const to = Math.min(end, at + chunk.length);
      await fill(reader, chunk, at, to);
      cutter.push(chunk.subarray(0, to - at));
    }
  }
  return { linkBytes: end - start, cachedBytes: 0, firstByteMs: 0 };
}

/** What can come right by itself is a `Network` error and retried; a missing file is final. */
function fileError(path: string, error: unknown): StreamError {
  const reason = reasonOf(error);
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const isFinal = ['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(code);
  return new StreamError(
    isFinal ? ErrorCode.NotFound : ErrorCode.Network,
    `cannot read ${path} (${reason})`,
  );
}
