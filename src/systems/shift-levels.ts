/**
 * Reads: levels' states, data layers. Writes: pins, the cell tree, payload rows. Called by: advance-levels.
 *
 * Carries out what states ask for, a slice a frame: pins before a level is loaded, cells in before it
 * is active; cells out, then pins, when it goes. What is in are the first so many of its cells, so that a
 * level can turn round at any point; what is held follows the layers that are there in any state.
 */

import { grown } from '../base/grown.ts';
import { MAX_LODS } from '../base/limits.ts';
import type { AssetTable } from '../catalog/assets.ts';
import { isNeeded, type Level, LevelState, mayActivate } from '../level/level-machine.ts';
import { Tier } from '../memory/policies/tiers.ts';
import type { StreamWorld } from '../world.ts';
import { closeGate, Gate, openGate } from './cell-membership.ts';
import { pinPayload, unpinPayload } from './holds.ts';
import { coarsestPayload } from './lod-state.ts';
import { giveUpPayload } from './payload-lifecycle.ts';

/** Steps between two looks at the clock. */
const STEPS_PER_LOOK = 4;

/** What is going, then wants by priority, then what stays though nobody wants it. */
const RANKS = 7;

/** Levels with work, as indices, and when their turn is; as many as `count`. */
let busy = new Int32Array(256);
let ranks = new Uint8Array(256);
let count = 0;

/** When the time that levels may take of this frame is over (clock time, ms). */
const end = new Float64Array(1);

export function beginShifts({ clock, options }: StreamWorld): void {
  count = 0;
  end[0] = clock.now() + options.levels.msPerFrame;
}

export function isTimeOver({ clock }: StreamWorld): boolean {
  return clock.now() >= end[0]!;
}

/**
 * Notes a level whose state asks for something, if it does.
 *
 * @param want its most urgent (see `level-wants`)
 */
export function noteShift(level: Level, row: number, want: number): void {
  const shrinks = isShrinking(level);
  if (!shrinks && !isGrowing(level)) return;
  if (count === busy.length) {
    busy = grown(busy, count * 2);
    ranks = grown(ranks, count * 2);
  }
  busy[count] = row;
  ranks[count++] = shrinks ? 0 : want < 0 ? RANKS - 1 : want + 1;
}

/** What is going goes first, then what is most urgent; equals by row. */
export function shiftLevels(world: StreamWorld): void {
  if (count === 0) return;
  let left = world.options.levels.stepsPerFrame;
  for (let rank = 0; rank < RANKS; rank++)
    for (let i = 0; i < count; i++) {
      if (ranks[i] !== rank) continue;
      const level = world.levels[busy[i]!]!;
      while (step(world, level))
        if (--left <= 0 || (left % STEPS_PER_LOOK === 0 && isTimeOver(world))) return;
    }
}

/** All that the level's state asks for, in this frame. */
export function shiftAll(world: StreamWorld, level: Level): void {
  while (step(world, level));
}

/** What is held is looked through anew: the state, or what is there of layers, is another. */
export function realign(level: Level): void {
  level.aligned = 0;
  level.ready = 0;
}

function isGrowing(level: Level): boolean {
  const { state } = level;
  if (state === LevelState.Unloaded || isLeaving(level)) return false;
  if (state === LevelState.Loading && level.failure !== null) return false;
  if (level.aligned < level.assets.length) return true;
  return state === LevelState.Loaded && mayActivate(level) && level.inserted < level.cells.length;
}

/** What is still shown goes later: when what stands in for it can be. */
function isShrinking(level: Level): boolean {
  if (level.state === LevelState.Loaded)
    return level.inserted > 0 && !mayActivate(level) && !level.isShown;
  if (!isLeaving(level)) return false;
  return level.inserted > 0 ? !level.isShown : level.pinned > 0;
}

function isLeaving({ state }: Level): boolean {
  return state === LevelState.Unloading || state === LevelState.Failed;
}

/** One cell or one asset. Returns false when the level has no work. */
function step(world: StreamWorld, level: Level): boolean {
  if (isShrinking(level)) {
    if (level.inserted === 0) return alignAsset(world, level);
    closeGate(world, level.cells[--level.inserted]!, Gate.Level);
    return true;
  }
  if (!isGrowing(level)) return false;
  if (alignAsset(world, level)) return true;
  if (!isGrowing(level)) return false;
  openGate(world, level.cells[level.inserted++]!, Gate.Level);
  return true;
}

/** Holds the next asset that must be and is not, or lets go of it. Returns false when there is none. */
function alignAsset(world: StreamWorld, level: Level): boolean {
  const { assets, held } = level;
  const leaves = isLeaving(level);
  while (level.aligned < assets.length) {
    const i = level.aligned++;
    const must = !leaves && isNeeded(level, i);
    if (must === (held![i] === 1)) continue;
    held![i] = must ? 1 : 0;
    level.pinned += must ? 1 : -1;
    if (must) pinPayload(world, coarsestPayload(world, assets[i]!));
    else letGo(world, assets[i]!);
    return true;
  }
  return false;
}

/** Unpins an asset; what nobody else has a use for leaves memory. */
function letGo(world: StreamWorld, asset: number): void {
  const coarsest = coarsestPayload(world, asset);
  unpinPayload(world, coarsest);
  if (isUsed(world, asset, coarsest)) return;
  const { pins } = world.payloads.columns;
  for (let row = world.assets.firstPayloads[asset]!; row <= coarsest; row++)
    if (pins[row] === 0) giveUpPayload(world, row);
  forgetDemand(world.assets, asset);
}

/** Cells that are no longer there wanted it: it would be asked for again until the next sweep. */
export function forgetDemand(assets: AssetTable, asset: number): void {
  const first = asset * MAX_LODS;
  assets.buckets.fill(0, first, first + MAX_LODS);
  assets.nextBuckets.fill(0, first, first + MAX_LODS);
  assets.classic[asset] = 0;
  assets.nextClassic[asset] = 0;
  assets.nearest[asset] = Number.POSITIVE_INFINITY;
  assets.nextNearest[asset] = Number.POSITIVE_INFINITY;
  assets.inView[asset] = 0;
  assets.nextInView[asset] = 0;
}

/**
 * Whether the open, another level, an entity or the game has a use for the asset, or the game has put it
 * into a tier that leaves later. All levels pin the coarsest LOD.
 */
export function isUsed(world: StreamWorld, asset: number, coarsest: number): boolean {
  const { payloads, assets, holds, eviction } = world;
  if (assets.openUses[asset]! > 0) return true;
  if (eviction.tiers.of(assets.ids[asset]!) > Tier.Normal) return true;
  if (payloads.columns.pins[coarsest]! > 0 || assets.firstEntities[asset] !== 0) return true;
  if (holds.size > 0) for (const hold of holds) if (hold.assetId === assets.ids[asset]) return true;
  return false;
}
