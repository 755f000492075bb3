/**
 * Storage of a memory flight: reads are requests on the virtual link, and what they bring are zeros
 * that all payloads share, so that terabytes may be fetched. Head and catalog are there at once.
 */
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import type { Bytes, Part, ReadReport, ReadSink, Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import type { Link, Request } from '../flythrough/link.ts';
import type { FlightWorld } from './flight-world.ts';

export interface FlightSource extends Source {
  /** Hands on what has come of the reads that are under way, oldest first. */
  deliver(): void;
}

interface Read {
  request: Request | null;
  parts: readonly Part[];
  /** Parts by their ends, and how many of them are handed on. */
  order: number[];
  handed: number;
  /** Bytes that the receiver has been told of. */
  told: number;
  sink: ReadSink;
}

export function createFlightSource(link: Link, world: FlightWorld): FlightSource {
  const memory = memorySource(world.files);
  const reads = new Set<Read>();
  let zeros: Bytes = new Uint8Array(0);

  const push = (read: Read, received: number): void => {
    const { parts, order, sink } = read;
    if (received > read.told) sink.onBytes?.(received - read.told);
    read.told = received;
    const first = parts[0]!.start;
    while (read.handed < order.length) {
      const index = order[read.handed]!;
      const { start, end } = parts[index]!;
      if (end - first > received) return;
      if (zeros.length < end - start) zeros = new Uint8Array(end - start);
      read.handed++;
      sink.onPart(index, zeros.subarray(0, end - start));
    }
  };

  const readPack = (
    parts: readonly Part[],
    sink: ReadSink,
    signal: AbortSignal | undefined,
  ): Promise<ReadReport> =>
    new Promise((resolve, reject) => {
      const order = parts.map((_, i) => i).sort((a, b) => parts[a]!.end - parts[b]!.end);
      const bytes = parts[order.at(-1)!]!.end - parts[0]!.start;
      const read: Read = { request: null, parts, order, handed: 0, told: 0, sink };
      const startS = link.nowS;
      const end = (): void => {
        reads.delete(read);
        signal?.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        link.cancel(request);
        reject(new StreamError(ErrorCode.Cancelled, 'the read was cancelled'));
      };
      const request = link.request(bytes, () => {
        end();
        push(read, bytes);
        const firstByteMs = (link.nowS - startS - request.transferS) * 1000;
        resolve({ linkBytes: bytes, cachedBytes: 0, firstByteMs });
      });
      read.request = request;
      reads.add(read);
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    ...memory,
    name: 'the link of the memory flight',
    readParts: (file, parts, sink, options = {}) =>
      world.packs.has(file)
        ? readPack(parts, sink, options.signal)
        : memory.readParts!(file, parts, sink, options),
    deliver() {
      for (const read of reads)
        push(read, Math.floor(read.request!.bytes - read.request!.remaining));
    },
  };
}
