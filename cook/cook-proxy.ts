/**
 * The stand-in of a level: all that it places as one asset with one primitive, one material and one
 * small texture, with a chain of LODs of its own. One job is one proxy; nothing is shared.
 */
import type { MaterialRecord } from '../src/io/content.ts';
import { type Compression, createPacker } from './compress.ts';
import type { CookedLod, CookedModel } from './cook-model.ts';
import { encodeImage, type TextureChoice } from './encode-image.ts';
import { encodeMesh, type Link, type MeshCodec } from './encode-mesh.ts';
import { defaultMaterial } from './materials.ts';
import type { MeshPart } from './model.ts';
import { layAtlas } from './proxy-atlas.ts';
import { joinSurfaces } from './proxy-join.ts';
import { type MergedPieces, mergePieces, type ProxyInstances } from './proxy-merge.ts';
import type { ProxyPiece } from './proxy-piece.ts';
import { MAX_TILE_SIDE, type ProxySurface, surfaceArea } from './proxy-surface.ts';
import { boundingSphere, coverPositions, gridStep, snapPositions } from './quantize.ts';
import { lodTargets } from './simplify.ts';
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
  const chain = mergeLods(job);
  const quantization = coverPositions(
    chain.flatMap(({ parts }) => parts.map(({ positions }) => positions)),
  );
  const surfaces = job.pieces.flatMap((piece) => piece.surfaces);
  const material = materialOf(chain[0]!.parts, surfaces);
  const pack = await createPacker(job.compression, job.link.mbps);
  const step = Math.max(gridStep(quantization), 1e-6);
  const lods: CookedLod[] = [];
  for (const { parts, errorMeters } of chain) {
    for (const { positions } of parts) snapPositions(positions, quantization);
    const solid = parts.map(weldPart).filter(({ index }) => index.length > 0);
    if (solid.length === 0) continue;
    // Each LOD has a picture of its own, of what is left in it.
    const { pixels, places } = layAtlas(surfaces, solid, MAX_TILE_SIDE >> lods.length);
    const image = await encodeImage(pixels, 'color', job.textures, false, true);
    const part = await joinSurfaces(solid, places);
    const payload = await encodeMesh(
      { parts: [part], materials: [material], images: [image], quantization, pack },
      job.codec,
      job.link,
    );
    const known = lods.at(-1)?.errorMeters ?? 0;
    const { triangles } = payload;
    lods.push({ triangles, errorMeters: Math.max(errorMeters + step, known), payload });
  }
  // On a grid as wide as the level the smallest of things may vanish.
  if (lods.length === 0) return { kind: 'proxy', model: null, kept: 0 };
  const { parts, triangles, kept } = chain[0]!;
  const model: CookedModel = {
    name: job.name,
    file: job.name,
    lods,
    sphere: boundingSphere(parts.map(({ positions }) => positions)),
    warnings: [],
    sourceBytes: 0,
    sourceTriangles: triangles,
  };
  return { kind: 'proxy', model, kept };
}

/** A LOD must save at least this share of its predecessor, else it is not worth its bytes. */
const MIN_SAVING = 0.25;

/** LOD 0 first; targets are spaced like those of any model. */
function mergeLods({ pieces, instances, errorMeters, triangles: most }: ProxyJob): MergedPieces[] {
  const lods = [mergePieces(pieces, instances, { errorMeters, triangles: most })];
  for (const triangles of lodTargets(lods[0]!.triangles)) {
    const next = mergePieces(pieces, instances, { errorMeters, triangles });
    if (next.triangles <= lods.at(-1)!.triangles * (1 - MIN_SAVING)) lods.push(next);
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
