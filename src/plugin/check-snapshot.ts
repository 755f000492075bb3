/** Checking a snapshot before anything of it is restored: whatever is wrong with it is named by its path. */
import { describe } from '../base/assert.ts';
import { MAX_LODS } from '../base/limits.ts';
import { ResidencyClass } from '../components/residency.ts';
import type { Component, Fields } from '../components/schema.ts';
import { VolumePriority } from '../components/streaming-volume.ts';
import { checkLayerName } from '../level/data-layers.ts';
import { changeGrid, GridIntent } from '../level/grids.ts';
import { LevelIntents } from '../level/level-intents.ts';
import { DETAIL_NAMES, type DetailName } from '../level/quality.ts';
import { TIER_NAMES, type TierName } from '../memory/policies/tiers.ts';
import { createOutline } from '../spatial/outline.ts';
import type { StreamWorld } from '../world.ts';
import { cookedRange } from './grid-calls.ts';
import {
  SAVED_COMPONENTS,
  type SavedComponent,
  type SavedGrid,
  type SavedHold,
  type SavedLevel,
  SNAPSHOT_VERSION,
  type StreamingSnapshot,
} from './snapshot-format.ts';

/** A snapshot that can be restored: numbers are numbers again. */
export interface CheckedSnapshot extends Omit<StreamingSnapshot, 'version' | 'entities'> {
  entities: { id: number; components: [SavedComponent, Record<string, unknown>][] }[];
}

type Plain = Record<string, unknown>;

const PRIORITIES = Object.keys(VolumePriority);
const URGENCIES = Object.keys(ResidencyClass);

/** Throws, with the path of the field, where anything cannot be used. */
export function checkSnapshot(world: StreamWorld, given: unknown): CheckedSnapshot {
  const saved = object('snapshot', given);
  if (saved['version'] !== SNAPSHOT_VERSION)
    fail('version', `${SNAPSHOT_VERSION}`, saved['version']);
  keys('snapshot', saved, [
    'version',
    'entities',
    'outlines',
    'dataLayers',
    'grids',
    'levels',
    'quality',
    'tiers',
    'holds',
    'notSaved',
  ]);
  return {
    entities: checkEntities(world, list('entities', saved['entities'])),
    outlines: checkOutlines(object('outlines', saved['outlines'])),
    dataLayers: checkLayers(saved['dataLayers']),
    grids: list('grids', saved['grids']).map((one, i) => checkGrid(world, one, i)),
    levels: checkLevels(list('levels', saved['levels'])),
    quality: checkQuality(object('quality', saved['quality'])),
    tiers: checkChoices('tiers', saved['tiers'], TIER_NAMES) as Record<string, TierName>,
    holds: list('holds', saved['holds']).map(checkHold),
    notSaved: names('notSaved', saved['notSaved']),
  };
}

function fail(path: string, expected: string, seen: unknown): never {
  throw new Error(`farfield: restore: ${path}: expected ${expected}, got ${describe(seen)}`);
}

function object(path: string, value: unknown): Plain {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain ? (value as Plain) : fail(path, 'an object', value);
}

function list(path: string, value: unknown): unknown[] {
  return Array.isArray(value) ? value : fail(path, 'a list', value);
}

function keys(path: string, value: Plain, known: readonly string[]): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) fail(path, `fields of ${known.join(', ')}`, key);
}

function name(path: string, value: unknown): string {
  return typeof value === 'string' && value !== '' ? value : fail(path, 'a name', value);
}

function names(path: string, value: unknown): string[] {
  return list(path, value).map((one, i) => name(`${path}[${i}]`, one));
}

function flag(path: string, value: unknown): boolean {
  return typeof value === 'boolean' ? value : fail(path, 'true or false', value);
}

function word(path: string, value: unknown, words: readonly string[]): string {
  return words.includes(value as string)
    ? (value as string)
    : fail(path, `one of ${words.join(', ')}`, value);
}

function checkChoices(path: string, value: unknown, words: readonly string[]): Plain {
  const choices = object(path, value);
  for (const [key, one] of Object.entries(choices)) word(`${path}.${key}`, one, words);
  return choices;
}

function checkEntities(world: StreamWorld, given: unknown[]): CheckedSnapshot['entities'] {
  const ids = new Set<number>();
  return given.map((one, i) => {
    const path = `entities[${i}]`;
    const entity = object(path, one);
    keys(path, entity, ['id', 'components']);
    const id = entity['id'];
    if (!Number.isSafeInteger(id) || ids.has(id as number))
      fail(`${path}.id`, 'a whole number that no other has', id);
    ids.add(id as number);
    const components = object(`${path}.components`, entity['components']);
    keys(`${path}.components`, components, SAVED_COMPONENTS);
    return {
      id: id as number,
      components: Object.entries(components).map(([key, fields]) =>
        checkComponent(world, `${path}.components`, key as SavedComponent, fields),
      ),
    };
  });
}

