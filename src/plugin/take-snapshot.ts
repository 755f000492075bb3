/** Taking a snapshot: columns and tables into plain data, in an order that is always the same. */
import { hasComponent } from 'bitecs';
import { ResidencyClass } from '../components/residency.ts';
import { type Component, type Fields, nameOfId } from '../components/schema.ts';
import { VolumePriority } from '../components/streaming-volume.ts';
import { DETAIL_NAMES } from '../level/quality.ts';
import { TIER_NAMES } from '../memory/policies/tiers.ts';
import type { StreamWorld } from '../world.ts';
import {
  SAVED_COMPONENTS,
  type SavedComponent,
  type SavedEntity,
  type SavedFields,
  type SavedGrid,
  type SavedLevel,
  type SavedValue,
  SNAPSHOT_VERSION,
  type StreamingSnapshot,
} from './snapshot-format.ts';

const PRIORITIES = Object.keys(VolumePriority);
const URGENCIES = Object.keys(ResidencyClass);

export function takeSnapshot(world: StreamWorld): StreamingSnapshot {
  const { volumes, quality, eviction, holds } = world;
  const notSaved: string[] = [];
  return {
    version: SNAPSHOT_VERSION,
    entities: saveEntities(world, notSaved),
    outlines: Object.fromEntries(
      byName([...volumes.outlines].map(([id, { points }]) => [nameOfId(id), cornersOf(points)])),
    ),
    dataLayers: world.dataLayers
      .list()
      .flatMap(({ name, isOn }) => (isOn ? [name] : []))
      .sort(),
    grids: saveGrids(world),
    levels: saveLevels(world),
    quality: {
      detail: DETAIL_NAMES[quality.chosen] ?? null,
      auto: quality.isAuto,
      levels: Object.fromEntries(
        byName([...quality.chosenOfLevels].map(([name, at]) => [name, DETAIL_NAMES[at]!])),
      ),
    },
    tiers: Object.fromEntries(
      byName([...eviction.tiers.entries()].map(([id, tier]) => [nameOfId(id), TIER_NAMES[tier]!])),
    ),
    holds: [...holds].map(({ assetId, lod, urgency }) => ({
      asset: nameOfId(assetId),
      lod,
      urgency: URGENCIES[urgency]!,
    })),
    notSaved: [...notSaved, ...functionsOf(world)],
  };
}

/** In the order of their names, so that two of the same are the same. */
function byName<T>(entries: [string, T][]): [string, T][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}

function cornersOf(points: Float64Array): [number, number][] {
  return Array.from({ length: points.length / 2 }, (_, i) => [
    plain(points[i * 2]!),
    plain(points[i * 2 + 1]!),
  ]);
}

/** JSON has no minus zero. */
function plain(value: number): number {
  return value + 0;
}

function saveEntities(world: StreamWorld, notSaved: string[]): SavedEntity[] {
  const { queries, materialized } = world;
  const ids = new Set([...queries.volumes.dense, ...queries.requests.dense]);
  for (const entity of queries.pinned.dense)
    if (!ids.has(entity))
      notSaved.push(
        materialized.slots[entity]! >= 0
          ? `entity ${entity}: Pinned on a placement; pinAssets holds it by name`
          : `entity ${entity}: Pinned without a StreamRequest`,
      );
  const entities: SavedEntity[] = [];
  for (const id of [...ids].sort((a, b) => a - b)) {
    const components = saveComponents(world, id, notSaved);
    if (Object.keys(components).length > 0) entities.push({ id, components });
  }
  return entities;
}

function saveComponents(
  world: StreamWorld,
  entity: number,
  notSaved: string[],
): SavedEntity['components'] {
  const { ecs, set } = world;
  const saved: SavedEntity['components'] = {};
  for (const name of SAVED_COMPONENTS) {
    const definition = set.definitions[name] as unknown as Component<Fields>;
    if (!hasComponent(ecs, entity, definition.store)) continue;
    // Beside a volume alone the others mean nothing.
    if (name !== 'StreamingVolume' && name !== 'StreamRequest' && !saved.StreamRequest) continue;
    const row = definition.read(entity);
    const problem = definition.check(row);
    if (problem) notSaved.push(`entity ${entity}: ${problem}`);
    else saved[name as SavedComponent] = saveFields(row);
  }
  return saved;
}

function saveFields(row: Record<string, unknown>): SavedFields {
  const entries = Object.entries(row).map(([key, value]) => [key, saveValue(value)]);
  return Object.fromEntries(entries) as SavedFields;
}

function saveValue(value: unknown): SavedValue {
  if (typeof value === 'number') return Number.isFinite(value) ? plain(value) : String(value);
  if (Array.isArray(value))
    return value.map((one: string | number) => (typeof one === 'number' ? plain(one) : one));
  return value as string | boolean;
}

function saveLevels(world: StreamWorld): SavedLevel[] {
  const saved = world.levelIntents.all().map((intent) => ({
    name: intent.name,
    priority: PRIORITIES[intent.want] ?? null,
    hidden: intent.isHidden,
    activate: !intent.waits,
    activated: intent.waits && isActivated(world, intent.name),
    dependencies: [...intent.dependencies],
    budget: intent.budget === '' ? null : intent.budget,
  }));
  // One of which nothing was said is as good as none.
  const told = saved.filter(
    ({ priority, hidden, activate, dependencies, budget }) =>
      priority !== null || hidden || !activate || dependencies.length > 0 || budget !== null,
  );
  return told.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function saveGrids({ gridIntents }: StreamWorld): SavedGrid[] {
  const saved = [...gridIntents].map(([name, { rangeMeters, unloadMeters, isActive }]) => ({
    name,
    rangeMeters,
    unloadMeters,
    active: isActive,
  }));
  const told = saved.filter(
    ({ rangeMeters, unloadMeters, active }) =>
      rangeMeters !== null || unloadMeters !== null || !active,
  );
  return told.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isActivated({ levels, levelIntents }: StreamWorld, name: string): boolean {
  const own = levels.filter((level) => level?.name === name);
  return own.length > 0 ? own.some((level) => level!.isReleased) : levelIntents.of(name).isReleased;
}

/** What only the game itself can say again. */
function functionsOf({ volumes, lod, budget }: StreamWorld): string[] {
  const conditions = [...volumes.conditions.keys()]
    .sort((a, b) => b - a)
    .map((key) => (key < 0 ? `condition of entity ${-key}` : `condition "${nameOfId(key)}"`));
  const listeners = [...volumes.listeners.keys()].sort((a, b) => a - b);
  return [
    ...conditions,
    ...listeners.map((entity) => `watchVolume of entity ${entity}`),
    ...[...lod.layers.keys()].sort().map((name) => `setLayer "${name}"`),
    ...budget.named.values().map(({ name }) => `memory budget "${name}"`),
  ];
}
