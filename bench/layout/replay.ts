/**
 * Plays a flight's demand against one layout of packs on a simulated disk: which reads that makes
 * after merging, and how long they take.
 */
import type { PackPlan } from '../../cook/pack.ts';
import type { Want } from './demand.ts';

/** Limits of merging that fit most links; the runtime derives its own from what it measures. */
const MERGE_GAP_BYTES = 64 * 1024;
const MERGE_MAX_BYTES = 1024 * 1024;

/** A disk that serves one read at a time. */
export interface Disk {
  seekMs: number;
  megabytesPerS: number;
}

/** A hard disk. */
export const HDD: Disk = { seekMs: 9, megabytesPerS: 150 };

export interface Replayed {
  requests: number;
  payloads: number;
  bytesRead: number;
  bytesNeeded: number;
  /** Bytes read for each byte needed. */
  amplification: number;
  seeks: number;
  /** Time that the disk was busy. */
  diskMs: number;
}

interface Queued extends Want {
  pack: number;
  start: number;
  end: number;
}

/**
 * @param steps what becomes needed at each step, as `demandOf` says
 * @param stepMs time between steps; what the disk has not served by then waits with what is new
 */
export function replay(
  plan: PackPlan,
  sizes: ArrayLike<number>,
  steps: readonly Want[][],
  { disk = HDD, stepMs = 100 }: { disk?: Disk; stepMs?: number } = {},
): Replayed {
  const queue: Queued[] = [];
  const total = { requests: 0, payloads: 0, bytesRead: 0, bytesNeeded: 0, seeks: 0, diskMs: 0 };
  let [headPack, headByte] = [-1, 0];
  const read = (group: readonly Queued[]): number => {
    const start = Math.min(...group.map((one) => one.start));
    const end = Math.max(...group.map((one) => one.end));
    const { pack } = group[0]!;
    const skip = start - headByte;
    const isNext = pack === headPack && skip >= 0 && skip <= MERGE_GAP_BYTES;
    const ms =
      (isNext ? 0 : disk.seekMs) +
      (end - start + (isNext ? skip : 0)) / (disk.megabytesPerS * 1000);
    [headPack, headByte] = [pack, end];
    total.requests++;
    total.payloads += group.length;
    total.bytesRead += end - start;
    total.bytesNeeded += group.reduce((sum, one) => sum + one.end - one.start, 0);
    total.seeks += isNext ? 0 : 1;
    total.diskMs += ms;
    return ms;
  };
  let nowMs = 0;
  for (const [i, wants] of steps.entries()) {
    for (const { payload, priority } of wants) {
      const start = plan.offsets[payload]!;
      const end = start + sizes[payload]!;
      queue.push({ payload, priority, pack: plan.packs[payload]!, start, end });
    }
    queue.sort((a, b) => a.pack - b.pack || a.start - b.start);
    nowMs = Math.max(nowMs, i * stepMs);
    const isLast = i === steps.length - 1;
    while (queue.length > 0 && (isLast || nowMs < (i + 1) * stepMs)) nowMs += read(take(queue));
  }
  return { ...total, amplification: total.bytesRead / Math.max(1, total.bytesNeeded) };
}

/** The most urgent, with the neighbors that fit into its read: the rule of `src/io/queue.ts`. */
function take(queue: Queued[]): Queued[] {
  let low = 0;
  for (let i = 1; i < queue.length; i++) if (queue[i]!.priority > queue[low]!.priority) low = i;
  let high = low;
  let { pack, start, end } = queue[low]!;
  const gapTo = (one: Queued | undefined): number => {
    if (one?.pack !== pack) return Number.POSITIVE_INFINITY;
    const span = Math.max(end, one.end) - Math.min(start, one.start);
    return span > MERGE_MAX_BYTES
      ? Number.POSITIVE_INFINITY
      : Math.max(0, one.start - end, start - one.end);
  };
  for (;;) {
    const [before, after] = [gapTo(queue[low - 1]), gapTo(queue[high + 1])];
    if (Math.min(before, after) > MERGE_GAP_BYTES) return queue.splice(low, high + 1 - low);
    const next = queue[after <= before ? ++high : --low]!;
    start = Math.min(start, next.start);
    end = Math.max(end, next.end);
  }
}
