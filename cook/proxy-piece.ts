/**
 * A model as proxies use it: from the LOD that is close enough down to a handful of triangles, each
 * level with its error from the model itself and covering what the model covers from the side; its
 * materials as colors and a few texels.
 */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import { blockOf, eavesOf } from './proxy-block.ts';
import { LATHES, latheOf } from './proxy-lathe.ts';
import { alphaAt, isSolid, lightAt, texelAt } from './proxy-light.ts';
import { type Frame, type Look, lookAt, type Sight, silhouetteOf } from './proxy-silhouette.ts';
import type { ProxySurface } from './proxy-surface.ts';
import {
  addBlockSurfaces,
  colorRows,
  describeSurfaces,
  flattenUvs,
  tileUvs,
} from './proxy-surfaces.ts';
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
  /** x and z of its middle: what makes it wider leaves this where it is. */
  axis: [number, number];
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

/** A house is no spindle: where nothing is cut out, the error of a turned body counts this often. */
const SOLID_PENALTY = 2;

/** A level is made wider or narrower by this at most to cover what the model covers. */
const MOST_WIDENING = 1.6;

/** @param errorMeters what is tolerated at scale 1: finer levels than that asks for are left out */
export async function makePiece(
  { lods, materials, pixelsOf, most }: PieceInput,
  errorMeters: number,
): Promise<ProxyPiece> {
  const truth = lods[0]!.parts.map((part) => flattenUvs(part, materials[part.material]!));
  const frame = frameOf(truth);
  const look = lookOf(materials, pixelsOf);
  const sight = lookAt(truth, frame, look);
  const surfaces = describeSurfaces(truth, { materials, pixelsOf, errorMeters, sight });
  const bands = surfaces.length - 1;
  const eaves = eavesOf(sight);
  const block = blockOf(sight, frame, eaves, addBlockSurfaces(surfaces, sight, eaves));
  const rowOf = colorRows(surfaces, look);
  const mesh = concatenateParts(truth);
  const model: Model = {
    frame,
    sight,
    error: new SurfaceError(mesh.positions, mesh.index),
    errorMeters,
  };
  const start = firstUseful(lods, errorMeters, most);
  const coarse = lods
    .slice(start)
    .map(({ parts }) => parts.map((p) => flattenUvs(p, materials[p.material]!)));
  const isMade = ({ material }: MeshPart): boolean => material >= materials.length;
  const isLeafy = truth.some((part) => materials[part.material]!.alphaMode === 'mask');
  const levels = [
    ...[...coarse, ...(await coarserShapes(coarse.at(-1)!))].map((parts) => fitLevel(parts, model)),
    ...(sight.area > 0 ? [fitLevel(block, model)] : []),
    ...turned(model, bands).map((parts) => {
      const { errorMeters: turnedError, ...level } = fitLevel(parts, model);
      return { ...level, errorMeters: turnedError * (isLeafy ? 1 : SOLID_PENALTY) };
    }),
  ];
  return {
    levels: bestLevels(levels).map(({ parts, ...level }) => ({
      ...level,
      parts: parts.flatMap((part) =>
        isMade(part) ? [part] : tileUvs(part, surfaces[part.material]!, rowOf),
      ),
    })),
    surfaces,
    axis: [frame.x, frame.z],
    radius: boundingSphere(truth.map(({ positions }) => positions))[3],
  };
}

function lookOf(
  materials: readonly MaterialRecord[],
  pixelsOf: (material: MaterialRecord) => Pixels | null,
): Look {
  const looks = materials.map((material) => ({ material, pixels: pixelsOf(material) }));
  const texel = ({ material, pixels }: (typeof looks)[number], u: number, v: number): number => {
    const ref = material.textures.baseColor;
    return pixels && ref ? texelAt(pixels, ref, u, v) : -1;
  };
  return {
    isSolid(part, u, v) {
      const look = looks[part.material]!;
      const { material, pixels } = look;
      if (material.alphaMode === 'opaque') return true;
      return isSolid(material, alphaAt(material, pixels, texel(look, u, v)));
    },
    lightAt(part, u, v) {
      const look = looks[part.material]!;
      return lightAt(look.material, look.pixels, texel(look, u, v));
    },
    isTwoSided: (part) => looks[part.material]!.material.doubleSided,
  };
}

interface Model {
  frame: Frame;
  sight: Sight;
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
function turned({ sight, frame }: Model, surface: number): MeshPart[][] {
  if (!(sight.area > 0)) return [];
  return LATHES.map((shape) => [latheOf(sight, frame, shape, surface)]);
}

/** Widens a shape until it covers what the model covers, and measures how far it is from it. */
function fitLevel(parts: readonly MeshPart[], model: Model): PieceLevel {
  const { frame, sight, error, errorMeters } = model;
  const { area } = silhouetteOf(parts, frame);
  // Nothing moves farther than half of what is tolerated: a long pier must not get longer.
  const limit = Math.min(MOST_WIDENING, 1 + errorMeters / 2 / Math.max(1e-9, frame.radius));
  const wanted = area > 0 && sight.area > 0 ? sight.area / area : 1;
  const factor = Math.min(limit, Math.max(1 / limit, wanted));
  const widened = parts.map((part) => widen(part, frame, factor));
  const mesh = concatenateParts(widened);
  // What it still covers too little or too much, as a mean over its height, one half a side.
  const height = Math.max(1e-9, frame.maxY - frame.minY);
  const lacking = Math.abs(sight.area - area * factor) / height / 2;
  return {
    triangles: mesh.index.length / 3,
    errorMeters: Math.max(lacking, error.measure(mesh.index, mesh.positions)),
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
