/** Cuts the bytes of one read, as they come, into the parts that were asked for. */
import { ErrorCode, StreamError } from '../base/errors.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from './source.ts';

export interface PartCutter {
  /** First byte and end of the span that holds all parts. */
  readonly start: number;
  readonly end: number;
  /** Bytes taken so far. */
  readonly received: number;
  /** Takes the next bytes of the span; those past its end are ignored. Delivers what they complete. */
  push(chunk: Uint8Array): void;
  /** Throws `ShortRead` unless every byte of the span has come. */
  finish(name: string): void;
}

/** @param parts at least one, by ascending start, none empty */
export function createPartCutter(parts: readonly Part[], sink: ReadSink): PartCutter {
  const start = parts[0]!.start;
  const end = parts.reduce((most, part) => Math.max(most, part.end), start);
  const size = end - start;
  const buffers: (Bytes | null)[] = parts.map(() => null);
  let received = 0;
  /** Parts before this one are delivered. */
  let first = 0;

  const copy = (index: number, chunk: Uint8Array, from: number, to: number): void => {
    const part = parts[index]!;
    const [low, high] = [Math.max(from, part.start), Math.min(to, part.end)];
    if (low >= high) return;
    buffers[index] ??= new Uint8Array(part.end - part.start);
    buffers[index].set(chunk.subarray(low - from, high - from), low - part.start);
    if (high < part.end) return;
    const bytes = buffers[index];
    buffers[index] = null;
    sink.onPart(index, bytes);
  };

  return {
    start,
    end,
    get received() {
      return received;
    },
    push(chunk) {
      const taken = Math.min(chunk.length, size - received);
      if (taken <= 0) return;
      const from = start + received;
      const to = from + taken;
      received += taken;
      sink.onBytes?.(taken);
      for (let i = first; i < parts.length && parts[i]!.start < to; i++) copy(i, chunk, from, to);
      while (first < parts.length && parts[first]!.end <= to) first++;
    },
    finish(name) {
      if (received === size) return;
      throw new StreamError(
        ErrorCode.ShortRead,
        `${name} sent ${received} bytes of range ${start}-${end - 1}, expected ${size}`,
      );
    },
  };
}

/** Reads parts from any source: through `readParts` where there is one, else the span at once. */
export async function readParts(
  source: Source,
  file: string,
  parts: readonly Part[],
  sink: ReadSink,
  options: ReadOptions = {},
): Promise<ReadReport> {
  if (source.readParts) return source.readParts(file, parts, sink, options);
  const cutter = createPartCutter(parts, sink);
  const bytes = await source.read(file, cutter.start, cutter.end, options.signal);
  if (bytes.length > cutter.end - cutter.start)
    throw new StreamError(
      ErrorCode.ShortRead,
      `${source.name} returned ${bytes.length} bytes of ${file}, expected ${cutter.end - cutter.start}`,
    );
  cutter.push(bytes);
  cutter.finish(`${source.name}: ${file}`);
  return { linkBytes: bytes.length, cachedBytes: 0, firstByteMs: 0 };
}
