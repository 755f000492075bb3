/** What the frame promises beyond memory: placements as entities, prediction, scorers, servers. */
import { addComponent, addEntity, query, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { hashName } from '../../src/base/hash.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 3000, assets: 8, extentMeters: 600 });

async function start(options: Parameters<typeof createSimulation>[1] = {}): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    ...options,
    streaming: { budgetBytes: synthetic.residentBytes * 2, ...options.streaming },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 5, 0, 0);
  return simulation;
}

async function run(simulation: Simulation, frames: number): Promise<void> {
  for (let i = 0; i < frames; i++) {
    await simulation.step();
    simulation.streaming.checkInvariants();
  }
}

describe('placements near a viewpoint', () => {
  it('exist as entities, are the right ones, and go when the viewpoint does', async () => {
    const simulation = await start({ streaming: { activateRadiusMeters: 25 } });
    const { ecs, streaming } = simulation;
    const { Placement, Transform } = streaming.components;
    await run(simulation, 120);
    const near = [...query(ecs, [Placement])];
    const { positions } = synthetic.catalog;
    let expected = 0;
    for (let slot = 0; slot < synthetic.catalog.counts.placements; slot++) {
      const [x, y, z] = positions.subarray(slot * 3, slot * 3 + 3);
      if (Math.hypot(x!, y! - 5, z!) <= 25) expected++;
    }
    expect(near.length).toBe(expected);
    expect(expected).toBeGreaterThan(3);
    for (const entity of near) {
      const [x, y, z] = Transform.position.subarray(entity * 3, entity * 3 + 3);
      expect(Math.hypot(x!, y! - 5, z!)).toBeLessThanOrEqual(25.001);
      const slot = streaming.slotOfEntity(entity);
      expect(streaming.entityOfSlot(slot)).toBe(entity);
      expect(hashName(streaming.assetNameOfSlot(slot))).toBe(Placement.asset[entity]);
    }
    simulation.look(250, 5, 250, 0);
    await run(simulation, 120);
    for (const entity of query(ecs, [Placement])) {
      const [x, , z] = Transform.position.subarray(entity * 3, entity * 3 + 3);
      expect(Math.hypot(x! - 250, z! - 250)).toBeLessThan(32);
    }
    await streaming.dispose();
    expect(query(ecs, [Placement]).length).toBe(0);
  });

  it('survive the game removing one: it is noticed and made anew', async () => {
    const simulation = await start({ streaming: { activateRadiusMeters: 25 } });
    const { ecs, streaming } = simulation;
    const { Placement } = streaming.components;
    await run(simulation, 60);
    const before = [...query(ecs, [Placement])];
    const slot = streaming.slotOfEntity(before[0]!);
    removeEntity(ecs, before[0]!);
    expect(streaming.slotOfEntity(before[0]!)).toBe(-1);
    await run(simulation, 20);
    expect(query(ecs, [Placement]).length).toBe(before.length);
    expect(streaming.entityOfSlot(slot)).toBeGreaterThan(0);
    await streaming.dispose();
  });

  it('change the structure of the world by no more than the limit per frame', async () => {
    const simulation = await start({
      streaming: { activateRadiusMeters: 60, structuralOpsPerFrame: 5 },
    });
    const { ecs, streaming } = simulation;
    let last = 0;
    for (let i = 0; i < 30; i++) {
      await simulation.step();
      const now = query(ecs, [streaming.components.Placement]).length;
      expect(Math.abs(now - last)).toBeLessThanOrEqual(5);
      last = now;
    }
    expect(last).toBeGreaterThan(5);
    await streaming.dispose();
  });
});

