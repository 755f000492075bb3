/**
 * What it costs to know which volumes viewpoints are near: what the plugin does in its frame, beside a
 * plain scan that measures every volume with the same functions, in turns, frame by frame. Both must find
 * the same.
 */
import { addComponent, addEntity, query, set } from 'bitecs';
import { hashName } from '../../src/base/hash.ts';
import { createRandom } from '../../src/base/random.ts';
import { createOutline } from '../../src/spatial/outline.ts';
import { measureVolume, type Outline } from '../../src/spatial/volume-shape.ts';
import { trackVolumes } from '../../src/systems/track-volumes.ts';
import type { Simulation } from '../../test/support/simulation.ts';
import type { SyntheticWorld } from '../../test/support/synthetic-world.ts';
import { createCpuMeter } from '../lib/cpu.ts';
import { mean, median, round } from '../lib/stats.ts';
import { centerOf, nameOf, openLevelWorld, replaceSystem } from './world.ts';

/** How viewpoints and volumes move. */
export interface Ride {
  name: string;
  metersPerSecond: number;
  viewpoints: number;
  /** Volumes whose center is written in each frame. */
  movers: number;
}

export const RIDES: readonly Ride[] = [
  { name: 'drive', metersPerSecond: 20, viewpoints: 1, movers: 0 },
  { name: 'stand', metersPerSecond: 0, viewpoints: 1, movers: 0 },
  { name: 'fly', metersPerSecond: 200, viewpoints: 1, movers: 0 },
  { name: 'eight drive', metersPerSecond: 20, viewpoints: 8, movers: 0 },
  { name: 'drive, 500 volumes move', metersPerSecond: 20, viewpoints: 1, movers: 500 },
];

export interface TrackingRun extends Ride {
  farfieldMsPerFrame: number;
  scanMsPerFrame: number;
  farfieldMedianMs: number;
  scanMedianMs: number;
  /** Volumes entered or left. */
  changes: number;
  /** Frames in which the two did not find the same volumes. */
  differingFrames: number;
}

const WARM_FRAMES = 300;
const DT_SECONDS = 1 / 60;
const ROUND_METERS = 2500;
const CORNERS = [
  [-40, -30],
  [50, -30],
  [50, 10],
  [0, 10],
  [0, 60],
  [-40, 60],
] as const;
const SHAPES = ['sphere', 'box', 'orientedBox', 'capsule', 'prism'] as const;

export interface TrackingOptions {
  world: SyntheticWorld;
  volumes: number;
  levels: number;
  frames: number;
  seed: number;
}

export async function measureTracking(options: TrackingOptions, ride: Ride): Promise<TrackingRun> {
  const { volumes, frames } = options;
  const simulation = await openLevelWorld(options.world, volumes + 64);
  const { streaming, ecs } = simulation;
  const { StreamingVolume } = streaming.components;
  streaming.defineOutline('yard', CORNERS);
  const entities = addVolumes(simulation, options);
  const eyes = [simulation.viewpoint];
  while (eyes.length < ride.viewpoints) eyes.push(streaming.createViewpoint());
  const entered = new Set<number>();
  let changes = 0;
  streaming.on('volumeEntered', ({ entity }) => changes++ >= 0 && entered.add(entity));
  streaming.on('volumeLeft', ({ entity }) => changes++ >= 0 && entered.delete(entity));
  const meter = createCpuMeter();
  let ownMs = 0;
  const giveBack = replaceSystem(trackVolumes, (world) => {
    meter.start();
    trackVolumes(world);
    ownMs = meter.stop();
  });
  const scanner = createScan(simulation, entities);
  const own: number[] = [];
  const scans: number[] = [];
  let differingFrames = 0;
  for (let frame = -WARM_FRAMES; frame < frames; frame++) {
    for (const [i, eye] of eyes.entries()) drive(simulation, eye, i, frame, ride);
    for (let i = 0; i < ride.movers; i++)
      StreamingVolume.center[entities[(i * 7) % volumes]! * 3]! += Math.sin(frame / 40);
    await simulation.step(DT_SECONDS);
    meter.start();
    scanner.scan(query(ecs, [streaming.components.Viewpoint]));
    const scanMs = meter.stop();
    if (frame < 0) continue;
    own.push(ownMs);
    scans.push(scanMs);
    if (!scanner.isSame(entered)) differingFrames++;
  }
  giveBack();
  await streaming.dispose();
  return {
    ...ride,
    farfieldMsPerFrame: round(mean(own)),
    scanMsPerFrame: round(mean(scans)),
    farfieldMedianMs: round(median(own)),
    scanMedianMs: round(median(scans)),
    changes,
    differingFrames,
  };
}

function addVolumes(simulation: Simulation, { volumes, levels, seed }: TrackingOptions): number[] {
  const { ecs, streaming } = simulation;
  const random = createRandom(seed);
  return Array.from({ length: volumes }, (_, i) => {
    const [x, y, z] = centerOf(i % levels, levels);
    const spread = (): number => (random() - 0.5) * 150;
    const angle = random() * Math.PI;
    const entity = addEntity(ecs);
    const data = {
      shape: SHAPES[i % SHAPES.length]!,
      level: nameOf(i % levels),
      center: [x + spread(), y + spread() / 5, z + spread()],
      radius: 20 + random() * 60,
      size: [20, 20, 20].map((edge) => edge + random() * 100),
      quaternion: [0, Math.sin(angle), 0, Math.cos(angle)],
      outline: 'yard',
      loadDistance: 50 + random() * 100,
    };
    addComponent(ecs, entity, set(streaming.components.StreamingVolume, data));
    return entity;
  });
}

function drive(
  { streaming }: Simulation,
  eye: number,
  index: number,
  frame: number,
  { metersPerSecond }: Ride,
): void {
  const angle = (frame * DT_SECONDS * metersPerSecond) / ROUND_METERS + index;
  const { eye: positions } = streaming.components.Viewpoint;
  positions[eye * 3] = Math.cos(angle) * ROUND_METERS;
  positions[eye * 3 + 1] = 2;
  positions[eye * 3 + 2] = Math.sin(angle) * ROUND_METERS;
}

/** What a game without an index does: every volume, every frame. */
function createScan({ streaming }: Simulation, entities: readonly number[]) {
  const { StreamingVolume, Viewpoint } = streaming.components;
  const outlines = new Map<number, Outline>([[hashName('yard'), createOutline('yard', CORNERS)]]);
  const isEntered = new Uint8Array(Math.max(...entities) + 1);
  const distance = new Float64Array(1);
  let count = 0;
  return {
    scan(eyes: ArrayLike<number>): void {
      const { loadDistance, unloadDistance, active } = StreamingVolume;
      count = 0;
      for (let i = 0; i < entities.length; i++) {
        const entity = entities[i]!;
        if (active[entity] === 0) continue;
        let least = Number.POSITIVE_INFINITY;
        for (let k = 0; k < eyes.length; k++) {
          measureVolume(StreamingVolume, outlines, entity, Viewpoint.eye, eyes[k]! * 3, distance);
          least = Math.min(least, distance[0]!);
        }
        const reach = (isEntered[entity] !== 0 ? unloadDistance : loadDistance)[entity]!;
        isEntered[entity] = least <= reach ? 1 : 0;
        count += isEntered[entity]!;
      }
    },
    isSame(entered: ReadonlySet<number>): boolean {
      if (entered.size !== count) return false;
      for (const entity of entered) if (isEntered[entity] === 0) return false;
      return true;
    },
  };
}
