/** What a level takes when it begins to load, and gives back when it has gone. */
import { hashName } from '../base/hash.ts';
import { isLoaded, isNeeded, type Level, LevelState, mayActivate } from '../level/level-machine.ts';
import { addWant, removeWant } from '../level/level-wants.ts';
import type { StreamWorld } from '../world.ts';
import { refreshNeeds } from './level-needs.ts';
import { coarsestPayload } from './lod-state.ts';

/** Of a want that is handed on to the levels needed by one that leaves. */
const WEAKEST_WANT = 4;

/** Finds the levels that it needs and takes its bytes; where that fails it says why in `error`. */
export function beginLoading(world: StreamWorld, level: Level): void {
  level.failure = null;
  if (level.lostSlices === 0) level.error = '';
  level.isRetried = false;
  for (const name of level.intent.dependencies) {
    const other = world.levels.find((one) => one?.name === name);
    if (other) level.links.push(other);
    else fail(level, 'dependency', `needs level "${name}", which no opened world has`);
  }
  if (!level.failure) takeBudget(world, level);
}

/** Its budget and what it wants of others; pins and cells have gone before. */
export function giveUpLoading(level: Level): void {
  passOn(level, -1);
  level.links.length = 0;
  level.budget?.unmark(level.budgetBytes);
  level.budget = null;
  level.budgetBytes = 0;
}

function fail(level: Level, failure: NonNullable<Level['failure']>, why: string): void {
  level.failure = failure;
  level.error = `level "${level.name}" ${why}`;
}

function takeBudget(world: StreamWorld, level: Level): void {
  const name = level.intent.budget;
  if (name === '') return;
  const budget = world.budget.named.byId(hashName(name));
  if (!budget) {
    fail(
      level,
      'budget',
      `takes memory budget "${name}", which does not exist; createMemoryBudget`,
    );
    return;
  }
  const bytes = baseBytes(world, level);
  if (budget.mark(bytes)) {
    level.budget = budget;
    level.budgetBytes = bytes;
    return;
  }
  const { grantedBytes, usedBytes } = budget;
  fail(
    level,
    'budget',
    `needs ${bytes} bytes of memory budget "${name}", of whose ${grantedBytes} bytes ` +
      `${Math.max(0, grantedBytes - usedBytes)} are free; raise its bytes, or unload another level of it, and retryLevel`,
  );
}

/** Bytes of the coarsest LODs of all it places, without what the levels that it needs place too. */
export function baseBytes(world: StreamWorld, level: Level): number {
  const others = new Set<number>();
  for (const link of linkedLevels(level))
    for (const asset of neededAssets(world, link)) others.add(asset);
  const { residentBytes } = world.payloads.columns;
  let bytes = 0;
  for (const asset of neededAssets(world, level))
    if (!others.has(asset)) bytes += residentBytes[coarsestPayload(world, asset)]!;
  return bytes;
}

/** What it places in layers that are there, or in none. */
function neededAssets(world: StreamWorld, level: Level): number[] {
  refreshNeeds(world, level);
  return level.assets.filter((_, i) => isNeeded(level, i));
}

/** The levels that it needs, and those that they need, once each. */
function linkedLevels(level: Level, out: Set<Level> = new Set()): Set<Level> {
  for (const link of level.links) {
    if (out.has(link)) continue;
    out.add(link);
    linkedLevels(link, out);
  }
  return out;
}

/** Wants what the level needs as much as it is wanted itself; -1 = no longer. */
export function passOn(level: Level, want: number): void {
  if (want === level.passedOn) return;
  for (const link of level.links) {
    if (level.passedOn >= 0) removeWant(link, level.passedOn);
    if (want >= 0) addWant(link, want);
  }
  level.passedOn = want;
}

/** With which priority a level in this state wants what it needs. */
export function wantOfLinks({ state }: Level, want: number): number {
  if (state === LevelState.Unloaded || state === LevelState.Failed) return -1;
  return want >= 0 ? want : WEAKEST_WANT;
}

