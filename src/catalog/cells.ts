/**
 * The cell table: groups of neighboring placements, the unit of culling. A cell holds runs (one
 * asset each), a run holds consecutive slots. All LODs of a run are usually the same; then the run
 * carries them and its slots are never touched.
 */

import { grown } from '../base/grown.ts';

/** `runTargets` / `runShown` of a run whose slots differ. */
export const MIXED = 254;

export class CellTable {
  count = 0;
  runCount = 0;
  /** Min x, y, z, max x, y, z (meters). */
  boxes: Float32Array = new Float32Array(0);
  levels: Uint16Array = new Uint16Array(0);
  /** First run of each cell; the next entry ends it. */
  cellRuns: Uint32Array = new Uint32Array(1);
  /** Largest (coarsest error × scale): nearer than that times k, more than the coarsest is needed. */
  detailErrors: Float32Array = new Float32Array(0);
  /** The same of assets whose LODs change at fixed distances: nearer than this, whatever k. */
  plainErrors: Float32Array = new Float32Array(0);
  /** Row of the asset table's `lodSets` that the cell follows. */
  lodSets: Uint16Array = new Uint16Array(0);
  /** Camera travel at the last evaluation, and how far it may go before the next is due. */
  odometers: Float64Array = new Float64Array(0);
  slacks: Float32Array = new Float32Array(0);
  /** Selection version of the last evaluation. */
  versions: Uint32Array = new Uint32Array(0);
  /** Frame in which the cell was last in view. */
  seenFrames: Uint32Array = new Uint32Array(0);
  /** Sweep that last scored the cell. */
  sweeps: Uint32Array = new Uint32Array(0);
  /** 1 while the cell's slots are on screen. */
  shown: Uint8Array = new Uint8Array(0);
  /** 1 when targets changed since the slots on screen last followed. */
  changed: Uint8Array = new Uint8Array(0);
  runAssets: Uint32Array = new Uint32Array(0);
  /** First slot of each run; the next entry ends it, except at the end of a world. */
  runSlots: Uint32Array = new Uint32Array(1);
  runEnds: Uint32Array = new Uint32Array(0);
  runMaxScales: Float32Array = new Float32Array(0);
  runMinScales: Float32Array = new Float32Array(0);
  runTargets: Uint8Array = new Uint8Array(0);
  runShown: Uint8Array = new Uint8Array(0);
  /** Slots of the run that are in view, near enough, and have nothing to show. */
  runHoles: Uint32Array = new Uint32Array(0);
  /** Cells from here on have the detail errors that they were opened with. */
  detailedCount = 0;
  /** Sum of `runHoles`. */
  holes = 0;

  get byteLength(): number {
    return this.count * 65 + this.runCount * 26;
  }

  /** Makes room for more cells and runs; new ones are filled by the caller. */
  append(cells: number, runs: number): { firstCell: number; firstRun: number } {
    const firstCell = this.count;
    const firstRun = this.runCount;
    const c = firstCell + cells;
    const r = firstRun + runs;
    this.boxes = grown(this.boxes, c * 6, firstCell * 6);
    this.levels = grown(this.levels, c, firstCell);
    this.cellRuns = grown(this.cellRuns, c + 1, firstCell + 1);
    this.detailErrors = grown(this.detailErrors, c, firstCell);
    this.plainErrors = grown(this.plainErrors, c, firstCell);
    this.lodSets = grown(this.lodSets, c, firstCell);
    this.odometers = grown(this.odometers, c, firstCell);
    this.slacks = grown(this.slacks, c, firstCell);
    this.versions = grown(this.versions, c, firstCell);
    this.seenFrames = grown(this.seenFrames, c, firstCell);
    this.sweeps = grown(this.sweeps, c, firstCell);
    this.shown = grown(this.shown, c, firstCell);
    this.changed = grown(this.changed, c, firstCell);
    this.runAssets = grown(this.runAssets, r, firstRun);
    this.runSlots = grown(this.runSlots, r, firstRun);
    this.runEnds = grown(this.runEnds, r, firstRun);
    this.runMaxScales = grown(this.runMaxScales, r, firstRun);
    this.runMinScales = grown(this.runMinScales, r, firstRun);
    this.runTargets = grown(this.runTargets, r, firstRun).fill(255, firstRun);
    this.runShown = grown(this.runShown, r, firstRun).fill(255, firstRun);
    this.runHoles = grown(this.runHoles, r, firstRun);
    this.count = c;
    this.runCount = r;
    return { firstCell, firstRun };
  }

  truncate(firstCell: number, firstRun: number): void {
    this.count = firstCell;
    this.detailedCount = Math.min(this.detailedCount, firstCell);
    this.runCount = firstRun;
  }
}
