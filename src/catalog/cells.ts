/**
 * The cell table: groups of neighboring placements, the unit of culling. A cell holds runs (one
 * asset each), a run holds consecutive slots. All LODs of a run are usually the same; then the run
 * carries them and its slots are never touched.
 */

import { grown } from '../base/grown.ts';
import { NO_LEVEL } from '../io/bundle/format.ts';

/** `runTargets` / `runShown` of a run whose slots differ. */
export const MIXED = 254;

/** Arrays with one row per cell, and one per run, and the values of a row. */
const CELL_COLUMNS = {
  boxes: 6,
  levels: 1,
  standsFor: 1,
  gates: 1,
  held: 1,
  placed: 1,
  detailErrors: 1,
  plainErrors: 1,
  lodSets: 1,
  reaches: 1,
  importances: 1,
  coarsestBytes: 1,
  odometers: 1,
  slacks: 1,
  versions: 1,
  seenFrames: 1,
  sweeps: 1,
  shown: 1,
  changed: 1,
} as const;

const RUN_COLUMNS = [
  'runAssets',
  'runSlots',
  'runEnds',
  'runMaxScales',
  'runMinScales',
  'runTargets',
  'runShown',
  'runHoles',
] as const;

/** Runs that are filled in one step. */
const FILLED_RUNS: number = 256 * 1024;

type CellColumn = keyof typeof CELL_COLUMNS;
type RunColumn = (typeof RUN_COLUMNS)[number];

export class CellTable {
  count = 0;
  runCount = 0;
  /** Min x, y, z, max x, y, z (meters). */
  boxes: Float32Array = new Float32Array(0);
  levels: Uint16Array = new Uint16Array(0);
  /** Row of the level that the cell, a proxy, stands in for, plus 1; 0 = it is none. */
  standsFor: Uint16Array = new Uint16Array(0);
  /** Why the cell is not in the tree: `Gate` bits; 0 = it is. */
  gates: Uint8Array = new Uint8Array(0);
  /** 1 while the coarsest LODs of a proxy are kept because it is on screen. */
  held: Uint8Array = new Uint8Array(0);
  /** By row of a level: 1 while its cells are not shown, be they in the tree or not, and its proxies are. */
  readonly veiledLevels: Uint8Array = new Uint8Array(NO_LEVEL);
  /** 1 when the cell's slots and `runMinScales` are filled; before that nothing reads them. */
  placed: Uint8Array = new Uint8Array(0);
  /** First run of each cell; the next entry ends it. */
  cellRuns: Uint32Array = new Uint32Array(1);
  /** Largest (coarsest error × scale): nearer than that times k, more than the coarsest is needed. */
  detailErrors: Float32Array = new Float32Array(0);
  /** The same of assets whose LODs change at fixed distances: nearer than this, whatever k. */
  plainErrors: Float32Array = new Float32Array(0);
  /** Row of the asset table's `lodSets` that the cell follows. */
  lodSets: Uint16Array = new Uint16Array(0);
  /** Largest (radius × scale) of what is placed (meters): farther than that allows, all is hidden. */
  reaches: Float32Array = new Float32Array(0);
  /** Largest importance of the assets placed. */
  importances: Float32Array = new Float32Array(0);
  /** Encoded bytes of the coarsest LODs of all assets placed: what showing the cell takes at least. */
  coarsestBytes: Float32Array = new Float32Array(0);
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

  /** Whether the cell may be shown: its level is, or what it stands in for is not. */
  isUnveiled(cell: number): boolean {
    const level = this.levels[cell]!;
    if (level !== NO_LEVEL) return this.veiledLevels[level] === 0;
    const other = this.standsFor[cell]!;
    return other === 0 || this.veiledLevels[other - 1] === 1;
  }

  get byteLength(): number {
    let bytes = this.cellRuns.byteLength;
    for (const name of Object.keys(CELL_COLUMNS) as CellColumn[]) bytes += this[name].byteLength;
    for (const name of RUN_COLUMNS) bytes += this[name].byteLength;
    return bytes;
  }

  /**
   * Makes room for more cells and runs, one array a step: what is in use is copied. New rows hold
   * zeros, and their runs no slot. Nothing may be appended or dropped between the first step and the
   * last.
   *
   * @param firstSlot where their slots will begin: runs stay in the order of their slots
   */
  *reserve(cells: number, runs: number, firstSlot: number): Generator<void> {
    const [c, r] = [this.count, this.runCount];
    this.cellRuns = grown(this.cellRuns, c + cells + 1, c + 1);
    // Whatever their types are, they are grown alike.
    const columns = this as unknown as Record<CellColumn | RunColumn, Float32Array>;
    for (const name of Object.keys(CELL_COLUMNS) as CellColumn[]) {
      const width = CELL_COLUMNS[name];
      columns[name] = grown(columns[name], (c + cells) * width, c * width);
      yield;
    }
    for (const name of RUN_COLUMNS) {
      columns[name] = grown(columns[name], r + runs, r);
      yield;
    }
    this.cellRuns.fill(r, c);
    for (let run = r; run < r + runs; run += FILLED_RUNS) {
      const end = Math.min(r + runs, run + FILLED_RUNS);
      this.runSlots.fill(firstSlot, run, end);
      this.runTargets.fill(255, run, end);
      this.runShown.fill(255, run, end);
      yield;
    }
  }

  /** Takes the next rows, for which there is room. */
  append(cells: number, runs: number): { firstCell: number; firstRun: number } {
    const [firstCell, firstRun] = [this.count, this.runCount];
    this.count += cells;
    this.runCount += runs;
    return { firstCell, firstRun };
  }

  truncate(firstCell: number, firstRun: number): void {
    this.count = firstCell;
    this.detailedCount = Math.min(this.detailedCount, firstCell);
    this.runCount = firstRun;
  }
}
