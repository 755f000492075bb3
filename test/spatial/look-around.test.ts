/** What is learned of how a player looks around, from the headings alone. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import {
  chanceWithin,
  createLookAround,
  type LookAround,
  observeLook,
} from '../../src/spatial/look-around.ts';
import { createMotion, type Motion } from '../../src/spatial/motion-state.ts';
import { see } from './fly.ts';

const HORIZONS = Float64Array.of(0, 0.4, 0.9, 1.6);

interface Player {
  look: LookAround;
  motion: Motion;
  /** Seconds since the start. */
  time: number;
  rewrites: number;
}

function newPlayer(): Player {
  const look = createLookAround(HORIZONS.length, 1.6);
  return { look, motion: createMotion(), time: 0, rewrites: 0 };
}

/** Lets a player look where `yawAt` says for some time. */
function watch(
  player: Player,
  yawAt: (seconds: number) => number,
  seconds: number,
  dtSeconds: number = 1 / 30,
): Player {
  const frames = Math.round(seconds / dtSeconds);
  for (let frame = 0; frame < frames; frame++) {
    player.time += dtSeconds;
    see(player.motion, { eye: [0, 2, 0], yaw: yawAt(player.time) }, dtSeconds);
    if (observeLook(player.look, player.motion, dtSeconds, HORIZONS)) player.rewrites++;
  }
  return player;
}

/** Turns left by a radian every two seconds, within a quarter of a second. */
const lefty = (t: number): number => Math.floor(t / 2) + Math.min(1, (t % 2) / 0.25);
const still = (): number => 0.3;

const LEFT = [0.5, 1.5] as const;
const RIGHT = [-1.5, -0.5] as const;
const chance = (
  { look }: Player,
  horizon: number,
  [low, high]: readonly [number, number],
): number => chanceWithin(look.spreads[horizon]!, low, high);

describe('what is learned of a look around', () => {
  it('is even and wide before much is known, the wider the farther ahead', () => {
    const player = watch(newPlayer(), still, 0.3);
    for (let horizon = 1; horizon < 4; horizon++) {
      expect(chance(player, horizon, LEFT)).toBeCloseTo(chance(player, horizon, RIGHT), 9);
      expect(chance(player, horizon, [-Math.PI, Math.PI - 1e-9])).toBeCloseTo(1, 6);
    }
    expect(chance(player, 3, LEFT)).toBeGreaterThan(2 * chance(player, 1, LEFT));
  });

  it('leans to the side that the player turns to', () => {
    const player = watch(newPlayer(), lefty, 30);
    expect(chance(player, 2, LEFT)).toBeGreaterThan(0.25);
    expect(chance(player, 2, LEFT)).toBeGreaterThan(2 * chance(player, 2, RIGHT));
    // Mirrored, the other side.
    const righty = watch(newPlayer(), (t) => -lefty(t), 30);
    expect(chance(righty, 2, RIGHT)).toBeCloseTo(chance(player, 2, LEFT), 1);
    expect(chance(righty, 2, RIGHT)).toBeGreaterThan(2 * chance(righty, 2, LEFT));
  });

  it('narrows for a player who looks ahead, and comes to rest with the camera', () => {
    const player = watch(newPlayer(), still, 30);
    const prior = watch(newPlayer(), still, 0.3);
    expect(chance(player, 3, LEFT)).toBeLessThan(0.2 * chance(prior, 3, LEFT));
    watch(player, still, 120);
    const settled = player.rewrites;
    watch(player, still, 60);
    expect(player.rewrites).toBe(settled);
  });

  it('fades: another habit takes its place within a minute', () => {
    const player = watch(newPlayer(), lefty, 30);
    watch(player, (t) => -lefty(t), 60);
    expect(chance(player, 2, RIGHT)).toBeGreaterThan(1.8 * chance(player, 2, LEFT));
  });

  it('is about the same at every frame rate', () => {
    const at = (rate: number): number => chance(watch(newPlayer(), lefty, 40, 1 / rate), 2, LEFT);
    for (const rate of [20, 60, 144]) expect(Math.abs(at(rate) - at(30))).toBeLessThan(0.08);
  });

  it('takes cuts, and turns while no time passes, for nobody’s habit', () => {
    const cutting = newPlayer();
    const shifted = newPlayer();
    for (let i = 0; i < 15; i++) {
      // A cut of the view by two radians at once.
      watch(cutting, () => 2 * i, 2);
      // A step of half a radian in no time: too small for a cut.
      see(shifted.motion, { eye: [0, 2, 0], yaw: 0.5 * i }, 0);
      observeLook(shifted.look, shifted.motion, 0, HORIZONS);
      watch(shifted, () => 0.5 * i, 2);
    }
    // The same steps as turns are a habit.
    const turning = watch(newPlayer(), lefty, 30);
    for (const player of [cutting, shifted]) {
      expect(chance(player, 2, LEFT)).toBeCloseTo(chance(player, 2, RIGHT), 2);
      expect(chance(player, 2, LEFT)).toBeLessThan(0.4 * chance(turning, 2, LEFT));
    }
  });

  it('bears any frame times, stays a chance, and takes no more memory', () => {
    const random = createRandom(5);
    const player = newPlayer();
    const bytes = player.look.looks.byteLength;
    for (let i = 0; i < 4000; i++) {
      const dt = random() < 0.1 ? random() * 2 : random() * 0.05;
      const yaw = player.look.yaw + (random() - 0.5) * 0.4;
      see(player.motion, { eye: [0, 2, 0], yaw }, dt);
      observeLook(player.look, player.motion, dt, HORIZONS);
      const low = (random() * 2 - 1) * 2 * Math.PI;
      const wide = chance(player, 3, [low, low + 2]);
      const narrow = chance(player, 3, [low + 0.5, low + 1.5]);
      if (player.look.spreads[3]![72] === 0) continue;
      expect(narrow).toBeGreaterThanOrEqual(0);
      expect(wide).toBeGreaterThanOrEqual(narrow);
      expect(wide).toBeLessThanOrEqual(1 + 1e-9);
    }
    expect(player.look.looks.byteLength).toBe(bytes);
    expect(player.look.count).toBeLessThanOrEqual(bytes / 24);
  });

  it('is the same for the same looks', () => {
    const twice = [0, 1].map(() => watch(newPlayer(), lefty, 20).look.spreads);
    expect(twice[0]).toEqual(twice[1]);
  });
});
