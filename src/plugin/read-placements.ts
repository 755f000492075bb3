/**
 * Reads the placements of a world, slice by slice, nearest to the viewpoints first. Few reads at a
 * time: meanwhile the payloads of what stands there are asked for, and share the link.
 */
import { ErrorCode, StreamError } from '../base/errors.ts';
import { placeSlice } from '../catalog/mount.ts';
import type { Directory, PlacementColumns } from '../io/bundle/format.ts';
import { readSlice, sliceFirst } from '../io/bundle/read-slice.ts';
import { createPlacements } from '../io/bundle/slice-layout.ts';
import { IO_DEFAULTS } from '../io/engine-options.ts';
import { isTransient } from '../io/retry.ts';
import type { Bytes, Source } from '../io/source.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';
import { findSlice, loseSlices } from './lost-slices.ts';
import { pause, readRange } from './read-range.ts';

/**
 * Beside the reads of payloads. On a link of 20 Mbit/s and 60 ms, two let the demo's island show
 * something after 0.7 s and all in view after 4.3 s, four after 1.1 and 3.2 s, six 1.2 and 2.7 s.
 */
const READS_IN_FLIGHT = 4;

/** Slices that lie side by side in the file are read together up to this. */
const MERGED_BYTES: number = 256 * 1024;

/** What is needed to read placements, and to stop. */
interface PlacementReader {
  readonly world: StreamWorld;
  /** The catalog. */
  readonly file: string;
  readonly source: Source;
  readonly signal: AbortSignal;
  /** Throws when the reading must end. */
  readonly check: () => void;
  readonly opened: OpenedWorld;
  readonly directory: Directory;
}

interface Reader extends PlacementReader {
  /** For the slice that is taken in: so that a million placements leave no garbage. */
  readonly room: PlacementColumns;
}

/** Slices that are not asked for yet, and where they are. */
interface Waiting {
  /** By ascending number. */
  slices: number[];
  /** Those that did not come: asked for again when all others are in. */
  failed: number[];
  /** Six numbers a slice: the box around its cells. */
  boxes: Float32Array;
}

/**
 * Resolves when all placements are in the tables, but for those of levels that cannot be read
 * (`lost-slices`).
 *
 * @param slices which to read, by ascending number; default: all
 */
export async function readPlacements(
  given: PlacementReader,
  slices?: readonly number[],
): Promise<void> {
  const { directory, world, opened } = given;
  const waiting: Waiting = {
    slices: slices
      ? [...slices]
      : Array.from({ length: directory.counts.slices }, (_, slice) => slice),
    failed: [],
    boxes: await world.pace.run(boxesOf(directory), given.check),
  };
  // Ends with the opening, and when one of the reads fails for good.
  const ending = new AbortController();
  const end = (): void => ending.abort();
  given.signal.addEventListener('abort', end);
  const room = createPlacements(largestSlice(directory));
  const reader = { ...given, signal: ending.signal, room };
  let failure: unknown;
  let placements = 0;
  const progress = (count: number): void => {
    // What is read again is no part of the opening.
    if (slices) return;
    placements += count;
    const of = directory.counts.placements;
    world.events.emit('openProgress', { path: opened.path, placements, of });
  };
  if (!slices) progress(0);
  const lane = async (): Promise<void> => {
    try {
      while (!failure && waiting.slices.length + waiting.failed.length > 0)
        if (waiting.slices.length > 0) await readOrPutOff(reader, waiting, progress);
        else await bringBack(reader, waiting);
    } catch (error) {
      failure ??= error;
      end();
    }
  };
  await Promise.all(Array.from({ length: READS_IN_FLIGHT }, lane));
  given.signal.removeEventListener('abort', end);
  if (failure) throw failure;
}

/** What failed is asked for again, after a while. */
async function bringBack({ world, signal }: Reader, waiting: Waiting): Promise<void> {
  const { backoffMaxMs } = { ...IO_DEFAULTS, ...world.options.io };
  await pause(world, backoffMaxMs, signal);
  waiting.slices.push(...waiting.failed.splice(0));
  waiting.slices.sort((a, b) => a - b);
}

/** Reads the nearest slices. What the link did not bring, in many tries, does not hold up the rest. */
async function readOrPutOff(
  reader: Reader,
  waiting: Waiting,
  progress: (placements: number) => void,
): Promise<void> {
  const { world, file, directory, signal } = reader;
  const slices = takeNearest(world, directory, waiting);
  try {
    await readSlices(reader, slices, progress);
  } catch (error) {
    const isPassing = error instanceof StreamError && isTransient(error.code);
    if (signal.aborted) throw error;
    if (!isPassing) {
      // Of what was read together, one slice that is damaged: those after it are asked for again.
      const isOne = error instanceof StreamError && error.code === ErrorCode.Checksum;
      loseSlices(
        world,
        reader.opened,
        directory,
        slices.splice(0, isOne ? 1 : slices.length),
        error,
      );
      waiting.slices.push(...slices);
      waiting.slices.sort((a, b) => a - b);
      return;
    }
    waiting.failed.push(...slices);
    const message =
      `${file}: placements of ${slices.length} of ${directory.counts.slices} slices did not come ` +
      `(${error.message}); they are asked for again after all others`;
    world.events.emit('warning', { message });
  }
}

