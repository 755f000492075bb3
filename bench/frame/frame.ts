/**
 * What one frame costs: our own frame over worlds of many placements, beside peers on worlds of
 * their own kind, all at an equal number of used items, in one process, frame by frame in turn.
 */
import type { Command } from 'commander';
import { measureAllocation } from '../../test/support/allocation.ts';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, oneOf, parseCount, parseSeed } from '../lib/options.ts';
import { round } from '../lib/stats.ts';
import { DISTRIBUTIONS, type Distribution, TOWN_FILE } from './distribution.ts';
import { createFarfield, makeFrameWorld, type OwnSubject } from './farfield.ts';
import { type Camera, type Flight, parseFlight } from './flight.ts';
import { MEASURE_DEFAULTS, type MeasureOptions, measureTogether } from './measure.ts';
import { createPeers } from './peers.ts';
import { profileSystems } from './profile.ts';
import type { Measured, TunableSubject } from './subject.ts';
import { judgeRuns, labelOf } from './targets.ts';

/** Figures of one flight through one world. */
export interface FrameRun {
  placements: number;
  distribution: Distribution;
  camera: Camera;
  /** 0 unless the camera flies straight on. */
  speedMetresPerS: number;
  used: number;
  visited: number | null;
  updateMsMedian: number;
  updateMsP99: number;
  microsecondsPerUsed: number;
  bytesPerPlacement: number;
  openMs: number;
  openMaxSliceMs: number;
  heapDeltaBytesPerFrame: number;
  peers: Measured[];
}

interface FrameOptions extends MeasureOptions {
  placements?: number[];
  distribution?: Distribution[];
  speed?: Flight[];
  seed: number;
  peers: boolean;
  profile?: boolean;
  json?: string;
}

/** Adds `frame` to the bench command line. */
export function addFrameCommand(program: Command): void {
  program
    .command('frame')
    .description('CPU of one frame over large worlds, beside 3d-tiles-renderer and THREE.LOD')
    .option('--placements <counts>', 'sizes of the worlds, with commas', listOf(parseCount))
    .option(
      '--distribution <names>',
      DISTRIBUTIONS.join(', '),
      listOf((text) => oneOf(text, DISTRIBUTIONS)),
    )
    .option('--speed <flights>', 'm/s, spin, teleport or still', listOf(parseFlight))
    .option('--frames <n>', 'measured frames', parseCount, MEASURE_DEFAULTS.frames)
    .option('--replays <n>', 'identical replays', parseCount, MEASURE_DEFAULTS.replays)
    .option('--seed <n>', 'seed of the world', parseSeed, 1)
    .option('--no-peers', 'leave the peers out')
    .option('--profile', 'print the share of each system')
    .option('--json <file>', 'write the figures as JSON')
    .action((options) => runFrame({ ...MEASURE_DEFAULTS, ...options } as FrameOptions));
}

interface WorldPlan {
  placements: number;
  distribution: Distribution;
  flights: Flight[];
}

const ALL_FLIGHTS = ['5', '30', '100', 'spin', 'teleport', 'still'].map(parseFlight);

/** Every combination of what is asked for; asked for nothing, all sizes and all kinds of world. */
export function planWorlds(
  options: Pick<FrameOptions, 'placements' | 'distribution' | 'speed'>,
): WorldPlan[] {
  const flights = options.speed ?? ALL_FLIGHTS;
  if (options.placements || options.distribution)
    return (options.distribution ?? (['uniform'] as const)).flatMap((distribution) =>
      (options.placements ?? [1_000_000]).map((placements) => ({
        placements,
        distribution,
        flights,
      })),
    );
  const sizes = [10_000, 100_000, 1_000_000, 4_000_000].map((placements) => ({
    placements,
    distribution: 'uniform' as const,
    flights,
  }));
  const kinds = (['clustered', 'geonames'] as const).map((distribution) => ({
    placements: 1_000_000,
    distribution,
    flights,
  }));
  return [...sizes, ...kinds];
}

