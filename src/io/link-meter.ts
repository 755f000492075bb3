/**
 * Measures the link from the reads that use it anyway: how many bytes a second it carries and how
 * long the first byte takes. Both are smoothed, so that one odd read changes little.
 */

/** What is known about the link. */
export interface LinkEstimate {
  bandwidthBytesPerSecond: number;
  latencySeconds: number;
}

export interface LinkMeter {
  readonly estimate: Readonly<LinkEstimate>;
  /**
   * A read of `bytes` bytes ended well. Calls come in order of `endMs`.
   *
   * @param width the most reads that shared the link with it, itself included
   */
  record(startMs: number, endMs: number, bytes: number, width: number): void;
}

/** A middling link: wrong for most, but soon corrected. */
export const START_ESTIMATE: Readonly<LinkEstimate> = {
  bandwidthBytesPerSecond: 4 * 1024 * 1024,
  latencySeconds: 0.05,
};

/** Seconds of transfer after which older reads count half. */
const HALF_LIFE_SECONDS = 2;
/** What the start estimate weighs, in seconds of transfer. */
const START_WEIGHT_SECONDS = 0.25;
/** How much a read that was nothing but latency changes the estimate. */
const LATENCY_GAIN = 0.2;
/** Time between two bytes is never taken as less: clocks are coarse. */
const MIN_INTERVAL_SECONDS = 1e-4;

export function createLinkMeter(): LinkMeter {
  const estimate: LinkEstimate = { ...START_ESTIMATE };
  let seconds = START_WEIGHT_SECONDS;
  let bytesSum = estimate.bandwidthBytesPerSecond * seconds;
  let lastEndMs = Number.NEGATIVE_INFINITY;
  return {
    estimate,
    record(startMs, endMs, bytes, width) {
      const elapsed = (endMs - startMs) / 1000;
      // The link worked for this read since it was free of the one before, latency aside.
      const fromMs = Math.max(lastEndMs, startMs + estimate.latencySeconds * 1000);
      const interval = Math.max(MIN_INTERVAL_SECONDS, (endMs - fromMs) / 1000);
      lastEndMs = endMs;
      const keep = 0.5 ** (interval / HALF_LIFE_SECONDS);
      seconds = seconds * keep + interval;
      bytesSum = bytesSum * keep + bytes;
      estimate.bandwidthBytesPerSecond = bytesSum / seconds;
      // Only a read that mostly waited tells the latency; the rest of a long one is uncertain.
      const transfer = (bytes * width) / estimate.bandwidthBytesPerSecond;
      if (elapsed <= 0 || transfer > elapsed / 2) return;
      const gain = LATENCY_GAIN * (1 - (2 * transfer) / elapsed);
      estimate.latencySeconds += (elapsed - transfer - estimate.latencySeconds) * gain;
    },
  };
}
