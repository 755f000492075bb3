/** Which placements are somewhere, against a look at each of them. */
import { addEntity } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { PlacementShape } from '../../src/plugin/queries.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({
  placements: 2000,
  assets: 6,
  extentMeters: 600,
  levels: [{ name: 'harbor', center: [100, 0, 100], radius: 60 }],
});

async function start() {
  const simulation = createSimulation(synthetic);
  await openSynthetic(simulation, synthetic);
  simulation.look(-250, 5, -250, 0);
  await simulation.step();
  return simulation;
}

/** Bounding spheres of everything placed: the assets' spheres are centered on the pivot. */
function spheres() {
  const { catalog } = synthetic;
  const rows: { slot: number; at: number[]; radius: number; level: boolean }[] = [];
  for (let cell = 0; cell < catalog.counts.cells; cell++)
    for (let run = catalog.cellRuns[cell]!; run < catalog.cellRuns[cell + 1]!; run++)
      for (let slot = catalog.runSlots[run]!; slot < catalog.runSlots[run + 1]!; slot++) {
        const sphere = catalog.assetSpheres.subarray(catalog.runAssets[run]! * 4);
        expect([...sphere.subarray(0, 3)]).toEqual([0, 0, 0]);
        rows.push({
          slot,
          at: [...catalog.positions.subarray(slot * 3, slot * 3 + 3)],
          radius: sphere[3]! * catalog.scales[slot]!,
          level: catalog.levelNames.length > 0 && catalog.cellLevels[cell] === 0,
        });
      }
  return rows.sort((a, b) => a.slot - b.slot);
}

describe('placementsIn', () => {
  it('finds in spheres and boxes exactly what a look at every placement finds', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    // Placements come after the slots of entities.
    const first = 4097;
    const rows = spheres().filter(({ level }) => !level);
    const random = createRandom(5);
    let total = 0;
    for (let i = 0; i < 60; i++) {
      const center = [0, 1, 2].map((axis) => (random() - 0.5) * (axis === 1 ? 20 : 600));
      const radius = random() * 80;
      const half = [random() * 90, random() * 30, random() * 90];
      const min = center.map((value, axis) => value - half[axis]!);
      const max = center.map((value, axis) => value + half[axis]!);
      const away = (at: number[]): number =>
        Math.hypot(...at.map((v, axis) => Math.max(min[axis]! - v, 0, v - max[axis]!)));
      const inSphere = rows.filter(
        ({ at, radius: own }) =>
          Math.hypot(...at.map((value, axis) => value - center[axis]!)) <= radius + own,
      );
      const inBox = rows.filter(({ at, radius: own }) => away(at) <= own);
      for (const [shape, expected] of [
        [{ center, radius }, inSphere],
        [{ min, max }, inBox],
      ] as const) {
        const { slots, count } = streaming.placementsIn(shape);
        expect([...slots.subarray(0, count)]).toEqual(expected.map(({ slot }) => slot + first));
        total += count;
      }
    }
    expect(total).toBeGreaterThan(500);
    await streaming.dispose();
  });

  it('finds what a viewpoint sees at once, before the next update', async () => {
    const simulation = await start();
    const { streaming, viewpoint } = simulation;
    // Down -z from the middle: everything far ahead is seen, nothing far behind.
    simulation.look(0, 5, 0, 0);
    const { slots, count } = streaming.placementsIn(viewpoint);
    const seen = new Set(slots.subarray(0, count));
    for (const { slot, at, radius, level } of spheres()) {
      if (level) continue;
      const [x, , z] = at as [number, number, number];
      // 16:9 at 60° is 91.5° wide: half of it is a little over 45°.
      if (z < -20 && Math.abs(x) < -z) expect(seen.has(slot + 4097)).toBe(true);
      if (z > radius || Math.abs(x) > -z * 1.1 + radius * 2)
        expect(seen.has(slot + 4097)).toBe(false);
    }
    expect(count).toBeGreaterThan(100);
    expect(count).toBeLessThan(1000);
    await streaming.dispose();
  });

  it('fills the list it is given, and leaves out levels that are not active', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    const everything = { center: [0, 0, 0], radius: 1e5 };
    const open = spheres().filter(({ level }) => !level).length;
    expect(open).toBeLessThan(2000);
    const list = { slots: new Uint32Array(1), count: 1 };
    expect(streaming.placementsIn(everything, list)).toBe(list);
    expect(list.count).toBe(open);
    const { slots } = list;
    streaming.placementsIn({ center: [0, 0, 0], radius: 20 }, list);
    expect(list.slots).toBe(slots);
    expect(list.count).toBeLessThan(open);
    streaming.close('world.json');
    expect(streaming.placementsIn(everything, list).count).toBe(0);
    await streaming.dispose();
  });

  it('refuses what is no shape, and says what one is', async () => {
    const simulation = await start();
    const { streaming, ecs } = simulation;
    const ask = (shape: unknown) => () => streaming.placementsIn(shape as PlacementShape);
    expect(ask({})).toThrow(/expected { center, radius }, { min, max } or the entity/);
    expect(ask(null)).toThrow(/expected { center, radius }/);
    expect(ask({ center: [0, 0], radius: 3 })).toThrow(/center must be 3 finite numbers/);
    expect(ask({ center: [0, 0, 0], radius: -1 })).toThrow(/radius must be a number/);
    expect(ask({ min: [0, 0, 5], max: [1, 1, 4] })).toThrow(/min must not be above max/);
    expect(ask(addEntity(ecs))).toThrow(/has no Viewpoint; pass an entity from createViewpoint/);
    await streaming.dispose();
  });
});
