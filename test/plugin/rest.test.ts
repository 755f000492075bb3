/** A camera at rest: nothing is culled or scored again until something that either reads changes. */
import { addComponent, addEntity, set } from 'bitecs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type System, TELL } from '../../src/systems/schedule.ts';
import type { StreamWorld } from '../../src/world.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 3000, assets: 8, extentMeters: 600 });

/** More than a second: the seldom look at what is not compared falls into it. */
const FRAMES = 45;

let world: StreamWorld | undefined;
const spy: System = (seen) => {
  world = seen;
};

beforeEach(() => void (TELL as System[]).push(spy));
afterEach(() => void (TELL as System[]).splice(TELL.indexOf(spy), 1));

async function settled(): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    streaming: { budgetBytes: synthetic.residentBytes * 2 },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 5, 0, 0);
  await simulation.settle();
  await run(simulation, FRAMES);
  return simulation;
}

/** Runs frames; how many sweeps ended in them and how many nodes culling looked at. */
async function run(simulation: Simulation, frames: number) {
  const before = world?.stats.sweeps ?? 0;
  let visited = 0;
  for (let i = 0; i < frames; i++) {
    await simulation.step();
    visited += world!.stats.visitedNodes;
  }
  return { sweeps: world!.stats.sweeps - before, visited };
}

/** An entity beside the camera's view, so that only scoring has to do with it. */
function addRequest({ ecs, streaming }: Simulation): number {
  const { StreamRequest, Transform } = streaming.components;
  const entity = addEntity(ecs);
  addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-1' }));
  addComponent(ecs, entity, set(Transform, { position: [0, 5, -30] }));
  return entity;
}

describe('a camera at rest', () => {
  it('culls and scores nothing again, and shows what it showed', async () => {
    const simulation = await settled();
    const before = [...simulation.view.shown].sort();
    expect(before.length).toBeGreaterThan(50);
    expect(await run(simulation, 3 * FRAMES)).toEqual({ sweeps: 0, visited: 0 });
    expect([...simulation.view.shown].sort()).toEqual(before);
    simulation.streaming.checkInvariants();
    await simulation.streaming.dispose();
  });

  it('with requests, whose columns the game may write, scores once a second', async () => {
    const simulation = await settled();
    addRequest(simulation);
    await run(simulation, FRAMES);
    const { sweeps, visited } = await run(simulation, 5 * 30);
    expect(sweeps).toBeGreaterThanOrEqual(4);
    expect(sweeps).toBeLessThanOrEqual(6);
    expect(visited).toBe(0);
    await simulation.streaming.dispose();
  });
});

describe('scoring begins again when', () => {
  const changes: Record<string, (simulation: Simulation) => void> = {
    'the camera moves': (simulation) => simulation.look(0.5, 5, 0, 0),
    'the camera turns': (simulation) => simulation.look(0, 5, 0, 0.01),
    'the lens changes': ({ streaming, viewpoint }) => {
      streaming.components.Viewpoint.fovYRadians[viewpoint] = 0.8;
    },
    'the tolerated error changes': ({ streaming }) => {
      streaming.errorPixels = 4;
    },
    'a pose is announced': ({ streaming }) => streaming.announce({ position: [90, 5, 90] }, 3),
    'an entity asks': (simulation) => void addRequest(simulation),
    'an asset is held': ({ streaming }) => void streaming.requestAsset('asset-2', 3),
    'something is hidden by something else': ({ streaming }) =>
      streaming.setOcclusion([synthetic.catalog.counts.placements + 4096], [255]),
  };
  for (const [name, change] of Object.entries(changes))
    it(name, async () => {
      const simulation = await settled();
      change(simulation);
      expect((await run(simulation, 12)).sweeps).toBeGreaterThan(0);
      await simulation.streaming.dispose();
    });

  it('an entity moves, and when its columns are written', async () => {
    const simulation = await settled();
    const { StreamRequest, Transform } = simulation.streaming.components;
    const entity = addRequest(simulation);
    await run(simulation, FRAMES);
    await run(simulation, 3);
    Transform.position[entity * 3 + 2] = -40;
    expect((await run(simulation, 12)).sweeps).toBeGreaterThan(0);
    StreamRequest.importance[entity] = 5;
    expect((await run(simulation, FRAMES)).sweeps).toBeGreaterThan(0);
    await simulation.streaming.dispose();
  });
});
