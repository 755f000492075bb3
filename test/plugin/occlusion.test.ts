/** What is hidden is loaded later; what is shown does not change; nothing outlives its slot. */
import { addComponent, addEntity, removeEntity, set } from 'bitecs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createSimulation,
  openSynthetic,
  type Simulation,
  type SimulationOptions,
} from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 2000, assets: 8, extentMeters: 400 });
const CAPACITY = 512;
const FIRST_SLOT = CAPACITY + 1;
const SLOW_DECAY = { occlusion: { halfLifeSeconds: 1e6 } };

async function start(
  streaming: SimulationOptions['streaming'] = {},
  budgetShare = 2,
): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 2e5,
    streaming: {
      capacity: CAPACITY,
      // Few tickets: what is asked for before anything is hidden decides little.
      maxInFlight: 1,
      lookAhead: 1,
      budgetBytes: Math.round(synthetic.residentBytes * budgetShare),
      ...streaming,
    },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 5, 0, 0);
  // The first frame is a cut, of which nothing is known.
  await simulation.step();
  return simulation;
}

/** Slots of all placements of an asset. */
function slotsOf(simulation: Simulation, asset: string): Uint32Array {
  const slots: number[] = [];
  for (let i = 0; i < synthetic.catalog.counts.placements; i++)
    if (simulation.streaming.assetNameOfSlot(FIRST_SLOT + i) === asset) slots.push(FIRST_SLOT + i);
  expect(slots.length).toBeGreaterThan(50);
  return Uint32Array.from(slots);
}

function hide(simulation: Simulation, slots: Uint32Array): void {
  simulation.streaming.setOcclusion(slots, new Uint8Array(slots.length).fill(255));
}

/** The first asset whose finest LOD arrives (or `wanted` itself), and in which frame. */
async function arrival(
  simulation: Simulation,
  wanted = '',
  eachFrame: (frame: number) => void = () => undefined,
): Promise<{ asset: string; frame: number }> {
  let arrived = '';
  simulation.streaming.on('assetResident', ({ asset, lod }) => {
    if (lod === 0 && (wanted === '' || wanted === asset)) arrived ||= asset;
  });
  let frame = 0;
  for (; frame < 1500 && arrived === ''; frame++) {
    eachFrame(frame);
    await simulation.step();
  }
  simulation.streaming.checkInvariants();
  return { asset: arrived, frame };
}

