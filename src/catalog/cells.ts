/**
 * The cell table: groups of neighboring placements, the unit of culling. A cell holds runs (one
 * asset each), a run holds consecutive slots. All LODs of a run are usually the same; then the run
 * carries them and its slots are never touched.
 */

/** `runTargets` / `runShown` of a run whose slots differ. */
export const MIXED = 254;

/** Cell of no level. */
export const NO_LEVEL = 0xffff;

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
  /** Sum of `runHoles`. */
  holes = 0;

  get byteLength(): number {
    return this.count * 59 + this.runCount * 26;
  }

  /** Makes room for more cells and runs; new ones are filled by the caller. */
  append(cells: number, runs: number): { firstCell: number; firstRun: number } {
    const firstCell = this.count;
    const firstRun = this.runCount;
    const c = firstCell + cells;
    const r = firstRun + runs;
    this.boxes = extended(this.boxes, firstCell * 6, c * 6);
    this.levels = extended(this.levels, firstCell, c);
    this.cellRuns = extended(this.cellRuns, firstCell + 1, c + 1);
    this.detailErrors = extended(this.detailErrors, firstCell, c);
    this.odometers = extended(this.odometers, firstCell, c);
    this.slacks = extended(this.slacks, firstCell, c);
    this.versions = extended(this.versions, firstCell, c);
    this.seenFrames = extended(this.seenFrames, firstCell, c);
    this.sweeps = extended(this.sweeps, firstCell, c);
    this.shown = extended(this.shown, firstCell, c);
    this.changed = extended(this.changed, firstCell, c);
    this.runAssets = extended(this.runAssets, firstRun, r);
    this.runSlots = extended(this.runSlots, firstRun, r);
    this.runEnds = extended(this.runEnds, firstRun, r);
    this.runMaxScales = extended(this.runMaxScales, firstRun, r);
    this.runMinScales = extended(this.runMinScales, firstRun, r);
    this.runTargets = extended(this.runTargets, firstRun, r).fill(255, firstRun);
    this.runShown = extended(this.runShown, firstRun, r).fill(255, firstRun);
    this.runHoles = extended(this.runHoles, firstRun, r);
    this.count = c;
    this.runCount = r;
    return { firstCell, firstRun };
  }

  truncate(firstCell: number, firstRun: number): void {
    this.count = firstCell;
    this.runCount = firstRun;
  }
}

type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

function extended<T extends ColumnArray>(array: T, used: number, length: number): T {
  const larger = new (array.constructor as new (length: number) => T)(length);
  larger.set(array.subarray(0, used) as never);
  return larger;
}
