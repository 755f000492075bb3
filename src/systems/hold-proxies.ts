/**
 * What stands in for a level and is on screen stays: its coarsest LOD is kept while it is seen, unless that
 * would be too much. There is nothing else to show in its place, and it is what the horizon is made of.
 */
import type { StreamWorld } from '../world.ts';
import { heldBytes, keepPayload, unkeepPayload } from './holds.ts';
import { coarsestPayload } from './lod-state.ts';

/** Of all that may be held: the base of the open takes a third at most, and comes first. */
const HELD_SHARE = 1 / 2;

/** The cell has come on screen. */
export function holdShownProxy(world: StreamWorld, cell: number): void {
  const { cells, budget } = world;
  if (cells.standsFor[cell] === 0 || cells.held[cell] === 1) return;
  if (heldBytes(world) > budget.budgetBytes * HELD_SHARE) return;
  cells.held[cell] = 1;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++)
    keepPayload(world, coarsestPayload(world, cells.runAssets[run]!));
}

/** It has left the screen. */
export function releaseHiddenProxy(world: StreamWorld, cell: number): void {
  const { cells } = world;
  if (cells.held[cell] === 0) return;
  cells.held[cell] = 0;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++)
    unkeepPayload(world, coarsestPayload(world, cells.runAssets[run]!));
}
