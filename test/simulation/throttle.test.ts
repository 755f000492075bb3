/** Frame-time feedback in a whole game: what is in flight follows what frames take. */
import { describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({ placements: 1500, assets: 30, finestBytes: 60_000 });

describe('a game whose frames are late', () => {
  it('has two requests in flight once nothing is missing, and all again when frames are in time', async () => {
    let frameMs = 10;
    const simulation = createSimulation(world, {
      streaming: {
        maxInFlight: 8,
        budgetBytes: world.residentBytes * 2,
        policy: { groups: false },
        // Detail stays as it is: what falls is load alone.
        lod: { targetFrameMs: 16, maxBias: 1, frameMs: () => frameMs },
      },
    });
    const { streaming } = simulation;
    await openSynthetic(simulation, world);
    simulation.look(0, 10, 0, 0);
    for (let i = 0; i < 1000 && (i < 30 || streaming.stats().holes > 0); i++)
      await simulation.step();
    expect(streaming.stats()).toMatchObject({ holes: 0, loadLimit: 10, loadShare: 1 });
    await simulation.settle();
    // From here on there is always more to load than comes.
    simulation.link.bandwidthBytesPerSecond = 1e5;
    const walk = async (i: number): Promise<void> => {
      simulation.look(i - 200, 10, i, i / 40);
      await simulation.step();
    };
    let most = 0;
    for (let i = 0; i < 60; i++) {
      await walk(i);
      most = Math.max(most, streaming.stats().payloadsPending);
    }
    expect(most).toBeGreaterThan(2);
    frameMs = 40;
    most = 0;
    for (let i = 60; i < 400; i++) {
      await walk(i);
      const { payloadsPending, holes, loadLimit } = streaming.stats();
      if (i < 330 || holes > 0) continue;
      expect(loadLimit).toBe(2);
      most = Math.max(most, payloadsPending);
    }
    expect(most).toBeLessThanOrEqual(2);
    expect(most).toBeGreaterThan(0);
    frameMs = 10;
    for (let i = 0; i < 240; i++) await simulation.step();
    expect(streaming.stats()).toMatchObject({ loadLimit: 10, loadShare: 1 });
    await streaming.dispose();
  });

  it('does not wait for what something on screen is a hole without', async () => {
    const firstView = async (frameMs: number): Promise<number> => {
      const simulation = createSimulation(world, {
        streaming: {
          maxInFlight: 8,
          lod: { targetFrameMs: 16, maxBias: 1, frameMs: () => frameMs },
        },
      });
      await openSynthetic(simulation, world);
      simulation.look(0, 10, 0, 0);
      let frames = 0;
      do {
        await simulation.step();
        frames++;
      } while (frames < 2000 && (frames < 3 || simulation.streaming.stats().holes > 0));
      await simulation.streaming.dispose();
      return frames;
    };
    expect(await firstView(60)).toBeLessThanOrEqual((await firstView(10)) * 1.2);
  });
});
