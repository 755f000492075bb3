/**
 * What a set of resident LODs is worth to the picture, from the five demand buckets of an asset.
 *
 * The error of showing LOD b where n is needed, as a share of showing nothing at all:
 * `q(n, b) = (b − n) / (STEPS_OF_NOTHING + coarsest − n)` for b coarser than n, 1 for nothing, and
 * a little for b finer than n: pixels are right, but triangles and memory are wasted.
 */

/** Showing nothing is this many LOD steps worse than the coarsest LOD: log2(10), see `policies`. */
const STEPS_OF_NOTHING = Math.log2(10);

/** Error charged per LOD step of needless detail. */
const FINER_PENALTY = 0.02;

/** Error of showing `shown` (-1 = nothing) where `needed` is wanted, 0 to 1. */
export function deficit(needed: number, shown: number, coarsest: number): number {
  if (shown < 0) return 1;
  if (shown <= needed) return (needed - shown) * FINER_PENALTY;
  return (shown - needed) / (STEPS_OF_NOTHING + coarsest - needed);
}

/**
 * The LOD to show where `needed` is wanted and only those in `mask` (bit i = LOD i) are there: the
 * exact one, else the nearest coarser, else the nearest finer, else -1.
 */
export function bestShown(needed: number, mask: number, lodCount: number): number {
  for (let lod = needed; lod < lodCount; lod++) if (mask & (1 << lod)) return lod;
  for (let lod = needed - 1; lod >= 0; lod--) if (mask & (1 << lod)) return lod;
  return -1;
}

/** Expected visible error of an asset when the LODs in `mask` are resident. */
export function expectedError(
  buckets: Float64Array,
  offset: number,
  lodCount: number,
  mask: number,
): number {
  let sum = 0;
  for (let needed = 0; needed < lodCount; needed++) {
    const area = buckets[offset + needed]!;
    if (area === 0) continue;
    sum += area * deficit(needed, bestShown(needed, mask, lodCount), lodCount - 1);
  }
  return sum;
}

/** What adding LOD `lod` to the set would save. */
export function gainOf(
  buckets: Float64Array,
  offset: number,
  lodCount: number,
  mask: number,
  lod: number,
): number {
  return (
    expectedError(buckets, offset, lodCount, mask) -
    expectedError(buckets, offset, lodCount, mask | (1 << lod))
  );
}

/** What removing LOD `lod` from the set would cost. */
export function lossOf(
  buckets: Float64Array,
  offset: number,
  lodCount: number,
  mask: number,
  lod: number,
): number {
  return (
    expectedError(buckets, offset, lodCount, mask & ~(1 << lod)) -
    expectedError(buckets, offset, lodCount, mask)
  );
}
