/** Levels by name, as the game's calls give them; what is none is refused with what there is. */
import { assert, describe } from '../base/assert.ts';
import { LEVEL_STATE_NAMES, type Level } from '../level/level-machine.ts';
import { listLevels } from '../systems/track-volumes-levels.ts';
import type { StreamWorld } from '../world.ts';

/** "active", or what else it is in. */
export function seen(level: Level | undefined): string {
  return level ? LEVEL_STATE_NAMES[level.state]! : 'unknown';
}

export function checkName(call: string, name: string): void {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected the name of a level, got ${describe(name)}`,
  );
}

export function checkFlag(what: string, flag: boolean | undefined): void {
  assert(
    flag === undefined || typeof flag === 'boolean',
    `${what}: expected true or false, got ${describe(flag)}`,
  );
}

/** Names may be used before the world that has the level is open. */
export function checkKnown(world: StreamWorld, call: string, name: string): void {
  checkName(call, name);
  if (world.opening.size === 0 && world.opened.length > 0) levelOf(world, call, name);
}

export function findLevel({ levels }: StreamWorld, name: string): Level | undefined {
  return levels.find((level) => level?.name === name) ?? undefined;
}

/** The level, or an error that lists those that there are. */
export function levelOf(world: StreamWorld, call: string, name: string): Level {
  checkName(call, name);
  const found = findLevel(world, name);
  if (found) return found;
  throw new Error(
    `farfield: ${call}: no opened world has a level "${name}"; there are: ${listLevels(world)}`,
  );
}
