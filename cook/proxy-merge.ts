/**
 * The placements of a level as one heap of triangles around an origin: each at the level of its
 * model that the tolerated error asks for, and none that is smaller than it, though never all are
 * left out. Where that makes too many triangles, the tolerated error grows until it does not.
 */
import type { MeshPart } from './model.ts';
import type { PieceLevel, ProxyPiece } from './proxy-piece.ts';
import type { ProxySurface } from './proxy-surface.ts';

/** Row i of every array is one placement. Plain data, so that it can be sent to a worker. */
export interface ProxyInstances {
  /** Row of the pieces. */
  pieces: Uint32Array;
  /** x, y, z from the origin of the proxy (meters). */
  positions: Float32Array;
  /** Unit quaternions times 32767. */
  rotations: Int16Array;
  scales: Float32Array;
}

export interface MergeLimits {
  /** Tolerated (meters). */
  errorMeters: number;
  /** Wanted at most; where everything is of one size and at its coarsest there may be more. */
  triangles: number;
}

export interface MergedPieces {
  /** `material` is a row of `surfaces`. */
  parts: MeshPart[];
  surfaces: ProxySurface[];
  /** Largest error of a level that is used, or size of what is left out (meters). */
  errorMeters: number;
  /** Placements that are in it; the others were too small. */
  kept: number;
}

/** The tolerated error grows by this until the triangles are few enough. */
const GROWTH = 1.2;

/** More placements than this are not merged: the largest are. */
const MAX_PLACEMENTS = 65_536;

/** No placement of this kind. */
const LEFT_OUT = 255;

export function mergePieces(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  limits: MergeLimits,
): MergedPieces {
  const { levels, errorMeters, kept } = chooseLevels(pieces, instances, limits);
  const firstSurfaces: number[] = [];
  const surfaces: ProxySurface[] = [];
  for (const piece of pieces) {
    firstSurfaces.push(surfaces.length);
    surfaces.push(...piece.surfaces);
  }
  const buckets = new Map<string, Bucket>();
  const eachPart = (visit: (bucket: Bucket, part: MeshPart, instance: number) => void): void => {
    for (let i = 0; i < levels.length; i++) {
      if (levels[i] === LEFT_OUT) continue;
      const piece = instances.pieces[i]!;
      for (const part of pieces[piece]!.levels[levels[i]!]!.parts) {
        const material = firstSurfaces[piece]! + part.material;
        const key = `${material} ${part.uvs ? 'uv' : ''}${part.colors ? 'color' : ''}`;
        const bucket = buckets.get(key) ?? new Bucket(material, part);
        buckets.set(key, bucket);
        visit(bucket, part, i);
      }
    }
  };
  eachPart((bucket, part) => bucket.count(part));
  for (const bucket of buckets.values()) bucket.allocate();
  eachPart((bucket, part, i) => bucket.add(part, matrixOf(instances, i)));
  const parts = [...buckets.values()]
    .map(({ part }) => part)
    .sort((a, b) => a.material - b.material);
  return { parts, surfaces, errorMeters, kept };
}

interface Choice {
  /** Level of each placement's piece, or `LEFT_OUT`. */
  levels: Uint8Array;
  errorMeters: number;
  kept: number;
}

function chooseLevels(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  limits: MergeLimits,
): Choice {
  const count = instances.pieces.length;
  const sizes = Float64Array.from({ length: count }, (_, i) => {
    return 2 * pieces[instances.pieces[i]!]!.radius * instances.scales[i]!;
  });
  const sorted = sizes.slice().sort();
  const largest = sorted.at(-1) ?? 0;
  const crowd = count > MAX_PLACEMENTS ? sorted[count - MAX_PLACEMENTS]! : 0;
  const levels = new Uint8Array(count);
  for (let tolerated = limits.errorMeters; ; tolerated *= GROWTH) {
    // Of things of one size all would go at once: those of half the largest stay in any case.
    const least = Math.max(Math.min(tolerated, largest / 2), crowd);
    let triangles = 0;
    let errorMeters = 0;
    let kept = 0;
    let isCoarsest = tolerated >= largest / 2;
    for (let i = 0; i < count; i++) {
      if (sizes[i]! < least) {
        levels[i] = LEFT_OUT;
        errorMeters = Math.max(errorMeters, sizes[i]!);
        continue;
      }
      const piece = pieces[instances.pieces[i]!]!;
      const scale = instances.scales[i]!;
      levels[i] = levelFor(piece.levels, tolerated / scale);
      const level = piece.levels[levels[i]!]!;
      isCoarsest &&= levels[i] === piece.levels.length - 1;
      triangles += level.triangles;
      errorMeters = Math.max(errorMeters, level.errorMeters * scale);
      kept++;
    }
    if (isCoarsest || triangles <= limits.triangles) return { levels, errorMeters, kept };
  }
}

