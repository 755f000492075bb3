/**
 * The port of storage on the harness's link: each read is one of its requests, and parts are handed
 * on as their bytes come. Head and catalog are there from the start; packs are zeros.
 */
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { createPartCutter, type PartCutter } from '../../../src/io/parts.ts';
import type { Bytes, Part, ReadReport, ReadSink, Source } from '../../../src/io/source.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import type { Link, Request } from '../link.ts';
import type { FlythroughBundle } from './bundle.ts';

/** Told of each payload of a read, by the place where it begins. */
export interface ReadReports {
  opened(file: string, start: number): void;
  /** The read was dropped before it came. */
  cancelled(file: string, start: number): void;
}

export interface LinkSource extends Source {
  /** Hands on what has come of the reads that are under way, oldest first. */
  deliver(): void;
}

/** Zeros, as many at a time as are handed on. */
const ZEROS = new Uint8Array(1 << 16);

class Read {
  request: Request | null = null;
  readonly parts: readonly Part[];
  readonly cutter: PartCutter;
  private readonly wasDelivered: boolean[];

  constructor(parts: readonly Part[], sink: ReadSink) {
    this.parts = parts;
    this.wasDelivered = parts.map(() => false);
    const onPart = (index: number, bytes: Bytes): void => {
      this.wasDelivered[index] = true;
      sink.onPart(index, bytes);
    };
    const onBytes = (count: number): void => sink.onBytes?.(count);
    this.cutter = createPartCutter(parts, { onPart, onBytes });
  }

  get bytes(): number {
    return this.cutter.end - this.cutter.start;
  }

  /** Bytes of the parts that are still to be handed on. */
  get keptBytes(): number {
    return this.missing.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  get missing(): Part[] {
    return this.parts.filter((_, index) => !this.wasDelivered[index]);
  }

  /** Hands on everything up to byte `end` of the span. */
  push(end: number): void {
    while (this.cutter.received < end)
      this.cutter.push(ZEROS.subarray(0, Math.min(ZEROS.length, end - this.cutter.received)));
  }
}

export function createLinkSource(
  link: Link,
  { files, packs }: FlythroughBundle,
  reports: ReadReports,
): LinkSource {
  const memory = memorySource(files);
  const reads = new Set<Read>();

  const readPack = (
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    signal: AbortSignal | undefined,
  ): Promise<ReadReport> =>
    new Promise((resolve, reject) => {
      const read = new Read(parts, sink);
      const startS = link.nowS;
      const end = (): void => {
        reads.delete(read);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        for (const part of read.missing) reports.cancelled(file, part.start);
        link.cancel(request);
        reject(new StreamError(ErrorCode.Cancelled, `reading ${file} was cancelled`));
      };
      const request = link.request(
        read.bytes,
        () => {
          end();
          read.push(read.bytes);
          const firstByteMs = (link.nowS - startS - request.transferS) * 1000;
          resolve({ linkBytes: read.bytes, cachedBytes: 0, firstByteMs });
        },
        read.keptBytes,
      );
      read.request = request;
      reads.add(read);
      for (const part of parts) reports.opened(file, part.start);
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    ...memory,
    name: 'the link of the flythrough',
    readParts: (file, parts, sink, options = {}) =>
      file in packs
        ? readPack(file, parts, sink, options.signal)
        : memory.readParts!(file, parts, sink, options),
    deliver() {
      for (const read of reads) {
        read.push(Math.floor(read.bytes - read.request!.remaining));
        read.request!.keptBytes = read.keptBytes;
      }
    },
  };
}
