/**
 * A model as proxies use it: from the LOD that is close enough down to a handful of triangles, each
 * level with its error from the model itself and covering what the model covers from the side; its
 * materials as colors and a few texels.
 */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import { LATHES, latheOf } from './proxy-lathe.ts';
import { type Frame, type Silhouette, silhouetteOf } from './proxy-silhouette.ts';
import { isSolid, type ProxySurface, texelAt } from './proxy-surface.ts';
import { describeSurfaces, flattenUvs, tileUvs } from './proxy-surfaces.ts';
import { boundingSphere } from './quantize.ts';
import { type Lod, simplifyTo } from './simplify.ts';
import { concatenateParts, splitParts } from './split-parts.ts';
import { SurfaceError } from './surface-error.ts';

/** Plain data, so that it can be sent to a worker. */
export interface ProxyPiece {
  /** Fewer triangles and a greater error from level to level. `material` of a part is a surface. */
  levels: PieceLevel[];
  surfaces: ProxySurface[];
  /** Of the model (meters). */
  radius: number;
}

export interface PieceLevel {
  triangles: number;
  /** Distance from the model (meters at scale 1). */
  errorMeters: number;
  /** `uvs` are those of the surface's tile, null where its one color is enough. */
  parts: MeshPart[];
}

export interface PieceInput {
  /** The chain of the model, LOD 0 first. */
  lods: readonly Lod[];
  materials: readonly MaterialRecord[];
  pixelsOf: (material: MaterialRecord) => Pixels | null;
  /** Levels with more triangles are of no use. */
  most: number;
}

/** Targets below the coarsest LOD, as shares of it, and where they end. */
const STEP_DOWN = 0.5;
const FEWEST_TRIANGLES = 4;

/** A level is made wider or narrower by this at most to cover what the model covers. */
const MOST_WIDENING = 1.6;

/** @param errorMeters what is tolerated at scale 1: finer levels than that asks for are left out */
export async function makePiece(
  { lods, materials, pixelsOf, most }: PieceInput,
  errorMeters: number,
): Promise<ProxyPiece> {
  const truth = lods[0]!.parts.map((part) => flattenUvs(part, materials[part.material]!));
  const frame = frameOf(truth);
  const surfaces = describeSurfaces(truth, { materials, pixelsOf, errorMeters, frame });
  const test = (part: MeshPart, u: number, v: number): boolean => {
    const material = materials[part.material]!;
    if (material.alphaMode === 'opaque') return true;
    const pixels = pixelsOf(material);
    const ref = material.textures.baseColor;
    const texel = pixels && ref ? pixels.data[texelAt(pixels, ref, u, v) + 3]! / 255 : 1;
    return isSolid(material, texel * material.baseColor[3]);
  };
  const silhouette = silhouetteOf(truth, frame, test);
  const mesh = concatenateParts(truth);
  const model: Model = {
    frame,
    silhouette,
    error: new SurfaceError(mesh.positions, mesh.index),
    errorMeters,
  };
  const start = firstUseful(lods, errorMeters, most);
  const coarse = lods
    .slice(start)
    .map(({ parts }) => parts.map((p) => flattenUvs(p, materials[p.material]!)));
  const shapes = [
    ...coarse,
    ...(await coarserShapes(coarse.at(-1)!)),
    ...turned(model, surfaces.length - 1),
  ];
  const levels = shapes.map((parts) => fitLevel(parts, model));
  return {
    levels: bestLevels(levels).map(({ parts, ...level }) => ({
      ...level,
      parts: parts.flatMap((part) => tileUvs(part, surfaces[part.material]!)),
    })),
    surfaces,
    radius: boundingSphere(truth.map(({ positions }) => positions))[3],
  };
}

interface Model {
  frame: Frame;
  silhouette: Silhouette;
  error: SurfaceError;
  errorMeters: number;
}

