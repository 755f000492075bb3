/**
 * The stand-in of a level: all that it places as one asset with one primitive, one material and one
 * small texture, with a chain of LODs of its own. One job is one proxy; nothing is shared.
 */
import { MeshoptSimplifier } from 'meshoptimizer/simplifier';
import type { MaterialRecord } from '../src/io/content.ts';
import { type Compression, createPacker } from './compress.ts';
import type { CookedLod, CookedModel } from './cook-model.ts';
import { encodeImage, type TextureChoice } from './encode-image.ts';
import { encodeMesh, type Link, type MeshCodec } from './encode-mesh.ts';
import { defaultMaterial } from './materials.ts';
import type { MeshPart } from './model.ts';
import { halve } from './pixels.ts';
import { layAtlas } from './proxy-atlas.ts';
import { joinSurfaces } from './proxy-join.ts';
import { mergePieces, type ProxyInstances } from './proxy-merge.ts';
import type { ProxyPiece } from './proxy-piece.ts';
import { type ProxySurface, surfaceArea } from './proxy-surface.ts';
import { boundingSphere, coverPositions, gridStep, snapPositions } from './quantize.ts';
import { lodTargets, simplifyTo } from './simplify.ts';
import { concatenateParts, type JoinedMesh } from './split-parts.ts';
import { SurfaceError } from './surface-error.ts';
import { weldPart } from './weld.ts';

/** Plain data, so that it can be sent to a worker. */
export interface ProxyJob {
  kind: 'proxy';
  name: string;
  pieces: ProxyPiece[];
  instances: ProxyInstances;
  /** What is tolerated where the proxy is first seen (meters). */
  errorMeters: number;
  /** Most of LOD 0. */
  triangles: number;
  codec: MeshCodec;
  compression: Compression;
  link: Link;
  textures: TextureChoice;
}

export interface CookedProxy {
  kind: 'proxy';
  /** Null where nothing of the level is large enough to be drawn. */
  model: CookedModel | null;
  /** Placements that are in it. */
  kept: number;
}

export async function cookProxy(job: ProxyJob): Promise<CookedProxy> {
  const merged = mergePieces(job.pieces, job.instances, job);
  const quantization = coverPositions(merged.parts.map(({ positions }) => positions));
  for (const { positions } of merged.parts) snapPositions(positions, quantization);
  const parts = merged.parts.map(weldPart).filter(({ index }) => index.length > 0);
  if (parts.length === 0) return { kind: 'proxy', model: null, kept: 0 };
  const { pixels, places } = layAtlas(merged.surfaces);
  const material = materialOf(parts, merged.surfaces);
  const pack = await createPacker(job.compression, job.link.mbps);
  const step = gridStep(quantization);
  const lods: CookedLod[] = [];
  const mesh = concatenateParts(parts);
  for (const { index, errorMeters } of await proxyLods(mesh, job.triangles)) {
    const part = await joinSurfaces(mesh, index, places);
    if (!part) continue;
    // Halved once: a second time the squares of the colors would be one texel, and bleed.
    const picture =
      lods.length === 0 ? pixels : halve(pixels, { isSrgb: true, isAlphaWeighted: false });
    const image = await encodeImage(picture, 'color', job.textures, false, true);
    const payload = await encodeMesh(
      { parts: [part], materials: [material], images: [image], quantization, pack },
      job.codec,
      job.link,
    );
    const { triangles } = payload;
    const total = merged.errorMeters + errorMeters + Math.max(step, 1e-6);
    lods.push({
      triangles,
      errorMeters: Math.max(total, lods.at(-1)?.errorMeters ?? 0),
      payload,
    });
  }
  const model: CookedModel = {
    name: job.name,
    file: job.name,
    lods,
    sphere: boundingSphere(parts.map(({ positions }) => positions)),
    warnings: [],
    sourceBytes: 0,
    sourceTriangles: mesh.index.length / 3,
  };
  return { kind: 'proxy', model, kept: merged.kept };
}

/** Triangles over the vertices of the merged mesh, and how far they are from it (meters). */
interface ProxyLod {
  index: Uint32Array;
  errorMeters: number;
}

/** Shares that are tried in turn when a simplification ends above the target. */
const LOWER_TARGETS: readonly number[] = [1, 0.75, 0.5, 0.25];

/** A LOD must save at least this share of its predecessor, else it is not worth its bytes. */
const MIN_SAVING = 0.25;

/** LOD 0 has at most `most` triangles; coarser ones are spaced like those of any model. */
async function proxyLods(mesh: JoinedMesh, most: number): Promise<ProxyLod[]> {
  await MeshoptSimplifier.ready;
  const surface = new SurfaceError(mesh.positions, mesh.index);
  let last: ProxyLod = { index: mesh.index, errorMeters: 0 };
  for (const share of LOWER_TARGETS) {
    if (last.index.length <= most * 3) break;
    last = simplifyTo(mesh, surface, last.index, Math.floor(most * share) * 3) ?? last;
  }
  const lods = [last];
  for (const target of lodTargets(last.index.length / 3)) {
    const next = simplifyTo(mesh, surface, last.index, target * 3);
    if (
      !next ||
      next.index.length === 0 ||
      next.index.length > last.index.length * (1 - MIN_SAVING)
    )
      continue;
    last = { index: next.index, errorMeters: Math.max(next.errorMeters, last.errorMeters) };
    lods.push(last);
  }
  return lods;
}

/** Roughness and metal by area; where most of the surface has two sides, all of it has. */
function materialOf(parts: readonly MeshPart[], surfaces: readonly ProxySurface[]): MaterialRecord {
  let [area, metallic, roughness, doubleSided] = [0, 0, 0, 0];
  for (const part of parts) {
    const surface = surfaces[part.material]!;
    const own = surfaceArea(part);
    area += own;
    metallic += own * surface.metallic;
    roughness += own * surface.roughness;
    if (surface.doubleSided) doubleSided += own;
  }
  const round = (value: number): number => Math.round((value / (area || 1)) * 100) / 100;
  return {
    ...defaultMaterial(),
    name: 'proxy',
    metallic: round(metallic),
    roughness: round(roughness),
    doubleSided: doubleSided > area / 2,
    textures: { baseColor: { image: 0, uv: 0, wrapS: 'clamp', wrapT: 'clamp' } },
  };
}
