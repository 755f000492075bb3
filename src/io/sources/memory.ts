/** A source whose files are in memory: tests, small worlds, files that a page was given. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes, Source } from '../source.ts';
import { cancelledRead, checkRange, shortRead } from './read-error.ts';

/**
 * Reads copy, so that the caller owns what it gets. The files are not copied: a change made to them
 * is seen by later reads.
 */
export function memorySource(files: Readonly<Record<string, Uint8Array>>): Source {
  const find = (file: string, signal: AbortSignal | undefined): Uint8Array => {
    if (signal?.aborted) throw cancelledRead(file);
    const bytes = Object.hasOwn(files, file) ? files[file] : undefined;
    if (bytes) return bytes;
    const names = Object.keys(files).slice(0, 5).join(', ') || 'none at all';
    throw new StreamError(
      ErrorCode.NotFound,
      `there is no file ${file} in memory; it has ${names}`,
    );
  };
  return {
    name: 'memory',
    async read(file, start, end, signal): Promise<Bytes> {
      checkRange(file, start, end);
      const bytes = find(file, signal);
      if (end > bytes.length) throw shortRead(file, start, end, bytes.length);
      return copy(bytes, start, end);
    },
    async readAll(file, signal): Promise<Bytes> {
      const bytes = find(file, signal);
      return copy(bytes, 0, bytes.length);
    },
  };
}

function copy(bytes: Uint8Array, start: number, end: number): Bytes {
  const result = new Uint8Array(end - start);
  result.set(bytes.subarray(start, end));
  return result;
}
