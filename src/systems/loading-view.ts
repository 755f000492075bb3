/**
 * What a viewpoint waits for: levels near it or in its view that somebody wants, something to show for
 * all that it sees, and what would show it better.
 */
import { MIXED } from '../catalog/cells.ts';
import { ViewReadiness } from '../components/loading-screen.ts';
import type { Level } from '../level/level-machine.ts';
import { strongestWant } from '../level/level-wants.ts';
import { PayloadState } from '../memory/payloads.ts';
import { FRUSTUM_STRIDE } from '../spatial/frustum.ts';
import type { ItemList } from '../spatial/octree.ts';
import { measureVolume } from '../spatial/volume-shape.ts';
import type { StreamWorld } from '../world.ts';
import {
  countLevel,
  countPayload,
  countUnknown,
  failAsset,
  isGivenUp,
  noteFailure,
} from './loading-count.ts';
import { coarsestPayload } from './lod-state.ts';

/** Levels closer than this count though they are out of view: one turn of the head (meters). */
const NEAR_METERS = 250;

/** What reading one placement takes of the link (bytes), about. */
const PLACEMENT_BYTES = 16;

/** Of all viewpoints together. */
const ALL_EYES = -1;

const distance = new Float64Array(1);

/** Counts what `readiness` asks of a viewpoint (0: of all) and is not there. */
export function countView(world: StreamWorld, readiness: number, viewpoint: number): void {
  const eye = eyeOf(world, viewpoint);
  if (world.opened.length === 0 || world.eyes.count === 0 || eye < ALL_EYES) {
    countUnknown(world);
    return;
  }
  if (world.opening.size > 0) countOpening(world);
  countLevels(world, eye);
  if (readiness === ViewReadiness.levels) return;
  countCells(world, cellsOf(world, eye));
  countEntities(world, entitiesOf(world, eye));
  countRoots(world);
  if (readiness === ViewReadiness.settled) countDetail(world);
}

/** Place of the viewpoint among the eyes of this frame; below -1: it is not one of them. */
function eyeOf({ queries, eyes }: StreamWorld, viewpoint: number): number {
  if (viewpoint === 0) return ALL_EYES;
  const eye = queries.viewpoints.dense.indexOf(viewpoint);
  return eye >= 0 && eye < eyes.count ? eye : ALL_EYES - 1;
}

/** Worlds of which nothing is known yet. */
function countOpening(world: StreamWorld): void {
  for (const path of world.opening.keys())
    if (!world.opened.some((one) => one.path === path)) countUnknown(world);
}

function countLevels(world: StreamWorld, eye: number): void {
  for (let i = 0; i < world.roster.length; i++) {
    const level = world.roster[i]!;
    if (level.isGone || strongestWant(level) < 0) continue;
    if (isInSight(world, level, eye) || isHeldNear(world, level, eye)) countLevel(world, level);
  }
}

function isInSight(world: StreamWorld, level: Level, eye: number): boolean {
  if (level.cells.length === 0) return false;
  const box = boxOf(world, level);
  const { planes, eyes } = world;
  const [first, end] = eye === ALL_EYES ? [0, eyes.count] : [eye, eye + 1];
  for (let i = first; i < end; i++)
    if (touches(planes, i * FRUSTUM_STRIDE, box) || isNear(eyes.values, i * 4, box)) return true;
  return false;
}

function boxOf({ loading, cells }: StreamWorld, level: Level): Float64Array {
  const known = loading.boxes.get(level);
  if (known) return known;
  const box = Float64Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
  for (const cell of level.cells)
    for (let axis = 0; axis < 3; axis++) {
      box[axis] = Math.min(box[axis]!, cells.boxes[cell * 6 + axis]!);
      box[axis + 3] = Math.max(box[axis + 3]!, cells.boxes[cell * 6 + axis + 3]!);
    }
  loading.boxes.set(level, box);
  return box;
}

/** Whether a box touches a frustum: by the corner that is farthest along each plane's normal. */
function touches(planes: Float64Array, at: number, box: Float64Array): boolean {
  for (let p = at; p < at + FRUSTUM_STRIDE; p += 4) {
    let far = planes[p + 3]!;
    for (let axis = 0; axis < 3; axis++) {
      const normal = planes[p + axis]!;
      far += normal * box[normal > 0 ? axis + 3 : axis]!;
    }
    if (far < 0) return false;
  }
  return true;
}

function isNear(eyes: Float64Array, at: number, box: Float64Array): boolean {
  let square = 0;
  for (let axis = 0; axis < 3; axis++) {
    const position = eyes[at + axis]!;
    const outside = Math.max(box[axis]! - position, 0, position - box[axis + 3]!);
    square += outside * outside;
  }
  return square < NEAR_METERS * NEAR_METERS;
}

