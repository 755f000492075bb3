/** Reads a whole catalog file at once: for tools. A game opens one in slices. */
import { drain } from '../../base/steps.ts';
import type { Bytes } from '../source.ts';
import { damaged } from './damage.ts';
import type { Catalog } from './format.ts';
import { canHold } from './planes.ts';
import { readDirectory } from './read-directory.ts';
import { readSlice } from './read-slice.ts';
import { PLACEMENT_BYTES } from './slice-layout.ts';

export interface ReadCatalogOptions {
  /** Whether to check the CRC-32 of every section; default true. The header's is always checked. */
  checksums?: boolean;
}

export const READ_CATALOG_DEFAULTS: Required<ReadCatalogOptions> = { checksums: true };

/**
 * The catalog; its columns may be views on `bytes`, which must not change afterwards. Throws
 * `StreamError` that names the section or the slice, what was seen and what was expected.
 */
export function readCatalog(bytes: Uint8Array, options: ReadCatalogOptions = {}): Catalog {
  const { checksums } = { ...READ_CATALOG_DEFAULTS, ...options };
  const file = owned(bytes);
  const directory = drain(readDirectory(file, checksums));
  const { directoryBytes, sliceCells, sliceStarts, sliceChecksums, counts, ...tables } = directory;
  const { slices, ...rows } = counts;
  const end = directoryBytes + sliceStarts[slices]!;
  if (end !== bytes.length) throw damaged(`its slices end at byte ${end} of ${bytes.length}`);
  if (!canHold(end, rows.placements * PLACEMENT_BYTES))
    throw damaged(`${end} bytes cannot hold ${rows.placements} placements`);
  const positions = new Float32Array(rows.placements * 3);
  const rotations = new Int16Array(rows.placements * 4);
  const scales = new Float32Array(rows.placements);
  for (let slice = 0; slice < slices; slice++) {
    const [from, to] = [sliceStarts[slice]!, sliceStarts[slice + 1]!];
    const packed = file.subarray(directoryBytes + from, directoryBytes + to);
    const placed = readSlice(directory, slice, packed, { checksums });
    positions.set(placed.positions, placed.first * 3);
    rotations.set(placed.rotations, placed.first * 4);
    scales.set(placed.scales, placed.first);
  }
  return { ...tables, counts: rows, positions, rotations, scales };
}

/** Bytes of shared memory are copied: nothing may change under the reader. */
function owned(bytes: Uint8Array): Bytes {
  return bytes.buffer instanceof ArrayBuffer ? (bytes as Bytes) : bytes.slice();
}
