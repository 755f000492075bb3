/** Reads one slice of placements: checked against the directory, complete or refused. */
import { crc32 } from '../../base/crc32.ts';
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { Bytes } from '../source.ts';
import { damaged } from './damage.ts';
import type { Directory, PlacementColumns } from './format.ts';
import { undoExactly } from './planes.ts';
import { PLACEMENT_BYTES, readContent, SLICE_HEAD_BYTES } from './slice-layout.ts';

/** Placements of the cells `[firstCell, endCell)`, which are those from `first` on. */
export interface PlacementSlice extends PlacementColumns {
  first: number;
  firstCell: number;
  endCell: number;
}

type SliceColumns = Pick<
  Directory,
  'cellRuns' | 'runSlots' | 'sliceCells' | 'sliceStarts' | 'sliceChecksums'
>;

/** First placement of a slice; with the number of slices, how many placements there are. */
export function sliceFirst(
  { cellRuns, runSlots, sliceCells }: SliceColumns,
  slice: number,
): number {
  return runSlots[cellRuns[sliceCells[slice]!]!]!;
}

export interface ReadSliceOptions {
  /** Whether to check the CRC-32; default true. */
  checksums?: boolean;
  /** Where to put the placements, with room for all; default: arrays of their own. */
  room?: PlacementColumns;
}

/**
 * The placements of a slice.
 *
 * @param bytes those that `sliceStarts` names, exactly
 * @throws StreamError `Checksum` when the bytes are not those that were written, `Decode` when they
 * are and cannot be true
 */
export function readSlice(
  directory: SliceColumns,
  slice: number,
  bytes: Bytes,
  { checksums = true, room }: ReadSliceOptions = {},
): PlacementSlice {
  const name = `slice ${slice}`;
  const first = sliceFirst(directory, slice);
  const count = sliceFirst(directory, slice + 1) - first;
  const expected = directory.sliceChecksums[slice]!;
  const seen = checksums ? crc32(bytes) : expected;
  if (seen !== expected)
    throw new StreamError(
      ErrorCode.Checksum,
      `damaged catalog: ${name} has checksum 0x${seen.toString(16)}, expected ` +
        `0x${expected.toString(16)}; cook the world again`,
    );
  const content = undoExactly(bytes, SLICE_HEAD_BYTES + count * PLACEMENT_BYTES, name);
  if (content[0]! > 1)
    throw damaged(`${name} has positions of kind ${content[0]}, expected 0 or 1`);
  const columns = readContent(content, count, room);
  checkPlacements(name, columns);
  const [firstCell, endCell] = [directory.sliceCells[slice]!, directory.sliceCells[slice + 1]!];
  return { ...columns, first, firstCell, endCell };
}

function checkPlacements(name: string, { positions, scales }: PlacementColumns): void {
  for (let i = 0; i < positions.length; i++)
    if (!Number.isFinite(positions[i]))
      throw damaged(`${name}: position of row ${Math.floor(i / 3)} is ${positions[i]}`);
  for (let i = 0; i < scales.length; i++)
    if (!(scales[i]! > 0 && scales[i]! < Number.POSITIVE_INFINITY))
      throw damaged(`${name}: scale of row ${i} is ${scales[i]}, expected more than 0`);
}
