/** Urgency classes: what they are derived from, and that entities and figures tell the truth. */
import { addComponent, addEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { ResidencyClass } from '../../src/components/residency.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({
  placements: 1500,
  assets: 8,
  extentMeters: 400,
  terrainDepth: 2,
});

/** Far from every placement: what entities ask for is all there is. */
const AWAY = [5000, 5, 5000] as const;

async function start(streaming: StreamingOptions = {}): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 5e5,
    streaming: { maxInFlight: 2, lookAhead: 1, terrainErrorPixels: 0.5, ...streaming },
  });
  await openSynthetic(simulation, synthetic);
  return simulation;
}

/** An entity that asks for an asset at some offset from `AWAY`. */
function request(
  simulation: Simulation,
  asset: string,
  [x, y, z]: readonly [number, number, number],
  data: object = {},
): number {
  const { StreamRequest, Transform } = simulation.streaming.components;
  const entity = addEntity(simulation.ecs);
  const position = [AWAY[0] + x, AWAY[1] + y, AWAY[2] + z];
  addComponent(simulation.ecs, entity, set(Transform, { position }));
  addComponent(simulation.ecs, entity, set(StreamRequest, { asset, ...data }));
  return entity;
}

function classOf(simulation: Simulation, entity: number): string {
  const { Residency } = simulation.streaming.components;
  const names = Object.entries(ResidencyClass);
  return names.find(([, value]) => value === Residency.class[entity])![0];
}

async function step(simulation: Simulation, frames: number): Promise<void> {
  for (let i = 0; i < frames; i++) await simulation.step();
}

/** Classes of the LODs of an asset that are asked for, by LOD, as `dumpState` has them. */
function dumped(simulation: Simulation, asset: string): (string | null)[] {
  const dump = simulation.streaming.dumpState() as {
    assets: { name: string; class: string; lods: { class: string | null }[] }[];
  };
  return dump.assets.find(({ name }) => name === asset)!.lods.map((lod) => lod.class);
}

describe('the class of an entity', () => {
  it('is high while there is a hole, normal when it is filled, low when nobody is near', async () => {
    // So small a budget that no coarsest LOD is kept for ever.
    const simulation = await start({ budgetBytes: synthetic.residentBytes / 100 });
    simulation.look(...AWAY, 0);
    const entity = request(simulation, 'asset-1', [0, 0, -30], { finestLod: 4 });
    await step(simulation, 2);
    expect(classOf(simulation, entity)).toBe('high');
    await simulation.settle();
    expect(simulation.streaming.isResident(entity)).toBe(true);
    expect(classOf(simulation, entity)).toBe('normal');
    simulation.look(AWAY[0], AWAY[1], AWAY[2] + 4000, 0);
    await step(simulation, 10);
    expect(classOf(simulation, entity)).toBe('low');
    await simulation.streaming.dispose();
  });

  it('is prefetch behind the camera, and follows when it turns', async () => {
    const simulation = await start();
    simulation.look(...AWAY, 0);
    // The coarsest LODs, which are kept in any case, are critical until they are there.
    await simulation.settle();
    const entity = request(simulation, 'asset-2', [0, 0, 40]);
    await step(simulation, 6);
    expect(classOf(simulation, entity)).toBe('prefetch');
    await simulation.settle();
    expect(classOf(simulation, entity)).toBe('prefetch');
    simulation.look(...AWAY, Math.PI);
    await step(simulation, 8);
    expect(['normal', 'high']).toContain(classOf(simulation, entity));
    await simulation.streaming.dispose();
  });

  it('is critical for a pin, and only for the entity that has it', async () => {
    const simulation = await start();
    simulation.look(...AWAY, 0);
    const pinned = request(simulation, 'asset-4', [0, 0, 60]);
    const plain = request(simulation, 'asset-4', [0, 0, 60]);
    const { Pinned } = simulation.streaming.components;
    addComponent(simulation.ecs, pinned, set(Pinned, { lod: 1 }));
    await simulation.settle();
    expect(classOf(simulation, pinned)).toBe('critical');
    expect(classOf(simulation, plain)).toBe('prefetch');
    await simulation.streaming.dispose();
  });

  it('is critical while a deadline is near and nothing is there', async () => {
    const simulation = await start({ budgetBytes: synthetic.residentBytes / 100 });
    simulation.look(...AWAY, 0);
    const far = [0, 3000, 0] as const;
    const late = request(simulation, 'asset-3', far, { deadlineSeconds: 1, finestLod: 4 });
    const early = request(simulation, 'asset-5', far, { deadlineSeconds: 60, finestLod: 4 });
    await step(simulation, 2);
    expect(classOf(simulation, late)).toBe('critical');
    expect(classOf(simulation, early)).toBe('low');
    await simulation.settle();
    expect(simulation.streaming.isResident(late)).toBe(true);
    expect(classOf(simulation, late)).toBe('low');
    await simulation.streaming.dispose();
  });
});

describe('classes of payloads', () => {
  it('are counted in full: candidates and what is on its way', async () => {
    const simulation = await start();
    const sum = (counts: Record<string, number>): number =>
      Object.values(counts).reduce((total, count) => total + count, 0);
    const seen = new Set<string>();
    for (let frame = 0; frame < 150; frame++) {
      simulation.look(0, 5, -frame * 0.3, frame * 0.01);
      await simulation.step();
      const stats = simulation.streaming.stats();
      expect(Object.keys(stats.candidatesByClass)).toEqual(Object.keys(ResidencyClass));
      expect(sum(stats.candidatesByClass)).toBe(stats.candidates);
      expect(sum(stats.pendingByClass)).toBe(stats.payloadsPending);
      for (const counts of [stats.candidatesByClass, stats.pendingByClass])
        for (const [name, count] of Object.entries(counts)) if (count > 0) seen.add(name);
    }
    expect([...seen]).toEqual(expect.arrayContaining(['critical', 'high', 'normal', 'low']));
    await simulation.streaming.dispose();
  });

  it('follow the camera while a payload is on its way', async () => {
    const simulation = await start({ maxInFlight: 1, lookAhead: 0 });
    simulation.look(...AWAY, 0);
    await simulation.settle();
    simulation.link.bandwidthBytesPerSecond = 2e4;
    request(simulation, 'asset-2', [0, 0, 40], { finestLod: 0, coarsestLod: 0 });
    let behind: (string | null)[] = [];
    for (let frame = 0; frame < 20; frame++) {
      await simulation.step();
      behind = dumped(simulation, 'asset-2');
      if (simulation.streaming.stats().payloadsPending > 0) break;
    }
    expect(behind.filter((of) => of !== null)).toContain('prefetch');
    expect(behind).not.toContain('normal');
    simulation.look(...AWAY, Math.PI);
    await step(simulation, 8);
    expect(simulation.streaming.stats().payloadsPending).toBeGreaterThan(0);
    const ahead = dumped(simulation, 'asset-2').filter((of) => of !== null);
    expect(ahead.length).toBeGreaterThan(0);
    expect(ahead).not.toContain('prefetch');
    await simulation.streaming.dispose();
  });

  it('are not told of what nobody asks for', async () => {
    const simulation = await start();
    simulation.look(...AWAY, 0);
    await simulation.settle();
    expect(new Set(dumped(simulation, 'asset-1'))).toEqual(new Set([null]));
    await simulation.streaming.dispose();
  });
});
