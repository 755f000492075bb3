/**
 * What one frame costs: our own update over a world of many placements, beside peers on worlds of
 * their own kind, all at an equal number of used items, in one process, frame by frame in turn.
 */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { collectCounts, parseCount, parseSeed } from '../lib/options.ts';
import { MEASURE_DEFAULTS, measureTogether, type Opened } from './measure.ts';
import { createPeers, PEER_TILES } from './peers.ts';
import type { Measured, Subject } from './subject.ts';

interface FrameOptions {
  placements?: number[];
  frames: number;
  warmup: number;
  seed: number;
  peers: boolean;
  json?: string;
}

/** Used items of our own run, and each peer tuned to the same number. */
export interface FrameRun {
  placements: number;
  used: number;
  visited: number | null;
  updateMsMedian: number;
  updateMsP99: number;
  microsecondsPerUsed: number;
  bytesPerPlacement: number;
  openMs: number;
  peers: Measured[];
}

/** Adds `frame` to the bench command line; `createOwn` makes our side of the comparison. */
export function addFrameCommand(program: Command, createOwn: () => Subject): void {
  program
    .command('frame')
    .description('CPU of one frame over a large world, beside 3d-tiles-renderer')
    .option('--placements <counts...>', 'worlds to open (default: 1000000)', collectCounts)
    .option('--frames <n>', 'measured frames', parseCount, MEASURE_DEFAULTS.frames)
    .option('--warmup <n>', 'frames before them', parseCount, MEASURE_DEFAULTS.warmupFrames)
    .option('--seed <n>', 'seed of the world', parseSeed, 1)
    .option('--no-peers', 'leave the peers out')
    .option('--json <file>', 'write the figures as JSON')
    .action((options: FrameOptions) => runFrame(createOwn, options));
}

async function runFrame(createOwn: () => Subject, options: FrameOptions): Promise<void> {
  const runs: FrameRun[] = [];
  for (const placements of options.placements ?? [1_000_000]) {
    const run = await measureOne(createOwn(), placements, options);
    runs.push(run);
    printRun(run);
  }
  if (options.json)
    writeJson({ bench: 'frame', ...describeConditions(options.seed), runs }, options.json);
}

/** Opens our subject, tunes each peer to what it uses, and flies them all together. */
export async function measureOne(
  own: Subject,
  placements: number,
  options: Pick<FrameOptions, 'frames' | 'warmup' | 'seed' | 'peers'>,
): Promise<FrameRun> {
  const opened: Opened[] = [];
  try {
    opened.push({ subject: own, ...(await own.open(placements, options.seed)) });
    if (options.peers) {
      const used = await usedOnTheWay(own, options.warmup);
      for (const peer of createPeers()) {
        const { openMs } = await peer.open(PEER_TILES, options.seed);
        const row: Opened = { subject: peer, openMs, bytesPerPlacement: 0 };
        opened.push(row);
        await peer.matchUsed(used, options.warmup);
        row.bytesPerPlacement = peer.bytesPerItem();
      }
    }
    const counts = {
      firstFrame: options.warmup,
      frames: options.frames,
      warmupFrames: options.warmup,
    };
    const [ours, ...peers] = await measureTogether(opened, counts);
    const { name: _name, version: _version, ...figures } = ours!;
    return { placements, ...figures, peers };
  } finally {
    for (const { subject } of opened) await subject.dispose();
  }
}

/** What our subject uses a frame, to tune the peers to. */
async function usedOnTheWay(own: Subject, frames: number): Promise<number> {
  let used = 0;
  const count = Math.max(1, frames);
  for (let frame = 0; frame < count; frame++) {
    used += own.frame(frame).used;
    await own.settle?.();
  }
  return used / count;
}

function printRun(run: FrameRun): void {
  const rows = [{ name: 'farfield', ...run }, ...run.peers].map(
    ({ name, used, updateMsMedian, updateMsP99, microsecondsPerUsed, openMs }) => ({
      name,
      used,
      'median ms': updateMsMedian,
      'p99 ms': updateMsP99,
      'us / used': microsecondsPerUsed,
      'open ms': openMs,
    }),
  );
  process.stdout.write(
    `\n${run.placements.toLocaleString('en')} placements, ${run.bytesPerPlacement} bytes each\n`,
  );
  console.table(rows);
}
