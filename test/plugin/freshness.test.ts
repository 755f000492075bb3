/**
 * Scoring in slices ten times a second is not blindness: what the plugin would ask for in a frame is
 * what a scorer of every placement would, at a pose at most 100 ms old.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prefetch } from '../../src/systems/prefetch.ts';
import { type System, TELL, WANT } from '../../src/systems/schedule.ts';
import type { StreamWorld } from '../../src/world.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';
import { best, bruteForceChoices, type Choices, choicesOf } from './brute-force.ts';

const FRAMES_PER_SECOND = 30;
/** The frames of the last 100 ms, and this one. */
const HISTORY = FRAMES_PER_SECOND / 10 + 1;
/** What io may hold: six reads in flight and ten to follow. */
const WINDOW = 16;

const synthetic = makeSyntheticWorld({
  seed: 3,
  placements: 12_000,
  assets: 300,
  extentMeters: 2400,
  finestBytes: 60_000,
});

let world: StreamWorld;
const spy: System = (seen) => {
  world = seen;
};

beforeEach(() => void (TELL as System[]).push(spy));
afterEach(() => void (TELL as System[]).splice(TELL.indexOf(spy), 1));

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
  const history: Choices[] = [];
  let [same, all] = [0, 0];
  for (let frame = 1; frame <= seconds * FRAMES_PER_SECOND; frame++) {
    const [x, z, yaw] = path(frame / FRAMES_PER_SECOND);
    simulation.look(x, 8, z, yaw);
    await simulation.step(1 / FRAMES_PER_SECOND);
    history.push(bruteForceChoices(world));
    if (history.length > HISTORY) history.shift();
    const floors = history.map((choices) => floorOf(choices));
    for (const payload of best(choicesOf(world), WINDOW)) {
      all++;
      if (history.some((choices, i) => (choices.get(payload) ?? -1) >= floors[i]!)) same++;
    }
  }
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
    walking: [flight(1.5, 0.5), 4],
    'flying fast': [flight(60, 0.2), 4],
    turning: [flight(0, 1.5), 4],
    'after cuts': [(seconds) => [Math.floor(seconds) * 500 - 900, 0, Math.floor(seconds) * 2], 4],
  };
  for (const [name, [path, seconds]] of Object.entries(paths))
    it(name, async () => {
      const { share, choices } = await agreement(path, seconds);
      console.log(name, share, choices);
      expect(choices).toBeGreaterThan(500);
      expect(share).toBeGreaterThanOrEqual(0.99);
    });
});

describe('every frame', () => {
  const always: System = (seen) => {
    seen.viewCut = true;
  };
  beforeEach(() => void (WANT as System[]).splice(WANT.indexOf(prefetch), 0, always));
  afterEach(() => void (WANT as System[]).splice(WANT.indexOf(always), 1));
  it('fresh', async () => {
    for (const [n, p] of [['walk', flight(1.5, 0.5)], ['fast', flight(60, 0.2)], ['turn', flight(0, 1.5)]] as const) {
      const { share } = await agreement(p, 4);
      console.log('always', n, share);
    }
  });
});

describe('a schedule that scores once a second', () => {
  const seldom: System = (seen) => {
    seen.sweep.sinceSeconds = seen.frame % FRAMES_PER_SECOND === 0 ? 1 : -1;
    prefetch(seen);
  };
  beforeEach(() => void (WANT as System[]).splice(WANT.indexOf(prefetch), 1, seldom));
  afterEach(() => void (WANT as System[]).splice(WANT.indexOf(seldom), 1, prefetch));

  it('is found out', async () => {
    const { share } = await agreement(flight(60, 0.2), 4);
    console.log('seldom', share);
    expect(share).toBeLessThan(0.99);
  });
});
