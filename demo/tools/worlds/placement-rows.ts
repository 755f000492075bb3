/** Takes single placements out of a table, for things that the game places itself. */
import type { Triple } from '../../app/world-file.ts';
import type { PlacementTable } from '../../world/types.ts';

export interface PlacementRow {
  position: Triple;
  /** Turn about +y. */
  yawRadians: number;
  scale: number;
}

/** The table without the placements of `asset`, and those placements. The input is not changed. */
export function takeOut(
  table: PlacementTable,
  asset: string,
): { table: PlacementTable; rows: PlacementRow[] } {
  const wanted = table.assetNames.indexOf(asset);
  if (wanted < 0) return { table, rows: [] };
  const kept: number[] = [];
  const rows: PlacementRow[] = [];
  for (let row = 0; row < table.assets.length; row++) {
    if (table.assets[row] === wanted) rows.push(readRow(table, row));
    else kept.push(row);
  }
  const pick = <T extends Float32Array | Uint32Array | Int16Array>(from: T, width: number): T => {
    const Typed = from.constructor as new (length: number) => T;
    const to = new Typed(kept.length * width);
    for (const [i, row] of kept.entries())
      to.set(from.subarray(row * width, (row + 1) * width) as never, i * width);
    return to;
  };
  const { assetNames, assets, positions, rotations, scales, levels, layers, layerNames } = table;
  return {
    table: {
      assetNames,
      assets: pick(assets, 1),
      positions: pick(positions, 3),
      rotations: pick(rotations, 4),
      scales: pick(scales, 1),
      ...(levels && { levels: pick(levels, 1) }),
      ...(layers && { layers: pick(layers, 1) }),
      ...(layerNames && { layerNames }),
    },
    rows,
  };
}

function readRow({ positions, rotations, scales }: PlacementTable, row: number): PlacementRow {
  const at = (axis: number): number => positions[row * 3 + axis]!;
  return {
    position: [at(0), at(1), at(2)],
    yawRadians: 2 * Math.atan2(rotations[row * 4 + 1]!, rotations[row * 4 + 3]!),
    scale: scales[row]!,
  };
}
