/**
 * The budget held in flight: half an hour of virtual time through a hundred gigabytes on two, the
 * budget shrinking and growing on the way. Every frame is recounted outside of the plugin.
 */
import { FlightGame, FRAME_SECONDS, type GameOptions } from './flight-game.ts';
import { FlightLedger } from './flight-ledger.ts';
import { type Picture, Referee } from './flight-referee.ts';
import { type FlightWorld, HUNDRED_GIGABYTES, makeFlightWorld } from './flight-world.ts';

export interface FlightPlan extends GameOptions {
  seconds: number;
  /** Budgets from so many seconds on. */
  budgets: readonly (readonly [atSeconds: number, bytes: number])[];
  /** After each frame. */
  onFrame?: (game: FlightGame, frame: number) => void;
}

export interface FlightReport {
  worldBytes: number;
  frames: number;
  /** From the opening until the first view was complete and nothing more was wanted (s). */
  coverageSeconds: number;
  /** Frames over what held, of the total or of any pool, and by how much at most. */
  overBudgetFrames: number;
  overBudgetBytes: number;
  /** Frames in which view and plugin did not agree about what is resident. */
  differingFrames: number;
  /** Things in view with nothing to show, added up over all looks after the first coverage. */
  holesAfterCoverage: number;
  /** Bytes in use, reserved or resident after the world was closed, by plugin or view. */
  leakedBytes: number;
  /** Of the LODs that things in view came to want, those that were resident at that moment. */
  hitRatePercent: number;
  /** Of what was loaded, that which had been evicted less than 5 s before. */
  thrashPercent: number;
  loads: number;
  evictions: number;
  fetchedBytes: number;
  /** What the view wanted, on average. */
  wantedBytesMean: number;
  /** While coming down to a lowered budget: the most bytes let go in a frame, the longest time. */
  shrinkBytesMost: number;
  shrinkSecondsMost: number;
  /** What no real view could have done. */
  problems: string[];
}

export const PICTURE: Picture = {
  heightPixels: 1080,
  fovYRadians: Math.PI / 3,
  aspect: 16 / 9,
  errorPixels: 2,
  minPixels: 3,
  drawDistanceMeters: 2000,
};

const GB = 1e9;

/** Half an hour on 2 GB, a game's other needs taking of it now and then. 480 Mbit/s, 40 ms. */
export const FLIGHT_PLAN: FlightPlan = {
  seed: 1,
  seconds: 1800,
  budgetBytes: 2 * GB,
  budgets: [
    [360, 1.2 * GB],
    [660, 2 * GB],
    [960, 0.8 * GB],
    [1320, 2 * GB],
  ],
  picture: PICTURE,
  link: { bytesPerS: 60e6, latencyS: 0.04, concurrency: 6 },
  // Little is read twice, for a little more error: docs/tuning.md, "Eviction".
  streaming: { policy: { returnSeconds: 5 } },
};

/** The referee looks every so many frames (10 Hz). */
const LOOK_FRAMES = 3;
const COVERAGE_SECONDS_MOST = 120;

/** The section `flight` of `npm run bench -- memory`. `--quick` flies the first three minutes. */
export async function measureFlightSection(
  { seed, quick }: { seed: number; quick?: boolean },
  tell: (what: string) => void,
): Promise<FlightReport> {
  const world = makeFlightWorld({ ...HUNDRED_GIGABYTES, seed });
  const { seconds } = FLIGHT_PLAN;
  const report = await fly(world, {
    ...FLIGHT_PLAN,
    seed,
    seconds: quick ? seconds / 10 : seconds,
    budgets: quick
      ? FLIGHT_PLAN.budgets.map(([at, bytes]) => [at / 10, bytes] as const)
      : FLIGHT_PLAN.budgets,
  });
  for (const line of linesOf(report)) tell(line);
  return report;
}

