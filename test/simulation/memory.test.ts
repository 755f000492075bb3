/** The memory flight in short: every promise in every frame, and each breach of one is noticed. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type FlightPlan, type FlightReport, fly, PICTURE } from '../../bench/memory/flight.ts';
import { FlightView } from '../../bench/memory/flight-view.ts';
import { type FlightWorld, makeFlightWorld } from '../../bench/memory/flight-world.ts';
import { flyUnderPressure } from '../../bench/memory/pressure.ts';

const world: FlightWorld = makeFlightWorld({
  seed: 3,
  extentMeters: 2000,
  placements: 2000,
  commonAssets: 40,
  localAssetsPerSquare: 60,
  finestBytes: 2e6,
  terrainDepth: 3,
  tileBytes: 2e5,
});

/** 12 % of the world, then 3 %, then 12 % again: what is let go takes many frames. */
const PLAN: FlightPlan = {
  seed: 3,
  seconds: 30,
  budgetBytes: world.residentBytes * 0.12,
  budgets: [
    [10, world.residentBytes * 0.03],
    [20, world.residentBytes * 0.12],
  ],
  picture: PICTURE,
  link: { bytesPerS: 10e6, latencyS: 0.04, concurrency: 6 },
  streaming: { evictBytesPerFrame: 1 << 20 },
};

describe('half a minute over a world of which an eighth fits', () => {
  let report: FlightReport;
  beforeAll(async () => {
    report = await fly(world, {
      ...PLAN,
      onFrame: ({ streaming }, frame) => {
        if (frame % 10 === 0) streaming.checkInvariants();
      },
    });
  });

  it('is never over what holds, in total or in a pool, and the view agrees', () => {
    expect(report).toMatchObject({ overBudgetFrames: 0, overBudgetBytes: 0, differingFrames: 0 });
    expect(report.problems).toEqual([]);
  });

  it('comes down to a lowered budget over frames', () => {
    expect(report.shrinkSecondsMost).toBeGreaterThan(0.1);
    // A frame may end with a payload more than it was allowed.
    expect(report.shrinkBytesMost).toBeLessThan((1 << 20) + Math.max(...world.payloadBytes));
  });

  it('shows no hole after the first view, and gives every byte back', () => {
    expect(report).toMatchObject({ holesAfterCoverage: 0, leakedBytes: 0 });
    expect(report.evictions).toBeGreaterThan(100);
  });

  it('has most of what is needed when it is needed', () => {
    expect(report.hitRatePercent).toBeGreaterThan(90);
  });
});

describe('a view that wants several budgets', () => {
  const plan: FlightPlan = {
    ...PLAN,
    seconds: 10,
    budgetBytes: world.residentBytes * 0.03,
    budgets: [],
    picture: { ...PICTURE, errorPixels: 0.3 },
  };

  it('misses nothing and gets nowhere stuck', async () => {
    const report = await flyUnderPressure(world, plan);
    expect(report.wantedByBudget).toBeGreaterThan(2);
    expect(report).toMatchObject({ coveragePercent: 100, overBudgetFrames: 0, problems: [] });
    expect(report.longestStallS).toBeLessThanOrEqual(2);
    expect(report.biasReversalsPerMinute).toBeLessThanOrEqual(6);
  });

  it('misses much where the coarsest LODs are not kept and the link is slow', async () => {
    const report = await flyUnderPressure(world, {
      ...plan,
      seconds: 45,
      link: { ...plan.link, bytesPerS: 3e6 },
      streaming: { policy: { keepsCoarsest: false } },
    });
    expect(report.coveragePercent).toBeLessThan(100);
  });
});

describe('what the same books notice', () => {
  const short: FlightPlan = { ...PLAN, seconds: 4, budgets: [] };

  it('a view that does not give back all that it is told to', async () => {
    class LeakingView extends FlightView {
      override release(payload: number): void {
        if (payload % 7 > 0) super.release(payload);
      }
    }
    const report = await fly(world, {
      ...short,
      budgets: [[1, world.residentBytes * 0.03]],
      makeView: (...view) => new LeakingView(...view),
    });
    expect(report.leakedBytes).toBeGreaterThan(0);
    expect(report.differingFrames).toBeGreaterThan(0);
  });

  it('payloads that are larger than they were said to be', async () => {
    const payloadBytes = world.payloadBytes.map((bytes) => bytes * 1.2);
    const budgetBytes = world.residentBytes * 0.06;
    const report = await fly({ ...world, payloadBytes }, { ...short, budgetBytes });
    expect(report.differingFrames).toBeGreaterThan(0);
    expect(report.overBudgetFrames).toBeGreaterThan(0);
  });

  it('holes, where the coarsest LODs are not kept and the link is slow', async () => {
    const report = await fly(world, {
      ...short,
      seconds: 45,
      link: { ...PLAN.link, bytesPerS: 5e6 },
      streaming: { policy: { keepsCoarsest: false } },
    });
    expect(report.holesAfterCoverage).toBeGreaterThan(0);
    expect(report.overBudgetFrames).toBe(0);
  });
});
