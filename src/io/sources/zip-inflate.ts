/** Inflates an entry of a zip archive piece by piece: memory stays small however large it is. */
import { Inflate } from 'fflate';
import { reasonOf, StreamError } from '../../base/errors.ts';
import type { Complain, ReadRange, ZipEntry } from './zip-directory.ts';

/** Packed bytes read at a time. */
const READ_BYTES = 256 * 1024;

/** Packed bytes inflated at a time: at most 16 MiB come out, deflate cannot do more. */
const STEP_BYTES = 16 * 1024;

export interface EntryInflation {
  entry: ZipEntry;
  /** First byte of its data in the archive. */
  from: number;
  /** Inflated bytes after which nothing more is needed. */
  until: number;
  read: ReadRange;
  complain: Complain;
}

/**
 * Hands inflated bytes to `take` in order, none beyond `until`. The chunks are valid during the call
 * only. Resolves with the packed bytes that were read.
 *
 * @param take receives a chunk and where in the entry it begins
 */
export async function inflateEntry(
  { entry, from, until, read, complain }: EntryInflation,
  take: (chunk: Uint8Array, at: number) => void,
): Promise<number> {
  let inflated = 0;
  let isAtEnd = false;
  const inflater = new Inflate((chunk, isFinal) => {
    const wanted = chunk.subarray(0, Math.max(0, until - inflated));
    if (wanted.length > 0) take(wanted, inflated);
    inflated += chunk.length;
    isAtEnd ||= isFinal;
    if (inflated > entry.bytes) throw tooLong(entry, complain);
  });
  const { packedBytes } = entry;
  let taken = 0;
  while (inflated < until && taken < packedBytes) {
    const start = taken;
    taken = Math.min(packedBytes, start + READ_BYTES);
    const packed = await read(from + start, from + taken);
    for (let at = 0; at < packed.length && inflated < until; at += STEP_BYTES) {
      const step = packed.subarray(at, at + STEP_BYTES);
      try {
        inflater.push(step, taken === packedBytes && at + step.length === packed.length);
      } catch (error) {
        if (error instanceof StreamError) throw error;
        const reason = reasonOf(error);
        throw complain(`${entry.name} does not inflate (${reason})`);
      }
    }
  }
  // An entry read to its end must also be one that ends there.
  if (inflated < until || (until === entry.bytes && taken === packedBytes && !isAtEnd))
    throw complain(`${entry.name} inflates to ${inflated} bytes, expected ${entry.bytes}`);
  return taken;
}

function tooLong({ name, bytes }: ZipEntry, complain: Complain): StreamError {
  return complain(`${name} inflates to more than ${bytes} bytes`);
}
