/** One look at what somebody waits for, and what follows: how far it is, and whether all is there. */
import { MAX_AWAITED, ViewReadiness } from '../components/loading-screen.ts';
import { nameOfId } from '../components/schema.ts';
import type { Level } from '../level/level-machine.ts';
import type { LoadingPace } from '../level/loading-progress.ts';
import { UrgencyClass } from '../memory/payloads.ts';
import {
  type Awaited,
  DECODE_MS,
  LEFT,
  type LoadingFailure,
  type LoadingWork,
  TOTAL,
  type Waiting,
} from '../world/loading.ts';
import type { StreamWorld } from '../world.ts';
import { beginLook, countAsset, countLevel, countUnknown, noteFailure } from './loading-count.ts';
import { countView } from './loading-view.ts';
import { listLevels } from './track-volumes-levels.ts';

/** All must be there for so many frames: what failed may be asked for in another LOD meanwhile. */
const THERE_FRAMES = 3;

/** The view is settled when nothing was on its way to it for so many frames and so long (ms). */
const CALM_FRAMES = 12;
const CALM_MS = 400;

/** On a slow link it counts as settled so long (ms) after the last hole closed, whatever still comes. */
const PATIENCE_MS = 5000;

const NONE: readonly Level[] = [];

/** Counts all that is awaited. @param list filled with what failed */
export function lookAtWork(
  world: StreamWorld,
  awaited: Awaited,
  list: LoadingFailure[] | null = null,
): LoadingWork {
  const work = beginLook(world, list);
  const { levels, assets, first } = awaited;
  for (let i = first; i < first + MAX_AWAITED; i++) {
    if (levels[i]) countNamedLevel(world, levels[i]!);
    if (assets[i]) countNamedAsset(world, assets[i]!);
  }
  if (awaited.view !== ViewReadiness.none) countView(world, awaited.view, awaited.viewpoint);
  work.list = null;
  return work;
}

function countNamedLevel(world: StreamWorld, id: number): void {
  const levels = levelsOf(world, id);
  for (let i = 0; i < levels.length; i++) countLevel(world, levels[i]!);
  if (levels.length === 0) missName(world, 'level', id);
}

/** By the table of names, unless worlds came or went since it was made. */
function levelsOf({ volumes, levels, levelVersion }: StreamWorld, id: number): readonly Level[] {
  if (volumes.namesVersion === levelVersion) return volumes.levelsByName.get(id) ?? NONE;
  return levels.filter((level): level is Level => level?.id === id);
}

function countNamedAsset(world: StreamWorld, id: number): void {
  const asset = world.assets.find(id);
  if (asset < 0) missName(world, 'asset', id);
  else countAsset(world, asset, true);
}

/** Once every world is open, a name that none of them has is a mistake. */
function missName(world: StreamWorld, kind: 'level' | 'asset', id: number): void {
  if (world.opened.length === 0 || world.opening.size > 0) {
    countUnknown(world);
    return;
  }
  noteFailure(world, id, true);
  const { list } = world.loading.work;
  if (!list) return;
  const name = nameOfId(id);
  const known = kind === 'level' ? `; there are: ${listLevels(world)}` : '';
  const message = `no opened world has ${kind === 'level' ? 'a level' : 'an asset'} "${name}"${known}`;
  list.push({ kind, name, message, blocks: true });
}

