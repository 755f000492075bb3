/** Asks an allocator what a trace says, frame by frame, and sees how it holds. */
import { createCpuMeter } from '../lib/cpu.ts';
import { mean, percentile } from '../lib/stats.ts';
import type { Allocator } from './allocators/allocator.ts';
import type { Trace } from './arena-trace.ts';

/** Operations of a frame: five payloads come and five go. */
export const OPERATIONS_PER_FRAME = 10;

/** Frames that a request with room may wait. */
export const MAX_WAIT_FRAMES = 30;

/** A request must be served if this many times its size is free. */
const ROOM = 1.1;

export interface ReplayResult {
  frames: number;
  /** 1 - largest free block / free bytes, at the end of each frame's operations, after warm-up. */
  fragmentationMax: number;
  fragmentationMean: number;
  /** Bytes taken beyond those asked for, as a part of these, in the mean. */
  overheadMean: number;
  /** Requests that found no block though 1.1 times their size was free. */
  refusedWithRoom: number;
  /** Those of them that were not served within 30 frames. */
  failedWithRoom: number;
  /** Longest wait of a request that was served, in frames. */
  longestWaitFrames: number;
  /** Requests that came while less than 1.1 times their size was free, and found no block. */
  refusedWithoutRoom: number;
  bytesMoved: number;
  bytesMovedPerFrame: number;
  bytesMovedPerFrameMax: number;
  /**
   * Main-thread CPU of a frame: operations, the moves and their choice, and the copies where there
   * are bytes. The maximum has the collector's and the machine's pauses in it.
   */
  frameMsMean: number;
  frameMsP99: number;
  frameMsMax: number;
}

interface Waiting {
  request: number;
  since: number;
  /** The trace has it freed: as soon as it is served, it goes. */
  isOver: boolean;
}

/** Part of the frames after the arena is full that are not looked at. */
const WARM_UP = 0.1;

const NO_HANDLE = -1;

export function replay(trace: Trace, capacityBytes: number, allocator: Allocator): ReplayResult {
  const { requests, sizes, filled } = trace;
  const handles = new Float64Array(sizes.length).fill(NO_HANDLE);
  const waiting: Waiting[] = [];
  const warm = filled + (requests.length - filled) * WARM_UP;
  const result = { refusedWithRoom: 0, failedWithRoom: 0, longestWaitFrames: 0 };
  let [refusedWithoutRoom, bytesMoved, bytesMovedPerFrameMax, frames, sampled] = [0, 0, 0, 0, 0];
  let [fragmentationMax, fragmentationSum, overheadSum, liveBytes] = [0, 0, 0, 0];

  const serve = (request: number): boolean => {
    handles[request] = allocator.allocate(sizes[request]!);
    if (handles[request] === NO_HANDLE) return false;
    liveBytes += sizes[request]!;
    return true;
  };
  const free = (request: number): void => {
    if (handles[request] === NO_HANDLE) return;
    allocator.free(handles[request]!);
    handles[request] = NO_HANDLE;
    liveBytes -= sizes[request]!;
  };
  const serveWaiting = (): void => {
    for (let i = 0; i < waiting.length; i++) {
      const { request, since, isOver } = waiting[i]!;
      const waited = frames - since;
      const isServed = serve(request);
      if (!isServed && waited < MAX_WAIT_FRAMES) continue;
      if (isServed) result.longestWaitFrames = Math.max(result.longestWaitFrames, waited);
      else result.failedWithRoom++;
      if (isServed && isOver) free(request);
      waiting.splice(i--, 1);
    }
  };
  const operate = (operation: number): void => {
    if (operation < 0) {
      const late = waiting.find(({ request }) => request === ~operation);
      if (late) late.isOver = true;
      else free(~operation);
      return;
    }
    if (serve(operation)) return;
    if (capacityBytes - liveBytes < ROOM * sizes[operation]!) refusedWithoutRoom++;
    else {
      result.refusedWithRoom++;
      waiting.push({ request: operation, since: frames, isOver: false });
    }
  };

  const frameMs: number[] = [];
  const [operating, moving] = [createCpuMeter(), createCpuMeter()];
  operating.start();
  for (let i = 0; i < requests.length; i++) {
    operate(requests[i]!);
    if ((i + 1) % OPERATIONS_PER_FRAME !== 0) continue;
    const operatedMs = operating.stop();
    if (i > warm) {
      const free = allocator.freeBytes;
      const fragmentation = free === 0 ? 0 : 1 - allocator.largestFreeBytes() / free;
      fragmentationMax = Math.max(fragmentationMax, fragmentation);
      fragmentationSum += fragmentation;
      overheadSum += (capacityBytes - free) / liveBytes - 1;
      sampled++;
    }
    frames++;
    const wanted = waiting.length > 0 ? sizes[waiting[0]!.request]! : 0;
    moving.start();
    const moved = allocator.defragment?.(wanted) ?? 0;
    bytesMoved += moved;
    bytesMovedPerFrameMax = Math.max(bytesMovedPerFrameMax, moved);
    serveWaiting();
    frameMs.push(operatedMs + moving.stop());
    operating.start();
  }
  return {
    frames,
    fragmentationMax,
    fragmentationMean: fragmentationSum / sampled,
    overheadMean: overheadSum / sampled,
    ...result,
    refusedWithoutRoom,
    bytesMoved,
    bytesMovedPerFrame: bytesMoved / frames,
    bytesMovedPerFrameMax,
    frameMsMean: mean(frameMs),
    frameMsP99: percentile(frameMs, 0.99),
    frameMsMax: percentile(frameMs, 1),
  };
}

/**
 * Operations a second, with the moves of each frame where there are any, and without looking.
 * CPU time of the main thread: other programs do not count.
 */
export function timeOperations({ requests, sizes }: Trace, allocator: Allocator): number {
  const handles = new Float64Array(sizes.length);
  const meter = createCpuMeter();
  meter.start();
  for (let i = 0; i < requests.length; i++) {
    const request = requests[i]!;
    if (request >= 0) handles[request] = allocator.allocate(sizes[request]!);
    else if (handles[~request] !== NO_HANDLE) allocator.free(handles[~request]!);
    if ((i + 1) % OPERATIONS_PER_FRAME === 0) allocator.defragment?.(0);
  }
  return requests.length / (meter.stop() / 1000);
}