async function runFrame(options: FrameOptions): Promise<void> {
  const runs: FrameRun[] = [];
  const peers = options.peers ? createPeers() : [];
  try {
    for (const plan of planWorlds(options)) runs.push(...(await flyWorld(plan, peers, options)));
  } finally {
    for (const peer of peers) await peer.dispose();
  }
  process.stdout.write(`\n${judgeRuns(runs).join('\n')}\n`);
  if (options.json)
    writeJson({ bench: 'frame', ...describeConditions(options.seed), runs }, options.json);
}

async function flyWorld(
  plan: WorldPlan,
  peers: TunableSubject[],
  options: FrameOptions,
): Promise<FrameRun[]> {
  const { placements, distribution } = plan;
  const world = makeFrameWorld(placements, distribution, options.seed);
  if (!world) {
    process.stdout.write(`frame: skipped ${distribution}: there is no ${TOWN_FILE}\n`);
    return [];
  }
  const own = createFarfield(world);
  const runs: FrameRun[] = [];
  try {
    for (const flight of plan.flights) {
      const figures = await measureFlight(own, peers, flight, options);
      const run: FrameRun = {
        placements,
        distribution,
        camera: flight.camera,
        speedMetresPerS: flight.speedMetersPerSecond,
        ...figures,
      };
      runs.push(run);
      printRun(run);
      if (options.profile) await printProfile(own, flight, options);
    }
  } finally {
    await own.dispose();
  }
  return runs;
}

/** Tunes each peer to what our subject uses, flies them all together, and our own once more. */
export async function measureFlight(
  own: OwnSubject,
  peers: readonly TunableSubject[],
  flight: Flight,
  options: MeasureOptions,
): Promise<Omit<FrameRun, 'placements' | 'distribution' | 'camera' | 'speedMetresPerS'>> {
  await own.reset(flight);
  const { used } = own.count();
  const willing = peers.filter((peer) => !peer.refuses(flight));
  for (const peer of willing) await peer.matchUsed(used, flight);
  const [ours, ...others] = await measureTogether([own, ...willing], flight, options);
  await own.reset(flight);
  const allocated = await measureSteady(own, options.frames);
  const { openMs, openMaxSliceMs, bytesPerPlacement } = own.opening();
  const { name: _name, version: _version, ...figures } = ours!;
  return {
    ...figures,
    bytesPerPlacement: round(bytesPerPlacement),
    openMs: round(openMs),
    openMaxSliceMs: round(openMaxSliceMs),
    heapDeltaBytesPerFrame: Math.round(allocated),
    peers: others,
  };
}

/** Bytes a frame that allocates: the whole frame of the plugin, flown when all of it is there. */
async function measureSteady(own: OwnSubject, frames: number): Promise<number> {
  for (let frame = 0; frame < 2 * frames; frame++) {
    own.step(Math.min(frame, 2 * frames - 1 - frame));
    await own.settle?.();
  }
  return measureAllocation(own.step, frames);
}

function printRun(run: FrameRun): void {
  const rows = [{ name: 'farfield', ...run }, ...run.peers].map(
    ({ name, used, visited, updateMsMedian, updateMsP99, microsecondsPerUsed }) => ({
      name,
      used,
      visited,
      'median ms': updateMsMedian,
      'p99 ms': updateMsP99,
      'us / used': microsecondsPerUsed,
    }),
  );
  process.stdout.write(
    `\n${labelOf(run)}: ${run.bytesPerPlacement} bytes a placement, open ${run.openMs} ms ` +
      `(longest slice ${run.openMaxSliceMs} ms), ${run.heapDeltaBytesPerFrame} bytes allocated a frame\n`,
  );
  console.table(rows);
}

async function printProfile(own: OwnSubject, flight: Flight, options: FrameOptions): Promise<void> {
  await own.reset(flight);
  const settle = async (): Promise<void> => own.settle?.();
  console.table(await profileSystems(options.frames, own.step, settle));
}
