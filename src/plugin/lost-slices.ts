/**
 * Placements that cannot be read: damaged, or not there. In the open they fail the opening of the world;
 * of a level they fail that level, and are read again when the game retries it.
 */
import { StreamError } from '../base/errors.ts';
import { type Directory, NO_LEVEL } from '../io/bundle/format.ts';
import { type Level, LevelState } from '../level/level-machine.ts';
import type { OpenedWorld, StreamWorld } from '../world.ts';

type Slices = Pick<Directory, 'sliceCells'>;

/** The levels whose cells a slice holds; null when some stand in no level. */
export function levelsOfSlice(
  { cells, levels }: StreamWorld,
  { mount }: OpenedWorld,
  { sliceCells }: Slices,
  slice: number,
): Set<Level> | null {
  const found = new Set<Level>();
  for (let i = sliceCells[slice]!; i < sliceCells[slice + 1]!; i++) {
    const row = cells.levels[mount.firstCell + i]!;
    const level = row === NO_LEVEL ? null : levels[row];
    if (!level) return null;
    found.add(level);
  }
  return found;
}

/** Gives slices up, as far as their levels go; throws `error` where one has more than that. */
export function loseSlices(
  world: StreamWorld,
  opened: OpenedWorld,
  directory: Slices,
  slices: readonly number[],
  error: unknown,
): void {
  if (!(error instanceof StreamError)) throw error;
  const held = slices.map((slice) => levelsOfSlice(world, opened, directory, slice));
  if (held.some((levels) => levels === null)) throw error;
  slices.forEach((slice, i) => {
    const isKnown = opened.lostSlices.has(slice);
    opened.lostSlices.add(slice);
    for (const level of held[i]!) {
      if (!isKnown) level.lostSlices++;
      level.error = `level "${level.name}" has placements that cannot be read: ${error.message}`;
      // One that has failed by it before has been tried again, for nothing.
      if (level.state === LevelState.Failed && level.failure === 'cells')
        world.events.emit('levelFailed', {
          level: level.name,
          reason: 'cells',
          message: level.error,
        });
    }
  });
}

/** A slice has come. */
export function findSlice(
  world: StreamWorld,
  opened: OpenedWorld,
  directory: Slices,
  slice: number,
): void {
  if (!opened.lostSlices.delete(slice)) return;
  for (const level of levelsOfSlice(world, opened, directory, slice) ?? []) level.lostSlices--;
}
