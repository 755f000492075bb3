/** Placements as columns: hundreds of thousands of rows need no object each. */

/** Row i of every array is one placement. */
export interface PlacementTable {
  /** Names that `assets` points into. */
  assetNames: string[];
  /** Index into `assetNames`. */
  assets: Uint32Array;
  /** x, y, z (meters). A y that is NaN means "on the ground". */
  positions: Float64Array | Float32Array;
  /** Quaternion x, y, z, w; normalized by the cook. */
  rotations: Float32Array;
  /** Uniform scale, above 0. */
  scales: Float32Array;
  /** Index into the cook's levels, -1 for none. Without it the levels' shapes decide. */
  levels?: Int16Array;
  /** Index into `layerNames`, -1 for none. Without it nothing is of a data layer. */
  layers?: Int16Array;
  /** Data layers: `winter`, or `!winter` for what is there while that layer is off. */
  layerNames?: string[];
}

/** A table together with the level names its rows asked for; read from a file. */
export interface NamedPlacements {
  table: PlacementTable;
  /** Per row: name of its level, or null where the shapes decide. */
  levelNames: (string | null)[] | null;
}

/** Name closest to `name` by edit distance, or null when none is near. */
export function didYouMean(name: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Based on: Wagner, Fischer. The string-to-string correction problem. 1974. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
