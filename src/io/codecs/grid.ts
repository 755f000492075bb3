/**
 * Terrain tiles as height grids: what a tile's mesh shares with every other is not stored, and what
 * is stored is the difference to a guess. A height is guessed from its three earlier neighbors, a
 * normal from the slope of the heights. The arrays that come out are those of any other codec.
 *
 * The stream holds 16-bit values as all low bytes, then all high bytes: for each axis (x of the
 * columns, z of the rows, with uvs also u of the columns) the differences from one to the next, then
 * the heights row by row. After them one byte for the x of every normal, then one for the z.
 * Differences are zigzag: 0, -1, 1, -2, … are 0, 1, 2, 3, …
 */
import type { PrimitiveHeader } from '../bundle/mesh-header.ts';
import type { DecodedPrimitive } from '../content.ts';
import type { Bytes } from '../source.ts';
import { attributeBytes, viewAttribute } from './arrays.ts';
import { damaged } from './check.ts';
import { gridStreamBytes, gridTopology } from './grid-topology.ts';

/** A tile's surface in steps of its payload's position grid. */
export interface HeightGridTile {
  /** Cells a side. */
  cells: number;
  /** x of each column and z of each row: `cells + 1` values. */
  columns: Int16Array;
  rows: Int16Array;
  /** Texture coordinate of each column, and of each row alike; null without a texture. */
  uvs: Uint16Array | null;
  /** Row by row, `(cells + 1)²` values; normals likewise, times 127. */
  heights: Int16Array;
  normalsX: Int8Array;
  normalsZ: Int8Array;
}

export function encodeGrid(tile: HeightGridTile): Bytes {
  const { cells, heights, normalsX, normalsZ, columns, rows, uvs } = tile;
  const side = cells + 1;
  const bytes = new Uint8Array(gridStreamBytes(cells, uvs !== null));
  const wideCount = (bytes.length - 2 * side * side) / 2;
  let to = 0;
  const putWide = (difference: number): void => {
    const folded = zigzag((difference << 16) >> 16);
    bytes[to] = folded;
    bytes[wideCount + to++] = folded >> 8;
  };
  for (const axis of uvs ? [columns, rows, uvs] : [columns, rows])
    axis.forEach((value, i) => void putWide(value - (i > 0 ? axis[i - 1]! : 0)));
  heights.forEach((value, i) => void putWide(value - guessHeight(heights, i, side)));
  to = 2 * wideCount;
  guessNormals(tile, (i, x, z) => {
    bytes[to + i] = zigzag(((normalsX[i]! - x) << 24) >> 24);
    bytes[to + side * side + i] = zigzag(((normalsZ[i]! - z) << 24) >> 24);
  });
  return bytes;
}

/** @param header with a `grid`, checked by `readMeshHead` */
export function decodeGrid(header: PrimitiveHeader, streams: Bytes): DecodedPrimitive {
  const { grid, material, sphere } = header;
  if (!grid) throw damaged('the grid is not in the head');
  const hasUvs = header.attributes.some(({ name }) => name === 'uv');
  const bytes = streams.subarray(grid.offset, grid.offset + grid.bytes);
  const tile = readTile(bytes, grid.cells, hasUvs);
  const attributes = header.attributes.map((attribute) => {
    const array = viewAttribute(attribute, new ArrayBuffer(attributeBytes(header, attribute)));
    if (attribute.name === 'position') fillPositions(array, tile, grid.drop);
    else if (attribute.name === 'normal') fillNormals(array, tile);
    else fillUvs(array, tile);
    const { name, itemSize, normalized } = attribute;
    return { name, array, itemSize, normalized };
  });
  return { material, sphere, attributes, index: gridTopology(grid.cells).index.slice() };
}

