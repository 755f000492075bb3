/** What the frame benchmark is to show, said run by run. */
import { describeFlight } from './flight.ts';
import type { FrameRun } from './frame.ts';

const PEER_RATIO = 30;
const PEER_RATIO_STRETCH = 60;
const SPIKE_FACTOR = 4;
const REST_SHARE = 0.1;
const SIZE_FACTOR = 1.3;
/** Used items that differ by less than this are an equal number. */
const EQUAL_USED = 1.15;
/** Some numbers that calls between functions put into objects; nothing for each item. */
export const HEAP_TOLERANCE_BYTES = 512;

const BYTES_PER_PLACEMENT = 100;
const OPEN_SLICE_MS = 8;

interface Verdict {
  isMet: boolean;
  text: string;
}

/** One line a target and run, "ok" or "MISSED" first. */
export function judgeRuns(runs: readonly FrameRun[]): string[] {
  const verdicts: Verdict[] = [];
  for (const run of runs) {
    verdicts.push(...judgePeers(run), ...judgeSpikes(run), judgeHeap(run), ...judgeOpening(run));
    verdicts.push(...judgeRest(run, runs), ...judgeSize(run, runs));
  }
  return verdicts.map(({ isMet, text }) => `${isMet ? 'ok    ' : 'MISSED'} ${text}`);
}

export function labelOf(run: FrameRun): string {
  const { placements, distribution, camera, speedMetresPerS } = run;
  const flight = describeFlight({ camera, speedMetersPerSecond: speedMetresPerS });
  return `${placements.toLocaleString('en')} ${distribution}, ${flight}`;
}

function judgePeers(run: FrameRun): Verdict[] {
  const peer = run.peers.find(({ name }) => name === '3d-tiles-renderer');
  if (!peer) return [];
  const ratio = peer.microsecondsPerUsed / run.microsecondsPerUsed;
  const stretch = ratio >= PEER_RATIO_STRETCH ? ', stretch met' : '';
  return [
    {
      isMet: ratio >= PEER_RATIO,
      text: `${labelOf(run)}: CPU per used item 1/${ratio.toFixed(1)} of ${peer.name}, at most 1/${PEER_RATIO} (1/${PEER_RATIO_STRETCH})${stretch}`,
    },
  ];
}

/** A cut is meant to cost more than the frames around it; only a steady flight has no spikes. */
function judgeSpikes(run: FrameRun): Verdict[] {
  if (run.camera === 'teleport' || run.camera === 'still') return [];
  const factor = run.updateMsP99 / run.updateMsMedian;
  return [
    {
      isMet: factor <= SPIKE_FACTOR,
      text: `${labelOf(run)}: p99 ${factor.toFixed(2)} x its own median, at most ${SPIKE_FACTOR}`,
    },
  ];
}

function judgeHeap(run: FrameRun): Verdict {
  return {
    isMet: run.heapDeltaBytesPerFrame <= HEAP_TOLERANCE_BYTES,
    text: `${labelOf(run)}: ${run.heapDeltaBytesPerFrame} bytes allocated a frame, at most ${HEAP_TOLERANCE_BYTES}`,
  };
}

function judgeOpening(run: FrameRun): Verdict[] {
  const { bytesPerPlacement, openMaxSliceMs } = run;
  return [
    {
      isMet: bytesPerPlacement < BYTES_PER_PLACEMENT,
      text: `${labelOf(run)}: ${bytesPerPlacement} bytes a placement, below ${BYTES_PER_PLACEMENT}`,
    },
    {
      isMet: openMaxSliceMs <= OPEN_SLICE_MS,
      text: `${labelOf(run)}: opened in slices of ${openMaxSliceMs} ms, at most ${OPEN_SLICE_MS}`,
    },
  ];
}

function isSameWorld(a: FrameRun, b: FrameRun): boolean {
  return a.placements === b.placements && a.distribution === b.distribution;
}

function judgeRest(run: FrameRun, runs: readonly FrameRun[]): Verdict[] {
  if (run.camera !== 'still') return [];
  return runs
    .filter((other) => isSameWorld(run, other) && other.camera === 'straight')
    .map((moving) => {
      const share = run.microsecondsPerUsed / moving.microsecondsPerUsed;
      return {
        isMet: share <= REST_SHARE,
        text: `${labelOf(run)}: ${(share * 100).toFixed(1)} % of ${moving.speedMetresPerS} m/s, at most ${REST_SHARE * 100} %`,
      };
    });
}

/** Four times the world at the same number of used items. */
function judgeSize(run: FrameRun, runs: readonly FrameRun[]): Verdict[] {
  if (run.placements !== 4_000_000 || run.camera === 'still') return [];
  const smaller = runs.find(
    (other) =>
      other.placements === 1_000_000 &&
      other.distribution === run.distribution &&
      other.camera === run.camera &&
      other.speedMetresPerS === run.speedMetresPerS,
  );
  if (!smaller) return [];
  const used = Math.max(run.used / smaller.used, smaller.used / run.used);
  if (used > EQUAL_USED) return [];
  const factor = run.microsecondsPerUsed / smaller.microsecondsPerUsed;
  return [
    {
      isMet: factor <= SIZE_FACTOR,
      text: `${labelOf(run)}: ${factor.toFixed(2)} x the cost of 1,000,000, at most ${SIZE_FACTOR}`,
    },
  ];
}
