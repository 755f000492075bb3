/** What has just been evicted is not brought back while the view moves, where the game says so. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../support/synthetic-world.ts';

const RETURN_SECONDS = 5;

let synthetic: SyntheticWorld;

beforeAll(() => {
  synthetic = makeSyntheticWorld({
    placements: 1500,
    assets: 80,
    extentMeters: 500,
    cellMeters: 25,
    finestBytes: 30_000,
  });
});

type Simulation = ReturnType<typeof createSimulation>;
/** Puts the camera where it is in a frame. */
type Course = (simulation: Simulation, angle: number) => void;

const circle: Course = ({ look }, angle) =>
  look(120 * Math.cos(angle), 2, 120 * Math.sin(angle), -angle);
const spin: Course = ({ look }, angle) => look(0, 2, 0, -angle);

/** Follows a course on little memory, then stops. Counts uploads of what was released lately. */
async function follow(
  course: Course,
  returnSeconds: number,
): Promise<{ returns: number; loads: number; rest: object }> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 20e6,
    streaming: { budgetBytes: 1_500_000, policy: { returnSeconds } },
  });
  const { view, clock, streaming } = simulation;
  const releasedMs = new Map<number, number>();
  let [returns, loads] = [0, 0];
  const { upload, release } = view;
  view.upload = (payload, ...rest) => {
    loads++;
    const agoMs = clock.now() - (releasedMs.get(payload) ?? Number.NEGATIVE_INFINITY);
    if (agoMs < RETURN_SECONDS * 1000) returns++;
    return upload(payload, ...rest);
  };
  view.release = (payload) => {
    releasedMs.set(payload, clock.now());
    release(payload);
  };
  simulation.look(0, 2, 0, 0);
  await openSynthetic(simulation, synthetic);
  for (let frame = 0; frame < 600; frame++) {
    course(simulation, frame * 0.02);
    await simulation.step();
  }
  streaming.checkInvariants();
  await simulation.settle();
  const { holes, candidates } = streaming.stats();
  const rest = {
    shown: view.shown.size,
    holes,
    isAsking: candidates > 0 && streaming.stats().refused === 0,
  };
  await streaming.dispose();
  return { returns, loads, rest };
}

describe('policy.returnSeconds', () => {
  it.each([
    ['travels', circle],
    ['turns in place', spin],
  ])(
    'ends the going to and fro while the view %s, and leaves the picture at rest as it is',
    async (_, course) => {
      const quick = await follow(course, 0);
      const slow = await follow(course, RETURN_SECONDS);
      // The control: without it there is a good deal of it.
      expect(quick.returns).toBeGreaterThan(30);
      expect(slow.returns / slow.loads).toBeLessThan(0.25 * (quick.returns / quick.loads));
      expect(slow.rest).toEqual(quick.rest);
    },
  );

  it('is refused where it is no time', () => {
    expect(() =>
      createSimulation(synthetic, { streaming: { policy: { returnSeconds: -1 } } }),
    ).toThrow(/policy.returnSeconds must be a number from 0/);
  });
});
