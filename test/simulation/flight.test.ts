/** A flight through a world eight times the budget, every invariant checked every frame. */
import { describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({ placements: 4000, assets: 24, terrainDepth: 4 });

async function fly(simulation: Simulation, frames: number): Promise<{ holes: number }> {
  let complete = false;
  let holes = 0;
  for (let frame = 0; frame < frames; frame++) {
    const t = frame / frames;
    simulation.look(
      Math.sin(t * 6.28) * 350,
      20,
      Math.cos(t * 6.28) * 350,
      -t * 6.28 + Math.sin(frame / 20),
    );
    await simulation.step();
    simulation.streaming.checkInvariants();
    const stats = simulation.streaming.stats();
    if (stats.holes === 0 && stats.shown > 0) complete = true;
    if (complete) holes += stats.holes;
  }
  expect(complete).toBe(true);
  return { holes };
}

describe('a flight on a slow link with an eighth of the memory', () => {
  it('never exceeds the budget, never shows a hole after the first view, and evicts', async () => {
    const simulation = createSimulation(world, {
      streaming: { budgetBytes: Math.round(world.residentBytes / 8) },
    });
    await openSynthetic(simulation, world);
    const { holes } = await fly(simulation, 400);
    const stats = simulation.streaming.stats();
    expect(simulation.view.problems).toEqual([]);
    expect(holes).toBe(0);
    expect(stats.overBudgetFrames).toBe(0);
    expect(stats.peakBytes).toBeLessThanOrEqual(stats.budgetBytes);
    expect(stats.payloadsEvicted).toBeGreaterThan(0);
    expect(stats.payloadsFailed).toBe(0);
    await simulation.streaming.dispose();
  });

  it('shows exactly what a world without limits would, once it has settled', async () => {
    const small = createSimulation(world, {
      streaming: { budgetBytes: Math.round(world.residentBytes * 0.6) },
    });
    const large = createSimulation(world, { streaming: { budgetBytes: world.residentBytes * 2 } });
    for (const simulation of [small, large]) {
      await openSynthetic(simulation, world);
      simulation.look(60, 15, 40, 0.4);
      await simulation.settle();
    }
    expect(small.streaming.stats().refused).toBe(0);
    expect(small.streaming.stats().errorBias).toBe(1);
    expect([...small.view.shown].sort()).toEqual([...large.view.shown].sort());
    expect(small.view.shown.size).toBeGreaterThan(50);
    await small.streaming.dispose();
    await large.streaming.dispose();
  });

  it('comes to rest after a flight, and then either fits exactly or says that it does not', async () => {
    const settledAfterFlight = async (budgetBytes: number) => {
      const simulation = createSimulation(world, { streaming: { budgetBytes } });
      await openSynthetic(simulation, world);
      await fly(simulation, 150);
      const frames = await simulation.settle();
      expect(frames).toBeLessThan(2000);
      const { refused, errorBias } = simulation.streaming.stats();
      const shown = [...simulation.view.shown].sort().join();
      await simulation.streaming.dispose();
      return { refused, errorBias, shown };
    };
    const everything = await settledAfterFlight(world.residentBytes * 2);
    expect(everything).toMatchObject({ refused: 0, errorBias: 1 });
    let identical = 0;
    for (const share of [0.12, 0.2, 0.3, 0.4, 0.6]) {
      const settled = await settledAfterFlight(Math.round(world.residentBytes * share));
      if (settled.refused > 0 || settled.errorBias > 1) continue;
      expect(settled.shown, `budget ${share} of the world`).toBe(everything.shown);
      identical++;
    }
    expect(identical).toBeGreaterThan(0);
    expect(identical).toBeLessThan(5);
  });

  it('repeats exactly from a seed', async () => {
    const logs: string[] = [];
    for (let run = 0; run < 2; run++) {
      const simulation = createSimulation(world, {
        seed: 5,
        faults: { failureRate: 0.05, corruptRate: 0.02 },
        streaming: { budgetBytes: Math.round(world.residentBytes / 8) },
      });
      await openSynthetic(simulation, world);
      await fly(simulation, 120);
      const { beginMs: _b, updateMs: _u, commitMs: _c, ...stats } = simulation.streaming.stats();
      logs.push(JSON.stringify([stats, [...simulation.view.shown].sort()]));
      await simulation.streaming.dispose();
    }
    expect(logs[0]).toBe(logs[1]);
  });
});
