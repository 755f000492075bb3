/**
 * Puts a simulated link in front of another source: latency, a bandwidth that all reads share, and
 * faults. Everything happens on the given clock and is drawn from the given generator, so that on
 * the manual clock a run can be repeated exactly; on the system clock it is the demo's slow network.
 */
import type { Clock } from '../../base/clock.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Random } from '../../base/random.ts';
import type { Bytes, Source } from '../source.ts';
import { cancelledRead } from './read-error.ts';

/** Read again all the time: change it while reads are running. */
export interface SimulatedLink {
  /** Shared evenly by all reads past their latency; `Infinity` is no limit, 0 stands still. */
  bandwidthBytesPerSecond: number;
  /** From a read's start to its first byte. */
  latencySeconds: number;
}

/** Chances per `read`, 0 to 1. Whole files (`readAll`) feel the link but no faults. */
export interface SimulatedFaults {
  /** The read ends as `Network` after its latency. */
  failureRate?: number;
  /** The read never ends by itself. */
  stallRate?: number;
  /** One bit of the bytes is flipped. */
  corruptRate?: number;
  /** The read ends as `ShortRead` after part of its bytes. */
  shortReadRate?: number;
}

export interface SimulatedOptions {
  clock: Clock;
  random: Random;
  link: SimulatedLink;
  faults?: SimulatedFaults;
}

/** How late a change of the bandwidth may be noticed. */
const TICK_MS = 50;

/** A read whose bytes are on their way. */
interface Flow {
  remainingBytes: number;
  finish(): void;
}

export function simulatedSource(inner: Source, options: SimulatedOptions): Source {
  const { clock, random, link, faults = {} } = options;
  const pipe = createPipe(clock, link);

  const travel = (file: string, bytes: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelledRead(file));
        return;
      }
      const flow: Flow = {
        remainingBytes: bytes,
        finish() {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      const stopWaiting = clock.after(link.latencySeconds * 1000, () => pipe.add(flow));
      const abort = (): void => {
        stopWaiting();
        pipe.remove(flow);
        reject(cancelledRead(file));
      };
      signal?.addEventListener('abort', abort, { once: true });
    });

  return {
    name: `${inner.name} (simulated link)`,
    async read(file, start, end, signal): Promise<Bytes> {
      // Always the same number of draws: one read's fate does not depend on another's.
      const fate = {
        fails: random() < (faults.failureRate ?? 0),
        stalls: random() < (faults.stallRate ?? 0),
        isCorrupt: random() < (faults.corruptRate ?? 0),
        isShort: random() < (faults.shortReadRate ?? 0),
        where: random(),
      };
      const size = end - start;
      if (fate.stalls) return stall(file, signal);
      if (fate.fails) {
        await travel(file, 0, signal);
        throw new StreamError(ErrorCode.Network, `simulated failure reading ${file}`);
      }
      if (fate.isShort) {
        const part = Math.floor(size * fate.where);
        await travel(file, part, signal);
        throw new StreamError(
          ErrorCode.ShortRead,
          `simulated short read of ${file}: ${part} bytes, expected ${size}`,
        );
      }
      const [bytes] = await Promise.all([
        inner.read(file, start, end, signal),
        travel(file, size, signal),
      ]);
      if (fate.isCorrupt) {
        const bit = Math.floor(fate.where * size * 8);
        bytes[bit >> 3]! ^= 1 << (bit & 7);
      }
      return bytes;
    },
    async readAll(file, signal): Promise<Bytes> {
      const bytes = await inner.readAll(file, signal);
      await travel(file, bytes.length, signal);
      return bytes;
    },
  };
}

/** Never ends by itself. */
function stall(file: string, signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const abort = (): void => reject(cancelledRead(file));
    if (signal?.aborted) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

interface Pipe {
  add(flow: Flow): void;
  remove(flow: Flow): void;
}

/** Processor sharing: n flows get an n-th of the bandwidth each. */
function createPipe(clock: Clock, link: SimulatedLink): Pipe {
  const flows: Flow[] = [];
  let sinceMs = 0;
  let rate = 0;
  let stopTimer = (): void => undefined;

  const share = (): number => rate / flows.length;
  const advance = (): void => {
    const nowMs = clock.now();
    // Before it is multiplied: an infinite bandwidth over no time at all would be no number.
    const moved = nowMs > sinceMs && rate > 0 ? (share() * (nowMs - sinceMs)) / 1000 : 0;
    for (const flow of flows) flow.remainingBytes -= moved;
    sinceMs = nowMs;
    rate = Math.max(0, link.bandwidthBytesPerSecond);
  };
  const settle = (): void => {
    stopTimer();
    // What arrives within a nanosecond is rounding: waiting for it might not move the clock at all.
    const done = flows.filter(({ remainingBytes }) => remainingBytes <= 1e-6 + share() * 1e-9);
    for (const flow of done) flows.splice(flows.indexOf(flow), 1);
    const least = flows.reduce((min, flow) => Math.min(min, flow.remainingBytes), Infinity);
    if (flows.length > 0) {
      const nextMs = rate > 0 ? (least / share()) * 1000 : Number.POSITIVE_INFINITY;
      stopTimer = clock.after(Math.min(nextMs, TICK_MS), () => {
        advance();
        settle();
      });
    }
    for (const flow of done) flow.finish();
  };
  return {
    add(flow) {
      advance();
      flows.push(flow);
      settle();
    },
    remove(flow) {
      const at = flows.indexOf(flow);
      if (at < 0) return;
      advance();
      flows.splice(at, 1);
      settle();
    },
  };
}
