/**
 * Which cells are in the tree that culling walks: those with no gate closed. What is in the tree is culled,
 * scored and asked for; whether it is also shown is `CellTable.isUnveiled`.
 */
import type { StreamWorld } from '../world.ts';

/** Why a cell may be kept out; each by one system. */
export const Gate = {
  /** Its world is being opened, or closed. */
  World: 1,
  /** Its level has not put it in. */
  Level: 2,
  /** Its data layer is not on, or on where it must be off. */
  Layer: 4,
  /** The level that it stands in for is active. */
  Proxy: 8,
} as const;
export type Gate = (typeof Gate)[keyof typeof Gate];

export function openGate(world: StreamWorld, cell: number, gate: Gate): void {
  const { gates } = world.cells;
  gates[cell] = gates[cell]! & ~gate;
  if (gates[cell] === 0 && !world.cellTree.has(cell)) insertCell(world, cell);
}

/** The cell is not in view from the next frame on; what it showed is hidden then. */
export function closeGate(world: StreamWorld, cell: number, gate: Gate): void {
  const { gates } = world.cells;
  gates[cell] = gates[cell]! | gate;
  if (world.cellTree.has(cell)) world.cellTree.delete(cell);
}

function insertCell(world: StreamWorld, cell: number): void {
  const { boxes } = world.cells;
  const b = cell * 6;
  const hx = (boxes[b + 3]! - boxes[b]!) / 2;
  const hy = (boxes[b + 4]! - boxes[b + 1]!) / 2;
  const hz = (boxes[b + 5]! - boxes[b + 2]!) / 2;
  world.cellTree.set(cell, boxes[b]! + hx, boxes[b + 1]! + hy, boxes[b + 2]! + hz, hx, hy, hz);
  world.cells.versions[cell] = 0;
}
