/** The flythrough's worlds, paths and eyes are those of the reference, value by value. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { makePath, PATH_KINDS, type PathKind } from '../../bench/flythrough/path.ts';
import { prepareScenario, SCENARIO_DEFAULTS, YARDSTICKS } from '../../bench/flythrough/scenario.ts';
import { makeWorld } from '../../bench/flythrough/world.ts';
import { PATHS, SIGHTS, WORLDS } from './flythrough-fixture.ts';

function fingerprint(...columns: ArrayLike<number>[]): string {
  const hash = createHash('sha256');
  for (const column of columns) {
    const rounded = Float64Array.from(column, (value) => Math.round(value * 1e6) + 0);
    hash.update(new Uint8Array(rounded.buffer));
  }
  return hash.digest('hex').slice(0, 16);
}

function split(name: string): [PathKind, number] {
  const [kind, seed] = name.split('/');
  return [kind as PathKind, Number(seed)];
}

describe('worlds and paths', () => {
  test.each(Object.entries(WORLDS))('world %s is the reference’s', (seed, expected) => {
    const world = makeWorld(Number(seed));
    const { x, y, radius, importance, bytes } = world;
    expect(fingerprint(x, y, radius, importance, bytes)).toBe(expected);
    // A hash that any world would have proves nothing.
    x[1234]! += 2e-6;
    expect(fingerprint(x, y, radius, importance, bytes)).not.toBe(expected);
  });

  test('every kind of path, at four seeds, is the reference’s', () => {
    const made = Object.keys(PATHS).map((name) => {
      const { x, y, yaw, jumps } = makePath(...split(name));
      return [name, fingerprint(x, y, yaw, jumps)];
    });
    expect(Object.fromEntries(made)).toEqual(PATHS);
    expect(new Set(Object.keys(PATHS).map((name) => split(name)[0]))).toEqual(new Set(PATH_KINDS));
  });
});

describe('what is seen', () => {
  test.each(Object.entries(SIGHTS))('along %s is what the reference sees', (name, expected) => {
    const [kind, seed] = split(name);
    const { visibility } = prepareScenario({ ...SCENARIO_DEFAULTS, id: name, kind, seed });
    const { demandBytesPerS, visibleBytesP95, weights, ideals, objects, future } = visibility;
    expect([
      demandBytesPerS,
      visibleBytesP95,
      fingerprint(weights, ideals, objects),
      fingerprint(future),
    ]).toEqual(expected);
  });

  test('gives the yardsticks the bandwidth and memory of the notes', () => {
    const [, , , , , , y6] = YARDSTICKS;
    const { bandwidthBytesPerS, budgetBytes } = prepareScenario(y6!);
    expect([y6!.id, bandwidthBytesPerS, budgetBytes]).toEqual(['Y6', 7_125_245, 46_323_779]);
  });
});
