/** Saving what a game wants, and wanting it again: all of it, or, where something is wrong, nothing. */
import { addComponent, addEntity, removeEntity, set } from 'bitecs';
import { assert } from '../base/assert.ts';
import type { ResidencyClass } from '../components/residency.ts';
import { idOfName } from '../components/schema.ts';
import { VolumePriority } from '../components/streaming-volume.ts';
import { changeGrid } from '../level/grids.ts';
import { LEVEL_STATE_NAMES, LevelState } from '../level/level-machine.ts';
import { DETAIL_NAMES } from '../level/quality.ts';
import { TIER_NAMES, Tier } from '../memory/policies/tiers.ts';
import type { StreamWorld } from '../world.ts';
import { disposedError, requestAsset } from './access.ts';
import { type CheckedSnapshot, checkSnapshot } from './check-snapshot.ts';
import { cookedRange, intentOf } from './grid-calls.ts';
import { rejectWaiters, setWant } from './level-calls.ts';
import type { SavedGrid, SavedLevel } from './snapshot-format.ts';
import type { Streaming } from './streaming.ts';
import { takeSnapshot } from './take-snapshot.ts';

/** Calls that restoring makes, as a game would. */
type Others = Pick<Streaming, 'defineOutline' | 'setDataLayer'>;

export function snapshotCalls(
  world: StreamWorld,
  others: Others,
): Pick<Streaming, 'snapshot' | 'restore'> {
  return {
    snapshot: () => takeSnapshot(world),
    restore(given) {
      if (world.disposed) throw disposedError();
      const saved = checkSnapshot(world, given);
      checkBusy(world, saved.levels);
      const entities = makeEntities(world, saved);
      restoreNames(world, saved, others);
      restoreLevels(world, saved.levels);
      const requests = saved.holds.map(({ asset, lod, urgency }) =>
        requestAsset(world, asset, lod, urgency as keyof typeof ResidencyClass),
      );
      return { entities, requests };
    },
  };
}

/** A level that is there keeps what it needs and what pays for it. */
function checkBusy(world: StreamWorld, saved: readonly SavedLevel[]): void {
  for (const { name, dependencies, budget } of world.levelIntents.all()) {
    const busy = world.levels.find(
      (level) =>
        level?.name === name &&
        level.state !== LevelState.Unloaded &&
        level.state !== LevelState.Failed,
    );
    const next = saved.find((one) => one.name === name);
    const isSame =
      (next?.budget ?? '') === budget &&
      JSON.stringify(next?.dependencies ?? []) === JSON.stringify(dependencies);
    assert(
      !busy || isSame,
      `restore: levels: "${name}" is ${LEVEL_STATE_NAMES[busy?.state ?? 0]}; its dependencies and ` +
        'budget can change only while it is unloaded or failed; unload it first, or restore before it is loaded',
    );
  }
}

/** When one cannot be made, or an observer of the game throws, those before it go again. */
function makeEntities(world: StreamWorld, { entities }: CheckedSnapshot): Map<number, number> {
  const { ecs, set: stores } = world;
  const made = new Map<number, number>();
  try {
    for (const { id } of entities) {
      const entity = addEntity(ecs);
      made.set(id, entity);
      assert(
        entity <= stores.capacity,
        `restore: entities: ${entities.length} more do not fit the capacity of ${stores.capacity}; ` +
          'pass a larger capacity to installStreaming',
      );
    }
    for (const { id, components } of entities)
      for (const [name, data] of components)
        addComponent(ecs, made.get(id)!, set(stores.components[name], data));
  } catch (error) {
    for (const entity of made.values()) removeEntity(ecs, entity);
    throw error;
  }
  return made;
}

/** What is said by name becomes what was saved. */
function restoreNames(world: StreamWorld, saved: CheckedSnapshot, others: Others): void {
  const { quality, eviction } = world;
  for (const [name, corners] of Object.entries(saved.outlines)) others.defineOutline(name, corners);
  for (const { name, isOn } of world.dataLayers.list())
    if (isOn && !saved.dataLayers.includes(name)) others.setDataLayer(name, false);
  for (const name of saved.dataLayers) others.setDataLayer(name, true);
  restoreGrids(world, saved.grids);
  const { detail, auto, levels } = saved.quality;
  quality.chosen = detail === null ? -1 : DETAIL_NAMES.indexOf(detail);
  quality.chosenOfLevels.clear();
  for (const [name, own] of Object.entries(levels))
    quality.chosenOfLevels.set(name, DETAIL_NAMES.indexOf(own));
  quality.isAuto = auto;
  quality.isChanged = true;
  for (const [id] of [...eviction.tiers.entries()]) eviction.tiers.set(id, Tier.Normal);
  for (const [name, tier] of Object.entries(saved.tiers))
    eviction.tiers.set(idOfName(name), TIER_NAMES.indexOf(tier) as Tier);
}

function restoreGrids(world: StreamWorld, saved: readonly SavedGrid[]): void {
  const byName = new Map(saved.map((grid) => [grid.name, grid]));
  for (const name of new Set([...world.gridIntents.keys(), ...byName.keys()])) {
    const { rangeMeters = null, unloadMeters = null, active = true } = byName.get(name) ?? {};
    const settings = { rangeMeters, unloadMeters, active };
    changeGrid(intentOf(world, name), 'restore: grids', settings, cookedRange(world, name));
  }
}

/** Levels of which nothing was saved are wanted no longer. */
function restoreLevels(world: StreamWorld, saved: readonly SavedLevel[]): void {
  const byName = new Map(saved.map((level) => [level.name, level]));
  for (const { name } of saved) world.levelIntents.of(name);
  for (const intent of world.levelIntents.all()) {
    const level = byName.get(intent.name);
    intent.isHidden = level?.hidden ?? false;
    intent.waits = level ? !level.activate : false;
    intent.budget = level?.budget ?? '';
    intent.dependencies = level?.dependencies ?? [];
    const own = world.levels.filter((one) => one?.name === intent.name);
    const isReleased = level?.activated ?? false;
    intent.isReleased = isReleased && own.length === 0;
    if (intent.waits) for (const one of own) one!.isReleased = isReleased;
    const priority = level?.priority ?? null;
    // Whoever has loaded it before has no say any more.
    world.levelLoads.set(intent.name, Symbol(intent.name));
    const want = priority === null ? -1 : VolumePriority[priority as keyof typeof VolumePriority];
    setWant(world, intent.name, want);
    if (want < 0) rejectWaiters(world, intent.name, 'it was unloaded');
  }
}
