/**
 * Which LOD each placement of a cell should show, from its distance alone, and how far the camera
 * may travel before any answer can change ("slack"). Most frames most cells are inside their slack
 * and cost one comparison.
 */
import { distanceToBox, distanceToFarCorner } from '../spatial/screen-error.ts';
import type { AssetTable } from './assets.ts';
import { type CellTable, MIXED } from './cells.ts';
import { type LodSet, THRESHOLD_STRIDE } from './lod-sets.ts';
import { NO_LOD, type SlotTable } from './slots.ts';

/** Eyes to measure from: x, y, z and a factor that makes distances comparable, four numbers each. */
export interface Eyes {
  values: Float64Array;
  count: number;
}

export interface Tables {
  assets: AssetTable;
  cells: CellTable;
  slots: SlotTable;
}

/** How far a threshold must be passed, either way, before a LOD changes (factors on it). */
export interface LodBand {
  coarserFactor: number;
  finerFactor: number;
}

/**
 * Of the cell at hand, in numbers of an array, which are not boxed as those of variables are: its
 * slack, and the distances to its box and its far corner, least of all eyes (meters).
 */
const measured = new Float64Array(3);
const SLACK = 0;
const NEAR = 1;
const FAR = 2;
let lensesDiffer = false;
/** The distances from each eye. */
let nears = new Float64Array(16);
let fars = new Float64Array(16);

/**
 * Updates the LOD targets of one cell. Returns true when any changed.
 *
 * @param fresh after a cut what was shown before is no reason to hold on to it: no hysteresis
 */
export function evaluateCell(
  tables: Tables,
  cell: number,
  eyes: Eyes,
  fresh: boolean = false,
): boolean {
  const { cells, assets } = tables;
  const set = assets.lodSets[cells.lodSets[cell]!]!;
  measureCell(cells.boxes, cell * 6, eyes);
  measured[SLACK] = Number.POSITIVE_INFINITY;
  let changed = false;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++) {
    const target = uniformTarget(tables, set, run, eyes);
    if (target >= 0) {
      if (cells.runTargets[run] === target) continue;
      cells.runTargets[run] = target;
      changed = true;
    } else if (evaluateSlots(tables, set, run, eyes, fresh)) changed = true;
  }
  cells.slacks[cell] = measured[SLACK]!;
  return changed;
}

function measureCell(boxes: Float32Array, at: number, eyes: Eyes): void {
  if (nears.length < eyes.count) {
    nears = new Float64Array(eyes.count);
    fars = new Float64Array(eyes.count);
  }
  let near = Number.POSITIVE_INFINITY;
  let far = Number.POSITIVE_INFINITY;
  lensesDiffer = false;
  for (let eye = 0; eye < eyes.count; eye++) {
    const x = eyes.values[eye * 4]!;
    const y = eyes.values[eye * 4 + 1]!;
    const z = eyes.values[eye * 4 + 2]!;
    nears[eye] = distanceToBox(boxes, at, x, y, z);
    fars[eye] = distanceToFarCorner(boxes, at, x, y, z);
    near = Math.min(near, nears[eye]!);
    far = Math.min(far, fars[eye]!);
    if (eyes.values[eye * 4 + 3] !== 1) lensesDiffer = true;
  }
  measured[NEAR] = near;
  measured[FAR] = far;
}

/**
 * The one target of a whole run, or -1 when a threshold or its hysteresis zone falls among the
 * distances of its slots. Narrows the slack.
 */
function uniformTarget(tables: Tables, set: LodSet, run: number, eyes: Eyes): number {
  const { assets, cells } = tables;
  const asset = cells.runAssets[run]!;
  const minScale = cells.runMinScales[run]!;
  let nearest = measured[NEAR]! / cells.runMaxScales[run]!;
  let farthest = measured[FAR]! / minScale;
  if (lensesDiffer) {
    nearest = compared(assets, asset, eyes, nears, cells.runMaxScales[run]!);
    farthest = compared(assets, asset, eyes, fars, minScale);
  }
  const { thresholds } = set;
  const { coarserFactor, finerFactor } = assets;
  const base = asset * THRESHOLD_STRIDE;
  let lod = assets.lodCounts[asset]!;
  let room = Number.POSITIVE_INFINITY;
  for (; lod > 0; lod--) {
    const threshold = thresholds[base + lod]!;
    const zoneEnd = threshold * coarserFactor;
    if (nearest >= zoneEnd) {
      room = Math.min(room, nearest - zoneEnd);
      break;
    }
    const zoneStart = threshold * finerFactor;
    if (farthest >= zoneStart) return -1;
    room = Math.min(room, zoneStart - farthest);
  }
  measured[SLACK] = Math.min(measured[SLACK]!, room * minScale);
  return lod;
}