/** The coarsest level within the error, else the finest. */
function levelFor(levels: readonly PieceLevel[], errorMeters: number): number {
  for (let level = levels.length - 1; level > 0; level--)
    if (levels[level]!.errorMeters <= errorMeters) return level;
  return 0;
}

/** Turn and scale, by rows, and position. */
function matrixOf({ positions, rotations, scales }: ProxyInstances, i: number): Float64Array {
  const [x, y, z, w] = [0, 1, 2, 3].map((c) => rotations[i * 4 + c]!) as [
    number,
    number,
    number,
    number,
  ];
  const s = scales[i]!;
  const k = (2 * s) / (x * x + y * y + z * z + w * w || 1);
  return Float64Array.of(
    ...[s - k * (y * y + z * z), k * (x * y - w * z), k * (x * z + w * y), positions[i * 3]!],
    ...[k * (x * y + w * z), s - k * (x * x + z * z), k * (y * z - w * x), positions[i * 3 + 1]!],
    ...[k * (x * z - w * y), k * (y * z + w * x), s - k * (x * x + y * y), positions[i * 3 + 2]!],
  );
}

/** Triangles of one surface, from all placements; sized before it is filled. */
class Bucket {
  part: MeshPart;
  #vertices = 0;
  #corners = 0;
  #vertex = 0;
  #corner = 0;

  constructor(material: number, like: MeshPart) {
    this.part = { ...like, material };
  }

  count({ positions, index }: MeshPart): void {
    this.#vertices += positions.length / 3;
    this.#corners += index.length;
  }

  allocate(): void {
    const { material, uvs, colors } = this.part;
    const count = this.#vertices;
    this.part = {
      material,
      positions: new Float32Array(count * 3),
      normals: new Float32Array(count * 3),
      uvs: uvs && new Float32Array(count * 2),
      uvs1: null,
      colors: colors && new Float32Array(count * 4),
      extras: [],
      index: new Uint32Array(this.#corners),
    };
  }

  add(from: MeshPart, m: Float64Array): void {
    const { positions, normals, uvs, colors, index } = this.part;
    const first = this.#vertex;
    const count = from.positions.length / 3;
    const scale = Math.hypot(m[0]!, m[4]!, m[8]!) || 1;
    for (let v = 0; v < count; v++) {
      const [x, y, z] = [
        from.positions[v * 3]!,
        from.positions[v * 3 + 1]!,
        from.positions[v * 3 + 2]!,
      ];
      const [a, b, c] = [from.normals[v * 3]!, from.normals[v * 3 + 1]!, from.normals[v * 3 + 2]!];
      for (let row = 0; row < 3; row++) {
        const [p, q, r] = [m[row * 4]!, m[row * 4 + 1]!, m[row * 4 + 2]!];
        const to = (first + v) * 3 + row;
        positions[to] = p * x + q * y + r * z + m[row * 4 + 3]!;
        normals[to] = (p * a + q * b + r * c) / scale;
      }
    }
    if (uvs && from.uvs) uvs.set(from.uvs, first * 2);
    if (colors && from.colors) colors.set(from.colors, first * 4);
    for (let i = 0; i < from.index.length; i++) index[this.#corner + i] = from.index[i]! + first;
    this.#vertex += count;
    this.#corner += from.index.length;
  }
}
