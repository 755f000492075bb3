/** Puts cells into the tree that culling walks, and takes them out again. */
import type { StreamWorld } from '../world.ts';

export function insertCell(world: StreamWorld, cell: number): void {
  const { boxes } = world.cells;
  const b = cell * 6;
  const hx = (boxes[b + 3]! - boxes[b]!) / 2;
  const hy = (boxes[b + 4]! - boxes[b + 1]!) / 2;
  const hz = (boxes[b + 5]! - boxes[b + 2]!) / 2;
  world.cellTree.set(cell, boxes[b]! + hx, boxes[b + 1]! + hy, boxes[b + 2]! + hz, hx, hy, hz);
  world.cells.versions[cell] = 0;
}

/** The cell is not in view from the next frame on; what it showed is hidden then. */
export function removeCell(world: StreamWorld, cell: number): void {
  world.cellTree.delete(cell);
}
