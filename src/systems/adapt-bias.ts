/**
 * Reads: refusals of the last plan, bytes the view needs. Writes: error bias. Called by: throttle.
 *
 * Under lasting memory pressure the tolerated error rises a little everywhere, and falls again with
 * hysteresis.
 */
import type { StreamWorld } from '../world.ts';
import { neededBudgets, PRESSED_FROM } from './coverage.ts';

const BIAS_STEP = 1.08;

/**
 * Expected visible error (share of the picture) that refusals must come to before all detail is
 * lowered for their sake. One far tile that does not fit is no reason to blur everything.
 */
const REFUSED_GAIN = 0.001;
/** Pressure (share of recent time in which memory refused that much) that raises the bias. */
const PRESSURE_HIGH = 0.6;
const PRESSURE_LOW = 0.05;
/** Detail that was lowered comes back while the view needs less than this many budgets. */
const RELIEVE_BELOW = 1.2;
const PRESSURE_SECONDS = 1;

/** Camera travel after which a bias that was too fine is tried again (meters). */
const RELIEF_METERS = 30;

/** At rest it is tried again after this, and after twice as long each time it was in vain (ms). */
const RELIEF_MS = 5000;
const RELIEF_MAX_MS = 120_000;

export function adaptBias(world: StreamWorld): void {
  const share = Math.min(1, world.dtSeconds / PRESSURE_SECONDS);
  const need = neededBudgets(world);
  const refused = world.refusal.gain > REFUSED_GAIN && need > PRESSED_FROM ? 1 : 0;
  world.pressure += (refused - world.pressure) * share;
  if (world.pressure > PRESSURE_HIGH && world.errorBias < world.lod.maxBias) {
    noteRefusal(world);
    world.errorBias = Math.min(world.lod.maxBias, world.errorBias * BIAS_STEP);
    // Let the new error take effect before judging again.
    world.pressure = PRESSURE_HIGH / 2;
  } else if (
    world.pressure < PRESSURE_LOW &&
    world.errorBias > 1 &&
    need < RELIEVE_BELOW &&
    mayRelieve(world)
  ) {
    world.errorBias = Math.max(1, world.errorBias / BIAS_STEP);
    world.pressure = PRESSURE_LOW * 4;
  }
}

/** Remembers where and when a bias was too fine. Trying in vain doubles the wait. */
function noteRefusal(world: StreamWorld): void {
  const { refusal } = world;
  const isSamePlace = world.odometer - refusal.odometer < RELIEF_METERS;
  refusal.waitMs = isSamePlace ? Math.min(RELIEF_MAX_MS, refusal.waitMs * 2) : RELIEF_MS;
  refusal.bias = world.errorBias;
  refusal.odometer = world.odometer;
  refusal.budgetBytes = world.budget.budgetBytes;
  refusal.atMs = world.clock.now();
}

/** Where the view did not fit a moment ago it will hardly fit now: at rest the bias comes to rest. */
function mayRelieve(world: StreamWorld): boolean {
  const { refusal } = world;
  return (
    world.errorBias / BIAS_STEP > refusal.bias * 1.001 ||
    world.odometer - refusal.odometer > RELIEF_METERS ||
    world.budget.budgetBytes > refusal.budgetBytes ||
    world.clock.now() - refusal.atMs > refusal.waitMs
  );
}
