/** Entities that stand for placements: what a game may rely on, case by case. */
import {
  addComponent,
  addEntity,
  entityExists,
  getAllEntities,
  hasComponent,
  observe,
  onAdd,
  onRemove,
  query,
  removeComponent,
  removeEntity,
  set,
} from 'bitecs';
import { afterEach, describe, expect, it } from 'vitest';
import { hashName } from '../../src/base/hash.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const CAPACITY = 512;
const FIRST_SLOT = CAPACITY + 1;
const RADIUS = 40;

const synthetic = makeSyntheticWorld({
  placements: 1200,
  assets: 6,
  extentMeters: 400,
  cellMeters: 25,
  finestBytes: 1000,
  levels: [{ name: 'town', center: [0, 0, 0], radius: 30 }],
});
const { catalog } = synthetic;
const running: Simulation[] = [];

async function start(streaming: StreamingOptions = {}): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    streaming: {
      capacity: CAPACITY,
      budgetBytes: synthetic.residentBytes * 2,
      activateRadiusMeters: RADIUS,
      ...streaming,
    },
  });
  running.push(simulation);
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 0, 60, 0);
  return simulation;
}

async function run(simulation: Simulation, frames: number): Promise<void> {
  for (let i = 0; i < frames; i++) {
    await simulation.step();
    simulation.streaming.checkInvariants();
  }
}

afterEach(async () => {
  for (const { streaming, view } of running.splice(0)) {
    expect(view.problems).toEqual([]);
    await streaming.dispose();
  }
});

function placed({ ecs, streaming }: Simulation): number[] {
  return [...query(ecs, [streaming.components.Placement])];
}

describe('an entity of a placement', () => {
  it('is whole when observers hear of its Placement', async () => {
    const simulation = await start();
    const { ecs, streaming } = simulation;
    const { Placement, Transform } = streaming.components;
    let heard = 0;
    observe(ecs, onAdd(Placement), (entity: number) => {
      const slot = Placement.slot[entity]!;
      const at = slot - FIRST_SLOT;
      expect(streaming.slotOfEntity(entity)).toBe(slot);
      expect(streaming.entityOfSlot(slot)).toBe(entity);
      expect(hashName(streaming.assetNameOfSlot(slot))).toBe(Placement.asset[entity]);
      expect([...Transform.position.subarray(entity * 3, entity * 3 + 3)]).toEqual([
        ...catalog.positions.subarray(at * 3, at * 3 + 3),
      ]);
      expect(Transform.scale[entity]).toBe(catalog.scales[at]);
      heard++;
    });
    await run(simulation, 60);
    expect(heard).toBe(placed(simulation).length);
    expect(heard).toBeGreaterThan(10);
  });

  it('exists exactly within the radius of its origin, and is held a quarter farther', async () => {
    const distances = Array.from({ length: catalog.counts.placements }, (_, at) => {
      const [x, y, z] = catalog.positions.subarray(at * 3, at * 3 + 3);
      return { slot: FIRST_SLOT + at, meters: Math.hypot(x! - 150, y!, z! - 150) };
    }).sort((a, b) => a.meters - b.meters);
    // Between two placements: the first is within the radius by a hair, the second is not.
    const first = distances.findIndex(({ meters }) => meters > 20);
    const edge = (distances[first]!.meters + distances[first + 1]!.meters) / 2;
    expect(distances[first + 1]!.meters - distances[first]!.meters).toBeLessThan(2);
    const other = createSimulation(synthetic, {
      streaming: { capacity: CAPACITY, activateRadiusMeters: edge },
    });
    running.push(other);
    await openSynthetic(other, synthetic);
    other.look(150, 0, 150, 0);
    await run(other, 30);
    const slots = placed(other).map((entity) => other.streaming.slotOfEntity(entity));
    const near = distances.slice(0, first + 1).map(({ slot }) => slot);
    expect(slots.sort((a, b) => a - b)).toEqual(near.sort((a, b) => a - b));
    // Backwards by a fifth of the radius: nothing goes; by as much again, the farthest does.
    const far = distances[first]!.slot;
    const [x, , z] = catalog.positions.subarray((far - FIRST_SLOT) * 3, (far - FIRST_SLOT) * 3 + 3);
    const away = (share: number): void => {
      const [dx, dz] = [(150 - x!) / edge, (150 - z!) / edge];
      other.look(150 + dx * edge * share, 0, 150 + dz * edge * share, 0);
    };
    away(0.2);
    await run(other, 30);
    expect(placed(other).map((e) => other.streaming.slotOfEntity(e))).toContain(far);
    away(0.4);
    await run(other, 30);
    expect(placed(other).map((e) => other.streaming.slotOfEntity(e))).not.toContain(far);
  });

  it('goes with its level, and comes back with it', async () => {
    const simulation = await start();
    const { ecs, streaming, viewpoint } = simulation;
    const { StreamingVolume } = streaming.components;
    simulation.look(0, 0, 0, 0);
    await run(simulation, 30);
    const outside = placed(simulation).length;
    const volume = { level: 'town', radius: 30, loadDistance: 500, unloadDistance: 600 };
    addComponent(ecs, viewpoint, set(StreamingVolume, volume));
    await run(simulation, 60);
    const inside = placed(simulation).find((entity) => {
      const at = streaming.slotOfEntity(entity) - FIRST_SLOT;
      return Math.hypot(catalog.positions[at * 3]!, catalog.positions[at * 3 + 2]!) < 29;
    })!;
    const slot = streaming.slotOfEntity(inside);
    expect(placed(simulation).length).toBeGreaterThan(outside);
    StreamingVolume.active[viewpoint] = 0;
    await run(simulation, 60);
    expect(placed(simulation).length).toBe(outside);
    expect(streaming.entityOfSlot(slot)).toBe(0);
    StreamingVolume.active[viewpoint] = 1;
    await run(simulation, 60);
    expect(streaming.entityOfSlot(slot)).toBeGreaterThan(0);
  });

  it('is the game’s own once it takes the Placement off; another stands for the slot', async () => {
    const simulation = await start();
    const { ecs, streaming } = simulation;
    await run(simulation, 60);
    const [entity] = placed(simulation);
    const slot = streaming.slotOfEntity(entity!);
    removeComponent(ecs, entity!, streaming.components.Placement);
    expect(streaming.slotOfEntity(entity!)).toBe(-1);
    await run(simulation, 12);
    const other = streaming.entityOfSlot(slot);
    expect([other > 0, other === entity]).toEqual([true, false]);
    await streaming.dispose();
    expect([entityExists(ecs, entity!), entityExists(ecs, other)]).toEqual([true, false]);
  });
});

