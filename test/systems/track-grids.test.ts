/**
 * Grids: what is wanted is what a scan of all squares finds, on any walk, with many viewpoints, whatever the
 * game says meanwhile; and a frame looks at what is near, not at all there is.
 */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { NO_LAYER } from '../../src/io/bundle/format.ts';
import { changeGrid, createGrid, GridIntent } from '../../src/level/grids.ts';
import { createLevel, type Level } from '../../src/level/level-machine.ts';
import { createWants, strongestWant } from '../../src/level/level-wants.ts';
import { createSquareTable } from '../../src/level/square-table.ts';
import { addLevel } from '../../src/systems/level-roster.ts';
import { trackGrids } from '../../src/systems/track-grids.ts';
import type { StreamWorld } from '../../src/world.ts';
import { makeStreamWorld } from '../support/stream-world.ts';

const EDGE = 64;

interface Field {
  world: StreamWorld;
  intent: GridIntent;
  levels: Level[];
  places: { x: number; z: number; level: number }[];
}

/** @param has whether there is a square at x, z */
function makeField(
  half: number,
  rangeMeters: number,
  layer: number = NO_LAYER,
  has: (x: number, z: number) => boolean = () => true,
): Field {
  const world = makeStreamWorld(1e6);
  const places: Field['places'] = [];
  for (let x = -half; x < half; x++)
    for (let z = -half; z < half; z++) {
      if (!has(x, z)) continue;
      const level = createLevel(
        `grid/${x}_${z}`,
        world.levelIntents.of(`grid/${x}_${z}`),
        createWants(),
      );
      addLevel(world, level);
      places.push({ x, z, level: level.row });
    }
  const intent = new GridIntent();
  const facts = { name: 'grid', world: 'w', owner: {}, intent, cookedMeters: rangeMeters, layer };
  world.grids.push(createGrid({ ...facts, squares: createSquareTable(EDGE, places) }, 16));
  return { world, intent, levels: world.levels as Level[], places };
}

function look(world: StreamWorld, eyes: readonly (readonly [number, number])[]): void {
  for (const [i, [x, z]] of eyes.entries()) world.eyes.values.set([x, 30, z, 1], i * 4);
  world.eyes.count = eyes.length;
}

function metersTo(x: number, z: number, eyes: readonly (readonly [number, number])[]): number {
  const away = (at: number, min: number): number => Math.max(min - at, 0, at - min - EDGE);
  return Math.min(...eyes.map(([ex, ez]) => Math.hypot(away(ex, x * EDGE), away(ez, z * EDGE))));
}

describe.each([1, 2, 3, 4])('on a walk with seed %i', (seed) => {
  test('exactly the squares are wanted that a scan of all finds', () => {
    const random = createRandom(seed);
    const layer = seed % 2 === 0 ? 0 : NO_LAYER;
    const field = makeField(12, 150, layer, () => random() < 0.8);
    const { world, intent, levels, places } = field;
    if (layer === 0) world.dataLayers.rowOf('winter');
    const eyes: [number, number][] = Array.from({ length: 1 + (seed % 3) }, () => [0, 0]);
    const wanted = new Set<number>();
    let changes = 0;
    for (let frame = 0; frame < 800; frame++) {
      const kind = random();
      if (kind < 0.01) changeGrid(intent, 'test', { rangeMeters: 50 + random() * 300 }, 150);
      else if (kind < 0.02) changeGrid(intent, 'test', { active: random() < 0.7 }, 150);
      else if (kind < 0.03 && layer === 0) world.dataLayers.set('winter', random() < 0.7);
      else if (kind < 0.04) eyes.push([0, 0]);
      else if (kind < 0.05 && eyes.length > 0) eyes.pop();
      for (const eye of eyes) {
        const speed = random() < 0.02 ? 800 : 6;
        eye[0] = Math.max(-900, Math.min(900, eye[0] + (random() - 0.5) * speed));
        eye[1] = Math.max(-900, Math.min(900, eye[1] + (random() - 0.5) * speed));
      }
      eyes.length = Math.min(eyes.length, 5);
      look(world, eyes);
      trackGrids(world);
      const range = intent.rangeMeters ?? 150;
      const isThere = intent.isActive && world.dataLayers.shows(layer);
      for (const { x, z, level } of places) {
        const meters = isThere ? metersTo(x, z, eyes) : Number.POSITIVE_INFINITY;
        const was = wanted.has(level);
        if (meters <= range) wanted.add(level);
        else if (meters > range * 1.25) wanted.delete(level);
        if (was !== wanted.has(level)) changes++;
        const priority = strongestWant(levels[level]!);
        // One want at a time, the nearer the more urgent.
        const wants = levels[level]!.wants.reduce((sum, count) => sum + count, 0);
        const isRight = priority === 1 ? meters <= range * 0.55 : meters > range * 0.5;
        if (wants !== (wanted.has(level) ? 1 : 0) || (wants === 1 && !isRight))
          expect.fail(
            `frame ${frame}: square ${x}, ${z} at ${meters} m: ${wants} wants, ${priority}`,
          );
      }
    }
    expect(changes).toBeGreaterThan(200);
  });
});

