/** What lenses and pictures do to the choice of LODs. */
import { addComponent, addEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 400, assets: 2, extentMeters: 300 });
const NARROW = 2 * Math.atan(Math.tan(Math.PI / 6) / 2);

async function start(): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    streaming: { budgetBytes: synthetic.residentBytes * 2, minPixels: 0 },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 2, 0, 0);
  return simulation;
}

/** Entities at these distances straight ahead (meters), each well inside its LOD's range. */
const DISTANCES = [40, 80, 130];

async function placeAhead(simulation: Simulation): Promise<() => number[]> {
  const { ecs, streaming } = simulation;
  const { StreamRequest, Transform, LODState } = streaming.components;
  const entities = DISTANCES.map((distance) => {
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-0' }));
    addComponent(ecs, entity, set(Transform, { position: [0, 2, -distance] }));
    return entity;
  });
  await run(simulation, 3);
  return () => entities.map((entity) => LODState.target[entity]!);
}

async function run(simulation: Simulation, frames: number): Promise<void> {
  for (let i = 0; i < frames; i++) await simulation.step();
}

describe('a lens', () => {
  it('of twice the magnification asks for one LOD finer, and twice the picture too', async () => {
    const simulation = await start();
    const { viewpoint, streaming } = simulation;
    const { Viewpoint } = streaming.components;
    const targets = await placeAhead(simulation);
    const before = targets();
    expect(before).toEqual([1, 2, 3]);
    Viewpoint.fovYRadians[viewpoint] = NARROW;
    await run(simulation, 1);
    expect(targets()).toEqual([0, 1, 2]);
    Viewpoint.fovYRadians[viewpoint] = Math.PI / 3;
    await run(simulation, 1);
    expect(targets()).toEqual(before);
    Viewpoint.heightPixels[viewpoint] = 1440;
    await run(simulation, 1);
    expect(targets()).toEqual([0, 1, 2]);
    await streaming.dispose();
  });

  it('of a second viewpoint counts as much as that of the first, also when it alone changes', async () => {
    const shown: Map<number, number>[] = [];
    for (const weight of [0.5, 2]) {
      const simulation = await start();
      const { ecs, streaming } = simulation;
      const { Viewpoint } = streaming.components;
      const targets = await placeAhead(simulation);
      const second = addEntity(ecs);
      addComponent(ecs, second, set(Viewpoint, { eye: [0, 2, 0], heightPixels: 720, weight }));
      await run(simulation, 3);
      expect(targets()).toEqual([1, 2, 3]);
      Viewpoint.fovYRadians[second] = NARROW;
      await run(simulation, 1);
      expect(targets()).toEqual([0, 1, 2]);
      await simulation.settle();
      shown.push(new Map(simulation.view.shown));
      await streaming.dispose();
    }
    expect(shown[0]!.size).toBeGreaterThan(100);
    // Not to the last slot: an object's own radius is not scaled with the lens.
    let differing = 0;
    for (const [slot, payload] of shown[0]!) if (shown[1]!.get(slot) !== payload) differing++;
    expect(differing).toBeLessThan(10);
  });
});
