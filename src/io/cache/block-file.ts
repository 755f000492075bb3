/**
 * The port of storage that can be written: files that one owner reads and writes synchronously by
 * offset. OPFS (in a worker), Node's `fs` and the tests' memory that crashes all fit it.
 */

/** One open file. Any method may throw when the device fails or is full. */
export interface BlockFile {
  /** Bytes in the file. */
  readonly size: number;
  /** Fills `target` from byte `at` on. Returns the bytes read: fewer only at the file's end. */
  readAt(target: Uint8Array, at: number): number;
  /** Writes all of `bytes` at byte `at`; the file grows as needed. */
  writeAt(bytes: Uint8Array, at: number): void;
  truncate(size: number): void;
  /** Returns once everything written so far would survive the machine losing power. */
  flush(): void;
  close(): void;
}

/** The files of one store. Whoever opens them has made sure to be their only user. */
export interface CacheFiles {
  /** Payload bytes. */
  pack: BlockFile;
  /** The index and its successor, see `journal.ts`. */
  journals: readonly [BlockFile, BlockFile];
}

export const CACHE_FILE_NAMES = ['pack', 'index-0', 'index-1'] as const;

/** Closes all; the first failure is thrown after the others were tried. */
export function closeFiles({ pack, journals }: CacheFiles): void {
  let failure: unknown;
  for (const file of [pack, ...journals])
    try {
      file.close();
    } catch (error) {
      failure ??= error;
    }
  if (failure !== undefined) throw failure;
}