function linesOf(report: FlightReport): string[] {
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
  return [
    `${report.frames} frames over ${mb(report.worldBytes)}, ${mb(report.wantedBytesMean)} wanted at a time`,
    `over budget: ${report.overBudgetFrames} frames; view and plugin differ: ${report.differingFrames}`,
    `holes after coverage: ${report.holesAfterCoverage}; leaked: ${report.leakedBytes} bytes`,
    `hit rate ${report.hitRatePercent.toFixed(2)} %, thrash ${report.thrashPercent.toFixed(2)} %`,
    `a lowered budget: at most ${mb(report.shrinkBytesMost)} in a frame, ${report.shrinkSecondsMost.toFixed(1)} s`,
    ...report.problems,
  ];
}

export async function fly(world: FlightWorld, plan: FlightPlan): Promise<FlightReport> {
  const game = new FlightGame(world, plan);
  const { streaming, view } = game;
  const ledger = new FlightLedger();
  const referee = new Referee(world, view, plan.picture);
  await game.open();
  const coverageSeconds = await cover(game, ledger);
  const before = { loads: view.uploads, evictions: view.releases, reloads: view.reloads };
  const sums = { holes: 0, needs: 0, hits: 0, wantedBytes: 0, looks: 0 };
  const frames = Math.round(plan.seconds / FRAME_SECONDS);
  const budgets = [...plan.budgets];
  for (let frame = 0; frame < frames; frame++) {
    if (budgets.length > 0 && frame * FRAME_SECONDS >= budgets[0]![0]) {
      ledger.changed(streaming.stats().usedBytes);
      streaming.budgetBytes = budgets.shift()![1];
    }
    await game.step();
    const stats = streaming.stats();
    ledger.note(game, stats, FRAME_SECONDS);
    plan.onFrame?.(game, frame);
    if (frame % LOOK_FRAMES > 0) continue;
    const look = referee.at(game.course.pose);
    sums.looks++;
    sums.holes += Math.max(look.holes, stats.holes);
    sums.wantedBytes += look.wantedBytes;
    // What the first look sees was there before: it is no need that arose.
    if (sums.looks === 1) continue;
    sums.needs += look.needs;
    sums.hits += look.hits;
  }
  await game.close();
  const end = streaming.stats();
  await game.dispose();
  const loads = view.uploads - before.loads;
  return {
    worldBytes: world.residentBytes,
    frames: ledger.frames,
    coverageSeconds,
    overBudgetFrames: ledger.overBudgetFrames,
    overBudgetBytes: ledger.overBudgetBytes,
    differingFrames: ledger.differingFrames,
    holesAfterCoverage: sums.holes,
    leakedBytes: Math.max(end.usedBytes, end.residentBytes + end.reservedBytes, view.bytes),
    hitRatePercent: (100 * sums.hits) / Math.max(1, sums.needs),
    thrashPercent: (100 * (view.reloads - before.reloads)) / Math.max(1, loads),
    loads,
    evictions: view.releases - before.evictions,
    fetchedBytes: game.link.fetchedBytes,
    wantedBytesMean: sums.wantedBytes / Math.max(1, sums.looks),
    shrinkBytesMost: ledger.shrinkBytesMost,
    shrinkSecondsMost: ledger.shrinkSecondsMost,
    problems: view.problems,
  };
}

/** Frames until nothing in view is missing and nothing more is on its way; returns how long (s). */
export async function cover(game: FlightGame, ledger: FlightLedger): Promise<number> {
  const { streaming } = game;
  for (let seconds = 0; seconds < COVERAGE_SECONDS_MOST; seconds += FRAME_SECONDS) {
    await game.step();
    const stats = streaming.stats();
    ledger.note(game, stats, FRAME_SECONDS);
    const { holes, shown, payloadsPending, payloadsStaged, candidates } = stats;
    if (holes === 0 && shown > 0 && payloadsPending + payloadsStaged + candidates === 0)
      return seconds;
  }
  throw new Error(
    `memory flight: the first view was not complete after ${COVERAGE_SECONDS_MOST} s; ` +
      'expected a link and a budget that bring it',
  );
}
