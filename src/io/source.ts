/**
 * The port of storage: named files read by byte range. Everything above it (scheduler, workers)
 * neither knows nor cares whether the bytes come from a network, a disk or memory.
 */

/** Bytes that own their whole, transferable buffer or are a view on one. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A byte range `[start, end)` of a file. */
export interface Part {
  start: number;
  end: number;
}

/** Where a read of several parts delivers them. Never throws. */
export interface ReadSink {
  /** Part `index` is complete: exactly its bytes, in a buffer that the receiver owns. */
  onPart(index: number, bytes: Bytes): void;
  /**
   * `count` more bytes of the span have come over the link (not from a cache), gaps included; told
   * before the parts they complete.
   */
  onBytes?(count: number): void;
}

export interface ReadOptions {
  signal?: AbortSignal;
  /**
   * What was read before was damaged: caches are passed by and renewed, and a source with mirrors
   * asks another one first.
   */
  fresh?: boolean;
}

/** What a read cost. */
export interface ReadReport {
  /** Bytes that came over the link, gaps included; 0 when a cache had them all. */
  linkBytes: number;
  /** Bytes that a persistent cache had. */
  cachedBytes: number;
  /** Milliseconds from the request to the first byte; 0 when that is not known. */
  firstByteMs: number;
}

/**
 * A source as plain data, so that another thread can make the same one: what a worker may be sent.
 * `kind` names the factory.
 */
export interface SourceDescriptor {
  readonly kind: string;
  readonly [setting: string]: unknown;
}

/** Reads ranges of named files. Failures reject with a `StreamError`, never with anything else. */
export interface Source {
  /** What to call this source in messages, e.g. its URL. */
  readonly name: string;
  /** Reads of sources with the same origin share its connections; default: the source's own. */
  readonly origin?: string;
  /** How to make this source in another thread; absent when it can only live in this one. */
  readonly descriptor?: SourceDescriptor;
  /** Where another thread's copy of this source says what a developer should know. */
  readonly onWarning?: (message: string) => void;
  /**
   * Reads bytes `[start, end)` of `file`. Resolves with exactly `end - start` bytes in a buffer the
   * caller owns; a short read rejects with `ShortRead`. Aborting rejects with `Cancelled`.
   */
  read(file: string, start: number, end: number, signal?: AbortSignal): Promise<Bytes>;
  /** Reads a whole file; for heads and catalogs. */
  readAll(file: string, signal?: AbortSignal): Promise<Bytes>;
  /** Bytes of a whole file; absent where that is not known without reading it. */
  size?(file: string, signal?: AbortSignal): Promise<number>;
  /**
   * Reads the span of all `parts` (by ascending start; they may touch, overlap and leave gaps) with
   * one request, and delivers each as soon as its last byte is there. Parts delivered before a
   * rejection stay delivered. A source without this is asked for the span with `read`.
   */
  readParts?(
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    options?: ReadOptions,
  ): Promise<ReadReport>;
  /**
   * Calls back when reads that were refused with `Unavailable` may be asked again: the device is
   * online, or an origin that was left alone may be tried. The returned function ends that.
   */
  onAvailable?(callback: () => void): () => void;
  /** Closes handles and connections. Reads that are running reject with `Cancelled`. */
  dispose?(): Promise<void>;
}
