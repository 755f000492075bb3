/**
 * The placements of a level as one heap of triangles around an origin: each at the level of its
 * model that the tolerated error asks for, and none that is smaller than it, though never all are
 * left out. Where that makes too many triangles, the tolerated error grows; where everything is at
 * its coarsest, a part of the placements stands for all, made wider by what the others covered.
 *
 * Based on: Cook, Halstead, Planck, Ryu. Stochastic simplification of aggregate detail. 2007.
 */
import type { MeshPart } from './model.ts';
import type { PieceLevel, ProxyPiece } from './proxy-piece.ts';
import { concatenateParts } from './split-parts.ts';
import { SurfaceError } from './surface-error.ts';

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
  /** At most; one placement is there in any case. */
  triangles: number;
}

export interface MergedPieces {
  /** `material` is a row of the surfaces of all pieces, end to end. */
  parts: MeshPart[];
  triangles: number;
  /** Distance from what it stands for: of a level that is used, and of what is left out (meters). */
  errorMeters: number;
  /** Placements that are in it. */
  kept: number;
}

/** The tolerated error grows by this until the triangles are few enough. */
const GROWTH = 1.2;

/** More placements than this are not merged: the largest are. */
const MAX_PLACEMENTS = 65_536;

/** No placement gets wider than this for the sake of others. */
const MOST_WIDER = 5;

/** No placement of this kind. */
const LEFT_OUT = 255;

export function mergePieces(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  limits: MergeLimits,
): MergedPieces {
  const choice = chooseLevels(pieces, instances, limits);
  const parts = buildParts(pieces, instances, choice.levels, 1);
  const { triangles, errorMeters, kept } = choice;
  if (triangles <= limits.triangles) return { parts, triangles, errorMeters, kept };
  const some = thin(pieces, instances, choice.levels, limits.triangles);
  const thinned = buildParts(pieces, instances, some.levels, some.wider);
  const [all, few] = [concatenateParts(parts), concatenateParts(thinned)];
  const lost = new SurfaceError(all.positions, all.index).measure(few.index, few.positions);
  return {
    parts: thinned,
    triangles: few.index.length / 3,
    // What is left out looks wrong by no more than its own size, however far the next one stands.
    errorMeters: errorMeters + Math.min(lost, some.mostMeters),
    kept: some.kept,
  };
}

interface Choice {
  /** Level of each placement's piece, or `LEFT_OUT`. */
  levels: Uint8Array;
  triangles: number;
  errorMeters: number;
  kept: number;
}

function chooseLevels(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  limits: MergeLimits,
): Choice {
  const count = instances.pieces.length;
  const sizes = Float64Array.from({ length: count }, (_, i) => 2 * radiusOf(pieces, instances, i));
  const sorted = sizes.slice().sort();
  const largest = sorted.at(-1) ?? 0;
  const crowd = count > MAX_PLACEMENTS ? sorted[count - MAX_PLACEMENTS]! : 0;
  const least = Math.max(Math.min(limits.errorMeters, largest / 2), crowd);
  const levels = new Uint8Array(count).fill(LEFT_OUT);
  for (let tolerated = limits.errorMeters; ; tolerated *= GROWTH) {
    let [triangles, errorMeters, kept] = [0, 0, 0];
    let isCoarsest = true;
    for (let i = 0; i < count; i++) {
      if (sizes[i]! < least) {
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
    if (isCoarsest || triangles <= limits.triangles)
      return { levels, triangles, errorMeters, kept };
  }
}

function radiusOf(
  pieces: readonly ProxyPiece[],
  { pieces: rows, scales }: ProxyInstances,
  i: number,
) {
  return pieces[rows[i]!]!.radius * scales[i]!;
}

interface Thinned {
  levels: Uint8Array;
  /** Everything that is kept, by this. */
  wider: number;
  kept: number;
  /** The largest thing that is left out, or what one grows by. */
  mostMeters: number;
}

/**
 * Draws placements by chance, larger ones more likely by the area that they take, until there are
 * enough triangles. Chance is a hash of the place: what comes or goes elsewhere changes nothing.
 *
 * Based on: Efraimidis, Spirakis. Weighted random sampling with a reservoir. 2006.
 */
function thin(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  levels: Uint8Array,
  mostTriangles: number,
): Thinned {
  const areas = Float64Array.from(levels, (_, i) => radiusOf(pieces, instances, i) ** 2);
  const rows = [...levels.keys()].filter((i) => levels[i] !== LEFT_OUT);
  const keys = Float64Array.from(levels, (_, i) => {
    return -Math.log(chanceAt(instances.positions, i)) / areas[i]!;
  });
  rows.sort((a, b) => keys[a]! - keys[b]! || a - b);
  const out = new Uint8Array(levels.length).fill(LEFT_OUT);
  let [triangles, kept, area] = [0, 0, 0];
  for (const i of rows) {
    triangles += pieces[instances.pieces[i]!]!.levels[levels[i]!]!.triangles;
    if (triangles > mostTriangles && kept > 0) break;
    out[i] = levels[i]!;
    area += areas[i]!;
    kept++;
  }
  const all = rows.reduce((sum, i) => sum + areas[i]!, 0);
  const wider = Math.min(MOST_WIDER, Math.sqrt(all / area));
  const mostMeters = rows.reduce((most, i) => {
    const grows = out[i] === LEFT_OUT ? 2 : wider - 1;
    return Math.max(most, grows * Math.sqrt(areas[i]!));
  }, 0);
  return { levels: out, wider, kept, mostMeters };
}

/** Above 0, at most 1, evenly. Based on: Appleby. MurmurHash3, its finalizer. 2011. */
function chanceAt(positions: Float32Array, i: number): number {
  let hash = 0;
  for (let c = 0; c < 3; c++) {
    hash = Math.imul(hash ^ Math.round(positions[i * 3 + c]! * 1024), 0x85ebca6b);
    hash ^= hash >>> 13;
    hash = Math.imul(hash, 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return ((hash >>> 0) + 1) / 2 ** 32;
}

/** @param wider every placement by this, from its own axis */
function buildParts(
  pieces: readonly ProxyPiece[],
  instances: ProxyInstances,
  levels: Uint8Array,
  wider: number,
): MeshPart[] {
  const firstSurfaces: number[] = [];
  let surfaces = 0;
  for (const piece of pieces) {
    firstSurfaces.push(surfaces);
    surfaces += piece.surfaces.length;
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
  eachPart((bucket, part, i) => {
    bucket.add(part, matrixOf(instances, i), pieces[instances.pieces[i]!]!.axis, wider);
  });
  return [...buckets.values()].map(({ part }) => part).sort((a, b) => a.material - b.material);
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

  add(from: MeshPart, m: Float64Array, [axisX, axisZ]: readonly number[], wider: number): void {
    const { positions, normals, uvs, colors, index } = this.part;
    const first = this.#vertex;
    const count = from.positions.length / 3;
    const scale = Math.hypot(m[0]!, m[4]!, m[8]!) || 1;
    for (let v = 0; v < count; v++) {
      const x = axisX! + (from.positions[v * 3]! - axisX!) * wider;
      const y = from.positions[v * 3 + 1]!;
      const z = axisZ! + (from.positions[v * 3 + 2]! - axisZ!) * wider;
      const [a, b, c] = [0, 1, 2].map((k) => from.normals[v * 3 + k]!) as [number, number, number];
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