/** Whether an entered volume that the eye is near wants the level. */
function isHeldNear(world: StreamWorld, level: Level, eye: number): boolean {
  const { volumes, eyes, set } = world;
  const { StreamingVolume } = set.components;
  for (const [entity, held] of volumes.held) {
    if (!held.levels.includes(level)) continue;
    if (eye === ALL_EYES) return true;
    measureVolume(StreamingVolume, volumes.outlines, entity, eyes.values, eye * 4, distance);
    if (distance[0]! <= StreamingVolume.unloadDistance[entity]!) return true;
  }
  return false;
}

function cellsOf({ loading, planes, cellTree, visibleCells }: StreamWorld, eye: number): ItemList {
  if (eye === ALL_EYES) return visibleCells;
  loading.cells.count = 0;
  cellTree.queryFrustum(planes, eye * FRUSTUM_STRIDE, loading.cells);
  return loading.cells;
}

function entitiesOf(world: StreamWorld, eye: number): ItemList {
  const { loading, planes, entityTree, visibleEntities } = world;
  if (eye === ALL_EYES) return visibleEntities;
  loading.entities.count = 0;
  entityTree.queryFrustum(planes, eye * FRUSTUM_STRIDE, loading.entities);
  return loading.entities;
}

function countCells(world: StreamWorld, list: ItemList): void {
  const { cells, loading } = world;
  for (let i = 0; i < list.count; i++) {
    const cell = list.items[i]!;
    const end = cells.cellRuns[cell + 1]!;
    // Of a level, which is waited for as such, or replaced by one.
    if (!cells.isUnveiled(cell)) continue;
    if (cells.placed[cell] === 0) {
      countPlacements(world, cells.cellRuns[cell]!, end);
      continue;
    }
    for (let run = cells.cellRuns[cell]!; run < end; run++) {
      const asset = cells.runAssets[run]!;
      const holes = cells.runHoles[run]!;
      if (holes > 0) countMissing(world, asset, holes);
      else if (loading.seen[coarsestPayload(world, asset)] !== loading.look)
        if (isShown(world, run, asset)) countPayload(world, coarsestPayload(world, asset), false);
    }
  }
}

/** Placements that have not been read. */
function countPlacements({ loading, cells }: StreamWorld, first: number, end: number): void {
  const { bytes } = loading.work;
  let slots = 0;
  for (let run = first; run < end; run++) slots += cells.runEnds[run]! - cells.runSlots[run]!;
  bytes[0]! += slots * PLACEMENT_BYTES;
  bytes[1]! += slots * PLACEMENT_BYTES;
  loading.work.itemsLeft++;
}

/** Near enough to be shown, some of it at least. */
function isShown({ cells, assets }: StreamWorld, run: number, asset: number): boolean {
  const target = cells.runTargets[run]!;
  return target === MIXED || target < assets.lodCounts[asset]!;
}

function countMissing(world: StreamWorld, asset: number, holes: number): void {
  const failed = isGivenUp(world, asset);
  countPayload(world, coarsestPayload(world, asset), !failed);
  world.loading.work.holes += holes;
  if (failed) failAsset(world, asset, false);
  else world.loading.work.itemsLeft++;
}

function countEntities(world: StreamWorld, list: ItemList): void {
  const { entities, assets, slots } = world;
  for (let i = 0; i < list.count; i++) {
    const entity = list.items[i]!;
    const asset = entities.assets[entity]!;
    if (asset < 0 || slots.targetLods[entity]! >= assets.lodCounts[asset]!) continue;
    if (assets.residentMasks[asset] === 0) countMissing(world, asset, 1);
    else countPayload(world, coarsestPayload(world, asset), false);
  }
}

function countRoots(world: StreamWorld): void {
  const { terrain, payloads, loading } = world;
  for (let i = 0; i < terrain.roots.length; i++) {
    const root = terrain.roots[i]!;
    const payload = terrain.payloads[root]!;
    const isThere = terrain.resident[root] !== 0;
    const failed = payloads.columns.state[payload] === PayloadState.Failed;
    countPayload(world, payload, !isThere && !failed);
    if (isThere) continue;
    loading.work.holes++;
    if (failed) {
      noteFailure(world, payload, false);
      const message = `terrain tile ${root} failed`;
      loading.work.list?.push({ kind: 'asset', name: 'terrain', message, blocks: false });
    } else loading.work.itemsLeft++;
  }
}

/** What something in view has as its target, as of the last sweep. It is counted, not waited for. */
function countDetail(world: StreamWorld): void {
  const { assets, terrain, wantedTiles } = world;
  for (let asset = 0; asset < assets.count; asset++) {
    const bits = assets.inView[asset]!;
    const first = assets.firstPayloads[asset]!;
    for (let lod = 0; bits >> lod; lod++) {
      if (!(bits & (1 << lod))) continue;
      const finer = (2 << lod) - 1;
      const isThere = (assets.residentMasks[asset]! & finer) !== 0;
      const failed = (assets.failedMasks[asset]! & (1 << lod)) !== 0;
      countPayload(world, first + lod, !isThere && !failed);
    }
  }
  for (let i = 0; i < wantedTiles.count; i++) {
    const node = wantedTiles.items[i]!;
    countPayload(world, terrain.payloads[node]!, terrain.resident[node] === 0);
  }
}
