/** What a game says about memory holds in every frame of a flight: budgets, pools, promises, words. */
import { addComponent, addEntity, hasComponent, observe, onAdd, set } from 'bitecs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StreamingOptions } from '../../src/options.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../support/synthetic-world.ts';

const KIB = 1024;

let synthetic: SyntheticWorld;

beforeAll(() => {
  synthetic = makeSyntheticWorld({
    placements: 800,
    assets: 60,
    extentMeters: 300,
    cellMeters: 25,
    finestBytes: 40 * KIB,
    terrainDepth: 4,
  });
});

async function open(streaming: StreamingOptions): Promise<Simulation> {
  const simulation = createSimulation(synthetic, { bandwidthBytesPerSecond: 50e6, streaming });
  simulation.look(0, 2, 0, 0);
  await openSynthetic(simulation, synthetic);
  return simulation;
}

/** Turns slowly, and checks all promises after each frame. */
async function turn(
  simulation: Simulation,
  frames: number,
  check: (frame: number) => void = () => undefined,
): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    simulation.look(0, 2, 0, frame * 0.02);
    await simulation.step();
    simulation.streaming.checkInvariants();
    check(frame);
  }
}

describe('the budget', () => {
  it('lowered far below what is in use, is come down to by so many bytes a frame', async () => {
    const evictBytesPerFrame = 64 * KIB;
    const simulation = await open({ budgetBytes: 2048 * KIB, evictBytesPerFrame });
    const { streaming } = simulation;
    await turn(simulation, 150);
    const before = streaming.stats().usedBytes;
    expect(before).toBeGreaterThan(1500 * KIB);
    streaming.budgetBytes = 512 * KIB;
    let used = before;
    let frames = 0;
    // The last to go in a frame may take it as far beyond as the largest payload is large.
    await turn(simulation, 60, () => {
      const stats = streaming.stats();
      expect(used - stats.usedBytes).toBeLessThanOrEqual(evictBytesPerFrame + 200 * KIB);
      expect(stats.usedBytes).toBeLessThanOrEqual(stats.limitBytes);
      expect(stats.limitBytes).toBeLessThanOrEqual(Math.max(512 * KIB, used));
      if (stats.usedBytes > 512 * KIB) frames++;
      used = stats.usedBytes;
    });
    expect(frames).toBeGreaterThan(5);
    expect(used).toBeLessThanOrEqual(512 * KIB);
    expect(streaming.stats().overBudgetFrames).toBe(0);
    await streaming.dispose();
  });

  it('keeps pools within their limits, also lowered ones', async () => {
    const budgetBytes = 1024 * KIB;
    const simulation = await open({ budgetBytes, pools: { texture: { maxBytes: 300 * KIB } } });
    const { streaming } = simulation;
    await turn(simulation, 150, () => {
      const { residentBytes, reservedBytes } = streaming.stats().pools.texture;
      expect(residentBytes + reservedBytes).toBeLessThanOrEqual(300 * KIB);
    });
    expect(streaming.stats().pools.texture.peakBytes).toBeGreaterThan(200 * KIB);
    streaming.setPool('texture', { maxBytes: 150 * KIB });
    await turn(simulation, 5);
    const { residentBytes, reservedBytes } = streaming.stats().pools.texture;
    expect(residentBytes + reservedBytes).toBeLessThanOrEqual(150 * KIB);
    await streaming.dispose();
  });

  it('takes back a share, whatever what lies there is worth', async () => {
    // As much ground as there is, beside meshes that are worth more.
    const settle = async (share: number): Promise<number> => {
      const pools = { terrain: { share } };
      const simulation = await open({ budgetBytes: 600 * KIB, pools });
      await turn(simulation, 200);
      const { terrain } = simulation.streaming.stats().pools;
      await simulation.streaming.dispose();
      return terrain.residentBytes;
    };
    expect(await settle(0.5)).toBeGreaterThan(1.2 * (await settle(0)));
  });

  it('sets bytes aside for the game, and makes room for them', async () => {
    const simulation = await open({ budgetBytes: 1024 * KIB });
    const { streaming } = simulation;
    await turn(simulation, 150);
    const castle = streaming.createMemoryBudget('castle', 512 * KIB, 2);
    expect(castle.tryAllocate(512 * KIB)).toBe(false);
    await turn(simulation, 5);
    castle.allocate(512 * KIB);
    await turn(simulation, 30, () => {
      const { usedBytes, poolBytes } = streaming.stats();
      expect(usedBytes).toBeLessThanOrEqual(1024 * KIB);
      expect(poolBytes.levels).toBe(512 * KIB);
    });
    expect(streaming.stats().namedBudgets['castle']).toMatchObject({ usedBytes: 512 * KIB });
    expect(() => streaming.createMemoryBudget('cave', 600 * KIB)).toThrow(/only 524288 are not/);
    expect(() => streaming.setPool('mesh', { minBytes: 600 * KIB })).toThrow(/mesh.minBytes/);
    castle.dispose();
    await streaming.dispose();
    expect(streaming.stats().usedBytes).toBe(0);
  });

  it('refuses settings that cannot hold, naming them', () => {
    const install = (options: StreamingOptions) => () =>
      createSimulation(synthetic, { streaming: options });
    expect(install({ pools: { meshes: {} } as never })).toThrow(
      /installStreaming: pools: there is no pool "meshes"; expected one of mesh, terrain/,
    );
    expect(install({ pools: { mesh: { share: 0.7 }, terrain: { share: 0.4 } } })).toThrow(
      /shares come to 1.1/,
    );
    expect(install({ pools: { mesh: { minBytes: 2, maxBytes: 1 } } })).toThrow(
      /pools.mesh: minBytes is 2, above maxBytes, 1/,
    );
    expect(install({ evictBytesPerFrame: 0 })).toThrow(/evictBytesPerFrame must be/);
    expect(install({ budgetBytes: 'much' as never })).toThrow(/budgetBytes must be a number/);
  });
});

