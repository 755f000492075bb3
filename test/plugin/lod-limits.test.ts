/** Limits of the choice of LODs in a running world: of layers, levels and entities, good and bad. */
import { afterEach, describe, expect, it } from 'vitest';
import type { LodLimits } from '../../src/catalog/lod-limits.ts';
import type { LayerOptions } from '../../src/catalog/lod-policy.ts';
import { NO_LOD } from '../../src/catalog/slots.ts';
import {
  bare,
  distanceOf,
  endAll,
  FIRST_SLOT,
  place,
  shownLods,
  start,
  synthetic,
} from '../support/lod-world.ts';
import { openSynthetic } from '../support/simulation.ts';

afterEach(endAll);

describe('setLayer', () => {
  it('narrows the LODs of its assets at once, and gives them back', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    const free = [0, 1].map((asset) => shownLods(simulation, asset));
    expect(Math.min(...free[0]!)).toBeLessThan(2);
    streaming.setLayer('coarse', { assets: ['asset-0'], finestLod: 3 });
    streaming.setLayer('fine', { assets: (name) => name === 'asset-1', coarsestLod: 1 });
    await simulation.settle();
    expect(Math.min(...shownLods(simulation, 0))).toBe(3);
    expect(Math.max(...shownLods(simulation, 1))).toBe(1);
    expect(streaming.stats().holes).toBe(0);
    streaming.setLayer('coarse', null);
    streaming.setLayer('fine', null);
    await simulation.settle();
    expect([0, 1].map((asset) => shownLods(simulation, asset))).toEqual(free);
  });

  it('hides what is farther than its limit, at scale 1', async () => {
    const simulation = await start();
    simulation.streaming.setLayer('near', { assets: () => true, maxDistanceMeters: 60 });
    await simulation.settle();
    const farthest = Math.max(
      ...[...simulation.view.shown.keys()].map((slot) => distanceOf(slot - FIRST_SLOT)),
    );
    expect(farthest).toBeLessThanOrEqual(60 * 1.1);
    expect(farthest).toBeGreaterThan(50);
  });

  it('gives assets distances of their own; of several layers the last decides', async () => {
    const simulation = await start();
    const { streaming, view } = simulation;
    streaming.setLayer('all', { assets: () => true, finestLod: 4 });
    streaming.setLayer('cast', { assets: ['asset-0'], distancesMeters: [20, 60] });
    await simulation.settle();
    let seen = 0;
    for (const [slot, payload] of view.shown) {
      if (payload >= 5) continue;
      const distance = distanceOf(slot - FIRST_SLOT);
      if (Math.abs(distance - 20) < 3 || Math.abs(distance - 60) < 7) continue;
      expect([slot, payload]).toEqual([slot, distance < 20 ? 0 : distance < 60 ? 1 : 2]);
      seen++;
    }
    expect(seen).toBeGreaterThan(20);
    expect([...shownLods(simulation, 1)]).toEqual([4]);
  });

  it('holds for worlds opened later', async () => {
    const simulation = await start();
    simulation.streaming.close(synthetic.path);
    simulation.streaming.setLayer('coarse', { assets: ['asset-0'], finestLod: 4 });
    await openSynthetic(simulation, synthetic);
    await simulation.settle();
    expect([...shownLods(simulation, 0)]).toEqual([4]);
    expect(shownLods(simulation, 1).size).toBeGreaterThan(1);
  });
});

describe('setLevelLod', () => {
  it('narrows what stands in the level, and nothing else', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    const outside = shownLods(simulation, 0, false);
    expect(Math.min(...shownLods(simulation, 0, true))).toBeLessThan(3);
    streaming.setLevelLod('town', { finestLod: 3, coarsestLod: 3 });
    await simulation.settle();
    expect([...shownLods(simulation, 0, true)]).toEqual([3]);
    expect(shownLods(simulation, 0, false)).toEqual(outside);
    streaming.setLevelLod('town', null);
    await simulation.settle();
    expect(shownLods(simulation, 0, true).size).toBeGreaterThan(1);
  });

  it('holds beside the limits of layers; where they contradict, the coarsest decides', async () => {
    const simulation = await start();
    const { streaming } = simulation;
    streaming.setLayer('fine', { assets: () => true, finestLod: 0, coarsestLod: 2 });
    streaming.setLevelLod('town', { finestLod: 4 });
    await simulation.settle();
    expect([...shownLods(simulation, 0, true)]).toEqual([2]);
  });
});

