/**
 * The port of storage: named files read by byte range. Everything above it (scheduler, workers)
 * neither knows nor cares whether the bytes come from a network, a disk or memory.
 */

/** Bytes that own their whole, transferable buffer or are a view on one. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Reads ranges of named files. Failures reject with a `StreamError`, never with anything else. */
export interface Source {
  /** What to call this source in messages, e.g. its URL. */
  readonly name: string;
  /**
   * Reads bytes `[start, end)` of `file`. Resolves with exactly `end - start` bytes in a buffer the
   * caller owns; a short read rejects with `ShortRead`. Aborting rejects with `Cancelled`.
   */
  read(file: string, start: number, end: number, signal?: AbortSignal): Promise<Bytes>;
  /** Reads a whole file; for heads and catalogs. */
  readAll(file: string, signal?: AbortSignal): Promise<Bytes>;
}