function checkComponent(
  { set }: StreamWorld,
  path: string,
  key: SavedComponent,
  fields: unknown,
): [SavedComponent, Plain] {
  const data = Object.fromEntries(
    Object.entries(object(`${path}.${key}`, fields)).map(([field, value]) => [
      field,
      value === 'Infinity' ? Number.POSITIVE_INFINITY : value,
    ]),
  );
  const definition = set.definitions[key] as unknown as Component<Fields>;
  // A name may be "Infinity": then the field refuses the number, and takes the word.
  for (const [field, value] of Object.entries(data))
    if (value === Number.POSITIVE_INFINITY && typeof definition.read(0)[field] === 'string')
      data[field] = 'Infinity';
  const problem = definition.check(data);
  if (problem) throw new Error(`farfield: restore: ${path}: ${problem}`);
  return [key, data];
}

function checkOutlines(outlines: Plain): StreamingSnapshot['outlines'] {
  for (const [key, corners] of Object.entries(outlines))
    within(`outlines.${key}`, () => createOutline(key, corners as [number, number][]));
  return outlines as StreamingSnapshot['outlines'];
}

function checkLayers(given: unknown): string[] {
  const layers = names('dataLayers', given);
  for (const [i, layer] of layers.entries())
    within(`dataLayers[${i}]`, () => checkLayerName('setDataLayer', layer));
  return layers;
}

/** Tries what was saved on a grid of which nothing was said. */
function checkGrid(world: StreamWorld, given: unknown, i: number): SavedGrid {
  const path = `grids[${i}]`;
  const grid = object(path, given);
  keys(path, grid, ['name', 'rangeMeters', 'unloadMeters', 'active']);
  const own = name(`${path}.name`, grid['name']);
  const saved = { ...grid, name: own } as SavedGrid;
  for (const key of ['rangeMeters', 'unloadMeters'] as const)
    if (saved[key] === undefined) fail(`${path}.${key}`, 'a number or null', saved[key]);
  flag(`${path}.active`, saved.active);
  within(path, () => changeGrid(new GridIntent(), 'setGrid', saved, cookedRange(world, own)));
  return saved;
}

/** What somebody else's check says, with the path. */
function within(path: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    const why = (error as Error).message.replace(/^farfield: /, '');
    throw new Error(`farfield: restore: ${path}: ${why}`);
  }
}

function checkLevels(given: unknown[]): SavedLevel[] {
  const seen = new Set<string>();
  const levels = given.map((one, i) => {
    const path = `levels[${i}]`;
    const level = object(path, one);
    const fields = ['priority', 'hidden', 'activate', 'activated', 'dependencies', 'budget'];
    keys(path, level, ['name', ...fields]);
    const own = name(`${path}.name`, level['name']);
    if (seen.has(own)) fail(`${path}.name`, 'a name that no other has', own);
    seen.add(own);
    const { priority, budget } = level;
    return {
      name: own,
      priority: priority === null ? null : word(`${path}.priority`, priority, PRIORITIES),
      hidden: flag(`${path}.hidden`, level['hidden']),
      activate: flag(`${path}.activate`, level['activate']),
      activated: flag(`${path}.activated`, level['activated']),
      dependencies: names(`${path}.dependencies`, level['dependencies']),
      budget: budget === null ? null : name(`${path}.budget`, budget),
    };
  });
  checkCycles(levels);
  return levels;
}

/** A cycle is found as if the dependencies were set one after the other. */
function checkCycles(levels: readonly SavedLevel[]): void {
  const intents = new LevelIntents();
  for (const [i, { name: own, dependencies }] of levels.entries())
    within(`levels[${i}].dependencies`, () => intents.setDependencies(own, dependencies));
}

function checkQuality(quality: Plain): StreamingSnapshot['quality'] {
  keys('quality', quality, ['detail', 'auto', 'levels']);
  const { detail } = quality;
  if (detail !== null) word('quality.detail', detail, DETAIL_NAMES);
  return {
    detail: detail as DetailName | null,
    auto: flag('quality.auto', quality['auto']),
    levels: checkChoices('quality.levels', quality['levels'], DETAIL_NAMES) as Record<
      string,
      DetailName
    >,
  };
}

function checkHold(given: unknown, i: number): SavedHold {
  const path = `holds[${i}]`;
  const hold = object(path, given);
  keys(path, hold, ['asset', 'lod', 'urgency']);
  const { lod } = hold;
  if (!Number.isInteger(lod) || (lod as number) < 0 || (lod as number) >= MAX_LODS)
    fail(`${path}.lod`, `a whole number from 0 to ${MAX_LODS - 1}`, lod);
  return {
    asset: name(`${path}.asset`, hold['asset']),
    lod: lod as number,
    urgency: word(`${path}.urgency`, hold['urgency'], URGENCIES),
  };
}