describe('the limit of structural changes', () => {
  it('is refused below what one entity takes', async () => {
    await expect(start({ structuralOpsPerFrame: 2 })).rejects.toThrow(
      /structuralOpsPerFrame must be a number from 3 to 1000000, got 2/,
    );
  });

  it('holds for the entities of a world that is closed: they know, and go little by little', async () => {
    const simulation = await start({ structuralOpsPerFrame: 6 });
    const { streaming } = simulation;
    const { Placement } = streaming.components;
    await run(simulation, 120);
    let left = placed(simulation).length;
    expect(left).toBeGreaterThan(12);
    streaming.close(synthetic.path);
    expect(placed(simulation).length).toBe(left);
    while (left > 0) {
      for (const entity of placed(simulation)) {
        expect(Placement.slot[entity]).toBe(0xffffffff);
        expect(streaming.slotOfEntity(entity)).toBe(-1);
      }
      await run(simulation, 1);
      const now = placed(simulation).length;
      expect(left - now).toBe(Math.min(6, left));
      left = now;
    }
  });

  it('lets both tags and placements through, however tight it is', async () => {
    const simulation = await start({ structuralOpsPerFrame: 3 });
    const { ecs, streaming } = simulation;
    const { StreamRequest, Resident } = streaming.components;
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-1' }));
    simulation.look(1000, 0, 1000, 0);
    while (!streaming.isResident(entity)) await run(simulation, 1);
    await run(simulation, 30);
    simulation.look(0, 0, 60, 0);
    let tagged = 0;
    observe(ecs, onAdd(Resident), () => tagged++);
    const before = placed(simulation).length;
    for (let frame = 0; frame < 60; frame++) {
      // More requests than there is room for tags: two new ones a frame, for ever.
      for (let i = 0; i < 2; i++)
        addComponent(ecs, addEntity(ecs), set(StreamRequest, { asset: 'asset-1' }));
      await run(simulation, 1);
    }
    expect(tagged).toBeGreaterThan(30);
    expect(placed(simulation).length).toBeGreaterThan(before + 20);
  });

  it('is kept where the capacity is used up, without making and ending in every frame', async () => {
    const simulation = await start({ structuralOpsPerFrame: 40 });
    const { ecs, streaming } = simulation;
    const game = Array.from({ length: CAPACITY - 12 }, () => addEntity(ecs));
    let ops = 0;
    for (let frame = 0; frame < 60; frame++) {
      await run(simulation, 1);
      if (frame >= 30) ops += streaming.stats().structuralOps;
    }
    expect(placed(simulation).length).toBeLessThanOrEqual(12);
    expect(ops).toBeLessThanOrEqual(2 * (30 / 6 + 1));
    for (const entity of game) removeEntity(ecs, entity);
    await run(simulation, 30);
    expect(placed(simulation).length).toBeGreaterThan(12);
  });

  it('costs nothing at rest', async () => {
    const simulation = await start();
    await run(simulation, 120);
    let ops = 0;
    for (let frame = 0; frame < 30; frame++) {
      await run(simulation, 1);
      ops += simulation.streaming.stats().structuralOps;
    }
    expect(ops).toBe(0);
  });
});