function frameOf(parts: readonly MeshPart[]): Frame {
  const min = [Infinity, Infinity, Infinity];
  const max = [-Infinity, -Infinity, -Infinity];
  for (const { positions } of parts)
    for (let i = 0; i < positions.length; i++) {
      min[i % 3] = Math.min(min[i % 3]!, positions[i]!);
      max[i % 3] = Math.max(max[i % 3]!, positions[i]!);
    }
  const [x, z] = [(min[0]! + max[0]!) / 2, (min[2]! + max[2]!) / 2];
  let radius = 0;
  for (const { positions: p } of parts)
    for (let i = 0; i < p.length; i += 3)
      radius = Math.max(radius, Math.hypot(p[i]! - x, p[i + 2]! - z));
  return { x, z, radius, minY: min[1]!, maxY: max[1]! };
}

/** The coarsest LOD within half of what is tolerated: the other half is for what comes after. */
function firstUseful(lods: readonly Lod[], errorMeters: number, most: number): number {
  let first = 0;
  lods.forEach((lod, i) => {
    if (lod.errorMeters <= errorMeters / 2 || lods[first]!.triangles > most) first = i;
  });
  return first;
}

/** Simplifies on below the coarsest LOD. */
async function coarserShapes(parts: readonly MeshPart[]): Promise<MeshPart[][]> {
  const mesh = concatenateParts(parts);
  const surface = new SurfaceError(mesh.positions, mesh.index);
  const shapes: MeshPart[][] = [];
  let { index } = mesh;
  for (;;) {
    const target = Math.floor((index.length / 3) * STEP_DOWN);
    if (target < FEWEST_TRIANGLES) return shapes;
    const best = simplifyTo(mesh, surface, index, target * 3);
    if (!best || best.index.length === 0 || best.index.length > index.length * 0.8) return shapes;
    index = best.index;
    shapes.push(await splitParts(mesh, index));
  }
}

/** Turned bodies, for what is not flat. */
function turned({ silhouette, frame }: Model, surface: number): MeshPart[][] {
  if (!(silhouette.area > 0)) return [];
  return LATHES.map((shape) => [latheOf(silhouette, frame, shape, surface)]);
}

/** Widens a shape until it covers what the model covers, and measures how far it is from it. */
function fitLevel(parts: readonly MeshPart[], model: Model): PieceLevel {
  const { frame, silhouette, error, errorMeters } = model;
  const { area } = silhouetteOf(parts, frame, null);
  // Nothing moves farther than half of what is tolerated: a long pier must not get longer.
  const limit = Math.min(MOST_WIDENING, 1 + errorMeters / 2 / Math.max(1e-9, frame.radius));
  const wanted = area > 0 && silhouette.area > 0 ? silhouette.area / area : 1;
  const factor = Math.min(limit, Math.max(1 / limit, wanted));
  const widened = parts.map((part) => widen(part, frame, factor));
  const mesh = concatenateParts(widened);
  return {
    triangles: mesh.index.length / 3,
    errorMeters: error.measure(mesh.index, mesh.positions),
    parts: widened,
  };
}

/** Away from the axis; seen from the side a shape then covers `factor` times as much, exactly. */
function widen(part: MeshPart, { x, z }: Frame, factor: number): MeshPart {
  const positions = part.positions.slice();
  const normals = part.normals.slice();
  for (let i = 0; i < positions.length; i += 3) {
    positions[i] = x + (positions[i]! - x) * factor;
    positions[i + 2] = z + (positions[i + 2]! - z) * factor;
    const n = [normals[i]!, normals[i + 1]! * factor, normals[i + 2]!];
    const length = Math.hypot(...n) || 1;
    n.forEach((v, c) => {
      normals[i + c] = v / length;
    });
  }
  return { ...part, positions, normals };
}

/** Those that no other beats in both triangles and error, most triangles first. */
function bestLevels(levels: readonly PieceLevel[]): PieceLevel[] {
  const sorted = levels
    .filter(({ triangles, errorMeters }) => triangles > 0 && Number.isFinite(errorMeters))
    .sort((a, b) => a.triangles - b.triangles || a.errorMeters - b.errorMeters);
  const best: PieceLevel[] = [];
  for (const level of sorted)
    if (level.errorMeters < (best.at(-1)?.errorMeters ?? Number.POSITIVE_INFINITY))
      best.push(level);
  return best.reverse();
}
