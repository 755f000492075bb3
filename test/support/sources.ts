/** What tests of sources share: sinks that keep books, networks that are switched, errors with codes. */
import { StreamError } from '../../src/base/errors.ts';
import type {
  Bytes,
  Part,
  ReadOptions,
  ReadReport,
  ReadSink,
  Source,
} from '../../src/io/source.ts';
import type { Connectivity } from '../../src/io/sources/connectivity.ts';

/** Lets everything that is due in microtasks happen. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** The error that a promise rejects with. Throws when there is none, or one without a code. */
export async function failureOf(promise: Promise<unknown>): Promise<StreamError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (caught: unknown) => caught,
  );
  if (error instanceof StreamError) return error;
  throw error;
}

/** A network that a test switches off and on. */
export interface SwitchedNetwork extends Connectivity {
  isOn: boolean;
  set(isOn: boolean): void;
  readonly listenerCount: number;
}

export function switchedNetwork(): SwitchedNetwork {
  const listeners = new Set<() => void>();
  return {
    isOn: true,
    isOnline() {
      return this.isOn;
    },
    onChange(callback) {
      const listener = (): void => callback();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    set(isOn) {
      this.isOn = isOn;
      for (const listener of [...listeners]) listener();
    },
    get listenerCount() {
      return listeners.size;
    },
  };
}

export interface KeptParts extends ReadSink {
  /** By index; a part that came twice is in `problems`. */
  readonly parts: Map<number, Bytes>;
  readonly bytes: number;
  readonly problems: string[];
}

export function keepParts(onPart: (index: number) => void = () => undefined): KeptParts {
  const parts = new Map<number, Bytes>();
  const problems: string[] = [];
  let bytes = 0;
  return {
    parts,
    problems,
    get bytes() {
      return bytes;
    },
    onPart(index, part) {
      if (parts.has(index)) problems.push(`part ${index} came twice`);
      if (part.byteLength !== part.buffer.byteLength)
        problems.push(`part ${index} shares a buffer`);
      parts.set(index, part);
      onPart(index);
    },
    onBytes(count) {
      bytes += count;
    },
  };
}

/** Reads through `readParts`, which the source must have. */
export function readThrough(
  source: Source,
  file: string,
  parts: readonly Part[],
  sink: ReadSink,
  options: ReadOptions = {},
): Promise<ReadReport> {
  if (!source.readParts) throw new Error(`${source.name} has no readParts`);
  return source.readParts(file, parts, sink, options);
}
