/** A source model, flattened: triangles by material in model space, nothing of glTF left. */
import type { MaterialRecord } from '../src/io/content.ts';
import type { VertexAttribute } from './vertex-attribute.ts';

/** Triangles of one material. All arrays have one entry per vertex except `index`. */
export interface MeshPart {
  /** Index into `SourceModel.materials`. */
  material: number;
  /** x, y, z (meters). */
  positions: Float32Array;
  /** Unit x, y, z. */
  normals: Float32Array;
  /** u, v; null when no texture needs them. */
  uvs: Float32Array | null;
  /** The second uv set. */
  uvs1: Float32Array | null;
  /** Linear r, g, b, a in [0, 1]; null when every vertex is white. */
  colors: Float32Array | null;
  /** Tangents, joints and weights, custom attributes; no name twice. */
  extras: VertexAttribute[];
  index: Uint32Array;
}

/** An image as the source file holds it. */
export interface SourceImage {
  name: string;
  mimeType: string;
  bytes: Uint8Array;
}

export interface SourceModel {
  parts: MeshPart[];
  /** Textures point into `images`. */
  materials: MaterialRecord[];
  images: SourceImage[];
  /** Things that were left out or made up, each one sentence. */
  warnings: string[];
  /** Bytes of the model's files, textures included. */
  sourceBytes: number;
}

/** Triangles of all parts. */
export function countTriangles(parts: readonly { index: Uint32Array }[]): number {
  return parts.reduce((sum, part) => sum + part.index.length / 3, 0);
}
