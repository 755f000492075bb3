/**
 * Reads: poses, prefetch spheres, visible lists, the trees. Writes: sweep. After: select-terrain.
 *
 * Begins a sweep when the last is done, and at once after a cut: the list of everything that may want
 * detail, in view or within a prefetch sphere. `prioritize` scores it, in a tenth of a second at most.
 * While nothing that scoring reads changes, none is begun: what it found still holds.
 */
import { PayloadState } from '../memory/payloads.ts';
import { DETAIL_MARGIN, POSE_STRIDE } from '../spatial/expected-error.ts';
import { appendItem } from '../spatial/octree.ts';
import { distanceToBox } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { coarsestPayload } from './lod-state.ts';
import { publishView, residencyOf } from './publish-demand.ts';
import { takeInputs } from './sweep-inputs.ts';

const SWEEP_SECONDS = 0.1;

/** While something is wanted a sweep takes half of that: what it found is never older than 100 ms. */
const CHOOSING_SHARE = 0.5;

/**
 * And so many placements are scored in a frame in any case (half a millisecond): a sweep of no more is
 * done at once. What is two frames old instead of five is worth 5 % of error, and most of the visible
 * drops.
 */
export const SCORED_PER_FRAME = 1536;

/** At rest, what the game may write without being noticed is read again this often. */
const REST_SECONDS = 1;

export function prefetch(world: StreamWorld): void {
  const { sweep } = world;
  sweep.sinceSeconds += world.dtSeconds;
  sweep.restSeconds += world.dtSeconds;
  if (sweep.running && !world.viewCut) return;
  if (world.eyes.count === 0) return;
  const isForced = world.viewCut || sweep.sinceSeconds === Number.POSITIVE_INFINITY;
  const isChanged = takeInputs(world);
  if (isForced || isChanged || restIsOver(world)) begin(world);
  else if (sweep.sinceSeconds >= SWEEP_SECONDS) rest(world);
}

/** Requests and holds may change without a trace: they are scored at rest too, but seldom. */
function restIsOver({ sweep, queries, holds }: StreamWorld): boolean {
  return sweep.restSeconds >= REST_SECONDS && queries.requests.dense.length + holds.size > 0;
}

/** Demand is what it was. What is resident may have changed, and waits may have ended. */
function rest(world: StreamWorld): void {
  const { sweep, deadlines, stats, options } = world;
  sweep.sinceSeconds = 0;
  const isWaiting = deadlines.size > 0 || stats.payloadsFailed > 0;
  // Nobody knows what a scorer of the game's own goes by.
  const isAsked = typeof options.scorer === 'object';
  if (sweep.residency !== residencyOf(world)) publishView(world);
  else if (isWaiting || isAsked) world.demandChanged = true;
}

function begin(world: StreamWorld): void {
  const { sweep, assets } = world;
  sweep.number++;
  sweep.sinceSeconds = 0;
  sweep.restSeconds = 0;
  sweep.running = true;
  sweep.scored = 0;
  sweep.nextCell = 0;
  sweep.nextEntity = 0;
  checkBase(world);
  assets.nextBuckets.fill(0);
  assets.nextClassic.fill(0);
  assets.nextNearest.fill(Number.POSITIVE_INFINITY);
  assets.nextInView.fill(0);
  gatherCells(world);
  gatherEntities(world);
  const seconds = SWEEP_SECONDS * (isChoosing(world) ? CHOOSING_SHARE : 1);
  const frames = world.viewCut ? 1 : Math.max(1, Math.round(seconds / world.dtSeconds || 1));
  sweep.stride = Math.ceil((sweep.cells.count + sweep.entities.count + 1) / frames);
}

/** Whether there is anything to choose from. Where all that is wanted is there, haste buys nothing. */
export function isChoosing({ candidates, pending }: StreamWorld): boolean {
  return candidates.count + pending.size > 0;
}

/** From when all coarsest LODs that are kept are there, cells that need no more are passed by. */
function checkBase(world: StreamWorld): void {
  if (world.opened.length === 0) return;
  if (!world.baseKept) world.baseKept = areGroupsThere(world, false);
  if (!world.proxiesKept) world.proxiesKept = areGroupsThere(world, true);
}

function areGroupsThere(world: StreamWorld, areProxies: boolean): boolean {
  const { state } = world.payloads.columns;
  for (let i = 0; i < world.opened.length; i++) {
    const { groups, isAdmitted } = world.opened[i]!;
    if (!isAdmitted) return false;
    for (const { isIn, kept, isProxy, assets } of groups) {
      if (!isIn || isProxy !== areProxies) continue;
      if (kept < assets.length) return false;
      for (const asset of assets)
        if (state[coarsestPayload(world, asset)] !== PayloadState.Resident) return false;
    }
  }
  return true;
}

/** Whether cells may be passed by that need no more than the coarsest LODs. */
export function isBaseKept({ baseKept, proxiesKept, cells }: StreamWorld, cell: number): boolean {
  return cells.standsFor[cell] === 0 ? baseKept : proxiesKept;
}

function gatherCells(world: StreamWorld): void {
  const { sweep, cells, visibleCells, cellTree, prefetchSpheres } = world;
  sweep.cells.count = 0;
  for (let i = 0; i < visibleCells.count; i++) appendItem(sweep.cells, visibleCells.items[i]!);
  cellTree.querySpheres(prefetchSpheres.values, prefetchSpheres.count, sweep.cells);
  let kept = 0;
  for (let i = 0; i < sweep.cells.count; i++) {
    const cell = sweep.cells.items[i]!;
    if (cells.sweeps[cell] === sweep.number) continue;
    cells.sweeps[cell] = sweep.number;
    if (isBaseKept(world, cell) && !wantsDetail(world, cell)) continue;
    sweep.cells.items[kept++] = cell;
  }
  sweep.cells.count = kept;
}

/** Whether some pose comes near enough to need more than the coarsest LODs, which are kept anyway. */
function wantsDetail(world: StreamWorld, cell: number): boolean {
  const { values, count } = world.score.poses;
  const detail = world.cells.detailErrors[cell]! / world.score.errorPx;
  const plain = world.cells.plainErrors[cell]! / world.score.errorPx;
  for (let pose = 0; pose < count; pose++) {
    const at = pose * POSE_STRIDE;
    const distance = distanceToBox(
      world.cells.boxes,
      cell * 6,
      values[at]!,
      values[at + 1]!,
      values[at + 2]!,
    );
    if (distance < Math.max(detail * values[at + 7]!, plain) * DETAIL_MARGIN) return true;
  }
  return false;
}

function gatherEntities(world: StreamWorld): void {
  const { sweep, entities, visibleEntities, entityTree, prefetchSpheres } = world;
  sweep.entities.count = 0;
  for (let i = 0; i < visibleEntities.count; i++)
    appendItem(sweep.entities, visibleEntities.items[i]!);
  entityTree.querySpheres(prefetchSpheres.values, prefetchSpheres.count, sweep.entities);
  let kept = 0;
  for (let i = 0; i < sweep.entities.count; i++) {
    const entity = sweep.entities.items[i]!;
    if (entities.sweeps[entity] === sweep.number) continue;
    entities.sweeps[entity] = sweep.number;
    sweep.entities.items[kept++] = entity;
  }
  sweep.entities.count = kept;
}