describe('words for how full memory is', () => {
  it('come as events and as tags on an entity of the game', async () => {
    const simulation = await open({ budgetBytes: 700 * KIB });
    const { streaming, ecs } = simulation;
    const { MemoryBudget, MemoryWarning, MemoryCritical } = streaming.components;
    const [total, mesh, none] = ['total', 'mesh', 'nobody'].map((name) => {
      const entity = addEntity(ecs);
      addComponent(ecs, entity, set(MemoryBudget, { name }));
      return entity;
    }) as [number, number, number];
    const told: string[] = [];
    const seen: string[] = [];
    streaming.on('memoryStateChanged', ({ budget, state }) => told.push(`${budget} ${state}`));
    observe(ecs, onAdd(MemoryWarning), (entity: number) => seen.push(`${entity} warning`));
    observe(ecs, onAdd(MemoryCritical), (entity: number) => seen.push(`${entity} critical`));
    await turn(simulation, 150, () => {
      const stats = streaming.stats();
      expect(MemoryBudget.usedBytes[total]).toBe(stats.usedBytes);
      expect(MemoryBudget.residentBytes[mesh]).toBe(stats.poolBytes.mesh);
    });
    // It may fill from one frame to the next.
    expect(told.filter((line) => line !== 'total warning')).toEqual(['total critical']);
    expect(seen.filter((line) => line !== `${total} warning`)).toEqual([`${total} critical`]);
    expect(hasComponent(ecs, total, MemoryCritical)).toBe(true);
    expect(hasComponent(ecs, total, MemoryWarning)).toBe(false);
    expect([MemoryBudget.bytes[total], MemoryBudget.bytes[none]]).toEqual([700 * KIB, 0]);
    streaming.budgetBytes = 7000 * KIB;
    await turn(simulation, 2);
    expect(told.at(-1)).toBe('total normal');
    expect(hasComponent(ecs, total, MemoryCritical)).toBe(false);
    await streaming.dispose();
  });
});