/**
 * Whether all it needs to show is there: what its placements are, the coarsest LOD of all it places
 * (or that has failed), and the levels it needs. Notes in `failure` what will not come.
 */
export function isReady(world: StreamWorld, level: Level): boolean {
  const { links, assets, cells } = level;
  for (let i = 0; i < links.length; i++) {
    const link = links[i]!;
    if (link.isGone)
      fail(level, 'dependency', `needs level "${link.name}", whose world was closed`);
    else if (link.state === LevelState.Failed && !link.isRetried)
      fail(level, 'dependency', `needs level "${link.name}", which failed: ${link.error}`);
  }
  // `error` says which already.
  if (level.lostSlices > 0) level.failure = 'cells';
  if (level.failure !== null) return false;
  if (level.aligned < assets.length) return false;
  while (
    level.ready < assets.length &&
    (!isNeeded(level, level.ready) || isDone(world, assets[level.ready]!))
  )
    level.ready++;
  const { placed } = world.cells;
  while (level.placed < cells.length && placed[cells[level.placed]!]) level.placed++;
  if (level.ready < assets.length || level.placed < cells.length) return false;
  for (let i = 0; i < links.length; i++) if (!isLoaded(links[i]!)) return false;
  return true;
}

/** Whether the coarsest LOD of the asset is there, or has failed. */
export function isDone({ assets }: StreamWorld, asset: number): boolean {
  const coarsest = 1 << (assets.lodCounts[asset]! - 1);
  return ((assets.residentMasks[asset]! | assets.failedMasks[asset]!) & coarsest) !== 0;
}

/** Whether the coarsest LOD of the asset has failed and is not there. */
export function hasFailed({ assets }: StreamWorld, asset: number): boolean {
  const coarsest = 1 << (assets.lodCounts[asset]! - 1);
  return (assets.failedMasks[asset]! & ~assets.residentMasks[asset]! & coarsest) !== 0;
}

/** Names of the assets whose coarsest LOD has failed and is not there. */
export function failedAssets(world: StreamWorld, level: Level): string[] {
  const failed = neededAssets(world, level).filter((asset) => hasFailed(world, asset));
  return failed.map((asset) => world.assets.names[asset]!);
}

export function failedCount(world: StreamWorld, level: Level): number {
  refreshNeeds(world, level);
  let count = 0;
  for (let i = 0; i < level.assets.length; i++)
    if (isNeeded(level, i) && hasFailed(world, level.assets[i]!)) count++;
  return count;
}

/** Share of its base bytes that is in memory, or has failed: 0 to 1. */
export function levelProgress(world: StreamWorld, level: Level): number {
  const { residentBytes } = world.payloads.columns;
  refreshNeeds(world, level);
  let [done, all] = [0, 0];
  for (let i = 0; i < level.assets.length; i++) {
    if (!isNeeded(level, i)) continue;
    const asset = level.assets[i]!;
    const bytes = residentBytes[coarsestPayload(world, asset)]!;
    all += bytes;
    if (isDone(world, asset)) done += bytes;
  }
  return all > 0 ? done / all : 1;
}

/** Tells those who await the level, when it is where the game wants it or cannot get there. */
export function settleWaiters(level: Level): void {
  const { waiters } = level.intent;
  if (waiters.length === 0) return;
  const { state } = level;
  if (isWhereWanted(level)) for (const waiter of waiters.splice(0)) waiter.resolve();
  else if (state === LevelState.Failed && !level.isRetried)
    for (const waiter of waiters.splice(0)) waiter.reject(new Error(`farfield: ${level.error}`));
}

/** Whether it is where the game wants it to be once it is loaded: shown, hidden, or waiting to be shown. */
export function isWhereWanted(level: Level): boolean {
  const { state, intent } = level;
  if (intent.isHidden) return state === LevelState.Hidden;
  return state === (mayActivate(level) ? LevelState.Active : LevelState.Loaded);
}
