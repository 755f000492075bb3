/**
 * Makes the slots on screen follow their LOD targets and what is resident: compares, and emits only
 * what changes. Whole runs change as one range.
 */
import type { Tables } from './cell-lods.ts';
import { MIXED } from './cells.ts';
import { THRESHOLD_STRIDE } from './lod-sets.ts';
import type { ShowList } from './show-list.ts';
import { NO_LOD } from './slots.ts';

/** Brings every run of the cell up to date. `visible` false hides the cell. */
export function showCell(tables: Tables, cell: number, visible: boolean, out: ShowList): void {
  const { cells, assets } = tables;
  const { shownLods } = assets.lodSets[cells.lodSets[cell]!]!;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++)
    showRun(tables, run, shownLods, visible, out);
  cells.shown[cell] = visible ? 1 : 0;
  cells.changed[cell] = 0;
}

/**
 * Brings one run up to date.
 *
 * @param shownByTarget what is shown for each target: of the set of limits that the cell follows
 */
export function showRun(
  tables: Tables,
  run: number,
  shownByTarget: Int8Array,
  visible: boolean,
  out: ShowList,
): void {
  const { assets, cells } = tables;
  const asset = cells.runAssets[run]!;
  const target = cells.runTargets[run]!;
  if (visible && target === MIXED) {
    showSlots(tables, run, shownByTarget, out);
    return;
  }
  const near = visible && target < assets.lodCounts[asset]!;
  const lod = visible && target !== NO_LOD ? shownByTarget[asset * THRESHOLD_STRIDE + target]! : -1;
  const shown = lod < 0 ? NO_LOD : lod;
  const before = cells.runShown[run]!;
  setHoles(tables, run, near && lod < 0 ? cells.runEnds[run]! - cells.runSlots[run]! : 0);
  if (before === shown) return;
  const first = assets.firstPayloads[asset]!;
  const to = lod < 0 ? -1 : first + lod;
  const start = cells.runSlots[run]!;
  const end = cells.runEnds[run]!;
  if (before !== MIXED) out.push(start, end, before === NO_LOD ? -1 : first + before, to);
  else {
    const { shownLods } = tables.slots;
    for (let slot = start; slot < end; slot++) {
      const old = shownLods[slot]!;
      if (old !== shown) out.push(slot, slot + 1, old === NO_LOD ? -1 : first + old, to);
    }
  }
  cells.runShown[run] = shown;
}

function showSlots(tables: Tables, run: number, shownByTarget: Int8Array, out: ShowList): void {
  const { assets, cells, slots } = tables;
  const asset = cells.runAssets[run]!;
  const start = cells.runSlots[run]!;
  const end = cells.runEnds[run]!;
  const first = assets.firstPayloads[asset]!;
  const base = asset * THRESHOLD_STRIDE;
  if (cells.runShown[run] !== MIXED) {
    slots.shownLods.fill(cells.runShown[run]!, start, end);
    cells.runShown[run] = MIXED;
  }
  let holes = 0;
  for (let slot = start; slot < end; slot++) {
    const lod = shownByTarget[base + slots.targetLods[slot]!]!;
    const shown = lod < 0 ? NO_LOD : lod;
    if (lod < 0 && slots.targetLods[slot]! < assets.lodCounts[asset]!) holes++;
    const old = slots.shownLods[slot]!;
    if (old === shown) continue;
    slots.shownLods[slot] = shown;
    out.push(slot, slot + 1, old === NO_LOD ? -1 : first + old, lod < 0 ? -1 : first + lod);
  }
  setHoles(tables, run, holes);
}

function setHoles(tables: Tables, run: number, holes: number): void {
  const { cells } = tables;
  cells.holes += holes - cells.runHoles[run]!;
  cells.runHoles[run] = holes;
}
