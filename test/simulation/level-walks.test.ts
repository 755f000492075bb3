/**
 * Whole games about levels: a viewpoint that walks and jumps between volumes, loads and hides by the
 * game, on a link that fails, damages and slows down, within a budget that is small at times. In every
 * frame the invariants hold, the view has no objection, and events follow each other. When the weather
 * clears the level of the place is active within a bound; when nothing wants any, all bytes are back.
 */
import { addComponent, addEntity, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const PLACES = [
  { name: 'house', center: [0, 0, 0] as [number, number, number], radius: 50 },
  { name: 'cellar', center: [90, 0, 0] as [number, number, number], radius: 50 },
  { name: 'mine', center: [0, 0, 300] as [number, number, number], radius: 50 },
];
/** Frames in which a level must be active once everything has calmed down. */
const BOUND = 150;

// Everything stands in a level, so that nothing may stay.
const synthetic = makeSyntheticWorld({
  placements: 600,
  assets: 10,
  extentMeters: 800,
  cellMeters: 20,
  finestBytes: 20_000,
  levels: PLACES,
  scatter: (random, xs, zs) => {
    for (let i = 0; i < xs.length; i++) {
      const [x, , z] = PLACES[i % PLACES.length]!.center;
      xs[i] = x + (random() - 0.5) * 60;
      zs[i] = z + (random() - 0.5) * 60;
    }
  },
});

describe.each([1, 2, 3, 4, 5, 6, 7, 8])('a walk with seed %i', (seed) => {
  it('ends with the level of the place, and leaves nothing behind', async () => {
    const random = createRandom(seed);
    const faults = { failureRate: 0.15, corruptRate: 0.05, shortReadRate: 0.05, stallRate: 0 };
    const budgetBytes = Math.round(synthetic.residentBytes * (0.4 + random()));
    const simulation = createSimulation(synthetic, {
      seed,
      faults,
      streaming: { budgetBytes, levels: { stepsPerFrame: 1 + Math.floor(random() * 20) } },
    });
    const { streaming, ecs, view, link } = simulation;
    const { StreamingVolume } = streaming.components;
    const told = new Map(PLACES.map(({ name }) => [name, 'unloaded']));
    streaming.on('assetFailed', () => undefined);
    streaming.on('levelStateChanged', ({ level, from, to }) => {
      expect(told.get(level)).toBe(from);
      told.set(level, to);
    });
    await openSynthetic(simulation, synthetic);
    await simulation.settle();
    const startBytes = streaming.stats().usedBytes;
    const volumes = PLACES.map(({ name, center, radius }) => {
      const volume = addEntity(ecs);
      const reach = { radius, loadDistance: 20, unloadDistance: 30 };
      addComponent(ecs, volume, set(StreamingVolume, { level: name, center, ...reach }));
      return volume;
    });
    const frame = async (): Promise<void> => {
      await simulation.step();
      if (streaming.stats().usedBytes <= streaming.budgetBytes) streaming.checkInvariants();
      expect(view.problems).toEqual([]);
      expect(streaming.levels()).toEqual(Object.fromEntries(told));
    };
    const loads = new Set<string>();
    const at = { x: 0, z: 0 };
    for (let i = 0; i < 160; i++) {
      const { name, center } = PLACES[Math.floor(random() * PLACES.length)]!;
      const kind = random();
      if (kind < 0.04) Object.assign(at, { x: center[0], z: center[2] });
      else if (kind < 0.07) loads.add(name) && streaming.loadLevel(name);
      else if (kind < 0.1 && loads.delete(name)) streaming.unloadLevel(name);
      else if (kind < 0.12) streaming.hideLevel(name);
      else if (kind < 0.15) streaming.showLevel(name);
      else if (kind < 0.17) link.bandwidthBytesPerSecond = 10 ** (4 + random() * 3);
      else if (kind < 0.19) link.latencySeconds = random() * 0.5;
      at.x += (random() - 0.45) * 8;
      at.z += (random() - 0.45) * 8;
      simulation.look(at.x, 3, at.z, random() * 0.2);
      await frame();
    }
    Object.assign(faults, { failureRate: 0, corruptRate: 0, shortReadRate: 0 });
    Object.assign(link, { bandwidthBytesPerSecond: 1e8, latencySeconds: 0.01 });
    streaming.budgetBytes = synthetic.residentBytes * 2;
    const place = PLACES[seed % PLACES.length]!;
    streaming.showLevel(place.name);
    simulation.look(place.center[0], 3, place.center[2], 0);
    for (let i = 0; i < BOUND; i++) await frame();
    expect(streaming.levels()[place.name]).toBe('active');
    for (const volume of volumes) removeEntity(ecs, volume);
    for (const name of loads) streaming.unloadLevel(name);
    for (let i = 0; i < BOUND; i++) await frame();
    expect(new Set(told.values())).toEqual(new Set(['unloaded']));
    const { usedBytes, payloadsPending, payloadsStaged, shown } = streaming.stats();
    expect({ usedBytes, payloadsPending, payloadsStaged, shown }).toEqual({
      usedBytes: startBytes,
      payloadsPending: 0,
      payloadsStaged: 0,
      shown: 0,
    });
    await streaming.dispose();
    expect(view.uploaded.size).toBe(0);
  });
});
