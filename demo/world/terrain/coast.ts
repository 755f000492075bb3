/**
 * Distance to the coast line, by two chamfer sweeps over land and sea.
 *
 * Based on: Gunilla Borgefors. Distance transformations in digital images. 1986.
 */

/** Meters to the nearest change of sign of `land` (> 0 is land): positive on land, else negative. */
export function coastDistance(land: Float32Array, samples: number, spacing: number): Float32Array {
  const inside = chamfer(land, samples, (value) => value <= 0);
  const outside = chamfer(land, samples, (value) => value > 0);
  const out = new Float32Array(land.length);
  for (let i = 0; i < out.length; i++) {
    out[i] = (land[i]! > 0 ? inside[i]! - 0.5 : 0.5 - outside[i]!) * spacing;
  }
  return out;
}

/** Cells to the nearest cell for which `isSource` holds. */
export function chamfer(
  map: Float32Array,
  samples: number,
  isSource: (value: number) => boolean,
): Float32Array {
  const n = samples;
  const far = n * 2;
  const distance = new Float32Array(map.length);
  for (let i = 0; i < map.length; i++) distance[i] = isSource(map[i]!) ? 0 : far;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) relax(distance, n, x, y, -1);
  }
  for (let y = n - 1; y >= 0; y--) {
    for (let x = n - 1; x >= 0; x--) relax(distance, n, x, y, 1);
  }
  return distance;
}

function relax(distance: Float32Array, n: number, x: number, y: number, way: -1 | 1): void {
  const at = y * n + x;
  let best = distance[at]!;
  const side = x + way;
  const row = y + way;
  if (side >= 0 && side < n) best = Math.min(best, distance[at + way]! + 1);
  if (row >= 0 && row < n) {
    const across = at + way * n;
    best = Math.min(best, distance[across]! + 1);
    if (x > 0) best = Math.min(best, distance[across - 1]! + Math.SQRT2);
    if (x < n - 1) best = Math.min(best, distance[across + 1]! + Math.SQRT2);
  }
  distance[at] = best;
}
