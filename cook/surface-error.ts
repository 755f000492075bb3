/**
 * How far a simplified surface is from the original, in meters, by positions alone: simplifiers
 * that weigh normals and colors return an error that mixes all of them. Both directions are
 * sampled, so that neither lost parts nor filled gaps go unseen.
 *
 * Based on: Cignoni, Rocchini, Scopigno. Metro: measuring error on simplified surfaces. 1998.
 */
import { SurfaceGrid } from './surface-grid.ts';

/** Points per direction. Three times as many change the figures by a few percent. */
const MAX_SAMPLES = 1000;

/** The distance that this share of the samples stays within: one lost rivet is not the error. */
const QUANTILE = 0.95;

/** Compares simplified index buffers over the same vertices with the original one. */
export class SurfaceError {
  readonly #positions: Float32Array;
  readonly #original: Uint32Array;
  readonly #grid: SurfaceGrid;

  constructor(positions: Float32Array, original: Uint32Array) {
    this.#positions = positions;
    this.#original = original;
    this.#grid = new SurfaceGrid(positions, original);
  }

  /**
   * Meters; 0 for the original itself.
   *
   * @param positions what `simplified` points into, where that is not the original's
   */
  measure(simplified: Uint32Array, positions: Float32Array = this.#positions): number {
    const lost = sample(this.#positions, this.#original, new SurfaceGrid(positions, simplified));
    const made = sample(positions, simplified, this.#grid);
    return Math.max(lost, made);
  }
}

/** Corner and center of evenly chosen triangles: how far from `grid` most of them are. */
function sample(p: Float32Array, index: Uint32Array, grid: SurfaceGrid): number {
  const count = index.length / 3;
  const taken = Math.min(count, MAX_SAMPLES / 2);
  const distances = new Float64Array(taken * 2);
  for (let i = 0; i < taken; i++) {
    const at = Math.floor((i * count) / taken) * 3;
    const [a, b, c] = [index[at]! * 3, index[at + 1]! * 3, index[at + 2]! * 3];
    const mean = (k: number): number => (p[a + k]! + p[b + k]! + p[c + k]!) / 3;
    distances[i * 2] = grid.distance(p[a]!, p[a + 1]!, p[a + 2]!);
    distances[i * 2 + 1] = grid.distance(mean(0), mean(1), mean(2));
  }
  distances.sort();
  return distances[Math.min(distances.length - 1, Math.floor(distances.length * QUANTILE))]!;
}
