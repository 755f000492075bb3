/**
 * Which LOD each placement of a cell should show, from its distance alone, and how far the camera
 * may travel before any answer can change ("slack"). Most frames most cells are inside their slack
 * and cost one comparison.
 */
import { distanceToBox, distanceToFarCorner } from '../spatial/screen-error.ts';
import { type AssetTable, THRESHOLD_STRIDE } from './assets.ts';
import { type CellTable, MIXED } from './cells.ts';
import { NO_LOD, type SlotTable } from './slots.ts';

/** Going coarser (or away) needs the threshold passed by this factor: no flicker at a boundary. */
export const LOD_HYSTERESIS = 1.1;

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

let slackMeters = Number.POSITIVE_INFINITY;

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
  const { cells } = tables;
  let near = Number.POSITIVE_INFINITY;
  let far = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const x = eyes.values[at]!;
    const y = eyes.values[at + 1]!;
    const z = eyes.values[at + 2]!;
    const factor = eyes.values[at + 3]!;
    near = Math.min(near, distanceToBox(cells.boxes, cell * 6, x, y, z) * factor);
    far = Math.min(far, distanceToFarCorner(cells.boxes, cell * 6, x, y, z) * factor);
  }
  slackMeters = Number.POSITIVE_INFINITY;
  let changed = false;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++) {
    const asset = cells.runAssets[run]!;
    const target = uniformTarget(
      tables.assets,
      asset,
      near / cells.runMaxScales[run]!,
      far / cells.runMinScales[run]!,
      cells.runMinScales[run]!,
    );
    if (target >= 0) {
      if (cells.runTargets[run] === target) continue;
      cells.runTargets[run] = target;
      changed = true;
    } else if (evaluateSlots(tables, run, asset, eyes, fresh)) changed = true;
  }
  cells.slacks[cell] = slackMeters;
  return changed;
}

/**
 * The one target of a whole run whose distances (at scale 1) lie in [near, far], or -1 when a
 * threshold or its hysteresis zone falls among them. Narrows the slack.
 */
function uniformTarget(
  assets: AssetTable,
  asset: number,
  near: number,
  far: number,
  minScale: number,
): number {
  const base = asset * THRESHOLD_STRIDE;
  let lod = assets.lodCounts[asset]!;
  let room = Number.POSITIVE_INFINITY;
  for (; lod > 0; lod--) {
    const threshold = assets.thresholds[base + lod]!;
    const zoneEnd = threshold * LOD_HYSTERESIS;
    if (near >= zoneEnd) {
      room = Math.min(room, near - zoneEnd);
      break;
    }
    if (far >= threshold) return -1;
    room = Math.min(room, threshold - far);
  }
  slackMeters = Math.min(slackMeters, room * minScale);
  return lod;
}

function evaluateSlots(
  tables: Tables,
  run: number,
  asset: number,
  eyes: Eyes,
  fresh: boolean,
): boolean {
  const { cells, slots, assets } = tables;
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
  for (let slot = start; slot < end; slot++) {
    const scale = slots.scales[slot]!;
    const distance = eyeDistance(slots.positions, slot, eyes) / scale;
    const current = slots.targetLods[slot]!;
    const before = fresh ? NO_LOD : current;
    const lod = targetAt(assets.thresholds, base, lodCount, distance, before);
    const finer = lod > 0 ? distance - assets.thresholds[base + lod]! : Number.POSITIVE_INFINITY;
    const coarser =
      lod < lodCount
        ? assets.thresholds[base + lod + 1]! * LOD_HYSTERESIS - distance
        : Number.POSITIVE_INFINITY;
    slackMeters = Math.min(slackMeters, Math.min(finer, coarser) * scale);
    if (lod === current) continue;
    slots.targetLods[slot] = lod;
    changed = true;
  }
  return changed;
}

/** Distance from the nearest eye to a slot, in units of the reference viewpoint. */
export function eyeDistance(positions: Float32Array, slot: number, eyes: Eyes): number {
  const x = positions[slot * 3]!;
  const y = positions[slot * 3 + 1]!;
  const z = positions[slot * 3 + 2]!;
  let best = Number.POSITIVE_INFINITY;
  for (let at = 0; at < eyes.count * 4; at += 4) {
    const dx = x - eyes.values[at]!;
    const dy = y - eyes.values[at + 1]!;
    const dz = z - eyes.values[at + 2]!;
    const distance = Math.sqrt(dx * dx + dy * dy + dz * dz) * eyes.values[at + 3]!;
    if (distance < best) best = distance;
  }
  return best;
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
): number {
  let lod = lodCount;
  while (lod > 0) {
    const threshold = thresholds[base + lod]!;
    const needed = current !== NO_LOD && lod > current ? threshold * LOD_HYSTERESIS : threshold;
    if (distance >= needed) break;
    lod--;
  }
  return lod;
}
