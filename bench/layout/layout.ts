/**
 * How well packs are laid out: the reads that the island's flight makes on a hard disk, for the
 * cook's order and for others.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { payloadLabels } from '../../cook/open-world.ts';
import { PACK_DEFAULTS, planPacks } from '../../cook/pack.ts';
import { cachedWorld, worldKey } from '../../demo/tools/world-cache.ts';
import { buildIsland } from '../../demo/tools/worlds/island.ts';
import { type Catalog, parseHead, readCatalog } from '../../src/io/bundle/index.ts';
import { describeConditions, writeJson } from '../lib/json.ts';
import { parseCount, parseSeed } from '../lib/options.ts';
import { demandOf, type Pose } from './demand.ts';
import { ordersOf } from './orders.ts';
import { HDD, type Replayed, replay } from './replay.ts';

interface LayoutOptions {
  world?: string;
  chunkBytes: number;
  step: number;
  seed: number;
  json?: string;
}

interface LayoutRun extends Replayed {
  order: string;
  part: 'first view' | 'flight';
  packs: number;
}

/** Adds `layout` to the bench command line. */
export function addLayoutCommand(program: Command): void {
  program
    .command('layout')
    .description('reads, amplification and hard-disk time of a flight, by order of payloads')
    .option('--world <dir>', 'a cooked world with a demo.json (default: the island)')
    .option('--chunk-bytes <n>', 'mean size of packs', parseCount, PACK_DEFAULTS.chunkBytes)
    .option('--step <meters>', 'way between two looks at what is needed', parseCount, 10)
    .option('--seed <n>', 'of the shuffled order', parseSeed, 1)
    .option('--json <file>', 'write the figures as JSON')
    .action(async ({ world, chunkBytes, step, seed, json }: LayoutOptions) => {
      const folder = world ?? (await island());
      const runs = measureLayouts(folder, { chunkBytes, step, seed });
      console.table(
        runs.map(({ amplification, diskMs, bytesRead, bytesNeeded: _, ...run }) => ({
          ...run,
          readMiB: Number((bytesRead / 2 ** 20).toFixed(1)),
          amplification: Number(amplification.toFixed(3)),
          diskMs: Math.round(diskMs),
        })),
      );
      if (json) writeJson({ bench: 'layout', ...describeConditions(seed), disk: HDD, runs }, json);
    });
}

async function island(): Promise<string> {
  const { folder } = await cachedWorld('island', worldKey('island'), (target) =>
    buildIsland({ folder: target }),
  );
  return folder;
}

function measureLayouts(
  folder: string,
  { chunkBytes, step, seed }: Pick<LayoutOptions, 'chunkBytes' | 'step' | 'seed'>,
): LayoutRun[] {
  const head = parseHead(readFileSync(join(folder, 'world.json'), 'utf8'));
  const catalog: Catalog = readCatalog(
    new Uint8Array(readFileSync(join(folder, head.catalog.file))),
  );
  const { poses, metersPerSecond } = flightOf(folder, step);
  const steps = demandOf(catalog, poses);
  const labels = payloadLabels(catalog);
  const sizes = catalog.payloadEncodedBytes;
  const stepMs = (step / metersPerSecond) * 1000;
  return Object.entries(ordersOf(catalog, seed)).flatMap(([order, payloads]): LayoutRun[] => {
    const plan = planPacks(sizes, payloads, (payload) => labels[payload]!, { chunkBytes });
    const packs = plan.sizes.length;
    const first = replay(plan, sizes, steps.slice(0, 1), { stepMs });
    const flight = replay(plan, sizes, steps, { stepMs });
    return [
      { order, part: 'first view', packs, ...first },
      { order, part: 'flight', packs, ...flight },
    ];
  });
}

/** Poses every `step` meters along the autopilot's course, in straight lines from point to point. */
function flightOf(folder: string, step: number): { poses: Pose[]; metersPerSecond: number } {
  const file = join(folder, 'demo.json');
  if (!existsSync(file)) throw new Error(`${folder} has no demo.json, which holds the flight`);
  const { autopilot } = JSON.parse(readFileSync(file, 'utf8'));
  const { points, targets, metersPerSecond } = autopilot as {
    points: [number, number, number][];
    targets: [number, number, number][];
    metersPerSecond: number;
  };
  const poses: Pose[] = [];
  let ahead = 0;
  points.forEach((from, i) => {
    const next = (i + 1) % points.length;
    const to = points[next]!;
    const meters = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
    for (; ahead < meters; ahead += step) {
      const t = ahead / meters;
      const mix = (a: Pose['target'], b: Pose['target']): Pose['target'] => [
        a[0] + (b[0] - a[0]) * t,
        a[1] + (b[1] - a[1]) * t,
        a[2] + (b[2] - a[2]) * t,
      ];
      poses.push({ position: mix(from, to), target: mix(targets[i]!, targets[next]!) });
    }
    ahead -= meters;
  });
  return { poses, metersPerSecond };
}
