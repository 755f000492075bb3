/**
 * What is asked of an allocator: ranges that come and go at random, their sizes lognormal, with a
 * part of the capacity in use at all times. Made once, so that all allocators are asked the same.
 */
import { createRandom } from '../../src/base/random.ts';

export interface TraceOptions {
  capacityBytes: number;
  /** Part of the capacity that is asked for, 0 to 1. */
  occupancy: number;
  operations: number;
  sizes?: Sizes;
  seed: number;
}

/** A lognormal distribution, cut off at both ends. */
export interface Sizes {
  medianBytes: number;
  /** Standard deviation of the logarithm. */
  sigma: number;
  minBytes: number;
  maxBytes: number;
}

/** 4 KiB to 16 MiB, 0.7 MiB in the mean: the ends are 2.8 standard deviations away. */
export const PAYLOAD_SIZES: Sizes = {
  medianBytes: 256 * 1024,
  sigma: 1.5,
  minBytes: 4 * 1024,
  maxBytes: 16 * 1024 * 1024,
};

/** The same at a sixteenth, for capacities a sixteenth as large. */
export const SIXTEENTH_SIZES: Sizes = {
  medianBytes: PAYLOAD_SIZES.medianBytes / 16,
  sigma: PAYLOAD_SIZES.sigma,
  minBytes: PAYLOAD_SIZES.minBytes / 16,
  maxBytes: PAYLOAD_SIZES.maxBytes / 16,
};

/** 64 bytes to 4 KiB. */
export const SMALL_SIZES: Sizes = { medianBytes: 512, sigma: 0.75, minBytes: 64, maxBytes: 4096 };

/** Operations in order. */
export interface Trace {
  /** Number of the request that comes (0 and above) or goes (its complement, below 0). */
  requests: Int32Array;
  /** Bytes of each request, by its number. */
  sizes: Int32Array;
  /** The operation at which the occupancy was reached. */
  filled: number;
}

export function createTrace(options: TraceOptions): Trace {
  const { capacityBytes, occupancy, operations, sizes: drawn = PAYLOAD_SIZES, seed } = options;
  const random = createRandom(seed);
  const requests = new Int32Array(operations);
  const sizes: number[] = [];
  const live: number[] = [];
  const most = capacityBytes * occupancy;
  let used = 0;
  let filled = -1;
  let bytes = drawSize(drawn, random);
  for (let i = 0; i < operations; i++) {
    if (used + bytes > most) {
      if (filled < 0) filled = i;
      const place = Math.floor(random() * live.length);
      const request = live[place]!;
      live[place] = live.at(-1)!;
      live.pop();
      used -= sizes[request]!;
      requests[i] = ~request;
      continue;
    }
    requests[i] = sizes.length;
    live.push(sizes.length);
    sizes.push(bytes);
    used += bytes;
    bytes = drawSize(drawn, random);
  }
  if (filled < 0)
    throw new Error(`bench: ${operations} operations do not fill ${capacityBytes} bytes`);
  return { requests, sizes: Int32Array.from(sizes), filled };
}

/** Box and Muller's method. */
function drawSize(sizes: Sizes, random: () => number): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  const normal = radius * Math.cos(2 * Math.PI * random());
  const bytes = Math.round(sizes.medianBytes * Math.exp(sizes.sigma * normal));
  return Math.min(sizes.maxBytes, Math.max(sizes.minBytes, bytes));
}