describe('occlusion', () => {
  it('makes what is hidden load later, and shows the same in the end', async () => {
    const open = await start(SLOW_DECAY);
    const plain = await arrival(open);
    const simulation = await start(SLOW_DECAY);
    hide(simulation, slotsOf(simulation, plain.asset));
    const hidden = await arrival(simulation, plain.asset);
    expect(hidden.frame).toBeGreaterThan(plain.frame * 1.25);
    await open.settle();
    await simulation.settle();
    expect([...simulation.view.shown].sort()).toEqual([...open.view.shown].sort());
    expect(simulation.view.problems).toEqual([]);
    await open.streaming.dispose();
    await simulation.streaming.dispose();
  });

  it('ends at once for what is seen', async () => {
    const open = await start(SLOW_DECAY);
    const plain = await arrival(open);
    const simulation = await start(SLOW_DECAY);
    const slots = slotsOf(simulation, plain.asset);
    hide(simulation, slots);
    const seen = await arrival(simulation, plain.asset, (frame) => {
      if (frame === 3) simulation.streaming.markSeen(slots);
    });
    const never = await start(SLOW_DECAY);
    hide(never, slots);
    const hidden = await arrival(never, plain.asset);
    // It comes next; the one read that is under way by then may end before.
    expect(seen.frame).toBeLessThan(hidden.frame / 2);
    await open.streaming.dispose();
    await never.streaming.dispose();
    await simulation.streaming.dispose();
  });

  it('ends with a cut of the camera, and by itself in time', async () => {
    const simulation = await start({ occlusion: { halfLifeSeconds: 0.5 } });
    const { streaming } = simulation;
    const slots = slotsOf(simulation, streaming.assetNameOfSlot(FIRST_SLOT));
    const carrying = (): number => streaming.stats().occludedSlots;
    hide(simulation, slots);
    await simulation.step();
    expect(carrying()).toBe(slots.length);
    simulation.look(3000, 5, 0, 0);
    await simulation.step();
    expect(carrying()).toBe(0);
    hide(simulation, slots);
    for (let frame = 0; frame < 30; frame++) await simulation.step();
    expect(carrying()).toBe(slots.length);
    for (let frame = 0; frame < 150; frame++) await simulation.step();
    expect(carrying()).toBe(0);
    await simulation.streaming.dispose();
  });

  it('of a world goes when the world does, and is not inherited by the next', async () => {
    const simulation = await start(SLOW_DECAY);
    const { streaming } = simulation;
    hide(simulation, slotsOf(simulation, streaming.assetNameOfSlot(FIRST_SLOT)));
    await simulation.step();
    streaming.close(synthetic.path);
    expect(streaming.stats().occludedSlots).toBe(0);
    await openSynthetic(simulation, synthetic);
    await simulation.step();
    expect(streaming.stats().occludedSlots).toBe(0);
    await streaming.dispose();
  });

  it('of an entity is not inherited by the one that takes its id', async () => {
    const simulation = await start(SLOW_DECAY);
    const { ecs, streaming } = simulation;
    const { StreamRequest, Transform } = streaming.components;
    const spawn = (): number => {
      const entity = addEntity(ecs);
      const asset = streaming.assetNameOfSlot(FIRST_SLOT);
      addComponent(ecs, entity, set(Transform, { position: [0, 0, -20] }));
      addComponent(ecs, entity, set(StreamRequest, { asset }));
      return entity;
    };
    const first = spawn();
    await simulation.step();
    expect(streaming.slotOfEntity(first)).toBe(first);
    streaming.setOcclusion([first], [255]);
    await simulation.step();
    expect(streaming.stats().occludedSlots).toBe(1);
    removeEntity(ecs, first);
    let second = spawn();
    for (let i = 0; i < 5 && second !== first; i++) second = spawn();
    expect(second).toBe(first);
    await simulation.step();
    expect(streaming.stats().occludedSlots).toBe(0);
    await streaming.dispose();
  });

  it('refuses what it cannot use, says what, and changes nothing', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    const last = FIRST_SLOT + synthetic.catalog.counts.placements;
    expect(() => streaming.setOcclusion([1, 99_999_999], [9, 9])).toThrow(
      /setOcclusion: slots\[1\] must be a slot in use, a whole number from 0 to \d+, got 99999999/,
    );
    expect(() => streaming.markSeen([-1])).toThrow(/markSeen: slots\[0\] .* got -1; slotOfEntity/);
    expect(() => streaming.setOcclusion([1, 2], [9, 256])).toThrow(/hidden\[1\] .* got 256/);
    expect(() => streaming.setOcclusion([1, 2], [9])).toThrow(/count is 2, but hidden has 1/);
    expect(() => streaming.setOcclusion(null as never, [9])).toThrow(/slots must be an array/);
    expect(streaming.stats().occludedSlots).toBe(0);
    const odd = fc.oneof(
      fc.integer({ min: 0, max: last - 1 }),
      fc.double(),
      fc.constantFrom(-1, -0, last + 1e6, Number.NaN, undefined, null, '3', {}),
    );
    const list = fc.oneof(
      fc.array(odd, { maxLength: 6 }),
      fc.uint8Array({ maxLength: 6 }),
      fc.constantFrom(null, undefined, 7, 'slots', new Map()),
    );
    const count = fc.oneof(fc.constant(undefined), fc.integer({ min: -2, max: 9 }), fc.double());
    let refused = 0;
    fc.assert(
      fc.property(list, list, count, (slots, hidden, entries) => {
        const before = streaming.stats().occludedSlots;
        try {
          streaming.setOcclusion(slots as number[], hidden as number[], entries);
        } catch (error) {
          refused++;
          expect((error as Error).message).toMatch(/^farfield: setOcclusion: (slots|hidden|count)/);
          expect(streaming.stats().occludedSlots).toBe(before);
        }
      }),
      { numRuns: 300 },
    );
    expect(refused).toBeGreaterThan(50);
    await simulation.step();
    streaming.checkInvariants();
    await streaming.dispose();
  });
});
