/**
 * Puts a simulated link in front of another source: latency, a bandwidth that all reads share, a
 * disk's head, outages and faults. Everything happens on the given clock and is drawn from the given
 * generator, so that on the manual clock a run can be repeated exactly; on the system clock it is
 * the demo's slow network.
 */
import { assertNumber } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import { createPartCutter } from '../parts.ts';
import type { Bytes, Part, ReadOptions, ReadReport, ReadSink, Source } from '../source.ts';
import type { CircuitBreaker } from './breaker.ts';
import { ALWAYS_ONLINE, type Connectivity } from './connectivity.ts';
import { createGate } from './gate.ts';
import { checkParts } from './read-error.ts';
import {
  checkFaults,
  drawFate,
  type FaultCounts,
  isChanged,
  noFaults,
  type SimulatedFaults,
} from './simulated-faults.ts';
import { travel } from './simulated-journey.ts';
import { createPipe } from './simulated-pipe.ts';
import { checkLink, type SimulatedLink } from './simulated-profiles.ts';

export interface SimulatedOptions {
  clock: Clock;
  random: Random;
  link: SimulatedLink;
  /** Change them while reads are running. Whole files (`readAll`) feel the link and outages alone. */
  faults?: SimulatedFaults;
  /** A read that nothing answers ends as `Timeout` after this; default: never by itself. */
  connectTimeoutMs?: number;
  /** A read whose bytes stop coming ends as `Timeout` after this; default: never by itself. */
  stallTimeoutMs?: number;
  /** While it is offline, reads are refused and running ones break. Default: always online. */
  connectivity?: Connectivity;
  /** Leaves the origin alone when it fails too often. Default: none. */
  breaker?: CircuitBreaker;
}

export interface SimulatedSource extends Source {
  /** Faults that have taken effect. */
  readonly faultCounts: Readonly<FaultCounts>;
  /** Times that the head of a disk had to be moved. */
  readonly seekCount: number;
}

/** Throws on a link or on chances that are impossible. */
export function simulatedSource(inner: Source, options: SimulatedOptions): SimulatedSource {
  const { clock, random, link, faults = {}, connectTimeoutMs, stallTimeoutMs } = options;
  checkLink(link);
  checkFaults(faults);
  if (connectTimeoutMs !== undefined) assertNumber('connectTimeoutMs', connectTimeoutMs, 1);
  if (stallTimeoutMs !== undefined) assertNumber('stallTimeoutMs', stallTimeoutMs, 1);
  const connectivity = options.connectivity ?? ALWAYS_ONLINE;
  const name = `${inner.name} (simulated link)`;
  const counts = noFaults();
  const gate = createGate(name, options.breaker ?? null, connectivity, () => counts.refused++);
  const pipe = createPipe(clock, link);
  const common = { clock, pipe, connectivity, counts, connectTimeoutMs, stallTimeoutMs };

  const readParts = (
    file: string,
    parts: readonly Part[],
    sink: ReadSink,
    { signal, fresh = false }: ReadOptions = {},
  ): Promise<ReadReport> =>
    gate.run(file, () => {
      checkParts(file, parts);
      const cutter = createPartCutter(parts, sink);
      const { start, end } = cutter;
      const read = { file, start, end, fresh };
      return travel({
        ...common,
        file,
        parts,
        cutter,
        signal,
        bytes: inner.read(file, start, end, signal),
        fate: drawFate(faults, random, read),
        isChanged: isChanged(faults, read),
        latencyMs: link.latencySeconds * 1000,
        retryAfterMs: faults.retryAfterMs ?? 0,
      });
    });

  return {
    name,
    ...(inner.origin !== undefined && { origin: inner.origin }),
    get faultCounts() {
      return counts;
    },
    get seekCount() {
      return pipe.seekCount;
    },
    readParts,
    async read(file, start, end, signal): Promise<Bytes> {
      let bytes: Bytes | undefined;
      const onPart = (_: number, part: Bytes): void => {
        bytes = part;
      };
      await readParts(file, [{ start, end }], { onPart }, signal ? { signal } : {});
      return bytes!;
    },
    readAll: (file, signal) =>
      gate.run(file, async () => {
        const bytes = await inner.readAll(file, signal);
        if (bytes.length === 0) return bytes;
        const parts = [{ start: 0, end: bytes.length }];
        await travel({
          ...common,
          file,
          parts,
          cutter: createPartCutter(parts, { onPart: () => undefined }),
          signal,
          bytes: Promise.resolve(bytes),
          fate: { fault: null, where: 0 },
          isChanged: false,
          latencyMs: link.latencySeconds * 1000,
          retryAfterMs: 0,
        });
        return bytes;
      }),
    onAvailable: (callback) => gate.onAvailable(callback),
    ...(inner.dispose && { dispose: () => inner.dispose!() }),
  };
}
