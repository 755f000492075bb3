/**
 * A source over files that the page was given: dropped, picked, or made. Nothing is uploaded and
 * nothing is read whole: a Blob is cut into ranges where it lies.
 */
import { assert } from '../../base/assert.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { createPartCutter } from '../parts.ts';
import type { Bytes, Source } from '../source.ts';
import { cancelledRead, checkRange, orCancelled, shortRead } from './read-error.ts';

/** Spans from here on are read as a stream, so that their first parts need not wait for the last. */
const STREAM_BYTES = 256 * 1024;

/** Parts are delivered, and withdrawal is noticed, after so many bytes: some hosts stream megabytes. */
const STEP_BYTES = 64 * 1024;

/** Files by the names that the world calls them, or a list as an input or a drop gives it. */
export type BlobFiles = Readonly<Record<string, Blob>> | Iterable<File>;

/**
 * Reads of `files`. In a list each file is named by its path from the folder that holds
 * `world.json`, or else from the folder that all share. A page may hand this source to a worker:
 * its descriptor carries the Blobs themselves.
 */
export function blobSource(files: BlobFiles): Source {
  const named = Symbol.iterator in files ? nameFiles(files as Iterable<File>) : files;
  const find = (file: string, signal: AbortSignal | undefined): Blob => {
    if (signal?.aborted) throw cancelledRead(file);
    const blob = Object.hasOwn(named, file) ? (named as Record<string, Blob>)[file] : undefined;
    if (blob) return blob;
    const names = Object.keys(named).slice(0, 5).join(', ') || 'none at all';
    throw new StreamError(
      ErrorCode.NotFound,
      `there is no ${file} among the files that were given; they are ${names}`,
    );
  };
  const readRange = async (
    file: string,
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): Promise<Bytes> => {
    const blob = find(file, signal);
    if (end > blob.size) throw shortRead(file, start, end, blob.size);
    const reading = blob.slice(start, end).arrayBuffer();
    return new Uint8Array(await orCancelled(file, explained(file, reading), signal));
  };
  return {
    name: 'given files',
    descriptor: { kind: 'blob', files: named },
    async size(file, signal) {
      return find(file, signal).size;
    },
    async read(file, start, end, signal) {
      checkRange(file, start, end);
      return readRange(file, start, end, signal);
    },
    async readAll(file, signal) {
      return readRange(file, 0, find(file, signal).size, signal);
    },
    async readParts(file, parts, sink, { signal } = {}) {
      for (const { start, end } of parts) checkRange(file, start, end);
      const cutter = createPartCutter(parts, sink);
      const { start, end } = cutter;
      if (end - start < STREAM_BYTES) cutter.push(await readRange(file, start, end, signal));
      else {
        const blob = find(file, signal);
        if (end > blob.size) throw shortRead(file, start, end, blob.size);
        const reader = blob.slice(start, end).stream().getReader();
        try {
          for (;;) {
            const { done, value } = await explained(file, reader.read());
            if (done) break;
            for (let at = 0; at < value.length; at += STEP_BYTES) {
              if (signal?.aborted) throw cancelledRead(file);
              cutter.push(value.subarray(at, at + STEP_BYTES));
            }
          }
        } finally {
          await reader.cancel().catch(() => undefined);
        }
      }
      cutter.finish(file);
      return { linkBytes: end - start, cachedBytes: 0, firstByteMs: 0 };
    },
  };
}

/** A file that was changed or removed after it was given can no longer be read. */
async function explained<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const reason = reasonOf(error);
    throw new StreamError(
      ErrorCode.NotFound,
      `${file} cannot be read any more (${reason}); it was changed or removed: choose it again`,
    );
  }
}

function nameFiles(files: Iterable<File>): Record<string, Blob> {
  const list = [...files];
  const paths = list.map((file) => file.webkitRelativePath || file.name);
  const folder = worldFolder(paths);
  const named: Record<string, Blob> = Object.create(null);
  for (const [i, path] of paths.entries()) {
    if (!path.startsWith(folder)) continue;
    const name = path.slice(folder.length);
    assert(!(name in named), `two of the files given are called ${name}`);
    named[name] = list[i]!;
  }
  return { ...named };
}

/**
 * The folder, with its slash, that holds the world among `paths`: that of the one `world.json`
 * nearest to the top, else the one that all paths share.
 */
export function worldFolder(paths: readonly string[]): string {
  const heads = paths.filter((path) => path === 'world.json' || path.endsWith('/world.json'));
  const depth = (path: string): number => path.split('/').length;
  const top = Math.min(...heads.map(depth));
  const highest = heads.filter((path) => depth(path) === top);
  if (highest.length === 1) return highest[0]!.slice(0, -'world.json'.length);
  const first = paths[0] ?? '';
  let folder = first.slice(0, first.lastIndexOf('/') + 1);
  while (folder !== '' && !paths.every((path) => path.startsWith(folder)))
    folder = folder.slice(0, folder.lastIndexOf('/', folder.length - 2) + 1);
  return folder;
}
