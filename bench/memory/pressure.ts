/**
 * The flight under pressure: the view wants four times what the budget holds. Nothing may be missing
 * altogether, nothing may get stuck, and detail must come to rest instead of swinging.
 */

import { FLIGHT_PLAN, type FlightPlan } from './flight.ts';
import { FlightGame, FRAME_SECONDS } from './flight-game.ts';
import { FlightLedger } from './flight-ledger.ts';
import { type Look, Referee } from './flight-referee.ts';
import { type FlightWorld, HUNDRED_GIGABYTES, makeFlightWorld } from './flight-world.ts';

export interface PressureReport {
  /** What the view wanted ÷ the budget, on average. */
  wantedByBudget: number;
  /** From the opening until the first view had no hole (s). */
  coverageSeconds: number;
  /** Things in view that showed something, in the worst look from then on. */
  coveragePercent: number;
  /** Looks from then on, and those of them in which anything in view showed nothing. */
  looks: number;
  looksWithHoles: number;
  /**
   * The longest time in which something in view had nothing to show, or in which nothing was on its way
   * though something in view fell short of the error that holds and its next finer LOD had room (s).
   */
  longestStallS: number;
  /** Changes of the direction in which the error bias moves, jumps of the camera left out. */
  biasReversalsPerMinute: number;
  biasMean: number;
  biasMost: number;
  overBudgetFrames: number;
  problems: string[];
}

/** Looks come ten times a second. */
const LOOK_FRAMES = 3;
const LOOK_SECONDS: number = LOOK_FRAMES * FRAME_SECONDS;
const COVERAGE_SECONDS_MOST = 120;

/** Half an hour with a tenth of the flight's error and a quarter of its budget, from the opening on. */
export const PRESSURE_PLAN: FlightPlan = {
  ...FLIGHT_PLAN,
  // As the plugin comes: a wait for what was just evicted would count as a stall.
  streaming: {},
  budgetBytes: 0.5e9,
  budgets: [],
  picture: { ...FLIGHT_PLAN.picture, errorPixels: 0.2 },
};

/** The section `pressure` of `npm run bench -- memory`. */
export async function measurePressureSection(
  { seed, quick }: { seed: number; quick?: boolean },
  tell: (what: string) => void,
): Promise<PressureReport> {
  const world = makeFlightWorld({ ...HUNDRED_GIGABYTES, seed });
  const seconds = quick ? 60 : PRESSURE_PLAN.seconds;
  const report = await flyUnderPressure(world, { ...PRESSURE_PLAN, seed, seconds });
  tell(`the view wants ${report.wantedByBudget.toFixed(1)} budgets`);
  tell(
    `first coverage after ${report.coverageSeconds.toFixed(1)} s, then coverage ${report.coveragePercent.toFixed(3)} %, longest stall ${report.longestStallS.toFixed(1)} s`,
  );
  tell(`holes in ${report.looksWithHoles} of ${report.looks} looks`);
  tell(
    `bias ${report.biasMean.toFixed(2)} (most ${report.biasMost.toFixed(2)}), ` +
      `${report.biasReversalsPerMinute.toFixed(2)} reversals a minute`,
  );
  return report;
}

export async function flyUnderPressure(
  world: FlightWorld,
  plan: FlightPlan,
): Promise<PressureReport> {
  const game = new FlightGame(world, plan);
  const { streaming, view } = game;
  const ledger = new FlightLedger();
  const wanted = new Referee(world, view, plan.picture);
  const picture = { ...plan.picture };
  const held = new Referee(world, view, picture);
  await game.open();
  const coverageSeconds = await leaveNoHole(game, ledger, held);
  const stalls = new Stalls();
  const bias = new BiasTrack();
  const sums = { wantedBytes: 0, looks: 0, withHoles: 0, bias: 0 };
  let coverage = 1;
  for (let frame = 0; frame < plan.seconds / FRAME_SECONDS; frame++) {
    await game.step();
    const stats = streaming.stats();
    ledger.note(game, stats, FRAME_SECONDS);
    bias.note(stats.errorBias, game.course.jumped !== 'no');
    if (frame % LOOK_FRAMES > 0) continue;
    picture.errorPixels = plan.picture.errorPixels * stats.errorBias;
    const look = held.at(game.course.pose);
    sums.wantedBytes += wanted.at(game.course.pose).wantedBytes;
    sums.bias += stats.errorBias;
    sums.looks++;
    if (look.holes > 0) sums.withHoles++;
    coverage = Math.min(coverage, 1 - look.holes / Math.max(1, look.visible));
    const isIdle = stats.payloadsPending + stats.payloadsStaged === 0;
    stalls.note(look, isIdle, stats.limitBytes - stats.usedBytes);
  }
  await game.close();
  await game.dispose();
  return {
    wantedByBudget: sums.wantedBytes / sums.looks / plan.budgetBytes,
    coverageSeconds,
    coveragePercent: 100 * coverage,
    looks: sums.looks,
    looksWithHoles: sums.withHoles,
    longestStallS: stalls.longestS,
    biasReversalsPerMinute: bias.reversals / (plan.seconds / 60),
    biasMean: sums.bias / sums.looks,
    biasMost: bias.most,
    overBudgetFrames: ledger.overBudgetFrames,
    problems: view.problems,
  };
}

/** Flies until something is shown for all that is in view; returns how long (s). */
async function leaveNoHole(game: FlightGame, ledger: FlightLedger, held: Referee): Promise<number> {
  for (let frame = 0; frame * FRAME_SECONDS < COVERAGE_SECONDS_MOST; frame++) {
    await game.step();
    ledger.note(game, game.streaming.stats(), FRAME_SECONDS);
    if (frame % LOOK_FRAMES > 0) continue;
    const { visible, holes } = held.at(game.course.pose);
    if (visible > 0 && holes === 0) return frame * FRAME_SECONDS;
  }
  throw new Error(
    `memory pressure: the first view had holes for more than ${COVERAGE_SECONDS_MOST} s; expected ` +
      'a link and a budget that bring the coarsest LOD of everything in view',
  );
}

class Stalls {
  longestS = 0;
  #holesS = 0;
  #idleS = 0;

  note({ holes, short, nextBytes }: Readonly<Look>, isIdle: boolean, freeBytes: number): void {
    this.#holesS = holes > 0 ? this.#holesS + LOOK_SECONDS : 0;
    // A reservation takes up to twice what stays.
    const isStuck = isIdle && short > 0 && 2 * nextBytes <= freeBytes;
    this.#idleS = isStuck ? this.#idleS + LOOK_SECONDS : 0;
    this.longestS = Math.max(this.longestS, this.#holesS, this.#idleS);
  }
}

class BiasTrack {
  reversals = 0;
  most = 1;
  #last = 0;
  #direction = 0;

  note(bias: number, hasJumped: boolean): void {
    this.most = Math.max(this.most, bias);
    // Elsewhere another bias is right: the way to it is no swing.
    if (hasJumped) this.#direction = 0;
    const step = this.#last === 0 ? 0 : Math.sign(bias - this.#last);
    this.#last = bias;
    if (step === 0) return;
    if (this.#direction !== 0 && step !== this.#direction) this.reversals++;
    this.#direction = step;
  }
}
