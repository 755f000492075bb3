/** What is fuzzed: a reader with sound files, and what it may do with damaged ones. */
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import type { Bytes } from '../../../src/io/source.ts';

export interface FuzzSubject {
  name: string;
  /** Share of all cases. */
  weight: number;
  /** Sources of the reader, from the repository's root; for the coverage. */
  files: readonly string[];
  seeds: readonly Bytes[];
  /**
   * Makes the checksums of a damaged file right again, so that the parsers behind them are reached.
   * Absent where nothing guards the reader: all its cases reach it.
   */
  repair?(mutant: Bytes, seed: number): Bytes;
  /**
   * Reads a file; what comes out, as text that differs when the data does.
   *
   * @param seed index of the sound file that was damaged
   * @param isRepaired whether its checksums are right again
   */
  read(mutant: Bytes, seed: number, isRepaired: boolean): string | Promise<string>;
  /** Whether checksums must notice all damage of what was not repaired. */
  isGuarded: boolean;
}

const CODES: ReadonlySet<number> = new Set(Object.values(ErrorCode));

/** Whether a reader may end like this: an error of ours that says why. */
export function isRefusal(error: unknown): boolean {
  if (error instanceof StreamError) return CODES.has(error.code) && error.message.length > 10;
  return error instanceof Error && error.name === 'CookError' && error.message.length > 10;
}

/** A short text of any data; equal only for equal data (of what a test can tell apart). */
export function digest(...views: readonly ArrayBufferView[]): string {
  let hash = 0x811c9dc5;
  let length = 0;
  for (const view of views) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    for (let i = 0; i < bytes.length; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    length += bytes.length;
  }
  return `${length}:${hash >>> 0}`;
}
