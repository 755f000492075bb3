/**
 * Scoring in slices ten times a second is not blindness: what the plugin would ask for in a frame is
 * what a scorer of every placement would, at a pose at most 100 ms old.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DemandColumns } from '../../src/spatial/expected-error.ts';
import { prefetch } from '../../src/systems/prefetch.ts';
import { type System, WANT } from '../../src/systems/schedule.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';
import { best, type Choices, choicesBy, choicesOf, demandOfAll } from './brute-force.ts';

const FRAMES_PER_SECOND = 60;
/** Every so many frames are looked at: brute force is slow. */
const WATCHED = 2;
/** Of these, those of the last 100 ms, and the present one. */
const HISTORY = FRAMES_PER_SECOND / 10 / WATCHED + 1;
/** What io may hold: six reads in flight and ten to follow. */
const WINDOW = 16;

const synthetic = makeSyntheticWorld({
  seed: 3,
  placements: 9000,
  assets: 240,
  extentMeters: 2100,
  finestBytes: 60_000,
});

/** What the plugin would ask for in this frame, and what brute force would. */
let chosen: Choices;
let expected: Choices[];
/** Demand of the last frames. */
let history: DemandColumns[] = [];
let isWatched = false;

/** Right after the choice: what is answered later in the frame is the next one's business. */
const spy: System = (seen) => {
  if (!isWatched) return;
  chosen = choicesOf(seen);
  history.push(demandOfAll(seen));
  if (history.length > HISTORY) history.shift();
  expected = history.map((demand) => choicesBy(seen, demand));
};

/** Where the camera is after some seconds: x, z (meters) and yaw. */
type Path = (seconds: number) => [x: number, z: number, yaw: number];

/** A path that wanders: about straight on, turning to and fro. */
const flight =
  (speed: number, turn: number): Path =>
  (seconds) => [
    -600 + speed * seconds,
    40 * Math.sin(seconds / 3),
    -Math.PI / 2 + turn * Math.sin(seconds),
  ];

async function start(path: Path): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 1.5e6,
    latencySeconds: 0.03,
    streaming: { budgetBytes: synthetic.residentBytes * 2, maxInFlight: 6, lookAhead: 10 },
  });
  await openSynthetic(simulation, synthetic);
  const [x, z, yaw] = path(0);
  simulation.look(x, 8, z, yaw);
  for (let frame = 0; frame < 2 * FRAMES_PER_SECOND; frame++)
    await simulation.step(1 / FRAMES_PER_SECOND);
  return simulation;
}

/** Share of the frames' best candidates that brute force would have among its best as well. */
async function agreement(path: Path, seconds: number): Promise<{ share: number; choices: number }> {
  const simulation = await start(path);
  history = [];
  (WANT as System[]).push(spy);
  let [same, all] = [0, 0];
  for (let frame = 1; frame <= seconds * FRAMES_PER_SECOND; frame++) {
    const [x, z, yaw] = path(frame / FRAMES_PER_SECOND);
    simulation.look(x, 8, z, yaw);
    isWatched = frame % WATCHED === 0;
    await simulation.step(1 / FRAMES_PER_SECOND);
    if (!isWatched) continue;
    const floors = expected.map((choices) => floorOf(choices));
    for (const payload of best(chosen, WINDOW)) {
      all++;
      if (expected.some((choices, i) => (choices.get(payload) ?? -1) >= floors[i]!)) same++;
    }
  }
  (WANT as System[]).pop();
  await simulation.streaming.dispose();
  return { share: same / all, choices: all };
}

/** The least priority that is among the best. */
function floorOf(choices: Choices): number {
  const last = best(choices, WINDOW).at(-1);
  return last === undefined ? 0 : choices.get(last)! * (1 - 1e-9);
}

describe('the choices of each frame', () => {
  const paths: Record<string, [Path, number]> = {
    walking: [flight(1.5, 0.5), 2],
    'flying fast': [flight(60, 0.2), 2],
    turning: [flight(0, 1.5), 2],
    'after cuts': [(seconds) => [Math.floor(seconds) * 500 - 900, 0, Math.floor(seconds) * 2], 3],
  };
  for (const [name, [path, seconds]] of Object.entries(paths))
    it(name, async () => {
      const { share, choices } = await agreement(path, seconds);
      expect(choices).toBeGreaterThan(400);
      expect(share).toBeGreaterThanOrEqual(0.99);
    });
});

describe('a schedule that scores all in every frame', () => {
  const always: System = (seen) => {
    seen.viewCut = true;
  };
  beforeEach(() => void (WANT as System[]).splice(WANT.indexOf(prefetch), 0, always));
  afterEach(() => void (WANT as System[]).splice(WANT.indexOf(always), 1));

  it('chooses exactly alike: nothing is lost in trees and samples', async () => {
    expect((await agreement(flight(60, 0.2), 1)).share).toBe(1);
  });
});

describe('a schedule that scores once a second', () => {
  const seldom: System = (seen) => {
    if (seen.viewCut || seen.frame % FRAMES_PER_SECOND === 0) prefetch(seen);
  };
  beforeEach(() => void (WANT as System[]).splice(WANT.indexOf(prefetch), 1, seldom));
  afterEach(() => void (WANT as System[]).splice(WANT.indexOf(seldom), 1, prefetch));

  it('is found out', async () => {
    const { share } = await agreement(flight(60, 0.2), 2);
    expect(share).toBeLessThan(0.99);
  });
});
