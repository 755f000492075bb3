/**
 * Reads: eyes, data layers, what the game says of grids. Writes: wants of levels. After: switch-layers.
 *
 * Squares of grids are levels that are wanted while a viewpoint is near: from the loading range on until
 * beyond the unload distance of all. A grid is measured again when an eye has gone as far as anything
 * of it was from changing, and then only around the eyes: how many squares it has plays no part.
 */
import { grown } from '../base/grown.ts';
import { rangeOf, type StreamGrid, unloadOf } from '../level/grids.ts';
import { addWant, removeWant } from '../level/level-wants.ts';
import { firstSquare, measureSquare } from '../level/square-table.ts';
import type { StreamWorld } from '../world.ts';

/** Priorities of wants (see `level-wants`): within half of the range, and beyond. */
const NEAR_WANT = 1;
const FAR_WANT = 2;
/** From where on the first begins and ends, as shares of the range. */
const NEAR_SHARE = 0.5;
const NEAR_END_SHARE = 0.55;
/** Squares that are so much beyond the range are looked at too, as a share of an edge: see `slackMeters`. */
const MARGIN_SHARE = 0.5;

const distance = new Float64Array(1);

export function trackGrids(world: StreamWorld): void {
  const { grids, dataLayers, eyes } = world;
  for (let i = 0; i < grids.length; i++) {
    const grid = grids[i]!;
    const isThere = grid.intent.isActive && dataLayers.shows(grid.layer);
    const isSame = isThere === grid.wasThere && grid.intentSeen === grid.intent.version;
    if (isSame && (!isThere || isWithinSlack(world, grid))) continue;
    grid.wasThere = isThere;
    grid.intentSeen = grid.intent.version;
    grid.eyeCount = isThere ? eyes.count : 0;
    grid.eyes.set(eyes.values);
    grid.slackMeters = grid.squares.edgeMeters * MARGIN_SHARE;
    keepHeld(world, grid);
    for (let eye = 0; eye < grid.eyeCount; eye++) wantAround(world, grid, eye * 4);
  }
}

/** Whether no eye has gone so far that anything of the grid may have changed. */
function isWithinSlack({ eyes }: StreamWorld, grid: StreamGrid): boolean {
  if (grid.eyeCount !== eyes.count) return false;
  const slack = grid.slackMeters * grid.slackMeters;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const dx = eyes.values[at]! - grid.eyes[at]!;
    const dz = eyes.values[at + 2]! - grid.eyes[at + 2]!;
    if (dx === 0 && dz === 0) continue;
    if (dx * dx + dz * dz >= slack) return false;
  }
  return true;
}

/** Lets go of squares that all eyes have left behind, and weighs the others anew. */
function keepHeld(world: StreamWorld, grid: StreamGrid): void {
  const { held, priorities, squares } = grid;
  const range = rangeOf(grid);
  const unload = unloadOf(grid);
  let kept = 0;
  for (let i = 0; i < grid.heldCount; i++) {
    const square = held[i]!;
    measureSquare(squares, square, grid.eyes, grid.eyeCount, distance);
    const meters = distance[0]!;
    const level = world.levels[squares.levels[square]!]!;
    const before = priorities[square]!;
    const isGone = meters > unload;
    const want = wantAt(meters, range, before);
    if (isGone || want !== before) {
      removeWant(level, before);
      if (!isGone) addWant(level, want);
      priorities[square] = isGone ? -1 : want;
    }
    if (isGone) continue;
    held[kept++] = square;
    const ring = range * (want === NEAR_WANT ? NEAR_END_SHARE : NEAR_SHARE);
    narrow(grid, Math.min(unload - meters, Math.abs(ring - meters)));
  }
  grid.heldCount = kept;
}

/** Wants what is within the range of an eye, and notes how far what is next to it is from that. */
function wantAround(world: StreamWorld, grid: StreamGrid, at: number): void {
  const { squares, priorities, eyes } = grid;
  const { edgeMeters, firstZ, starts, xs } = squares;
  const range = rangeOf(grid);
  const reach = range + edgeMeters * MARGIN_SHARE;
  const minX = Math.floor((eyes[at]! - reach) / edgeMeters);
  const maxX = Math.floor((eyes[at]! + reach) / edgeMeters);
  const minZ = Math.max(0, Math.floor((eyes[at + 2]! - reach) / edgeMeters) - firstZ);
  const maxZ = Math.min(
    starts.length - 2,
    Math.floor((eyes[at + 2]! + reach) / edgeMeters) - firstZ,
  );
  for (let z = minZ; z <= maxZ; z++) {
    const end = starts[z + 1]!;
    for (let i = firstSquare(squares, z, minX); i < end && xs[i]! <= maxX; i++) {
      if (priorities[i] !== -1) continue;
      measureSquare(squares, i, eyes, grid.eyeCount, distance);
      if (distance[0]! > range) narrow(grid, distance[0]! - range);
      else hold(world, grid, i, wantAt(distance[0]!, range, -1));
    }
  }
}

function wantAt(meters: number, range: number, before: number): number {
  const share = before === NEAR_WANT ? NEAR_END_SHARE : NEAR_SHARE;
  return meters <= range * share ? NEAR_WANT : FAR_WANT;
}

function hold(world: StreamWorld, grid: StreamGrid, square: number, want: number): void {
  const meters = distance[0]!;
  if (grid.heldCount === grid.held.length) grid.held = grown(grid.held, grid.heldCount * 2);
  grid.held[grid.heldCount++] = square;
  grid.priorities[square] = want;
  addWant(world.levels[grid.squares.levels[square]!]!, want);
  const ring = rangeOf(grid) * (want === NEAR_WANT ? NEAR_END_SHARE : NEAR_SHARE);
  narrow(grid, Math.min(unloadOf(grid) - meters, Math.abs(ring - meters)));
}

function narrow(grid: StreamGrid, meters: number): void {
  grid.slackMeters = Math.min(grid.slackMeters, meters);
}
