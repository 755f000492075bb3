/** What is learned of a player's look-around decides which side of a new place is loaded first. */
import { describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const FPS = 15;
const LODS = 5;
const synthetic = makeSyntheticWorld({
  placements: 900,
  assets: 900,
  extentMeters: 600,
  finestBytes: 40_000,
});

/** Angle to the left of a camera at the origin that looks down -z (radians), by asset, one place each. */
const angles = (() => {
  const { positions, counts, runSlots, runAssets } = synthetic.catalog;
  const angles = new Map<number, number>();
  for (let run = 0; run < counts.runs; run++)
    for (let slot = runSlots[run]!; slot < runSlots[run + 1]!; slot++) {
      const asset = runAssets[run]!;
      const angle = Math.atan2(-positions[slot * 3]!, -positions[slot * 3 + 2]!);
      angles.set(asset, angles.has(asset) ? Number.NaN : angle);
    }
  return angles;
})();

/**
 * Payloads beyond the coarsest that a cut to the origin loads left and right of the view, summed over the
 * frames of the three seconds after it: what comes sooner counts more.
 */
async function loadsAside(habit: 1 | -1, lookAround: boolean): Promise<[number, number]> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 1.5e5,
    streaming: { budgetBytes: synthetic.residentBytes * 2, prediction: { lookAround } },
  });
  await openSynthetic(simulation, synthetic);
  for (let frame = 0; frame < 24 * FPS; frame++) {
    const seconds = frame / FPS;
    const turns = Math.floor(seconds / 2) + Math.min(1, (seconds % 2) / 0.25);
    simulation.look(5000, 5, 5000, habit * 1.2 * turns);
    await simulation.step(1 / FPS);
  }
  const before = new Set(simulation.view.uploaded);
  simulation.look(0, 5, 0, 0);
  let [left, right] = [0, 0];
  for (let frame = 0; frame < 3 * FPS; frame++) {
    await simulation.step(1 / FPS);
    for (const payload of simulation.view.uploaded) {
      const angle = angles.get(Math.floor(payload / LODS)) ?? Number.NaN;
      if (before.has(payload) || payload % LODS === LODS - 1) continue;
      // Out of view, within reach of one such turn.
      if (angle > 0.9 && angle < 2) left++;
      if (angle < -0.9 && angle > -2) right++;
    }
  }
  await simulation.streaming.dispose();
  return [left, right];
}

describe('prediction.lookAround', () => {
  it('loads more of the side that the player uses to turn to', async () => {
    const [leftOfLefty, rightOfLefty] = await loadsAside(1, true);
    const [leftOfRighty, rightOfRighty] = await loadsAside(-1, true);
    expect(leftOfLefty).toBeGreaterThan(1.1 * leftOfRighty);
    expect(rightOfRighty).toBeGreaterThan(1.1 * rightOfLefty);
  });

  it('left off, loads the same whatever the player used to do', async () => {
    const lefty = await loadsAside(1, false);
    expect(lefty).toEqual(await loadsAside(-1, false));
    expect(lefty[0] + lefty[1]).toBeGreaterThan(0);
  });
});