describe('looking ahead', () => {
  /** Mean share of shown placements that show a coarser LOD than they should, on arrival. */
  async function deficitOnArrival(announced: boolean): Promise<number> {
    const simulation = await start({ bandwidthBytesPerSecond: 3e5 });
    const { streaming } = simulation;
    simulation.look(-290, 5, -290, 0);
    await run(simulation, 30);
    if (announced) streaming.announce({ position: [200, 5, 200], direction: [0, 0, -1] }, 2);
    await run(simulation, 60);
    simulation.look(200, 5, 200, 0);
    let missing = 0;
    for (let i = 0; i < 10; i++) {
      await simulation.step();
      const stats = streaming.stats();
      missing += stats.candidates;
    }
    await streaming.dispose();
    return missing;
  }

  it('an announced teleport finds more of what it needs', async () => {
    expect(await deficitOnArrival(true)).toBeLessThan(await deficitOnArrival(false));
  });
});

describe('a deadline', () => {
  // Payloads too large to share a read: what is asked for first arrives first.
  const heavy = makeSyntheticWorld({
    placements: 1500,
    assets: 8,
    extentMeters: 600,
    finestBytes: 600_000,
  });

  it('brings an asset forward that its place alone would leave for later', async () => {
    const arrival = async (deadlineSeconds?: number): Promise<number> => {
      const simulation = createSimulation(heavy, {
        bandwidthBytesPerSecond: 1e6,
        streaming: { budgetBytes: heavy.residentBytes * 2 },
      });
      await openSynthetic(simulation, heavy);
      simulation.look(0, 5, 0, 0);
      const { ecs, streaming } = simulation;
      const { StreamRequest, Transform } = streaming.components;
      const entity = addEntity(ecs);
      const request = { asset: 'asset-7', finestLod: 0, coarsestLod: 0 };
      addComponent(
        ecs,
        entity,
        set(StreamRequest, deadlineSeconds ? { ...request, deadlineSeconds } : request),
      );
      addComponent(ecs, entity, set(Transform, { position: [0, 5, 150] }));
      let frames = 0;
      while (!streaming.isResident(entity, 0) && frames < 900) {
        await simulation.step();
        frames++;
      }
      await streaming.dispose();
      return frames;
    };
    expect(await arrival(0.5)).toBeLessThan(await arrival());
  });
});

describe('scorers and hosts', () => {
  it('the classic score loads coarse first and completes the view as well', async () => {
    const simulation = await start({ streaming: { scorer: 'classic' } });
    const settled = await simulation.settle();
    expect(settled).toBeLessThan(2000);
    const value = await start();
    await value.settle();
    expect(simulation.streaming.stats().holes).toBe(0);
    expect([...simulation.view.shown].sort()).toEqual([...value.view.shown].sort());
    await simulation.streaming.dispose();
    await value.streaming.dispose();
  });

  it('a server without a view streams for several viewpoints', async () => {
    const simulation = await start({ view: null });
    const { ecs, streaming } = simulation;
    const second = addEntity(ecs);
    const eye = { eye: [0, 5, 0], orientation: [0, 1, 0, 0], heightPixels: 720, weight: 0.5 };
    addComponent(ecs, second, set(streaming.components.Viewpoint, eye));
    await run(simulation, 40);
    const both = streaming.stats().shown;
    removeEntity(ecs, second);
    await run(simulation, 3);
    expect(streaming.stats().shown).toBeLessThan(both);
    expect(streaming.stats().payloadsResident).toBeGreaterThan(8);
    await streaming.dispose();
  });

  it('refuses to open a world twice, also while it is being opened', async () => {
    const { streaming } = await start();
    await expect(streaming.open(synthetic.path)).rejects.toThrow(/is open already/);
    await streaming.dispose();
  });

  it('refuses a time step that is none', async () => {
    const { streaming } = await start();
    expect(() => streaming.update(Number.NaN)).toThrow(/update: dtSeconds must be a number/);
    await streaming.dispose();
  });

  it('dumps its state as plain data', async () => {
    const simulation = await start();
    await run(simulation, 10);
    const dump = JSON.parse(JSON.stringify(simulation.streaming.dumpState()));
    expect(dump.assets).toHaveLength(8);
    expect(dump.assets[0].lods).toHaveLength(5);
    expect(dump.stats.placements).toBe(3000);
    expect(simulation.streaming.lodHistogram().reduce((a, b) => a + b, 0)).toBe(
      simulation.streaming.stats().shown,
    );
    await simulation.streaming.dispose();
  });
});