describe('limits of an entity', () => {
  const at = 40;
  /** The LOD that it shows and the one it should, once all is there. */
  async function lodsOf(request: object): Promise<{ current: number; target: number }> {
    const simulation = await start({}, {}, bare);
    const entity = place(simulation, at, request);
    await simulation.settle();
    const { LODState } = simulation.streaming.components;
    const [current, target] = [LODState.current[entity]!, LODState.target[entity]!];
    const payload = simulation.view.shown.get(entity);
    expect(payload === undefined ? NO_LOD : payload % 5).toBe(current);
    return { current, target };
  }

  it('are what LODState and the screen follow', async () => {
    const free = (await lodsOf({})).target;
    expect(free).toBeGreaterThan(0);
    expect(free).toBeLessThan(4);
    expect(await lodsOf({ finestLod: free + 1 })).toEqual({ current: free + 1, target: free + 1 });
    expect(await lodsOf({ coarsestLod: free - 1 })).toEqual({
      current: free - 1,
      target: free - 1,
    });
    expect((await lodsOf({ errorScale: 8 })).current).toBeGreaterThan(free);
    expect((await lodsOf({ errorScale: 1 / 8 })).current).toBeLessThan(free);
    expect(await lodsOf({ maxDistanceMeters: at - 1 })).toEqual({
      current: NO_LOD,
      target: NO_LOD,
    });
    expect((await lodsOf({ maxDistanceMeters: at + 1 })).current).toBe(free);
  });

  it('tag it Resident only with a LOD that they allow', async () => {
    const simulation = await start({}, {}, bare);
    const { streaming } = simulation;
    const { Residency, LODState } = streaming.components;
    place(simulation, at, { finestLod: 4 });
    await simulation.settle();
    const entity = place(simulation, at, { coarsestLod: 0 });
    let coarse = 0;
    while (!streaming.isResident(entity)) {
      await simulation.step();
      const payload = simulation.view.shown.get(entity);
      // Something coarser stands in for it, which LODState says and Residency does not count.
      if (payload !== undefined && payload % 5 > 0) {
        coarse++;
        expect([LODState.current[entity], LODState.target[entity]]).toEqual([payload % 5, 0]);
        expect(Residency.state[entity]).not.toBe(3);
      }
    }
    await simulation.step();
    expect(coarse).toBeGreaterThan(0);
    expect([Residency.state[entity], LODState.current[entity]]).toEqual([3, 0]);
  });
});

describe('bad limits', () => {
  it.each<[string, LayerOptions, RegExp]>([
    [
      'no assets',
      {} as LayerOptions,
      /setLayer\("a"\): assets must be a list of names or a function/,
    ],
    [
      'a LOD that is none',
      { assets: [], finestLod: 5 },
      /finestLod must be a whole number from 0 to 4, got 5/,
    ],
    [
      'a half LOD',
      { assets: [], coarsestLod: 1.5 },
      /coarsestLod must be a whole number .* got 1.5/,
    ],
    [
      'limits the wrong way',
      { assets: [], finestLod: 3, coarsestLod: 2 },
      /finestLod 3 is coarser than coarsestLod 2/,
    ],
    [
      'a scale of nothing',
      { assets: [], errorScale: 0 },
      /errorScale must be a number from 0.01 to 100, got 0/,
    ],
    [
      'a distance of nothing',
      { assets: [], maxDistanceMeters: 0 },
      /maxDistanceMeters must be > 0, got 0/,
    ],
    [
      'an unknown mode',
      { assets: [], mode: 'best' as 'size' },
      /mode must be "error", "size" or "distance", got "best"/,
    ],
    [
      'distances that fall',
      { assets: [], distancesMeters: [60, 30] },
      /distancesMeters must be 1 to 4 numbers above 0, rising/,
    ],
    [
      'sizes that rise',
      { assets: [], sizesPixels: [60, 90] },
      /sizesPixels must be 1 to 4 numbers above 0, falling/,
    ],
    [
      'a misspelled key',
      { assets: [], finestLOD: 1 } as LayerOptions,
      /unknown "finestLOD"; expected one of assets/,
    ],
  ])('are refused by name, and change nothing: %s', async (_, layer, message) => {
    const { streaming } = await start();
    expect(() => streaming.setLayer('a', layer)).toThrow(message);
    const { assets: _assets, ...limits } = layer;
    const isOfLayers = ['mode', 'distancesMeters', 'sizesPixels'].some((key) => key in layer);
    if (Object.keys(limits).length > 0 && !isOfLayers)
      expect(() => streaming.setLevelLod('town', limits as LodLimits)).toThrow(
        /setLevelLod\("town"\)/,
      );
    streaming.setLayer('a', null);
    streaming.setLevelLod('town', null);
  });

  it('names are refused too, and options', async () => {
    const { streaming } = await start();
    expect(() => streaming.setLayer('', null)).toThrow(/setLayer: expected a name, got ""/);
    expect(() => streaming.setLevelLod(3 as never, null)).toThrow(
      /setLevelLod: expected a name, got 3/,
    );
    await expect(start({ targetFrameMs: 0 })).rejects.toThrow(
      /installStreaming: lod.targetFrameMs must be a number from 1 to 1000, got 0/,
    );
    await expect(start({ frameMs: 16 as never })).rejects.toThrow(
      /lod.frameMs must be a function, got 16/,
    );
  });
});
