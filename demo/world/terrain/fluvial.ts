/**
 * Uplift against rivers: mountains rise, water cuts valleys into them, until the island has the
 * branching ridges and valleys that noise alone never has. Depressions are filled before every
 * step, so that each cell drains to the sea.
 *
 * Based on: Cordonnier et al. Large Scale Terrain Generation from Tectonic Uplift and Fluvial
 * Erosion. 2016. Braun and Willett. A very efficient O(n), implicit and parallel method to solve
 * the stream power equation. 2013. Barnes et al. Priority-Flood. 2014.
 */

export interface FluvialOptions {
  samples: number;
  /** Distance between samples, meters. */
  spacing: number;
  /** Meters of rise per step and cell. */
  uplift: Float32Array;
  /** 1 where land, 0 where the sea holds the height at zero. */
  land: Uint8Array;
  steps: number;
  /** Strength of the rivers. */
  erosion: number;
  /** Share of the difference to its neighbors that soil creeps per step, below 0.25. */
  creep: number;
}

/** Runs `steps` of uplift and erosion on `heights` in place. */
export function erodeByRivers(heights: Float32Array, options: FluvialOptions): void {
  const count = heights.length;
  const order = new Int32Array(count);
  const receiver = new Int32Array(count);
  const area = new Float32Array(count);
  for (let step = 0; step < options.steps; step++) {
    for (let i = 0; i < count; i++) {
      heights[i] = options.land[i] === 1 ? heights[i]! + options.uplift[i]! : 0;
    }
    const drained = flood(heights, options, order, receiver);
    accumulate(area, order, receiver, drained, options.spacing);
    carve(heights, { order, receiver, area, drained, options });
    creep(heights, options);
  }
}

/** Soil creep: rounds the ridges between the valleys. */
function creep(heights: Float32Array, options: FluvialOptions): void {
  const n = options.samples;
  const before = heights.slice();
  for (let i = n; i < heights.length - n; i++) {
    if (options.land[i] !== 1) continue;
    const around = before[i - 1]! + before[i + 1]! + before[i - n]! + before[i + n]!;
    heights[i] = before[i]! + options.creep * (around - 4 * before[i]!);
  }
}

/**
 * Priority-flood from the sea: raises the floors of pits, fills `order` from the sea upward and
 * `receiver` with where each cell drains to. Returns the number of land cells reached.
 */
function flood(
  heights: Float32Array,
  options: FluvialOptions,
  order: Int32Array,
  receiver: Int32Array,
): number {
  const n = options.samples;
  const count = n * n;
  const heap = new CellHeap(count);
  const seen = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    if (options.land[i] === 1) continue;
    seen[i] = 1;
    receiver[i] = i;
  }
  for (let i = 0; i < count; i++) {
    if (options.land[i] === 1) continue;
    for (let k = 0; k < 8; k++) {
      const next = neighbor(i, k, n);
      if (next >= 0 && seen[next] === 0) {
        heap.push(i, 0);
        break;
      }
    }
  }
  let drained = 0;
  while (heap.size > 0) {
    const cell = heap.pop();
    if (options.land[cell] === 1) {
      order[drained++] = cell;
      receiver[cell] = steepest(heights, cell, n);
    }
    for (let k = 0; k < 8; k++) {
      const next = neighbor(cell, k, n);
      if (next < 0 || seen[next] === 1) continue;
      seen[next] = 1;
      if (heights[next]! <= heights[cell]!) heights[next] = heights[cell]! + 1e-3;
      heap.push(next, heights[next]!);
    }
  }
  return drained;
}

/** The neighbor with the steepest way down; a filled surface always has one. */
function steepest(heights: Float32Array, cell: number, n: number): number {
  let best = cell;
  let bestDrop = 0;
  for (let k = 0; k < 8; k++) {
    const next = neighbor(cell, k, n);
    if (next < 0) continue;
    const straight = k === 1 || k === 3 || k === 4 || k === 6;
    const drop = (heights[cell]! - heights[next]!) * (straight ? 1 : Math.SQRT1_2);
    if (drop <= bestDrop) continue;
    bestDrop = drop;
    best = next;
  }
  return best;
}

function accumulate(
  area: Float32Array,
  order: Int32Array,
  receiver: Int32Array,
  drained: number,
  spacing: number,
): void {
  area.fill(spacing * spacing);
  for (let i = drained - 1; i >= 0; i--) {
    const cell = order[i]!;
    const down = receiver[cell]!;
    area[down] = area[down]! + area[cell]!;
  }
}

interface CarveInput {
  order: Int32Array;
  receiver: Int32Array;
  area: Float32Array;
  drained: number;
  options: FluvialOptions;
}

/** The implicit step: every cell after the one it drains to. */
function carve(heights: Float32Array, input: CarveInput): void {
  const { order, receiver, area, drained, options } = input;
  const n = options.samples;
  for (let i = 0; i < drained; i++) {
    const cell = order[i]!;
    const down = receiver[cell]!;
    const straight = cell % n === down % n || Math.abs(cell - down) === 1;
    const distance = straight ? options.spacing : options.spacing * Math.SQRT2;
    const factor = (options.erosion * Math.sqrt(area[cell]!)) / distance;
    heights[cell] = (heights[cell]! + factor * heights[down]!) / (1 + factor);
  }
}

function neighbor(cell: number, direction: number, n: number): number {
  const x = cell % n;
  const dx =
    direction < 3 ? direction - 1 : direction < 5 ? (direction - 3) * 2 - 1 : direction - 6;
  const dy = direction < 3 ? -1 : direction < 5 ? 0 : 1;
  if (x + dx < 0 || x + dx >= n) return -1;
  const next = cell + dy * n + dx;
  return next < 0 || next >= n * n ? -1 : next;
}

/** Binary heap of cells by height. Equal heights leave in a fixed order, so runs repeat exactly. */
class CellHeap {
  size = 0;
  readonly #cells: Int32Array;
  readonly #keys: Float32Array;

  constructor(capacity: number) {
    this.#cells = new Int32Array(capacity);
    this.#keys = new Float32Array(capacity);
  }

  push(cell: number, key: number): void {
    const cells = this.#cells;
    const keys = this.#keys;
    let at = this.size++;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent]! <= key) break;
      cells[at] = cells[parent]!;
      keys[at] = keys[parent]!;
      at = parent;
    }
    cells[at] = cell;
    keys[at] = key;
  }

  pop(): number {
    const cells = this.#cells;
    const keys = this.#keys;
    const top = cells[0]!;
    const cell = cells[--this.size]!;
    const key = keys[this.size]!;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= this.size) break;
      if (child + 1 < this.size && keys[child + 1]! < keys[child]!) child++;
      if (keys[child]! >= key) break;
      cells[at] = cells[child]!;
      keys[at] = keys[child]!;
      at = child;
    }
    cells[at] = cell;
    keys[at] = key;
    return top;
  }
}
