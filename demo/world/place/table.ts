/** Placements as they are collected, in arrays that grow, and the turns that things are given. */
import type { PlacementTable, Vector3 } from '../types.ts';

export type Quaternion = readonly [number, number, number, number];

export interface Collector {
  names: string[];
  index: Map<string, number>;
  assets: number[];
  positions: number[];
  rotations: number[];
  scales: number[];
  levels: number[];
  layers: number[];
}

export function createCollector(names: readonly string[]): Collector {
  return {
    names: [...names],
    index: new Map(names.map((name, i) => [name, i])),
    assets: [],
    positions: [],
    rotations: [],
    scales: [],
    levels: [],
    layers: [],
  };
}

/**
 * Adds one placement. The reduced world has few models: there the first of the same group stands
 * in, and what has no stand-in is left out: then the answer is false.
 */
export function put(
  to: Collector,
  name: string,
  position: Vector3,
  rotation: Quaternion,
  scale = 1,
  level = -1,
  layer = -1,
): boolean {
  const asset = to.index.get(name) ?? to.index.get(name.replace(/-\d+$/, '-1'));
  if (asset === undefined) return false;
  to.assets.push(asset);
  to.positions.push(...position);
  to.rotations.push(...rotation);
  to.scales.push(scale);
  to.levels.push(level);
  to.layers.push(layer);
  return true;
}

/** @param layerNames what `layer` of the placements counts in */
export function finish(from: Collector, layerNames: readonly string[]): PlacementTable {
  return {
    assetNames: from.names,
    assets: Uint32Array.from(from.assets),
    positions: Float32Array.from(from.positions),
    rotations: Float32Array.from(from.rotations),
    scales: Float32Array.from(from.scales),
    levels: Int16Array.from(from.levels),
    layers: Int16Array.from(from.layers),
    layerNames: [...layerNames],
  };
}

/** A turn about y. */
export function turned(angle: number): Quaternion {
  return [0, Math.sin(angle / 2), 0, Math.cos(angle / 2)];
}

/** A turn about y, then a lean of the up axis toward `normal` by `share`. */
export function leaning(angle: number, normal: Vector3, share: number): Quaternion {
  const nx = normal[0] * share;
  const nz = normal[2] * share;
  const ny = Math.sqrt(Math.max(0, 1 - nx * nx - nz * nz));
  // Shortest arc from y to n is (nz, 0, -nx, 1 + ny), normalized.
  const length = Math.hypot(nz, nx, 1 + ny);
  const [ax, az, aw] = [nz / length, -nx / length, (1 + ny) / length];
  const [by, bw] = [Math.sin(angle / 2), Math.cos(angle / 2)];
  return [ax * bw - az * by, aw * by, az * bw + ax * by, aw * bw];
}
