/** Finds how far points are from a triangle surface, through a uniform grid over the triangles. */
import { squaredDistanceToTriangle } from './triangle-distance.ts';

const MAX_CELLS_PER_AXIS = 64;

export class SurfaceGrid {
  readonly #triangles: Float32Array;
  readonly #min: [number, number, number];
  readonly #cells: [number, number, number];
  readonly #cellSize: number;
  readonly #starts: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #stamps: Uint32Array;
  #stamp = 0;

  /** @param index at least one triangle */
  constructor(positions: Float32Array, index: Uint32Array) {
    const count = index.length / 3;
    this.#triangles = new Float32Array(count * 9);
    const min: [number, number, number] = [Infinity, Infinity, Infinity];
    const max: [number, number, number] = [-Infinity, -Infinity, -Infinity];
    for (let corner = 0; corner < index.length; corner++)
      for (let c = 0; c < 3; c++) {
        const value = positions[index[corner]! * 3 + c]!;
        this.#triangles[corner * 3 + c] = value;
        min[c] = Math.min(min[c]!, value);
        max[c] = Math.max(max[c]!, value);
      }
    const longest = Math.max(max[0] - min[0], max[1] - min[1], max[2] - min[2], 1e-9);
    const perAxis = Math.min(MAX_CELLS_PER_AXIS, Math.ceil(Math.sqrt(count)));
    this.#min = min;
    this.#cellSize = (longest / perAxis) * 1.0001;
    this.#cells = [0, 1, 2].map((c) => Math.floor((max[c]! - min[c]!) / this.#cellSize) + 1) as [
      number,
      number,
      number,
    ];
    this.#stamps = new Uint32Array(count);
    const cellCount = this.#cells[0] * this.#cells[1] * this.#cells[2];
    this.#starts = new Uint32Array(cellCount + 1);
    for (let triangle = 0; triangle < count; triangle++)
      this.#eachCell(triangle, (cell) => {
        this.#starts[cell + 1] = this.#starts[cell + 1]! + 1;
      });
    for (let cell = 0; cell < cellCount; cell++)
      this.#starts[cell + 1] = this.#starts[cell + 1]! + this.#starts[cell]!;
    this.#entries = new Uint32Array(this.#starts[cellCount]!);
    const next = this.#starts.slice();
    for (let triangle = 0; triangle < count; triangle++)
      this.#eachCell(triangle, (cell) => {
        this.#entries[next[cell]!] = triangle;
        next[cell] = next[cell]! + 1;
      });
  }

  #eachCell(triangle: number, visit: (cell: number) => void): void {
    const t = this.#triangles;
    const at = triangle * 9;
    const low = [0, 0, 0];
    const high = [0, 0, 0];
    for (let c = 0; c < 3; c++) {
      const [p, q, r] = [t[at + c]!, t[at + 3 + c]!, t[at + 6 + c]!];
      low[c] = this.#cellAt(Math.min(p, q, r), c);
      high[c] = this.#cellAt(Math.max(p, q, r), c);
    }
    const [nx, ny] = this.#cells;
    for (let z = low[2]!; z <= high[2]!; z++)
      for (let y = low[1]!; y <= high[1]!; y++)
        for (let x = low[0]!; x <= high[0]!; x++) visit((z * ny + y) * nx + x);
  }

  #cellAt(value: number, axis: number): number {
    const cell = Math.floor((value - this.#min[axis]!) / this.#cellSize);
    return Math.min(this.#cells[axis]! - 1, Math.max(0, cell));
  }

  /** Distance from a point to the nearest triangle (meters). */
  distance(x: number, y: number, z: number): number {
    this.#stamp++;
    const [nx, ny, nz] = this.#cells;
    const cx = this.#cellAt(x, 0);
    const cy = this.#cellAt(y, 1);
    const cz = this.#cellAt(z, 2);
    let best = Infinity;
    const last = Math.max(cx, nx - 1 - cx, cy, ny - 1 - cy, cz, nz - 1 - cz);
    for (let ring = 0; ring <= last; ring++) {
      // Everything in this ring is at least (ring - 1) cells away, also for points off the grid.
      const reach = (ring - 1) * this.#cellSize;
      if (ring > 0 && reach > 0 && reach * reach > best) break;
      for (let gz = Math.max(0, cz - ring); gz <= Math.min(nz - 1, cz + ring); gz++)
        for (let gy = Math.max(0, cy - ring); gy <= Math.min(ny - 1, cy + ring); gy++) {
          const isEdge = Math.abs(gz - cz) === ring || Math.abs(gy - cy) === ring;
          const step = isEdge || ring === 0 ? 1 : ring * 2;
          for (let gx = cx - ring; gx <= cx + ring; gx += step)
            if (gx >= 0 && gx < nx) best = this.#nearest((gz * ny + gy) * nx + gx, x, y, z, best);
        }
    }
    return Math.sqrt(best);
  }

  #nearest(cell: number, x: number, y: number, z: number, known: number): number {
    let best = known;
    for (let i = this.#starts[cell]!; i < this.#starts[cell + 1]!; i++) {
      const triangle = this.#entries[i]!;
      if (this.#stamps[triangle] === this.#stamp) continue;
      this.#stamps[triangle] = this.#stamp;
      best = Math.min(best, squaredDistanceToTriangle(this.#triangles, triangle * 9, x, y, z));
    }
    return best;
  }
}
