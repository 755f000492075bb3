/** Boxes around cells, and around the whole world. */
import type { Catalog, WorldHead } from '../src/io/bundle/format.ts';
import type { SortedCells } from './cells.ts';
import type { CookedModel } from './cook-model.ts';

/** Placements in the order of the cells. */
export type PlacementColumns = Pick<Catalog, 'positions' | 'rotations' | 'scales'>;

/**
 * Boxes around the bounding spheres of everything in each cell, and the origins of its models: LODs
 * and entities go by the distance of those, which may lie far outside the model.
 */
export function boxesOf(
  models: readonly CookedModel[],
  { positions, rotations, scales }: PlacementColumns,
  { cellRuns, runAssets, runSlots }: SortedCells,
): Float32Array {
  const boxes = new Float32Array((cellRuns.length - 1) * 6);
  const min = [0, 0, 0];
  const max = [0, 0, 0];
  for (let cell = 0; cell < cellRuns.length - 1; cell++) {
    min.fill(Infinity);
    max.fill(-Infinity);
    for (let run = cellRuns[cell]!; run < cellRuns[cell + 1]!; run++) {
      const sphere = models[runAssets[run]!]!.sphere;
      for (let slot = runSlots[run]!; slot < runSlots[run + 1]!; slot++) {
        const center = rotate(rotations, slot * 4, sphere);
        const scale = scales[slot]!;
        for (let c = 0; c < 3; c++) {
          const middle = positions[slot * 3 + c]! + center[c]! * scale;
          // Rotations are rounded to 16 bits: the center may be off by a hair.
          const radius = sphere[3] * scale * 1.001;
          const origin = positions[slot * 3 + c]!;
          min[c] = Math.min(min[c]!, middle - radius, origin);
          max[c] = Math.max(max[c]!, middle + radius, origin);
        }
      }
    }
    boxes.set([...min, ...max], cell * 6);
  }
  return boxes;
}

/** The sphere's center turned by the quaternion at `at`. */
function rotate(rotations: Int16Array, at: number, v: readonly number[]): number[] {
  const [x, y, z, w] = [0, 1, 2, 3].map((c) => rotations[at + c]! / 32767) as [
    number,
    number,
    number,
    number,
  ];
  const [vx, vy, vz] = [v[0]!, v[1]!, v[2]!];
  const tx = 2 * (y * vz - z * vy);
  const ty = 2 * (z * vx - x * vz);
  const tz = 2 * (x * vy - y * vx);
  return [
    vx + w * tx + y * tz - z * ty,
    vy + w * ty + z * tx - x * tz,
    vz + w * tz + x * ty - y * tx,
  ];
}

/** Box around all cells and terrain tiles; zeros when there is neither. */
export function boundsOf({
  cellBoxes,
  terrainBoxes,
}: Pick<Catalog, 'cellBoxes' | 'terrainBoxes'>): WorldHead['bounds'] {
  const bounds: WorldHead['bounds'] = [0, 0, 0, 0, 0, 0];
  let isEmpty = true;
  for (const boxes of [cellBoxes, terrainBoxes])
    for (let at = 0; at < boxes.length; at += 6) {
      for (let c = 0; c < 3; c++) {
        bounds[c] = isEmpty ? boxes[at + c]! : Math.min(bounds[c]!, boxes[at + c]!);
        bounds[c + 3] = isEmpty ? boxes[at + 3 + c]! : Math.max(bounds[c + 3]!, boxes[at + 3 + c]!);
      }
      isEmpty = false;
    }
  return bounds;
}
