/** Coverage before detail: what counts how much, and since when. */
import { describe, expect, it } from 'vitest';
import type { ManualClock } from '../../src/base/clock.ts';
import { drain } from '../../src/base/steps.ts';
import {
  firstFactor,
  isPressed,
  keptGain,
  lastFactor,
  noteMissing,
} from '../../src/systems/coverage.ts';
import { keepPayload, pinPayload, unkeepPayload, unpinPayload } from '../../src/systems/holds.ts';
import type { StreamWorld } from '../../src/world.ts';
import { fillPlainPayload, makeStreamWorld } from '../support/stream-world.ts';

const BUDGET = 1000;

/** Two assets of one LOD each; the first is in view. */
function makeWorld(neededBudgets: number): { world: StreamWorld; clock: ManualClock } {
  const world = makeStreamWorld(BUDGET);
  drain(world.payloads.reserve(2));
  world.payloads.append(2);
  for (let payload = 0; payload < 2; payload++) fillPlainPayload(world, payload, 100);
  world.assets.inView[0] = 1;
  world.viewBytes = neededBudgets * BUDGET;
  return { world, clock: world.clock as ManualClock };
}

describe('under pressure', () => {
  it('the first LOD of what is in view, and the last, count more', () => {
    const { world } = makeWorld(3);
    noteMissing(world, 0);
    expect([firstFactor(world, 0, 0), lastFactor(world, 0, 0)]).toEqual([3, 3]);
    // Beside another LOD it is detail; out of view it is no hole.
    expect([firstFactor(world, 0, 2), lastFactor(world, 0, 2)]).toEqual([1, 1]);
    expect([firstFactor(world, 1, 0), lastFactor(world, 1, 0)]).toEqual([1, 1]);
  });

  it('it counts ten times more with each second of waiting beyond the first, up to a thousand', () => {
    const { world, clock } = makeWorld(3);
    noteMissing(world, 0);
    const factors: number[] = [];
    for (let seconds = 0; seconds < 5; seconds++) {
      factors.push(firstFactor(world, 0, 0));
      clock.advance(1000);
      noteMissing(world, 0);
    }
    expect(factors).toEqual([3, 3, 30, 300, 1000]);
    // What has come, or went out of view, begins anew when it is missing again.
    world.assets.residentMasks[0] = 1;
    noteMissing(world, 0);
    world.assets.residentMasks[0] = 0;
    noteMissing(world, 0);
    expect(firstFactor(world, 0, 0)).toBe(3);
  });

  it('what is kept is worth more, and the bias tells of pressure as well as the need', () => {
    const { world } = makeWorld(1.9);
    expect([isPressed(world), keptGain(world)]).toEqual([false, 2e-5]);
    world.errorBias = 1.08;
    expect([isPressed(world), keptGain(world)]).toEqual([true, 1e-3]);
  });
});

describe('without pressure', () => {
  it('worth alone decides, however long something waits', () => {
    const { world, clock } = makeWorld(2);
    noteMissing(world, 0);
    clock.advance(60_000);
    expect([firstFactor(world, 0, 0), lastFactor(world, 0, 0)]).toEqual([1, 1]);
  });
});

describe('pinned and kept bytes', () => {
  it('are counted apart, in any order of holding and letting go', () => {
    const { world } = makeWorld(0);
    const { columns } = world.payloads;
    columns.reserveBytes[0] = 250;
    const bytes = (): number[] => [world.pinnedBytes, world.keptBytes, columns.pins[0]!];
    keepPayload(world, 0);
    expect(bytes()).toEqual([0, 100, 1]);
    pinPayload(world, 0);
    pinPayload(world, 0);
    expect(bytes()).toEqual([250, 100, 3]);
    unkeepPayload(world, 0);
    expect(bytes()).toEqual([250, 0, 2]);
    unpinPayload(world, 0);
    expect(bytes()).toEqual([250, 0, 1]);
    unpinPayload(world, 0);
    expect(bytes()).toEqual([0, 0, 0]);
    expect(() => unpinPayload(world, 0)).toThrow(/asset-0 LOD 0, which is not pinned/);
    expect(() => unkeepPayload(world, 0)).toThrow(/asset-0 LOD 0 was not kept/);
  });
});