/**
 * Reads slices that lie side by side, and takes them in.
 *
 * @param slices those that are in are taken from the list
 */
async function readSlices(
  reader: Reader,
  slices: number[],
  progress: (placements: number) => void,
): Promise<void> {
  const { directory } = reader;
  const first = slices[0]!;
  const bytes = await readSpan(reader, first, slices.at(-1)!, false);
  while (slices.length > 0) {
    const slice = slices[0]!;
    const from = directory.sliceStarts[slice]! - directory.sliceStarts[first]!;
    const to = directory.sliceStarts[slice + 1]! - directory.sliceStarts[first]!;
    try {
      await take(reader, slice, bytes.subarray(from, to));
    } catch (error) {
      if (!(error instanceof StreamError && error.code === ErrorCode.Checksum)) throw error;
      // Damaged on the way, perhaps: once more, past all caches.
      await take(reader, slice, await readSpan(reader, slice, slice, true));
    }
    slices.shift();
    findSlice(reader.world, reader.opened, directory, slice);
    progress(sliceFirst(directory, slice + 1) - sliceFirst(directory, slice));
  }
}

/** Bytes from the beginning of one slice to the end of another. */
function readSpan(
  { world, file, source, signal, directory }: PlacementReader,
  first: number,
  last: number,
  fresh: boolean,
): Promise<Bytes> {
  const { directoryBytes, sliceStarts } = directory;
  const start = directoryBytes + sliceStarts[first]!;
  const end = directoryBytes + sliceStarts[last + 1]!;
  return readRange(world, source, { file, start, end, fresh, isPatient: true }, signal);
}

async function take(reader: Reader, slice: number, packed: Bytes): Promise<void> {
  const { world, file, check, opened, directory, room } = reader;
  await world.pace.do(() => {
    check();
    try {
      placeSlice(world, opened.mount, readSlice(directory, slice, packed, { room }));
    } catch (error) {
      if (!(error instanceof StreamError)) throw error;
      throw new StreamError(error.code, `${file}: ${error.message}`);
    }
    // Also at rest, when nothing is culled and scored again: its cells are evaluated, shown, scored.
    world.culling.selectionVersion = -1;
    world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  });
}

/** Takes the slice nearest to any viewpoint (without one the first), and its neighbors in the file. */
function takeNearest(world: StreamWorld, { sliceStarts }: Directory, waiting: Waiting): number[] {
  const { slices, boxes } = waiting;
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  slices.forEach((slice, i) => {
    const distance = eyeDistance(world, boxes, slice);
    if (distance >= bestDistance) return;
    best = i;
    bestDistance = distance;
  });
  const first = slices[best]!;
  let count = 1;
  while (
    slices[best + count] === first + count &&
    sliceStarts[first + count + 1]! - sliceStarts[first]! <= MERGED_BYTES
  )
    count++;
  return slices.splice(best, count);
}

function eyeDistance({ eyes }: StreamWorld, boxes: Float32Array, slice: number): number {
  const { values, count } = eyes;
  let near = count === 0 ? slice : Number.POSITIVE_INFINITY;
  for (let at = 0; at < count * 4; at += 4)
    near = Math.min(
      near,
      distanceToBox(boxes, slice * 6, values[at]!, values[at + 1]!, values[at + 2]!),
    );
  return near;
}

function largestSlice(directory: Directory): number {
  let largest = 0;
  for (let slice = 0; slice < directory.counts.slices; slice++)
    largest = Math.max(largest, sliceFirst(directory, slice + 1) - sliceFirst(directory, slice));
  return largest;
}

function* boxesOf({ counts, sliceCells, cellBoxes }: Directory): Generator<void, Float32Array> {
  const boxes = new Float32Array(counts.slices * 6);
  for (let slice = 0; slice < counts.slices; slice++) {
    const box = boxes.subarray(slice * 6, slice * 6 + 6);
    box.fill(Number.POSITIVE_INFINITY, 0, 3).fill(Number.NEGATIVE_INFINITY, 3);
    for (let cell = sliceCells[slice]!; cell < sliceCells[slice + 1]!; cell++)
      for (let axis = 0; axis < 3; axis++) {
        box[axis] = Math.min(box[axis]!, cellBoxes[cell * 6 + axis]!);
        box[axis + 3] = Math.max(box[axis + 3]!, cellBoxes[cell * 6 + axis + 3]!);
      }
    yield;
  }
  return boxes;
}