/** Least of the eyes' distances at scale 1, each in units of the reference viewpoint. */
function compared(
  assets: AssetTable,
  asset: number,
  eyes: Eyes,
  distances: Float64Array,
  scale: number,
): number {
  const radius = assets.needRadii[asset]!;
  let best = Number.POSITIVE_INFINITY;
  for (let eye = 0; eye < eyes.count; eye++) {
    const factor = assets.lensFree[asset] ? 1 : eyes.values[eye * 4 + 3]!;
    best = Math.min(best, (distances[eye]! * factor) / scale + radius * (1 - factor));
  }
  return best;
}

function evaluateSlots(
  tables: Tables,
  set: LodSet,
  run: number,
  eyes: Eyes,
  fresh: boolean,
): boolean {
  const { cells, slots, assets } = tables;
  const asset = cells.runAssets[run]!;
  const { thresholds } = set;
  const start = cells.runSlots[run]!;
  const end = cells.runEnds[run]!;
  const uniform = cells.runTargets[run]!;
  let changed = uniform !== MIXED;
  if (changed) {
    slots.targetLods.fill(uniform, start, end);
    cells.runTargets[run] = MIXED;
  }
  const base = asset * THRESHOLD_STRIDE;
  const lodCount = assets.lodCounts[asset]!;
  const { coarserFactor, finerFactor } = assets;
  for (let slot = start; slot < end; slot++) {
    measureSlot(assets, asset, slots, slot, eyes);
    const distance = lodDistance[0]!;
    const current = slots.targetLods[slot]!;
    const before = fresh ? NO_LOD : current;
    const lod = targetAt(thresholds, base, lodCount, distance, before, assets);
    const finer =
      lod > 0 ? distance - thresholds[base + lod]! * finerFactor : Number.POSITIVE_INFINITY;
    const coarser =
      lod < lodCount
        ? thresholds[base + lod + 1]! * coarserFactor - distance
        : Number.POSITIVE_INFINITY;
    const room = Math.min(finer, coarser) * slots.scales[slot]!;
    measured[SLACK] = Math.min(measured[SLACK]!, room);
    if (lod === current) continue;
    slots.targetLods[slot] = lod;
    changed = true;
  }
  return changed;
}

/** What `measureSlot` found (meters). */
export const lodDistance: Float64Array = new Float64Array(1);

/**
 * Writes the distance from the nearest eye to a slot, at scale 1 and in units of the reference
 * viewpoint: what thresholds are compared with. Where the error decides, the distance to the object's
 * sphere is what the lens scales; where distances are fixed, nothing is.
 */
export function measureSlot(
  assets: AssetTable,
  asset: number,
  slots: SlotTable,
  slot: number,
  eyes: Eyes,
): void {
  const { positions } = slots;
  const scale = slots.scales[slot]!;
  const x = positions[slot * 3]!;
  const y = positions[slot * 3 + 1]!;
  const z = positions[slot * 3 + 2]!;
  const reach = assets.needRadii[asset]! * scale;
  const lensFree = assets.lensFree[asset]!;
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const dx = x - eyes.values[at]!;
    const dy = y - eyes.values[at + 1]!;
    const dz = z - eyes.values[at + 2]!;
    const factor = lensFree ? 1 : eyes.values[at + 3]!;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) * factor + reach * (1 - factor);
    if (distance < best) best = distance;
  }
  lodDistance[0] = best / scale;
}

/**
 * The LOD target at a distance (at scale 1), with hysteresis against `current`; `lodCount` means
 * hidden, `NO_LOD` as `current` means never evaluated.
 */
export function targetAt(
  thresholds: Float64Array,
  base: number,
  lodCount: number,
  distance: number,
  current: number,
  band: LodBand,
): number {
  let lod = lodCount;
  while (lod > 0) {
    const threshold = thresholds[base + lod]!;
    let needed = threshold;
    if (current !== NO_LOD)
      needed = threshold * (lod > current ? band.coarserFactor : band.finerFactor);
    if (distance >= needed) break;
    lod--;
  }
  return lod;
}
