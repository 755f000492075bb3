/**
 * The quadtree of terrain tiles: level 0 is one tile over everything, each level below has four
 * times as many. Nodes are numbered level by level, in Morton order within a level, so that the
 * four children of a node are consecutive.
 */

export interface TileAddress {
  /** 0 is the root. */
  level: number;
  column: number;
  row: number;
}

/** Levels of the tree for a grid of `cells` a side cut into tiles of `tileCells`. */
export function levelCount(cells: number, tileCells: number): number {
  return Math.round(Math.log2(cells / tileCells)) + 1;
}

/** First node of a level. */
export function levelStart(level: number): number {
  return (4 ** level - 1) / 3;
}

/** Where a node lies. */
export function tileAddress(node: number): TileAddress {
  let level = 0;
  while (levelStart(level + 1) <= node) level++;
  let morton = node - levelStart(level);
  let column = 0;
  let row = 0;
  for (let bit = 1; morton > 0; bit *= 2) {
    if (morton & 1) column += bit;
    if (morton & 2) row += bit;
    morton = Math.floor(morton / 4);
  }
  return { level, column, row };
}

/** First of the four children of a node that is not at the last level. */
export function firstChild(node: number): number {
  return node * 4 + 1;
}
