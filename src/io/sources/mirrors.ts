/**
 * Several places with the same files, in order of preference. What one does not bring is asked of
 * the next at once; one that failed is passed by for a while, then tried again.
 */
import { assert } from '../../base/assert.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { readParts } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import { type BreakerSettings, type CircuitBreaker, createBreaker, type Pass } from './breaker.ts';
import { type GivenEnv, sourceEnv } from './env.ts';
import { toStreamError } from './read-error.ts';

/** One failure is enough to prefer another mirror: nothing is lost by it. */
const MIRROR_BREAKER: Partial<BreakerSettings> = {
  failures: 1,
  openBaseMs: 10_000,
  openMaxMs: 120_000,
};
/** Files of which it is known who delivered them last. */
const MAX_REMEMBERED_FILES = 4096;

/** @param sources the first is asked first; at least one */
export function mirrored(sources: readonly Source[], given: GivenEnv = {}): Source {
  assert(sources.length > 0, 'mirrored needs at least one source');
  const { clock, random } = sourceEnv(given);
  const mirrors = new Mirrors(
    sources.map((source) => ({ source, health: createBreaker(clock, random, MIRROR_BREAKER) })),
  );
  const descriptors = sources.map(({ descriptor }) => descriptor);
  const { origin } = sources[0]!;
  return {
    name: sources.map(({ name }) => name).join(' or '),
    ...(origin !== undefined && { origin }),
    ...(descriptors.every((descriptor) => descriptor !== undefined) && {
      descriptor: { kind: 'mirrors', sources: descriptors },
    }),
    async read(file, start, end, signal): Promise<Bytes> {
      let bytes: Bytes | undefined;
      const onPart = (_: number, part: Bytes): void => {
        bytes = part;
      };
      await mirrors.readParts(file, [{ start, end }], { onPart }, signal ? { signal } : {});
      return bytes!;
    },
    readAll: (file, signal) =>
      mirrors.attempt(file, false, (source) => source.readAll(file, signal)),
    readParts: (file, parts, sink, options) => mirrors.readParts(file, parts, sink, options),
    onAvailable(callback) {
      const stops = sources.map((source) => source.onAvailable?.(callback));
      return () => {
        for (const stop of stops) stop?.();
      };
    },
    async dispose() {
      await Promise.all(sources.map((source) => source.dispose?.()));
    },
  };
}

interface Mirror {
  source: Source;
  health: CircuitBreaker;
}

class Mirrors {
  readonly #mirrors: readonly Mirror[];
  /** Who delivered a file last, by name. */
  readonly #lastOf = new Map<string, Mirror>();

  constructor(mirrors: readonly Mirror[]) {
    this.#mirrors = mirrors;
  }

  async readParts(
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    options: ReadOptions = {},
  ): Promise<ReadReport> {
    const isDelivered = parts.map(() => false);
    const total: ReadReport = { linkBytes: 0, cachedBytes: 0, firstByteMs: 0 };
    await this.attempt(file, options.fresh ?? false, async (source) => {
      const left = [...parts.keys()].filter((index) => !isDelivered[index]);
      let wasted = 0;
      const rest: ReadSink = {
        onPart(index, bytes) {
          isDelivered[left[index]!] = true;
          sink.onPart(left[index]!, bytes);
        },
        onBytes(count) {
          wasted += count;
          sink.onBytes?.(count);
        },
      };
      try {
        const ranges = left.map((index) => parts[index]!);
        const report = await readParts(source, file, ranges, rest, options);
        total.linkBytes += report.linkBytes;
        total.cachedBytes += report.cachedBytes;
        total.firstByteMs = report.firstByteMs;
      } catch (error) {
        total.linkBytes += wasted;
        // One that has delivered everything may fail as it likes.
        if (!isDelivered.every(Boolean)) throw error;
      }
    });
    return total;
  }

  /** Asks one mirror after the other until `work` succeeds with one. */
  async attempt<T>(
    file: string,
    isFresh: boolean,
    work: (source: Source) => Promise<T>,
  ): Promise<T> {
    const errors: StreamError[] = [];
    for (const { mirror, pass } of this.#inOrder(file, isFresh)) {
      try {
        const result = await work(mirror.source);
        pass?.succeed();
        this.#remember(file, mirror);
        return result;
      } catch (error) {
        const known = toStreamError(mirror.source, error);
        if (isMirrorFailure(known.code)) pass?.fail();
        else pass?.withdraw();
        if (!mayBeElsewhere(known.code)) throw known;
        errors.push(known);
      }
    }
    throw this.#summarize(errors);
  }

  /** The healthy ones in order, then, with no other left, those that failed before. */
  *#inOrder(file: string, isFresh: boolean): Generator<{ mirror: Mirror; pass: Pass | null }> {
    const last = isFresh ? this.#lastOf.get(file) : undefined;
    const order = this.#mirrors.filter((mirror) => mirror !== last);
    if (last) order.push(last);
    const passedBy: Mirror[] = [];
    for (const mirror of order) {
      const pass = mirror.health.admit();
      if (pass) yield { mirror, pass };
      else passedBy.push(mirror);
    }
    for (const mirror of passedBy) yield { mirror, pass: null };
  }

  #remember(file: string, mirror: Mirror): void {
    this.#lastOf.delete(file);
    this.#lastOf.set(file, mirror);
    if (this.#lastOf.size <= MAX_REMEMBERED_FILES) return;
    for (const oldest of this.#lastOf.keys()) {
      this.#lastOf.delete(oldest);
      return;
    }
  }

  /** The last error; but while one mirror may come right, the file is not missing for good. */
  #summarize(errors: readonly StreamError[]): StreamError {
    const transient = errors.filter(({ code }) => code !== ErrorCode.NotFound);
    const { code, message } = (transient.length > 0 ? transient : errors).at(-1)!;
    const names = this.#mirrors.map(({ source }) => source.name).join(', ');
    const retryAfterMs = transient.length > 0 ? Math.min(...transient.map(afterMs)) : 0;
    return new StreamError(code, `${message} (all mirrors tried: ${names})`, retryAfterMs);
  }
}

const afterMs = ({ retryAfterMs }: StreamError): number => retryAfterMs;

function mayBeElsewhere(code: ErrorCode): boolean {
  return isMirrorFailure(code) || code === ErrorCode.NotFound || code === ErrorCode.ShortRead;
}

/** Failures of the mirror itself, not of one file. */
function isMirrorFailure(code: ErrorCode): boolean {
  return (
    code === ErrorCode.Network ||
    code === ErrorCode.Timeout ||
    code === ErrorCode.Server ||
    code === ErrorCode.Unavailable
  );
}
