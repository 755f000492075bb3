/** Running worlds to choose LODs in, and what stands on their screens. */
import { addComponents, addEntity, set } from 'bitecs';
import { expect } from 'vitest';
import type { LodOptions } from '../../src/catalog/lod-policy.ts';
import type { Catalog } from '../../src/io/bundle/format.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { pixelsPerTangent } from '../../src/spatial/screen-error.ts';
import { createSimulation, openSynthetic, type Simulation } from './simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from './synthetic-world.ts';

const CAPACITY = 256;
export const FIRST_SLOT: number = CAPACITY + 1;
/** Of the simulation's viewpoint: 720 pixels, 60 degrees. */
export const K: number = pixelsPerTangent(720, Math.PI / 3);
export const EYE: [number, number, number] = [0, 5, 100];

export const synthetic: SyntheticWorld = makeSyntheticWorld({
  placements: 900,
  assets: 6,
  extentMeters: 400,
  finestBytes: 1000,
  levels: [{ name: 'town', center: [0, 0, 0], radius: 70 }],
});
export const catalog: Catalog = synthetic.catalog;

/** The same assets, and nothing placed. */
export const bare: SyntheticWorld = makeSyntheticWorld({
  placements: 0,
  assets: 6,
  finestBytes: 1000,
});

const open: Simulation[] = [];

/** Ends all that were started, whose views must have had nothing to object to. */
export async function endAll(): Promise<void> {
  for (const simulation of open.splice(0)) {
    expect(simulation.view.problems).toEqual([]);
    await simulation.streaming.dispose();
  }
}

/** A world with all of it in memory as soon as it is wanted, the level always on. */
export async function start(
  lod: LodOptions = {},
  more: StreamingOptions = {},
  world: SyntheticWorld = synthetic,
): Promise<Simulation> {
  const simulation = createSimulation(world, {
    streaming: { capacity: CAPACITY, budgetBytes: world.residentBytes * 2, lod, ...more },
  });
  open.push(simulation);
  const { StreamingVolume } = simulation.streaming.components;
  const volume = { level: 'town', radius: 70, loadDistance: 1e4, unloadDistance: 2e4 };
  addComponents(simulation.ecs, simulation.viewpoint, set(StreamingVolume, volume));
  await openSynthetic(simulation, world);
  simulation.look(...EYE, 0);
  await simulation.settle();
  return simulation;
}

/** The LODs on screen, by asset, of everything or of what stands in the level or outside. */
export function shownLods({ view }: Simulation, asset: number, inLevel?: boolean): Set<number> {
  const lods = new Set<number>();
  for (const [slot, payload] of view.shown) {
    if (slot < FIRST_SLOT || Math.floor(payload / 5) !== asset) continue;
    if (inLevel !== undefined && isInLevel(slot - FIRST_SLOT) !== inLevel) continue;
    lods.add(payload % 5);
  }
  return lods;
}

export function isInLevel(placement: number): boolean {
  let cell = 0;
  while (catalog.runSlots[catalog.cellRuns[cell + 1]!]! <= placement) cell++;
  return catalog.cellLevels[cell] === 0;
}

/** Distance of a placement from the eye, at scale 1. */
export function distanceOf(placement: number): number {
  const [x, y, z] = catalog.positions.subarray(placement * 3, placement * 3 + 3);
  return Math.hypot(x! - EYE[0], y! - EYE[1], z! - EYE[2]) / catalog.scales[placement]!;
}

/** An entity straight ahead of the eye. */
export function place({ ecs, streaming }: Simulation, distance: number, request: object): number {
  const { StreamRequest, Transform } = streaming.components;
  const entity = addEntity(ecs);
  const position = [EYE[0], EYE[1], EYE[2] - distance];
  addComponents(
    ecs,
    entity,
    set(StreamRequest, { asset: 'asset-5', ...request }),
    set(Transform, { position }),
  );
  return entity;
}