function readTile(bytes: Bytes, cells: number, hasUvs: boolean): HeightGridTile {
  const side = cells + 1;
  const count = side * side;
  const wideCount = (bytes.length - 2 * count) / 2;
  let from = 0;
  const takeWide = (): number => {
    const folded = bytes[from]! | (bytes[wideCount + from]! << 8);
    from++;
    return (folded >> 1) ^ -(folded & 1);
  };
  const takeAxis = <T extends Int16Array | Uint16Array>(axis: T): T => {
    for (let i = 0, value = 0; i < side; i++) {
      value += takeWide();
      axis[i] = value;
    }
    return axis;
  };
  const columns = takeAxis(new Int16Array(side));
  const rows = takeAxis(new Int16Array(side));
  const uvs = hasUvs ? takeAxis(new Uint16Array(side)) : null;
  const heights = new Int16Array(count);
  for (let i = 0; i < count; i++) heights[i] = guessHeight(heights, i, side) + takeWide();
  const normalsX = new Int8Array(count);
  const normalsZ = new Int8Array(count);
  const tile = { cells, columns, rows, uvs, heights, normalsX, normalsZ };
  const start = 2 * wideCount;
  guessNormals(tile, (i, x, z) => {
    const [foldedX, foldedZ] = [bytes[start + i]!, bytes[start + count + i]!];
    normalsX[i] = x + ((foldedX >> 1) ^ -(foldedX & 1));
    normalsZ[i] = z + ((foldedZ >> 1) ^ -(foldedZ & 1));
  });
  return tile;
}

/** The plane through the neighbors in the north, the west and the north-west. */
function guessHeight(heights: Int16Array, i: number, side: number): number {
  if (i < side) return i > 0 ? heights[i - 1]! : 0;
  if (i % side === 0) return heights[i - side]!;
  return heights[i - 1]! + heights[i - side]! - heights[i - side - 1]!;
}

/**
 * The normal of the surface at every vertex, by central differences, one-sided at the edges. Only
 * operations that every machine rounds alike: both sides must guess the same.
 */
function guessNormals(
  { cells, columns, rows, heights }: HeightGridTile,
  visit: (i: number, x: number, z: number) => void,
): void {
  const side = cells + 1;
  for (let row = 0; row < side; row++) {
    const [north, south] = [Math.max(0, row - 1), Math.min(cells, row + 1)];
    for (let column = 0; column < side; column++) {
      const [west, east] = [Math.max(0, column - 1), Math.min(cells, column + 1)];
      const slopeX =
        (heights[row * side + east]! - heights[row * side + west]!) /
        (columns[east]! - columns[west]!);
      const slopeZ =
        (heights[south * side + column]! - heights[north * side + column]!) /
        (rows[south]! - rows[north]!);
      const scale = -127 / Math.sqrt(slopeX * slopeX + slopeZ * slopeZ + 1);
      visit(row * side + column, Math.round(slopeX * scale) | 0, Math.round(slopeZ * scale) | 0);
    }
  }
}

type Numbers = DecodedPrimitive['attributes'][number]['array'];

function fillPositions(positions: Numbers, tile: HeightGridTile, drop: number): void {
  const { cells, columns, rows, heights } = tile;
  const side = cells + 1;
  for (let row = 0, i = 0; row < side; row++)
    for (let column = 0; column < side; column++, i++) {
      positions[i * 4] = columns[column]!;
      positions[i * 4 + 1] = heights[i]!;
      positions[i * 4 + 2] = rows[row]!;
    }
  copyToSkirt(positions, cells, 4);
  for (let i = side * side * 4; i < positions.length; i += 4)
    positions[i + 1] = Math.max(-32_768, positions[i + 1]! - drop);
}

function fillNormals(normals: Numbers, { cells, normalsX, normalsZ }: HeightGridTile): void {
  for (let i = 0; i < normalsX.length; i++) {
    const [x, z] = [normalsX[i]!, normalsZ[i]!];
    normals[i * 4] = x;
    normals[i * 4 + 1] = Math.round(Math.sqrt(Math.max(0, 127 * 127 - x * x - z * z)));
    normals[i * 4 + 2] = z;
  }
  copyToSkirt(normals, cells, 4);
}

function fillUvs(uvs: Numbers, tile: HeightGridTile): void {
  const side = tile.cells + 1;
  for (let row = 0, i = 0; row < side; row++)
    for (let column = 0; column < side; column++, i++) {
      uvs[i * 2] = tile.uvs![column]!;
      uvs[i * 2 + 1] = tile.uvs![row]!;
    }
  copyToSkirt(uvs, tile.cells, 2);
}

/** Gives every vertex of the skirt what the vertex above it has. */
function copyToSkirt(array: Numbers, cells: number, itemSize: number): void {
  let to = (cells + 1) ** 2 * itemSize;
  for (const above of gridTopology(cells).border)
    for (let c = 0; c < itemSize; c++) array[to++] = array[above * itemSize + c]!;
}

function zigzag(difference: number): number {
  return (difference << 1) ^ (difference >> 31);
}
