/** The choice of LODs in a running world: modes at rest, hysteresis, frame pressure. */
import { afterEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { LodOptions } from '../../src/catalog/lod-policy.ts';
import { NO_LOD } from '../../src/catalog/slots.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { mountScenario, naiveTarget, randomScenario } from '../support/lod-tables.ts';
import {
  bare,
  catalog,
  EYE,
  endAll,
  FIRST_SLOT,
  isInLevel,
  K,
  place,
  start,
  synthetic,
} from '../support/lod-world.ts';

afterEach(endAll);

describe('a running world at rest', () => {
  it('shows what the definition of modes, layers and levels asks for', async () => {
    const modes = new Set<string>();
    let compared = 0;
    for (let seed = 1; seed <= 12; seed++) {
      const random = createRandom(seed);
      const scenario = { ...randomScenario(random), k: K, bias: 1, hidePerMeter: (2 * K) / 3 };
      const { rule, options, level, errorPixels, drawDistanceMeters } = scenario;
      const { mode, sizesPixels, distancesMeters, ...limits } = rule;
      const simulation = await start(
        { mode, sizesPixels, distancesMeters, ...options },
        { errorPixels, drawDistanceMeters },
      );
      simulation.streaming.setLayer('all', { assets: () => true, ...limits });
      simulation.streaming.setLevelLod('town', level);
      await simulation.settle();
      // What was decided before the rules came is no reason to hold on to it.
      simulation.look(EYE[0] + 5000, EYE[1], EYE[2], 0);
      await simulation.step();
      simulation.look(...EYE, 0);
      await simulation.settle();
      const tables = mountScenario(synthetic, scenario);
      const eyes = [{ at: EYE, factor: 1 }];
      const first = tables.slots.count - catalog.counts.placements;
      for (const [slot, payload] of simulation.view.shown) {
        const placement = slot - FIRST_SLOT;
        const asset = Math.floor(payload / 5);
        const inLevel = isInLevel(placement);
        const target = naiveTarget(
          tables,
          scenario,
          inLevel,
          asset,
          first + placement,
          eyes,
          NO_LOD,
        );
        expect(`seed ${seed} slot ${slot} LOD ${payload % 5}`).toBe(
          `seed ${seed} slot ${slot} LOD ${target}`,
        );
        compared++;
      }
      modes.add(mode);
    }
    expect(modes.size).toBe(3);
    expect(compared).toBeGreaterThan(500);
  });

  it('demands nothing finer than the LOD that it shows, and that', async () => {
    const random = createRandom(4);
    const targets = new Set<number>();
    for (const mode of ['error', 'size', 'distance'] as const)
      for (let i = 0; i < 12; i++) {
        const simulation = await start({ mode }, { prefetchRadiusMeters: 0 }, bare);
        const request = { errorScale: 0.5 + random(), finestLod: random() < 0.3 ? 1 : 0 };
        const entity = place(simulation, 4 + 10 ** (random() * 2.3), request);
        await simulation.settle();
        const { LODState } = simulation.streaming.components;
        const target = LODState.target[entity]!;
        expect(LODState.current[entity]).toBe(target);
        const dump = simulation.streaming.dumpState() as Dump;
        const { demand } = dump.assets.find(({ name }) => name === 'asset-5')!;
        expect([mode, i, demand.findIndex((worth) => worth > 0)]).toEqual([mode, i, target]);
        targets.add(target);
        await endAll();
      }
    expect(targets.size).toBe(5);
  });
});

interface Dump {
  assets: { name: string; demand: number[] }[];
}

describe('hysteresis', () => {
  const radius = catalog.assetSpheres[5 * 4 + 3]!;

  /** LOD changes on screen while the camera sways by 3 % about the distance where a LOD changes. */
  async function flips(lod: LodOptions, more: StreamingOptions): Promise<number> {
    const simulation = await start(lod, more, bare);
    const { LODState } = simulation.streaming.components;
    const change = 60;
    const entity = place(simulation, change, {});
    let changes = 0;
    let last = -1;
    for (let frame = 0; frame < 240; frame++) {
      simulation.look(EYE[0], EYE[1], EYE[2] + change * 0.03 * Math.sin(frame / 6), 0);
      await simulation.step();
      // From when both LODs are there.
      if (frame >= 60 && LODState.current[entity] !== last) changes++;
      last = LODState.current[entity]!;
    }
    return changes;
  }

  it.each<[string, LodOptions, StreamingOptions]>([
    ['error', {}, { errorPixels: (catalog.assetErrors[5 * 5 + 1]! * K) / (60 - radius) }],
    ['size', { sizesPixels: [(2 * radius * K) / (60 - radius), 10] }, {}],
    ['distance', { distancesMeters: [60, 120] }, {}],
  ])('keeps a swaying camera from changing LODs back and forth: %s', async (_, lod, more) => {
    expect(await flips(lod, more)).toBeLessThanOrEqual(1);
    // Without it every sway changes it.
    expect(await flips({ ...lod, hysteresis: 1 }, more)).toBeGreaterThan(6);
  });
});

describe('frame pressure', () => {
  /** Frames as long as what is shown costs: a LOD a quarter of the next finer one. */
  async function load(lod: LodOptions, detailMs: number) {
    let frameMs = 0;
    const simulation = await start({ ...lod, frameMs: () => frameMs });
    const { streaming } = simulation;
    const costs = [1, 1 / 4, 1 / 16, 1 / 64, 1 / 256];
    const cost = (): number => {
      const counts = streaming.lodHistogram();
      return counts.reduce((sum, count, at) => sum + count * costs[at]!, 0);
    };
    const whole = cost();
    let changes = 0;
    for (let frame = 0; frame < 1500; frame++) {
      frameMs = 5 + (detailMs * cost()) / whole;
      await simulation.step(1 / 60);
      if (frame > 1000) changes += streaming.stats().showChanges;
    }
    const { errorBias, frameBias, holes } = streaming.stats();
    return { errorBias, frameBias, holes, frameMs, changes };
  }

  it('takes detail from everything until frames are short enough, and rests there', async () => {
    const { errorBias, frameBias, holes, frameMs, changes } = await load({ targetFrameMs: 16 }, 30);
    expect(errorBias).toBeGreaterThan(1.1);
    expect(frameBias).toBe(errorBias);
    expect(frameMs).toBeLessThan(16 * 1.1);
    expect(frameMs).toBeGreaterThan(16 * 0.5);
    expect(holes).toBe(0);
    expect(changes).toBe(0);
  });

  it('goes by the time step where the measure throws, which is told once', async () => {
    let isBroken = false;
    let asked = 0;
    const frameMs = (): number => {
      if (!isBroken) return 10;
      asked++;
      throw new Error('no timer');
    };
    const simulation = await start({ targetFrameMs: 16, frameMs });
    const failures: string[] = [];
    simulation.streaming.on('listenerFailed', ({ event }) => failures.push(event));
    isBroken = true;
    for (let frame = 0; frame < 150; frame++) await simulation.step(1 / 30);
    expect([asked, failures]).toEqual([1, ['lod.frameMs']]);
    expect(simulation.streaming.stats().frameBias).toBeGreaterThan(1);
  });

  it('takes none while frames are short enough, without a target, or where it may not', async () => {
    expect(await load({ targetFrameMs: 16 }, 8)).toMatchObject({ errorBias: 1, changes: 0 });
    expect(await load({}, 30)).toMatchObject({ errorBias: 1, changes: 0 });
    expect(await load({ targetFrameMs: 16, maxBias: 1 }, 30)).toMatchObject({ errorBias: 1 });
  });
});