/** Loads in 1,000 crossings of the border of a square's range. */
function crossings(unloadMeters: number): number {
  const { world, intent, levels, places } = makeField(4, 100);
  changeGrid(intent, 'test', { unloadMeters }, 100);
  const square = levels[places.find(({ x, z }) => x === 0 && z === 0)!.level]!;
  let loads = 0;
  for (let i = 0; i < 2000; i++) {
    const before = strongestWant(square) >= 0;
    look(world, [[i % 2 === 0 ? -99 : -101, 32]]);
    trackGrids(world);
    if (!before && strongestWant(square) >= 0) loads++;
  }
  return loads;
}

test('who walks along a border makes a square come once; without room between, hundreds of times', () => {
  expect(crossings(125)).toBe(1);
  expect(crossings(100)).toBeGreaterThan(500);
});

test('a frame looks at squares only when a viewpoint has moved far enough, and only near it', () => {
  const { world } = makeField(100, 300);
  const grid = world.grids[0]!;
  expect(grid.squares.count).toBe(40_000);
  let looks = 0;
  const xs = new Proxy(grid.squares.xs, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
      return Reflect.get(target, key) as unknown;
    },
  });
  Object.assign(grid.squares, { xs });
  const most = { moving: 0, frames: 0 };
  for (let frame = 0; frame < 600; frame++) {
    look(world, [[frame * 0.3, 10]]);
    looks = 0;
    trackGrids(world);
    if (looks > 0) most.frames++;
    most.moving = Math.max(most.moving, looks);
  }
  // About (2 × 300 + 2 × 32 + 2 × 64) ÷ 64 squares each way, each looked at a few times.
  expect(most.moving).toBeLessThan(2000);
  expect(most.frames).toBeLessThan(300);
  looks = 0;
  for (let i = 0; i < 100; i++) trackGrids(world);
  expect(looks).toBe(0);
});

test('what cannot be is refused with what was seen, and changes nothing', () => {
  const intent = new GridIntent();
  const change = (settings: object) => () => changeGrid(intent, 'setGrid("hills")', settings, 200);
  expect(change({ rangeMeters: 0 })).toThrow('setGrid("hills"): rangeMeters');
  expect(change({ rangeMeters: Number.NaN })).toThrow('setGrid("hills"): rangeMeters');
  expect(change({ unloadMeters: 150 })).toThrow(
    'setGrid("hills"): unloadMeters is 150, expected at least the range of 200 m',
  );
  expect(change({ active: 'yes' })).toThrow('active: expected true or false, got yes');
  expect(intent).toMatchObject({
    rangeMeters: null,
    unloadMeters: null,
    isActive: true,
    version: 0,
  });
  change({ rangeMeters: 100, unloadMeters: 150 })();
  expect(intent).toMatchObject({ rangeMeters: 100, unloadMeters: 150, version: 1 });
  expect(change({ rangeMeters: 160 })).toThrow('unloadMeters is 150');
});
