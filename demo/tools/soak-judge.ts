/**
 * Whether a soak's samples are flat: its last quarter beside its second. The first one warms up. Samples
 * are taken at so many places in turn, and a quarter is a whole number of turns: both see each place
 * equally often.
 */

export interface SoakSample {
  /** Objects and array buffers of the page, after garbage collection. */
  heapBytes: number;
  /** Live objects of the GPU and of three.js, by name. */
  counts: Record<string, number>;
}

export interface SoakQuarters {
  name: string;
  /** Means over the samples of the second and of the last quarter. */
  second: number;
  last: number;
  growthPercent: number;
}

/** What is allowed between the quarters, either way. */
const FLAT_PERCENT = 3;

/** @param places at which samples are taken, one after the other */
export function summarizeSoak(all: readonly SoakSample[], places = 1): SoakQuarters[] {
  const turns = Math.floor(all.length / (4 * places));
  if (turns === 0)
    throw new Error(
      `the soak took ${all.length} samples, expected at least ${4 * places}; let it run longer`,
    );
  const quarter = turns * places;
  // What is over belongs to the warming up.
  const samples = all.slice(all.length - 4 * quarter);
  const series: Record<string, number[]> = { heapBytes: samples.map((sample) => sample.heapBytes) };
  for (const name of Object.keys(samples[0]!.counts))
    series[name] = samples.map((sample) => sample.counts[name]!);
  return Object.entries(series).map(([name, values]) => {
    const second = mean(values.slice(quarter, 2 * quarter));
    const last = mean(values.slice(3 * quarter));
    const growthPercent = second === last ? 0 : 100 * (last / second - 1);
    return { name, second, last, growthPercent };
  });
}

/** A sentence for each figure that is not flat. */
export function judgeSoak(quarters: readonly SoakQuarters[]): string[] {
  return quarters
    .filter(({ growthPercent }) => !(Math.abs(growthPercent) <= FLAT_PERCENT))
    .map(
      ({ name, second, last, growthPercent }) =>
        `${name} went from ${second.toFixed(1)} in the second quarter to ${last.toFixed(1)} in the last ` +
        `(${growthPercent.toFixed(1)} %), expected within ${FLAT_PERCENT} %`,
    );
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
