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
  const copy = (file: string, bytes: Uint8Array, start: number, end: number): Bytes => {
    if (end > bytes.length) throw shortRead(file, start, end, bytes.length);
    const result = new Uint8Array(end - start);
    result.set(bytes.subarray(start, end));
    return result;
  };
  return {
    name: 'memory',
    async size(file, signal) {
      return find(file, signal).length;
    },
    async read(file, start, end, signal) {
      checkRange(file, start, end);
      return copy(file, find(file, signal), start, end);
    },
    async readAll(file, signal) {
      const bytes = find(file, signal);
      return copy(file, bytes, 0, bytes.length);
    },
    async readParts(file, parts, sink, { signal } = {}) {
      for (const { start, end } of parts) checkRange(file, start, end);
      const bytes = find(file, signal);
      const first = parts[0]?.start ?? 0;
      let reached = first;
      for (const [index, { start, end }] of parts.entries()) {
        // Whoever gets a part may withdraw the rest.
        if (signal?.aborted) throw cancelledRead(file);
        const part = copy(file, bytes, start, end);
        if (end > reached) sink.onBytes?.(end - reached);
        reached = Math.max(reached, end);
        sink.onPart(index, part);
      }
      return { linkBytes: reached - first, cachedBytes: 0, firstByteMs: 0 };
    },
  };
}
