/**
 * Storms: seeded failures, corruption, stalls and short reads on a link that changes while a camera
 * jumps about. Every invariant holds every frame, and when the weather clears all that the view
 * needs arrives. A failing seed is in the test's name; add it to `REGRESSIONS` when it is mended.
 */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const REGRESSIONS: readonly number[] = [];
const SEEDS = [...REGRESSIONS, 1, 2, 3, 4, 5, 6];

const world = makeSyntheticWorld({
  placements: 1500,
  assets: 14,
  terrainDepth: 3,
  finestBytes: 20_000,
  levels: [{ name: 'harbor', center: [200, 0, -200], radius: 100 }],
});

describe.each(SEEDS)('a storm with seed %i', (seed) => {
  it('breaks no invariant, shows nothing that is not there, and everything arrives in the end', async () => {
    const random = createRandom(seed);
    const faults = { failureRate: 0.2, corruptRate: 0.1, stallRate: 0.03, shortReadRate: 0.1 };
    const simulation = createSimulation(world, {
      seed,
      faults,
      streaming: { budgetBytes: Math.round(world.residentBytes * (0.3 + random())) },
    });
    const { streaming, view, link } = simulation;
    streaming.on('assetFailed', () => undefined);
    await openSynthetic(simulation, world);
    for (let frame = 0; frame < 250; frame++) {
      if (random() < 0.05)
        simulation.look((random() - 0.5) * 900, 15, (random() - 0.5) * 900, random() * 6.28);
      if (random() < 0.05) link.bandwidthBytesPerSecond = 10 ** (3 + random() * 4);
      if (random() < 0.05) link.latencySeconds = random();
      if (random() < 0.02)
        streaming.budgetBytes = Math.round(world.residentBytes * (0.3 + random()));
      await simulation.step(1 / 30);
      if (streaming.stats().usedBytes <= streaming.budgetBytes) streaming.checkInvariants();
      expect(view.problems).toEqual([]);
    }
    Object.assign(faults, { failureRate: 0, corruptRate: 0, stallRate: 0, shortReadRate: 0 });
    Object.assign(link, { bandwidthBytesPerSecond: 1e8, latencySeconds: 0.01 });
    streaming.budgetBytes = world.residentBytes * 2;
    simulation.look(0, 15, 0, 0);
    await simulation.step(1 / 30);
    // Failed payloads are asked for again after half a minute, doubled each time.
    for (let i = 0; i < 900; i++) await simulation.step(1);
    await simulation.settle();
    streaming.checkInvariants();
    const { holes, refused, errorBias } = streaming.stats();
    expect({ holes, refused, errorBias }).toEqual({ holes: 0, refused: 0, errorBias: 1 });
    const calm = createSimulation(world, { streaming: { budgetBytes: world.residentBytes * 2 } });
    await openSynthetic(calm, world);
    calm.look(0, 15, 0, 0);
    await calm.settle();
    expect([...view.shown].sort()).toEqual([...calm.view.shown].sort());
    await streaming.dispose();
    await calm.streaming.dispose();
    expect(view.uploaded.size).toBe(0);
  });
});
