/**
 * The levels that have to be looked at in a frame: those that somebody wants or that are not unloaded,
 * in the order of their rows. Of a world of ten thousand squares these are some dozens.
 */
import type { Level } from '../level/level-machine.ts';
import type { StreamWorld } from '../world.ts';

/** Adds a level to the world; it can be wanted from now on. Its cells are veiled until it is active. */
export function addLevel(world: StreamWorld, level: Level): void {
  level.row = world.levels.push(level) - 1;
  level.roster = world.roster;
  world.cells.veiledLevels[level.row] = 1;
  world.levelVersion++;
}

/** Takes a level of a world that is being closed out. */
export function removeLevel(world: StreamWorld, level: Level): void {
  level.isGone = true;
  world.levels[level.row] = null;
  world.cells.veiledLevels[level.row] = 0;
  world.levelVersion++;
}

/** Brings those who have joined into their places. Few have, in most frames none. */
export function sortRoster({ roster }: StreamWorld): void {
  for (let i = 1; i < roster.length; i++) {
    const level = roster[i]!;
    let at = i;
    for (; at > 0 && roster[at - 1]!.row > level.row; at--) roster[at] = roster[at - 1]!;
    roster[at] = level;
  }
}
