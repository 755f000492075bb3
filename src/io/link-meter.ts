/**
 * Measures the link from the reads that use it anyway: how many bytes a second it carries while it
 * carries any, and how long a request takes to its first byte. Both are smoothed, so that one odd
 * read changes little.
 */

/** What is known about the link. */
export interface LinkEstimate {
  bandwidthBytesPerSecond: number;
  /** From a request to its first byte, when nothing else is in its way. */
  latencySeconds: number;
  /**
   * Silence before an answer that could have begun already: what requests cannot share. A disk moves
   * its head; on a network there is next to none.
   */
  turnSeconds: number;
}

export interface LinkMeter {
  readonly estimate: Readonly<LinkEstimate>;
  /** Requests whose latency is known; 0 means that the estimate is nothing but a guess. */
  readonly samples: number;
  /** Whether the bandwidth is mostly measured, and no longer the start estimate. */
  readonly isKnown: boolean;
  /**
   * Bytes of a read have come. Calls come in order of `nowMs`.
   *
   * @param startMs when the read was asked for
   * @param isFirst whether these are the first of their read
   * @param isAlone whether no other read was in the middle of its bytes
   */
  bytes(startMs: number, nowMs: number, count: number, isFirst: boolean, isAlone: boolean): void;
  /** A read told how long its first byte took. */
  firstByte(elapsedMs: number): void;
  /**
   * A read came all at once, so that nobody saw its first byte.
   *
   * @param width the most reads that shared the link with it, itself included
   */
  whole(elapsedMs: number, bytes: number, width: number): void;
}

/** A middling link: wrong for most, but soon corrected. */
export const START_ESTIMATE: Readonly<LinkEstimate> = {
  bandwidthBytesPerSecond: 4 * 1024 * 1024,
  latencySeconds: 0.05,
  turnSeconds: 0,
};

/** Seconds of transfer after which older bytes count half. */
const HALF_LIFE_SECONDS = 2;
/** What the start estimate weighs, in seconds of transfer. */
const START_WEIGHT_SECONDS = 0.01;
/** Transfer after which what was measured has outweighed it (seconds). */
const KNOWN_SECONDS = 5 * START_WEIGHT_SECONDS;
/**
 * Latency falls quickly and rises slowly: a first byte may be late because the link was busy with
 * others, but never early.
 */
const FALL_GAIN = 0.5;
const RISE_GAIN = 0.05;
/** How much a read that was nothing but latency changes the estimate, when it came all at once. */
const WHOLE_GAIN = 0.2;
/** It falls quicker than it rises: only what is there every time is the nature of the device. */
const TURN_RISE_GAIN = 0.2;
const TURN_FALL_GAIN = 0.5;
/** Time between two bytes is never taken as less: clocks are coarse. */
const MIN_INTERVAL_SECONDS = 1e-4;

export function createLinkMeter(): LinkMeter {
  const estimate: LinkEstimate = { ...START_ESTIMATE };
  let seconds = START_WEIGHT_SECONDS;
  let bytesSum = estimate.bandwidthBytesPerSecond * seconds;
  let lastMs = Number.NEGATIVE_INFINITY;
  let samples = 0;
  let measured = 0;
  return {
    estimate,
    get samples() {
      return samples;
    },
    get isKnown() {
      return measured >= KNOWN_SECONDS;
    },
    bytes(startMs, nowMs, count, isFirst, isAlone) {
      // The link worked for these bytes since it brought the ones before; a read's own latency was
      // no work of the link.
      const readyMs = startMs + estimate.latencySeconds * 1000;
      if (isFirst && isAlone && readyMs <= lastMs) {
        const silence = (nowMs - lastMs) / 1000;
        const gain = silence < estimate.turnSeconds ? TURN_FALL_GAIN : TURN_RISE_GAIN;
        estimate.turnSeconds += (silence - estimate.turnSeconds) * gain;
      }
      const turnMs = isAlone ? estimate.turnSeconds * 1000 : 0;
      const fromMs = isFirst ? Math.max(lastMs + turnMs, readyMs) : lastMs;
      const interval = Math.max(MIN_INTERVAL_SECONDS, (nowMs - fromMs) / 1000);
      lastMs = nowMs;
      measured += interval;
      const keep = 0.5 ** (interval / HALF_LIFE_SECONDS);
      seconds = seconds * keep + interval;
      bytesSum = bytesSum * keep + count;
      estimate.bandwidthBytesPerSecond = bytesSum / seconds;
    },
    firstByte(elapsedMs) {
      const sample = elapsedMs / 1000;
      const isFirst = samples++ === 0;
      const gain = isFirst ? 1 : sample < estimate.latencySeconds ? FALL_GAIN : RISE_GAIN;
      estimate.latencySeconds += (sample - estimate.latencySeconds) * gain;
    },
    whole(elapsedMs, bytes, width) {
      // Only a read that mostly waited tells the latency; the rest of a long one is uncertain.
      const elapsed = elapsedMs / 1000;
      const transfer = (bytes * width) / estimate.bandwidthBytesPerSecond;
      if (elapsed <= 0 || transfer > elapsed / 2) return;
      samples++;
      const gain = WHOLE_GAIN * (1 - (2 * transfer) / elapsed);
      estimate.latencySeconds += (elapsed - transfer - estimate.latencySeconds) * gain;
    },
  };
}
