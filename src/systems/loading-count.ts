/** Counting what is awaited: each payload once, however many things need it, and what has failed. */
import { errorName } from '../base/errors.ts';
import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import { isNeeded, type Level, LevelState } from '../level/level-machine.ts';
import { DECODE_MS, LEFT, type LoadingWork, TOTAL } from '../world/loading.ts';
import type { StreamWorld } from '../world.ts';
import { hasFailed, isDone, isWhereWanted } from './level-loading.ts';
import { refreshNeeds } from './level-needs.ts';
import { coarsestPayload } from './lod-state.ts';

/** Begins a look: nothing is counted yet. */
export function beginLook(world: StreamWorld, list: LoadingWork['list']): LoadingWork {
  const { loading, payloads } = world;
  const { work } = loading;
  if (loading.seen.length < payloads.count) {
    loading.seen = grown(loading.seen, payloads.count);
    loading.missing = grown(loading.missing, payloads.count);
  }
  loading.look++;
  work.bytes.fill(0);
  work.itemsLeft = 0;
  work.holes = 0;
  work.isKnown = true;
  work.isBlocked = false;
  work.failures = 0;
  work.failureKey = 0;
  work.list = list;
  return work;
}

/** A payload is awaited. @param isMissing it is not there and may still come */
export function countPayload(
  { loading, payloads }: StreamWorld,
  payload: number,
  isMissing: boolean,
): void {
  const { seen, missing, look } = loading;
  const { bytes } = loading.work;
  const { encodedBytes, decodeMs } = payloads.columns;
  if (seen[payload] !== look) {
    seen[payload] = look;
    bytes[TOTAL]! += encodedBytes[payload]!;
  }
  if (!isMissing || missing[payload] === look) return;
  missing[payload] = look;
  bytes[LEFT]! += encodedBytes[payload]!;
  bytes[DECODE_MS]! += decodeMs[payload]!;
}

/** Something is awaited that nobody can count yet: no opened world has it, and one may come. */
export function countUnknown({ loading }: StreamWorld): void {
  loading.work.isKnown = false;
  loading.work.itemsLeft++;
}

/** A level with all that it needs. It is left until it is where the game wants it. */
export function countLevel(world: StreamWorld, level: Level): void {
  const { work } = world.loading;
  if (level.state === LevelState.Failed && !level.isRetried) {
    noteFailure(world, level.id, true);
    work.list?.push({ kind: 'level', name: level.name, message: level.error, blocks: true });
    return;
  }
  const isThere = isWhereWanted(level);
  if (!isThere) work.itemsLeft++;
  refreshNeeds(world, level);
  for (let i = 0; i < level.assets.length; i++) {
    if (!isNeeded(level, i)) continue;
    const asset = level.assets[i]!;
    countPayload(world, coarsestPayload(world, asset), !isThere && !isDone(world, asset));
    if (hasFailed(world, asset)) failAsset(world, asset, false);
  }
  for (let i = 0; i < level.links.length; i++) countLevel(world, level.links[i]!);
}

/** An asset of which some LOD is to be there. @param blocks without it nothing is ready */
export function countAsset(world: StreamWorld, asset: number, blocks: boolean): void {
  const { assets, loading } = world;
  const isThere = assets.residentMasks[asset] !== 0;
  const failed = isGivenUp(world, asset);
  countPayload(world, payloadToCome(world, asset), !isThere && !failed);
  if (isThere) return;
  if (failed) failAsset(world, asset, blocks);
  else loading.work.itemsLeft++;
}

/** Nothing of it is there or on its way, because what was asked for failed. */
export function isGivenUp({ assets }: StreamWorld, asset: number): boolean {
  const { residentMasks, pendingMasks, failedMasks } = assets;
  return residentMasks[asset] === 0 && pendingMasks[asset] === 0 && failedMasks[asset] !== 0;
}

/** The LOD that was asked for, the coarsest of several; the coarsest of all before any was. */
function payloadToCome({ assets }: StreamWorld, asset: number): number {
  const known =
    assets.residentMasks[asset]! | assets.pendingMasks[asset]! | assets.failedMasks[asset]!;
  let lod = assets.lodCounts[asset]! - 1;
  while (known !== 0 && lod > 0 && !(known & (1 << lod))) lod--;
  return assets.firstPayloads[asset]! + lod;
}

/** Notes that an asset has failed. */
export function failAsset(world: StreamWorld, asset: number, blocks: boolean): void {
  const { assets, payloads, loading } = world;
  noteFailure(world, assets.ids[asset]!, blocks);
  const { list } = loading.work;
  const name = assets.names[asset]!;
  if (!list || list.some((one) => one.kind === 'asset' && one.name === name)) return;
  let lod = MAX_LODS - 1;
  while (lod > 0 && !(assets.failedMasks[asset]! & (1 << lod))) lod--;
  const error = payloads.columns.error[assets.firstPayloads[asset]! + lod]!;
  const message = `${name} LOD ${lod}: ${errorName(error)}`;
  list.push({ kind: 'asset', name, message, blocks });
}

export function noteFailure({ loading }: StreamWorld, id: number, blocks: boolean): void {
  const { work } = loading;
  work.failures++;
  work.failureKey = (Math.imul(work.failureKey, 31) + id) | 0;
  if (blocks) work.isBlocked = true;
}
