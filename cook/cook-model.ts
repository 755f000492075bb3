/** One model from source file to payloads: load, simplify, texture, encode. */

import { type Compression, createPacker } from './compress.ts';
import type { TextureChoice } from './encode-image.ts';
import { encodeMesh, type Link, type MeshCodec } from './encode-mesh.ts';
import { CookError } from './errors.ts';
import { loadModel } from './load-model.ts';
import type { EncodedPayload } from './mesh-content.ts';
import { countTriangles } from './model.ts';
import { makePiece, type ProxyPiece } from './proxy-piece.ts';
import { boundingSphere, coverPositions, gridStep, snapPositions } from './quantize.ts';
import { buildLods } from './simplify.ts';
import { texelError } from './texel-size.ts';
import { TextureSet } from './textures.ts';
import { weldPart } from './weld.ts';

/** Plain data, so that it can be sent to a worker. */
export interface ModelJob {
  kind: 'model';
  name: string;
  file: string;
  codec: MeshCodec;
  compression: Compression;
  link: Link;
  /** Keep uv sets, tangents and colors that no material needs. */
  allAttributes: boolean;
  /** Longest side of a LOD 0 texture (pixels). */
  textureSize: number;
  textures: TextureChoice;
  /** What proxies that show it tolerate (meters at scale 1), one piece is made for each. */
  pieceErrors: number[];
  /** More triangles than a proxy may have are of no use to one. */
  pieceTriangles: number;
}

export interface CookedLod {
  triangles: number;
  /** Geometric error (meters), above 0, never falling from fine to coarse. */
  errorMeters: number;
  payload: EncodedPayload;
}

export interface CookedModel {
  name: string;
  file: string;
  /** Kind of its one payload, for files of the game's own kinds; models have none. */
  kind?: number;
  /** LOD 0 first. */
  lods: CookedLod[];
  sphere: [number, number, number, number];
  warnings: string[];
  sourceBytes: number;
  sourceTriangles: number;
  /** What proxies are made of, one for each of the job's `pieceErrors`. */
  pieces?: ProxyPiece[];
}

/** Draco rounds positions to 14 bits over a part's own box: up to this many steps of our grid. */
const DRACO_STEPS = 4;

/** Throws `CookError` naming the file. */
export async function cookModel(job: ModelJob): Promise<CookedModel> {
  const model = await loadModel(job.file, job.allAttributes);
  const textures = new TextureSet(job.file, model, job.textureSize, job.textures);
  await textures.load();
  const positions = model.parts.map((part) => part.positions);
  // One grid for all LODs: a vertex that survives does not move when the LOD changes. Snapped
  // before simplification, because corners that are a hair apart would count as an open border.
  const quantization = coverPositions(positions);
  const step = gridStep(quantization);
  for (const part of model.parts) snapPositions(part.positions, quantization);
  const parts = model.parts.map(weldPart).filter((part) => part.index.length > 0);
  if (parts.length === 0)
    throw new CookError(
      `${job.file}: all of its triangles are too small to be seen beside its size`,
    );
  const chain = await buildLods(parts);
  const pack = await createPacker(job.compression, job.link.mbps);
  const lods: CookedLod[] = [];
  for (const [i, { parts: kept, errorMeters }] of chain.entries()) {
    const isLast = i === chain.length - 1 && chain.length > 2;
    const halvings = isLast ? i + 1 : i;
    const { materials, images } = await textures.forLod(
      i,
      halvings,
      new Set(kept.map(({ material }) => material)),
    );
    const payload = await encodeMesh(
      { parts: kept, materials, images, quantization, pack },
      job.codec,
      job.link,
    );
    const { triangles } = payload;
    const rounding = payload.codec === 'draco' ? step * DRACO_STEPS : step;
    const texels = texelError(parts, model.materials, (material) =>
      textures.baseColorTexels(material, halvings),
    );
    // LOD 0 is the best there is, however coarse its textures are.
    const seen = i === 0 ? errorMeters : Math.max(errorMeters, texels);
    const total = Math.max(seen + Math.max(rounding, 1e-6), lods.at(-1)?.errorMeters ?? 0);
    lods.push({ triangles, errorMeters: total, payload });
  }
  const { materials } = model;
  const pixelsOf = textures.baseColorPixels.bind(textures);
  const pieces: ProxyPiece[] = [];
  for (const errorMeters of job.pieceErrors)
    pieces.push(
      await makePiece({ lods: chain, materials, pixelsOf, most: job.pieceTriangles }, errorMeters),
    );
  return {
    name: job.name,
    file: job.file,
    lods,
    sphere: boundingSphere(positions),
    warnings: model.warnings,
    sourceBytes: model.sourceBytes,
    sourceTriangles: countTriangles(model.parts),
    pieces,
  };
}
