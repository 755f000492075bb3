/** A running world as far as one can see, with a level in it, and a view that knows who casts shadows. */
import { addComponents, addEntity, set } from 'bitecs';
import { expect } from 'vitest';
import type { Catalog } from '../../src/io/bundle/format.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { createBookView, createSimulation, openSynthetic, type Simulation } from './simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from './synthetic-world.ts';

const CAPACITY = 64;
const EYE = [0, 5, 0] as const;

export interface Town extends Simulation {
  synthetic: SyntheticWorld;
  catalog: Catalog;
  /** Slot of the first placement. */
  firstSlot: number;
  /** Uploaded payloads that were said to cast no shadow. */
  shadowless: Set<number>;
  isInLevel(placement: number): boolean;
}

const worlds = new Map<number, SyntheticWorld>();
const open: Town[] = [];

/** @param levelMeters radius of the level about the eye; one that is too large leaves nothing outside */
export async function startWorld(
  more: StreamingOptions = {},
  levelMeters: number = 3000,
): Promise<Town> {
  const world =
    worlds.get(levelMeters) ??
    makeSyntheticWorld({
      placements: 8000,
      assets: 8,
      extentMeters: 24_000,
      cellMeters: 500,
      finestBytes: 4096,
      levels: [{ name: 'town', center: [0, 0, 0], radius: levelMeters }],
    });
  worlds.set(levelMeters, world);
  const shadowless = new Set<number>();
  const view = createBookView();
  const { release } = view;
  view.setCastShadow = (payload, casts) => {
    if (!view.uploaded.has(payload)) view.problems.push(`payload ${payload} is not uploaded`);
    if (casts) shadowless.delete(payload);
    else shadowless.add(payload);
  };
  view.release = (payload) => {
    shadowless.delete(payload);
    release(payload);
  };
  const simulation = createSimulation(world, {
    view,
    streaming: {
      capacity: CAPACITY,
      budgetBytes: world.residentBytes * 3,
      activateRadiusMeters: 0,
      errorPixels: 0.05,
      minPixels: 0,
      ...more,
    },
  });
  const { catalog } = world;
  const isInLevel = (placement: number): boolean => {
    let cell = 0;
    while (catalog.runSlots[catalog.cellRuns[cell + 1]!]! <= placement) cell++;
    return catalog.cellLevels[cell] === 0;
  };
  const synthetic = world;
  const town = {
    ...simulation,
    synthetic,
    catalog,
    firstSlot: CAPACITY + 1,
    shadowless,
    isInLevel,
  };
  open.push(town);
  const { StreamingVolume } = simulation.streaming.components;
  const volume = { level: 'town', radius: 100, loadDistance: 1e5, unloadDistance: 2e5 };
  addComponents(simulation.ecs, simulation.viewpoint, set(StreamingVolume, volume));
  await openSynthetic(simulation, world);
  simulation.look(...EYE, 0);
  await simulation.settle();
  return town;
}

/** Ends all that were started, whose views must have had nothing to object to. */
export async function endAll(): Promise<void> {
  for (const { view, streaming } of open.splice(0)) {
    expect(view.problems).toEqual([]);
    await streaming.dispose();
  }
}

/** Distance of a placement from the eye, at scale 1 (meters). */
export function distanceFrom({ catalog }: Town, placement: number): number {
  const [x, y, z] = catalog.positions.subarray(placement * 3, placement * 3 + 3);
  return Math.hypot(x! - EYE[0], y! - EYE[1], z! - EYE[2]) / catalog.scales[placement]!;
}

/** An entity straight ahead of the eye. */
export function place({ ecs, streaming }: Town, distance: number): number {
  const { StreamRequest, Transform } = streaming.components;
  const entity = addEntity(ecs);
  const transform = { position: [EYE[0], EYE[1], EYE[2] - distance] };
  const request = { asset: 'asset-5' };
  addComponents(ecs, entity, set(StreamRequest, request), set(Transform, transform));
  return entity;
}
