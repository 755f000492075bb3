/**
 * A synthetic 3D Tiles tileset: a complete quadtree over flat ground, REPLACE refinement, one piece
 * of content a tile. The world grows with the number of tiles; a leaf is always 64 m across.
 */

/** A tile as the tileset JSON has it. */
export interface StubTile {
  boundingVolume: { box: number[] };
  geometricError: number;
  refine: 'REPLACE';
  content: { uri: string };
  children?: StubTile[];
}

export interface StubTileset {
  asset: { version: string };
  geometricError: number;
  root: StubTile;
}

const LEAF_METERS = 64;
/** The thickness of the ground: heights of trees and houses. */
const HALF_HEIGHT_METERS = 15;
/** Error of a tile as a share of its width: a 64 m leaf is 4 m off. */
const ERROR_PER_METER = 1 / 16;

/** Levels of the complete quadtree whose number of tiles is nearest to `tiles`, on a log scale. */
export function levelsFor(tiles: number): number {
  return Math.max(1, Math.round(Math.log(tiles * 3 + 1) / Math.log(4)));
}

/** Tiles of a complete quadtree: 9 levels are 87,381. */
export function countTiles(levels: number): number {
  return (4 ** levels - 1) / 3;
}

/** The tileset; 3D Tiles has z up. */
export function createTileset(levels: number): StubTileset {
  const size = LEAF_METERS * 2 ** (levels - 1);
  const root = createTile(0, 0, size, levels);
  return { asset: { version: '1.0' }, geometricError: root.geometricError * 2, root };
}

function createTile(x: number, y: number, size: number, levels: number): StubTile {
  const half = size / 2;
  const tile: StubTile = {
    boundingVolume: { box: [x, y, 0, half, 0, 0, 0, half, 0, 0, 0, HALF_HEIGHT_METERS] },
    geometricError: size * ERROR_PER_METER,
    refine: 'REPLACE',
    content: { uri: `${levels}-${x}-${y}.stub` },
  };
  if (levels > 1)
    tile.children = [
      [-1, -1],
      [1, -1],
      [-1, 1],
      [1, 1],
    ].map(([dx, dy]) => createTile(x + (dx! * half) / 2, y + (dy! * half) / 2, half, levels - 1));
  return tile;
}
