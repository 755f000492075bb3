/**
 * Slices: the placements of consecutive cells, read and shown apart from all others. Shared by
 * reader and writer so that they cannot drift. The content of a slice of n placements:
 *
 *     0  u32    0: positions are floats; 1: they are whole steps of 1/1024 m
 *     4  12n    x, y, z: bits of the float, or steps, as differences to the placement before, zigzag
 *     …  8n     x, y, z of the quaternion and how w differs from what follows of them, zigzag
 *     …  4n     scale
 *
 * each as planes of bytes (`planes.ts`). A slice is framed like a payload (`io/blocks.ts`).
 */
import type { PlacementColumns } from './format.ts';
import { putPlanes, takePlanes } from './planes.ts';

/** A slice ends before the cell that would bring it above this; a larger cell is one by itself. */
export const SLICE_PLACEMENTS = 8192;

/** Bytes of content before the first column, and of content per placement. */
export const SLICE_HEAD_BYTES = 4;
export const PLACEMENT_BYTES = 24;

/** Steps of a position on the grid, per meter: from 8 km on floats have no finer ones. */
export const GRID_STEPS_PER_METER = 1024;

/** Furthest coordinate that has a place on the grid (meters). */
const GRID_REACH_METERS: number = 2 ** 30 / GRID_STEPS_PER_METER;

const UNIT = 32767;

/** Content of a slice. Nothing is lost: `readContent` gives the same bits. */
export function writeContent({ positions, rotations, scales }: PlacementColumns): Uint8Array {
  const count = scales.length;
  const content = new Uint8Array(SLICE_HEAD_BYTES + count * PLACEMENT_BYTES);
  const onGrid = positions.every(isOnGrid);
  content[0] = onGrid ? 1 : 0;
  const values = onGrid
    ? Int32Array.from(positions, (meters) => meters * GRID_STEPS_PER_METER)
    : new Int32Array(positions.slice().buffer);
  for (let i = values.length - 1; i >= 0; i--) {
    const difference = (values[i]! - (i < 3 ? 0 : values[i - 3]!)) | 0;
    values[i] = (difference << 1) ^ (difference >> 31);
  }
  putPlanes(values, 12, content, SLICE_HEAD_BYTES);
  const turns = rotations.slice();
  for (let i = 0; i < turns.length; i += 4) {
    const rest = ((turns[i + 3]! - guessW(turns, i)) << 16) >> 16;
    turns[i + 3] = (rest << 1) ^ (rest >> 15);
  }
  putPlanes(turns, 8, content, SLICE_HEAD_BYTES + count * 12);
  putPlanes(scales, 4, content, SLICE_HEAD_BYTES + count * 20);
  return content;
}

/** Room for the placements of a slice. */
export function createPlacements(count: number): PlacementColumns {
  return {
    positions: new Float32Array(count * 3),
    rotations: new Int16Array(count * 4),
    scales: new Float32Array(count),
  };
}

/**
 * Undoes `writeContent`.
 *
 * @param room what is returned are views on its first rows
 */
export function readContent(
  content: Uint8Array,
  count: number,
  room: PlacementColumns = createPlacements(count),
): PlacementColumns {
  const positions = room.positions.subarray(0, count * 3);
  const values = new Int32Array(positions.buffer, positions.byteOffset, positions.length);
  takePlanes(content, SLICE_HEAD_BYTES, 12, values);
  sumPositions(values, positions, content[0] === 1);
  const rotations = room.rotations.subarray(0, count * 4);
  takePlanes(content, SLICE_HEAD_BYTES + count * 12, 8, rotations);
  for (let i = 0; i < rotations.length; i += 4) {
    const stored = rotations[i + 3]! & 0xffff;
    rotations[i + 3] = guessW(rotations, i) + ((stored >>> 1) ^ -(stored & 1));
  }
  const scales = room.scales.subarray(0, count);
  takePlanes(content, SLICE_HEAD_BYTES + count * 20, 4, scales);
  return { positions, rotations, scales };
}

/** Adds up differences in place. Values and positions are views on the same bytes. */
function sumPositions(values: Int32Array, positions: Float32Array, isOnGrid: boolean): void {
  for (let axis = 0; axis < 3; axis++) {
    let total = 0;
    for (let i = axis; i < values.length; i += 3) {
      total = (total + ((values[i]! >>> 1) ^ -(values[i]! & 1))) | 0;
      if (isOnGrid) positions[i] = total / GRID_STEPS_PER_METER;
      else values[i] = total;
    }
  }
}

function isOnGrid(meters: number): boolean {
  const steps = meters * GRID_STEPS_PER_METER;
  return Number.isInteger(steps) && Math.abs(meters) < GRID_REACH_METERS && !Object.is(meters, -0);
}

/** w of a unit quaternion, were it exact and w not negative. */
function guessW(q: Int16Array, at: number): number {
  const x = q[at]!;
  const y = q[at + 1]!;
  const z = q[at + 2]!;
  return Math.round(Math.sqrt(Math.max(0, UNIT * UNIT - x * x - y * y - z * z)));
}
