/**
 * Strategy: walks and jumps over a field of squares, each a level with a proxy, on a link that is slow, fails
 * and stalls, all from seeds; in all of it everything is in view. In every frame after its proxy was first
 * there, each square shows all of its cells or its proxy, and never both. What a square lacks because an
 * asset of it has failed is not counted against it.
 * Controls: levels that go without waiting for what stands in for them, and proxies that stay when their
 * level comes, are caught.
 */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { Level } from '../../src/level/level-machine.ts';
import {
  createLooks,
  EDGE,
  HALF,
  type Look,
  makeHorizonWorld,
  PLACES,
  proxyOf,
  RANGE,
  squareOf,
} from '../support/horizon-world.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';

const broken = vi.hoisted(() => ({ how: '' }));

vi.mock('../../src/systems/show-levels.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../src/systems/show-levels.ts')>();
  return {
    ...original,
    callProxies(...[world, level]: Parameters<typeof original.callProxies>) {
      original.callProxies(world, level);
      // Out of sight, out of mind: what stands in for it comes when it comes.
      if (broken.how === 'hasty') original.setVeil(world, level, true);
    },
    unveilLevel(...[world, level]: Parameters<typeof original.unveilLevel>) {
      const bare: Level = broken.how === 'crowded' ? { ...level, proxies: [] } : level;
      original.unveilLevel(world, bare);
      level.isShown = true;
      if (broken.how === 'crowded')
        for (const cell of level.proxies) world.cells.standsFor[cell] = 0;
    },
  };
});

const synthetic = makeHorizonWorld();

interface Walked {
  problems: string[];
  /** Squares on screen by their cells and by their proxy, summed over frames. */
  cells: number;
  proxies: number;
  /** Levels that became active; proxies that were not there when their level was to go. */
  loads: number;
  waits: number;
}

type Game = ReturnType<typeof createSimulation>;

function begin(seed: number, random: () => number): Game {
  const faults = { failureRate: 0.1, corruptRate: 0.05, shortReadRate: 0.05, stallRate: 0 };
  return createSimulation(synthetic, {
    seed,
    faults,
    bandwidthBytesPerSecond: 3e5,
    streaming: {
      // Finer LODs are wanted than there is room for: what shows nothing leaves.
      budgetBytes: Math.round(synthetic.residentBytes * (0.06 + random() * 0.1)),
      errorPixels: 0.05,
      policy: { keepsCoarsest: seed % 3 === 0 },
      minPixels: 0,
      drawDistanceMeters: 1e5,
      levels: { stepsPerFrame: 1 + Math.floor(random() * 12) },
    },
  });
}

/** Straight down, and so wide that all of the field is in view; grids go by the ground. */
function look({ streaming, viewpoint }: Game, x: number, z: number): void {
  const { Viewpoint } = streaming.components;
  Viewpoint.eye.set([x, 150, z], viewpoint * 3);
  Viewpoint.orientation.set([-Math.SQRT1_2, 0, 0, Math.SQRT1_2], viewpoint * 4);
  Viewpoint.fovYRadians[viewpoint] = 2.4;
}

async function walk(seed: number, frames: number): Promise<Walked> {
  const random = createRandom(seed);
  const game = begin(seed, random);
  const { streaming, view } = game;
  const walked: Walked = { problems: [], cells: 0, proxies: 0, loads: 0, waits: 0 };
  const failed = new Set<string>();
  streaming.on('assetFailed', ({ asset }) => failed.add(asset));
  streaming.on('assetResident', ({ asset, lod }) => lod === 4 && failed.delete(asset));
  streaming.on('levelStateChanged', ({ level, from, to }) => {
    if (to === 'active') walked.loads++;
    if (from === 'active' && !streaming.isResident(proxyOf(squareOf(level)))) walked.waits++;
  });
  await openSynthetic(game, synthetic);
  const lookAt = createLooks(synthetic, 4097);
  const wasThere = PLACES.map(() => false);
  const at = { x: 0, z: 0 };
  for (let frame = 0; frame < frames && walked.problems.length < 5; frame++) {
    move(game, random, at);
    await game.step();
    const isOver = streaming.stats().usedBytes > streaming.budgetBytes;
    if (!isOver && broken.how === '' && frame % 5 === 0) streaming.checkInvariants();
    for (let square = 0; square < PLACES.length; square++) {
      const { cells, proxy } = lookAt(square, view);
      if (proxy === 'all') wasThere[square] = true;
      if (cells === 'all') walked.cells++;
      if (proxy === 'all') walked.proxies++;
      if (!wasThere[square]) continue;
      const problem = problemOf(cells, proxy, failed, square);
      if (problem)
        walked.problems.push(`seed ${seed}, frame ${frame}, ${PLACES[square]}: ${problem}`);
    }
  }
  expect(view.problems).toEqual([]);
  await streaming.dispose();
  return walked;
}

/** A walk, jumps, and a link that changes. */
function move(
  { streaming, link, ...game }: Game,
  random: () => number,
  at: { x: number; z: number },
): void {
  const kind = random();
  const edge = EDGE * HALF;
  if (kind < 0.03)
    Object.assign(at, { x: (random() * 2 - 1) * edge, z: (random() * 2 - 1) * edge });
  else if (kind < 0.06) link.bandwidthBytesPerSecond = 10 ** (4 + random() * 3);
  else if (kind < 0.08) link.latencySeconds = random() * 0.6;
  else if (kind > 0.99) streaming.setGrid('hills', { rangeMeters: RANGE * (0.3 + random()) });
  at.x = Math.max(-edge, Math.min(edge, at.x + (random() - 0.5) * 16));
  at.z = Math.max(-edge, Math.min(edge, at.z + (random() - 0.5) * 16));
  look({ streaming, link, ...game }, at.x, at.z);
}

function problemOf(
  cells: Look['cells'],
  proxy: Look['proxy'],
  failed: ReadonlySet<string>,
  square: number,
): string {
  if (cells !== 'none' && proxy !== 'none') return `${cells} of its cells and its proxy`;
  if (cells === 'some' && failed.size === 0) return 'some of its cells';
  const isExcused = failed.has(proxyOf(square));
  return cells === 'none' && proxy === 'none' && !isExcused ? 'nothing' : '';
}

describe('the horizon', () => {
  const all = { waits: 0 };

  it.each([1, 2, 3, 4])('is never empty and never doubled, seed %i', async (seed) => {
    const { problems, cells, proxies, loads, waits } = await walk(seed, 200);
    expect(problems).toEqual([]);
    expect(cells).toBeGreaterThan(500);
    expect(proxies).toBeGreaterThan(4000);
    expect(loads).toBeGreaterThan(20);
    all.waits += waits;
  });

  it('had to wait for what stands in for levels at times', () => {
    expect(all.waits).toBeGreaterThan(10);
  });

  afterEach(() => {
    broken.how = '';
  });

  it.each([
    ['hasty', /: nothing/],
    ['crowded', /of its cells and its proxy/],
  ])('is seen to be broken where levels are %s', async (how, problem) => {
    broken.how = how;
    const problems: string[] = [];
    for (let seed = 1; seed <= 6 && problems.length === 0; seed++)
      problems.push(...(await walk(seed, 200)).problems);
    expect(problems.join('; ')).toMatch(problem);
  });
});
