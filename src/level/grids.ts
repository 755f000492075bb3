/** Grids of the opened worlds, and what a game says of them by name. */
import { assert, assertNumber } from '../base/assert.ts';
import type { SquareTable } from './square-table.ts';

/** Without another figure a square is unloaded at so many times the loading range. */
const UNLOAD_FACTOR = 1.25;

/** How a grid loads; what is left out stays as it is. Lengths are meters along the ground. */
export interface GridSettings {
  /** From a viewpoint to a square: nearer than this it is loaded. null: as it was cooked. */
  rangeMeters?: number | null;
  /** Farther than this it is unloaded; at least the range. null, the default: 1.25 × the range. */
  unloadMeters?: number | null;
  /** false: nothing of it is wanted. */
  active?: boolean;
}

/** How a grid of the opened worlds stands. */
export interface GridReport {
  name: string;
  world: string;
  edgeMeters: number;
  rangeMeters: number;
  unloadMeters: number;
  active: boolean;
  squares: number;
  /** Squares that are wanted now. */
  wanted: number;
}

/** What a game has said of the grids of a name. */
export class GridIntent {
  rangeMeters: number | null = null;
  unloadMeters: number | null = null;
  isActive = true;
  /** Raised when any of it changes. */
  version = 0;
}

export interface StreamGrid {
  name: string;
  /** Name of its world, and whose grids go together. */
  world: string;
  readonly owner: object;
  readonly intent: GridIntent;
  /** As cooked (meters). */
  cookedMeters: number;
  /** As `DataLayers.shows` takes it. */
  layer: number;
  readonly squares: SquareTable;
  /** Squares that are wanted, so many as `heldCount`; and the priority of each square's want, -1 = none. */
  held: Int32Array;
  heldCount: number;
  readonly priorities: Int8Array;
  /** Where the eyes were when it was last measured, and how far one may go before it is again (meters). */
  readonly eyes: Float64Array;
  eyeCount: number;
  slackMeters: number;
  intentSeen: number;
  wasThere: boolean;
}

export function createGrid(
  facts: Pick<
    StreamGrid,
    'name' | 'world' | 'owner' | 'intent' | 'cookedMeters' | 'layer' | 'squares'
  >,
  maxEyes: number,
): StreamGrid {
  return {
    ...facts,
    held: new Int32Array(64),
    heldCount: 0,
    priorities: new Int8Array(facts.squares.count).fill(-1),
    eyes: new Float64Array(maxEyes * 4),
    eyeCount: -1,
    slackMeters: 0,
    intentSeen: -1,
    wasThere: false,
  };
}

export function rangeOf({ intent, cookedMeters }: StreamGrid): number {
  return intent.rangeMeters ?? cookedMeters;
}

export function unloadOf(grid: StreamGrid): number {
  // A world opened since may have been cooked with a longer range.
  return Math.max(rangeOf(grid), grid.intent.unloadMeters ?? rangeOf(grid) * UNLOAD_FACTOR);
}

/**
 * Changes what holds for a grid. Throws where a figure is none, or what is unloaded would be nearer than
 * what is loaded; then all stays as it was.
 *
 * @param cookedMeters the largest range that a grid of that name was cooked with, 0 = none is open
 */
export function changeGrid(
  intent: GridIntent,
  call: string,
  settings: GridSettings,
  cookedMeters: number,
): void {
  const { rangeMeters = intent.rangeMeters, unloadMeters = intent.unloadMeters } = settings;
  const { active = intent.isActive } = settings;
  if (rangeMeters !== null) assertNumber(`${call}: rangeMeters`, rangeMeters, 1e-3, 1e7);
  if (unloadMeters !== null) assertNumber(`${call}: unloadMeters`, unloadMeters, 1e-3, 1e7);
  const range = rangeMeters ?? cookedMeters;
  assert(
    unloadMeters === null || unloadMeters >= range,
    `${call}: unloadMeters is ${unloadMeters}, expected at least the range of ${range} m`,
  );
  assert(typeof active === 'boolean', `${call}: active: expected true or false, got ${active}`);
  intent.rangeMeters = rangeMeters;
  intent.unloadMeters = unloadMeters;
  intent.isActive = active;
  intent.version++;
}
