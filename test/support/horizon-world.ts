/**
 * A field cut into squares that are levels of a grid, each with placements and a proxy; and what of it is on
 * screen, square by square.
 */
import { NO_LEVEL } from '../../src/io/bundle/format.ts';
import type { BookView } from './simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from './synthetic-world.ts';

export const EDGE = 40;
export const HALF = 4;
export const RANGE = 60;
/** Placements of a square, beside its proxy. */
const PLACEMENTS = 6;
const SQUARES = (2 * HALF) ** 2;
/** Assets that squares show among them; the others are proxies, one for each square. */
const SHARED = 6;

/** x, z of each square. */
export const PLACES: readonly (readonly [number, number])[] = Array.from(
  { length: SQUARES },
  (_, i) => [(i % (2 * HALF)) - HALF, Math.floor(i / (2 * HALF)) - HALF],
);

/** The square of a level's name, and the asset that stands in for it. */
export function squareOf(level: string): number {
  return PLACES.findIndex(([x, z]) => level === `hills/${x}_${z}`);
}

export function proxyOf(square: number): string {
  return `asset-${SHARED + square}`;
}

export function makeHorizonWorld(): SyntheticWorld {
  const perSquare = PLACEMENTS + 1;
  return makeSyntheticWorld({
    placements: SQUARES * perSquare,
    assets: SHARED + SQUARES,
    extentMeters: EDGE * HALF * 2,
    cellMeters: EDGE / 2,
    finestBytes: 3000,
    grids: [{ name: 'hills', edgeMeters: EDGE, rangeMeters: RANGE }],
    levels: PLACES.map(([x, z]) => ({
      name: `hills/${x}_${z}`,
      center: [0, 0, 0],
      radius: 0,
      square: [0, x, z],
    })),
    scatter(random, xs, zs) {
      for (let row = 0; row < xs.length; row++) {
        const [x, z] = PLACES[Math.floor(row / perSquare)]!;
        const isProxy = row % perSquare === PLACEMENTS;
        xs[row] = (x + (isProxy ? 0.5 : 0.1 + random() * 0.8)) * EDGE;
        zs[row] = (z + (isProxy ? 0.5 : 0.1 + random() * 0.8)) * EDGE;
      }
    },
    belongs(row) {
      const square = Math.floor(row / perSquare);
      if (row % perSquare === PLACEMENTS) return { standsFor: square, asset: SHARED + square };
      return { level: square, asset: (row * 7 + square) % SHARED };
    },
  });
}

/** Whether the slots of the square's cells, and of its proxy, are on screen: `all`, `some` or `none`. */
export interface Look {
  cells: 'all' | 'some' | 'none';
  proxy: 'all' | 'some' | 'none';
}

/** Finds out what a square shows; slots of the world begin at `firstSlot`. */
export function createLooks({ catalog }: SyntheticWorld, firstSlot: number) {
  const { cellLevels, cellProxies, cellRuns, runSlots } = catalog;
  const own: number[][] = PLACES.map(() => []);
  const proxies: number[][] = PLACES.map(() => []);
  for (let cell = 0; cell < catalog.counts.cells; cell++) {
    const isProxy = cellLevels[cell] === NO_LEVEL;
    const list = (isProxy ? proxies : own)[(isProxy ? cellProxies : cellLevels)[cell]!]!;
    for (let slot = runSlots[cellRuns[cell]!]!; slot < runSlots[cellRuns[cell + 1]!]!; slot++)
      list.push(firstSlot + slot);
  }
  const extent = (slots: readonly number[], { shown }: BookView): Look['cells'] => {
    const count = slots.filter((slot) => shown.has(slot)).length;
    return count === 0 ? 'none' : count === slots.length ? 'all' : 'some';
  };
  return (square: number, view: BookView): Look => ({
    cells: extent(own[square]!, view),
    proxy: extent(proxies[square]!, view),
  });
}
