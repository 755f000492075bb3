/** What volumes want: their levels by name, as the opened worlds have them. */
import { nameOfId } from '../components/schema.ts';
import { MAX_MORE_LEVELS } from '../components/streaming-volume.ts';
import type { Level } from '../level/level-machine.ts';
import { addWant, removeWant } from '../level/level-wants.ts';
import type { StreamWorld } from '../world.ts';

/** Worlds opened or closed: names mean other levels than before. */
export function takeLevels(world: StreamWorld): void {
  const { volumes } = world;
  if (volumes.namesVersion === world.levelVersion) return;
  volumes.namesVersion = world.levelVersion;
  volumes.levelsByName = new Map();
  for (const level of world.levels) {
    if (!level) continue;
    const { id } = level;
    const same = volumes.levelsByName.get(id);
    if (same) same.push(level);
    else volumes.levelsByName.set(id, [level]);
  }
  for (const entity of [...volumes.held.keys()]) holdLevels(world, entity);
  const { items, count } = volumes.changes.watched;
  volumes.unresolved.clear();
  for (let i = 0; i < count; i++)
    if (!findLevels(world, items[i]!).isComplete) volumes.unresolved.add(items[i]!);
}

/** The levels that a volume names, each once, and whether all of its names are known. */
export function findLevels(
  world: StreamWorld,
  entity: number,
): { levels: Level[]; isComplete: boolean } {
  const levels: Level[] = [];
  let isComplete = true;
  for (const id of levelIdsOf(world, entity)) {
    const found = world.volumes.levelsByName.get(id);
    if (!found) isComplete = false;
    for (const level of found ?? []) if (!levels.includes(level)) levels.push(level);
  }
  return { levels, isComplete };
}

export function hasLevels({ set }: StreamWorld, entity: number): boolean {
  const { level, levels } = set.components.StreamingVolume;
  if (level[entity] !== 0) return true;
  const first = entity * MAX_MORE_LEVELS;
  for (let i = 0; i < MAX_MORE_LEVELS; i++) if (levels[first + i] !== 0) return true;
  return false;
}

function levelIdsOf({ set }: StreamWorld, entity: number): number[] {
  const { level, levels } = set.components.StreamingVolume;
  const first = entity * MAX_MORE_LEVELS;
  const ids = [level[entity]!, ...levels.subarray(first, first + MAX_MORE_LEVELS)];
  return ids.filter((id) => id !== 0);
}

/** Makes what the volume wants that which it says now. */
export function holdLevels(world: StreamWorld, entity: number): void {
  releaseLevels(world, entity);
  const { levels } = findLevels(world, entity);
  const { priority } = world.set.components.StreamingVolume;
  const held = { levels, priority: Math.min(4, priority[entity]!) };
  for (const level of levels) addWant(level, held.priority);
  world.volumes.held.set(entity, held);
}

export function releaseLevels({ volumes }: StreamWorld, entity: number): void {
  const held = volumes.held.get(entity);
  if (!held) return;
  for (const level of held.levels) removeWant(level, held.priority);
  volumes.held.delete(entity);
}

/** Names of the volume's levels that no opened world has. */
export function unknownLevels(world: StreamWorld, entity: number): string[] {
  return levelIdsOf(world, entity)
    .map(nameOfId)
    .filter((name) => !world.levels.some((level) => level?.name === name));
}

/** Once every world is open, a name that none of them has is a mistake, which is told once. */
export function warnOfLevels(world: StreamWorld): void {
  const { unresolved, toldLevels } = world.volumes;
  if (unresolved.size === 0 || world.opening.size > 0 || world.opened.length === 0) return;
  for (const entity of unresolved)
    for (const name of unknownLevels(world, entity)) {
      if (toldLevels.has(name)) continue;
      toldLevels.add(name);
      const known = listLevels(world);
      const message = `StreamingVolume of entity ${entity}: no opened world has a level "${name}"; there are: ${known}`;
      world.events.emit('warning', { message });
    }
  unresolved.clear();
}

/** Names of the levels of the opened worlds, for a message: not more than a person reads. */
export function listLevels({ levels }: StreamWorld): string {
  const names = levels.flatMap((level) => (level ? [`"${level.name}"`] : []));
  const more = names.length > 12 ? ` and ${names.length - 12} more` : '';
  return names.length === 0 ? 'none' : names.slice(0, 12).join(', ') + more;
}
