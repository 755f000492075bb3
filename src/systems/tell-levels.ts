/**
 * Reads: levels. Writes: LevelStatus. After: materialize-placements.
 *
 * Tells entities with `LevelStatus` how their level stands: figures by column, a change of state as
 * data, which observers hear.
 */
import { hasComponent, setComponent } from 'bitecs';
import { LEVEL_STATE_NAMES, type Level, LevelState } from '../level/level-machine.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';
import { failedCount, levelProgress } from './level-loading.ts';
import { residencyOf } from './publish-demand.ts';

export function tellLevels(world: StreamWorld): void {
  const { dense } = world.queries.levels;
  if (dense.length === 0) return;
  const residency = residencyOf(world);
  const isSame = residency === world.toldResidency;
  world.toldResidency = residency;
  for (let i = 0; i < dense.length; i++) tell(world, dense[i]!, isSame);
}

/** @param isSame nothing came, went or failed since the last frame */
function tell(world: StreamWorld, entity: number, isSame: boolean): void {
  const { LevelStatus } = world.set.components;
  const level = levelById(world, LevelStatus.level[entity]!);
  const state = level?.state ?? LevelState.Unloaded;
  const changed = LevelStatus.state[entity] !== state;
  if (changed || !isSame) writeFigures(world, entity, level);
  LevelStatus.shown[entity] = level && level.inserted > 0 ? level.inserted / level.cells.length : 0;
  if (!changed) return;
  // One that is observed may end the entity, or take the component off.
  const data = { state: LEVEL_STATE_NAMES[state]! };
  contained(world, 'observer', () => {
    if (hasComponent(world.ecs, entity, LevelStatus))
      setComponent(world.ecs, entity, LevelStatus, data);
  });
  LevelStatus.state[entity] = state;
}

function writeFigures(world: StreamWorld, entity: number, level: Level | undefined): void {
  const { LevelStatus } = world.set.components;
  const isGone = !level || level.state === LevelState.Unloaded;
  LevelStatus.progress[entity] = isGone ? 0 : levelProgress(world, level);
  LevelStatus.failedAssets[entity] = isGone ? 0 : failedCount(world, level);
}

function levelById({ volumes }: StreamWorld, id: number): Level | undefined {
  const level = volumes.levelsByName.get(id)?.[0];
  // Its world may have been closed since the names were taken.
  return level?.isGone ? undefined : level;
}
