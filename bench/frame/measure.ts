/**
 * Flies subjects side by side, several times over, and sums up what they took. A frame's time is the
 * least of its replays: they do the same work, so what differs is the machine.
 */
import { type CpuMeter, createCpuMeter } from '../lib/cpu.ts';
import { mean, median, percentile, round, sum } from '../lib/stats.ts';
import type { Flight } from './flight.ts';
import type { Measured, Subject } from './subject.ts';

export interface MeasureOptions {
  /** Measured frames. */
  frames: number;
  /** Of these, how many the subjects after the first fly: enough for a mean, and they are slow. */
  peerFrames: number;
  /** Frames of each replay that are flown before them and not counted. */
  warmupFrames: number;
  /** How often the flight is flown. */
  replays: number;
}

export const MEASURE_DEFAULTS: MeasureOptions = {
  frames: 300,
  peerFrames: 60,
  warmupFrames: 60,
  replays: 5,
};

/** Frames before the measured ones that a peer flies: what it loads is there after the first replay. */
const PEER_WARMUP_FRAMES = 5;

interface Row {
  subject: Subject;
  firstFrame: number;
  endFrame: number;
  ms: Float64Array;
  used: number[];
  visited: number[];
  decisions: string[];
}

/**
 * Flies all subjects through the same frames, one frame of each in turn, so that whatever else the
 * machine does meets them all alike.
 */
export async function measureTogether(
  subjects: readonly Subject[],
  flight: Flight,
  options: MeasureOptions,
  meter: CpuMeter = createCpuMeter(),
): Promise<Measured[]> {
  const { frames, peerFrames, warmupFrames } = options;
  const rows = subjects.map((subject, i): Row => {
    const counted = i === 0 ? frames : Math.min(frames, peerFrames);
    return {
      subject,
      firstFrame: i === 0 ? 0 : Math.max(0, warmupFrames - PEER_WARMUP_FRAMES),
      endFrame: warmupFrames + counted,
      ms: new Float64Array(counted).fill(Number.POSITIVE_INFINITY),
      used: [],
      visited: [],
      decisions: [],
    };
  });
  for (let replay = 0; replay < options.replays; replay++) {
    for (const { subject } of rows) await subject.reset(flight);
    await flyOnce(rows, meter, replay);
  }
  return rows.map(summarize);
}

async function flyOnce(rows: Row[], meter: CpuMeter, replay: number): Promise<void> {
  for (let frame = 0; frame < rows[0]!.endFrame; frame++) {
    for (const row of rows) {
      if (frame < row.firstFrame || frame >= row.endFrame) continue;
      meter.start();
      row.subject.step(frame);
      const elapsedMs = meter.stop();
      compareDecision(row, frame, replay);
      const at = frame - (row.endFrame - row.ms.length);
      if (at >= 0) {
        row.ms[at] = Math.min(row.ms[at]!, elapsedMs);
        const { used, visited } = row.subject.count();
        row.used[at] = used;
        if (visited !== undefined) row.visited[at] = visited;
      }
      await row.subject.settle?.();
    }
  }
}

/** The least of several times means something only where they are times of the same work. */
function compareDecision({ subject, decisions }: Row, frame: number, replay: number): void {
  const decision = subject.decision?.();
  if (decision === undefined) return;
  decisions[frame] ??= decision;
  const before = decisions[frame];
  if (before !== decision)
    throw new Error(
      `bench: replay ${replay} of ${subject.name} decided otherwise in frame ${frame}: ${decision}, first ${before}`,
    );
}

function summarize({ subject, ms, used, visited }: Row): Measured {
  if (sum(used) === 0)
    throw new Error(`bench: ${subject.name} used nothing in ${ms.length} frames`);
  const times = [...ms];
  return {
    name: subject.name,
    version: subject.version,
    used: Math.round(mean(used)),
    visited: visited.length > 0 ? Math.round(mean(visited)) : null,
    updateMsMedian: round(median(times)),
    updateMsP99: round(percentile(times, 0.99)),
    microsecondsPerUsed: round((sum(times) * 1000) / sum(used)),
  };
}
