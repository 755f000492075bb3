/**
 * What a set of resident LODs is worth to the picture, from the five demand buckets of an asset.
 *
 * The error of showing LOD b where n is needed, as a share of showing nothing at all:
 * `q(n, b) = (b − n) / (STEPS_OF_NOTHING + coarsest − n)` for b coarser than n, 1 for nothing. One
 * step too fine is almost right (the pixels are, at four times the triangles); two steps or more
 * would drown the GPU, so anything coarser is shown first.
 */

/** Showing nothing is this many LOD steps worse than the coarsest LOD: log2(10), see `policies`. */
const STEPS_OF_NOTHING = Math.log2(10);

/** Charged for one LOD step of needless detail. */
const FINER_BY_ONE = 0.02;

/** Charged for more: above every coarser choice, the worst of which is 4 / (log2(10) + 4) = 0.546. */
const FINER_BY_MORE = 0.55;

/** Error of showing `shown` (-1 = nothing) where `needed` is wanted, 0 to 1. */
export function deficit(needed: number, shown: number, coarsest: number): number {
  if (shown < 0) return 1;
  if (shown === needed) return 0;
  if (shown === needed - 1) return FINER_BY_ONE;
  if (shown < needed) return FINER_BY_MORE + (needed - shown) * FINER_BY_ONE;
  return (shown - needed) / (STEPS_OF_NOTHING + coarsest - needed);
}

/**
 * The LOD to show where `needed` is wanted and only those in `mask` (bit i = LOD i) are there, by
 * least `deficit`: the exact one, else one step finer, else the nearest coarser, else the nearest
 * finer, else -1.
 */
export function bestShown(needed: number, mask: number, lodCount: number): number {
  if (mask & (1 << needed)) return needed;
  if (needed > 0 && mask & (1 << (needed - 1))) return needed - 1;
  for (let lod = needed + 1; lod < lodCount; lod++) if (mask & (1 << lod)) return lod;
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