describe('observers', () => {
  it('may dispose the streaming in the midst of a frame: nothing is left', async () => {
    const simulation = await start();
    const { ecs, streaming, viewpoint } = simulation;
    const { Placement } = streaming.components;
    let ended: Promise<void> | undefined;
    let heard = 0;
    observe(ecs, onAdd(Placement), () => {
      if (++heard === 5) ended = streaming.dispose();
    });
    observe(ecs, onRemove(Placement), (entity: number) => {
      // Asks again for what is just ending.
      expect(streaming.entityOfSlot(Placement.slot[entity]!)).toBe(0);
      void streaming.dispose();
    });
    for (let i = 0; i < 20; i++) await simulation.step();
    await ended;
    expect(heard).toBe(5);
    expect(placed(simulation)).toEqual([]);
    expect([...getAllEntities(ecs)]).toEqual([viewpoint]);
  });

  it('that throw leave no entity behind, and their failures are told', async () => {
    const simulation = await start();
    const { ecs, streaming } = simulation;
    const { Placement } = streaming.components;
    const failures: unknown[] = [];
    streaming.on('listenerFailed', ({ error }) => failures.push(error));
    const end = observe(ecs, onRemove(Placement), () => {
      throw new Error('of the game');
    });
    await run(simulation, 60);
    const before = placed(simulation);
    simulation.look(150, 0, 150, 0);
    await run(simulation, 60);
    expect(before.length).toBeGreaterThan(5);
    expect(failures.length).toBeGreaterThanOrEqual(before.length);
    for (const entity of placed(simulation)) {
      expect(hasComponent(ecs, entity, Placement)).toBe(true);
      expect(streaming.slotOfEntity(entity)).toBeGreaterThanOrEqual(FIRST_SLOT);
    }
    end();
  });
});

describe('a request that ends between begin and update', () => {
  it('leaves the demand of its asset a number', async () => {
    const simulation = await start();
    const { ecs, streaming } = simulation;
    const { StreamRequest, Transform } = streaming.components;
    const entities = Array.from({ length: 60 }, (_, i) => {
      const entity = addEntity(ecs);
      addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-5' }));
      addComponent(ecs, entity, set(Transform, { position: [i - 30, 0, 30] }));
      return entity;
    });
    await run(simulation, 30);
    for (const entity of entities) {
      streaming.begin();
      removeEntity(ecs, entity);
      // Any query of the game takes it out of all others.
      expect([...query(ecs, [StreamRequest])]).not.toContain(entity);
      simulation.look(entity / 100, 0, 60, 0);
      streaming.update(1 / 30);
      streaming.commit();
      await simulation.pass();
      const { assets } = streaming.dumpState() as { assets: { demand: number[] }[] };
      for (const { demand } of assets) for (const worth of demand) expect(worth).not.toBeNaN();
    }
  });
});

describe('columns that a game writes', () => {
  it('with what is no place leave the entity where it was, which is told once', async () => {
    const simulation = await start();
    const { ecs, streaming } = simulation;
    const { StreamRequest, Transform } = streaming.components;
    const told: string[] = [];
    streaming.on('invalidData', ({ message }) => told.push(message));
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-5' }));
    addComponent(ecs, entity, set(Transform, { position: [0, 0, 40] }));
    await run(simulation, 60);
    expect(simulation.view.shown.has(entity)).toBe(true);
    Transform.position[entity * 3] = Number.NaN;
    StreamRequest.importance[entity] = Number.NaN;
    await run(simulation, 60);
    expect(told).toEqual([expect.stringMatching(/Transform: expected finite .* \(NaN,0,40\)/)]);
    expect(simulation.view.shown.has(entity)).toBe(true);
    const { assets } = streaming.dumpState() as { assets: { demand: number[] }[] };
    for (const { demand } of assets) for (const worth of demand) expect(worth).not.toBeNaN();
    Transform.position[entity * 3] = 500;
    await run(simulation, 3);
    expect(simulation.view.shown.has(entity)).toBe(false);
  });
});