/** Looks, and brings what is known of the waiting up to date. */
export function advanceWaiting(
  world: StreamWorld,
  waiting: Waiting,
  awaited: Awaited,
  minimumSeconds: number,
): LoadingWork {
  const nowMs = world.clock.now();
  const work = lookAtWork(world, awaited);
  const { bytes } = work;
  if (work.isKnown) waiting.progress.update(bytes[LEFT]!, bytes[TOTAL]!, paceOf(world, bytes));
  noteCalm(world, waiting, nowMs);
  const isHeld = work.isBlocked && !awaited.isTolerant;
  const isThere = work.isKnown && !isHeld && work.itemsLeft === 0;
  waiting.thereFrames = isThere ? waiting.thereFrames + 1 : 0;
  if (!isThere) waiting.thereSinceMs = Number.POSITIVE_INFINITY;
  else if (waiting.thereSinceMs === Number.POSITIVE_INFINITY) waiting.thereSinceMs = nowMs;
  const isOver = nowMs - waiting.sinceMs >= minimumSeconds * 1000;
  const isSettled = awaited.view !== ViewReadiness.settled || hasSettled(waiting, nowMs);
  waiting.isReady = isOver && isSettled && waiting.thereFrames >= THERE_FRAMES;
  if (work.failureKey !== waiting.failureKey) {
    waiting.failureKey = work.failureKey;
    const failures: LoadingFailure[] = [];
    if (work.failures > 0) lookAtWork(world, awaited, failures);
    waiting.failures = failures;
  }
  return work;
}

/** The one object, filled anew with every call. */
const pace: LoadingPace = { nowMs: 0, arrivedBytes: 0, otherBytes: 0, linkBytesPerSecond: 0 };

function paceOf(world: StreamWorld, bytes: Float64Array): LoadingPace {
  const { loading, payloads, pending } = world;
  pace.nowMs = world.clock.now();
  // What comes out of a cache is counted only when it is complete.
  pace.arrivedBytes = Math.max(world.io.fetchedBytes, world.stats.fetchedBytes);
  pace.linkBytesPerSecond = linkPace(world, bytes);
  const { urgency, encodedBytes } = payloads.columns;
  const { missing, look } = loading;
  let own = -1;
  for (const payload of pending)
    if (missing[payload] === look) own = Math.max(own, urgency[payload]!);
  // What is less urgent comes after.
  pace.otherBytes = 0;
  for (const payload of pending)
    if (missing[payload] !== look && urgency[payload]! <= own)
      pace.otherBytes += encodedBytes[payload]!;
  return pace;
}

/** Bytes a second that would come if the link, or the decoders, did nothing else; 0: not known. */
function linkPace({ io, decoder }: StreamWorld, bytes: Float64Array): number {
  if (io.fetchedBytes === 0 || bytes[LEFT] === 0) return 0;
  const linkSeconds = bytes[LEFT]! / io.link.bandwidthBytesPerSecond + io.link.latencySeconds;
  const decodeSeconds = bytes[DECODE_MS]! / 1000 / (decoder.stats?.workerCount ?? 1);
  return bytes[LEFT]! / Math.max(linkSeconds, decodeSeconds);
}

function noteCalm(world: StreamWorld, waiting: Waiting, nowMs: number): void {
  const isCalm = world.staged.size === 0 && !isAnythingComing(world);
  waiting.calmFrames = isCalm ? waiting.calmFrames + 1 : 0;
  if (!isCalm) waiting.calmSinceMs = Number.POSITIVE_INFINITY;
  else if (waiting.calmSinceMs === Number.POSITIVE_INFINITY) waiting.calmSinceMs = nowMs;
}

/** Whether the view waits for anything that is with io. A candidate without room for it never is. */
function isAnythingComing({ pending, payloads }: StreamWorld): boolean {
  if (pending.size === 0) return false;
  const { urgency } = payloads.columns;
  for (const payload of pending) if (urgency[payload]! <= UrgencyClass.Normal) return true;
  return false;
}

function hasSettled(waiting: Waiting, nowMs: number): boolean {
  if (nowMs - waiting.thereSinceMs >= PATIENCE_MS) return true;
  return waiting.calmFrames >= CALM_FRAMES && nowMs - waiting.calmSinceMs >= CALM_MS;
}

/** Seconds until all is there: by what is left, and by how long it must be shown; -1: not known. */
export function secondsLeft(
  world: StreamWorld,
  waiting: Waiting,
  work: LoadingWork,
  minimumSeconds: number,
): number {
  if (!work.isKnown || work.isBlocked) return -1;
  const byBytes = waiting.progress.secondsLeft();
  if (byBytes < 0) return -1;
  const shown = (world.clock.now() - waiting.sinceMs) / 1000;
  return Math.max(byBytes, minimumSeconds - shown);
}
