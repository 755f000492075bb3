/**
 * Draco through loaders.gl. What comes out is decoded once here, because Draco merges vertices and
 * drops triangles: the counts in the head must be those that the reader will see.
 */
import { encode, parse } from '@loaders.gl/core';
import { DracoLoader, DracoWriter } from '@loaders.gl/draco';
import draco3d from 'draco3d';
import type { MeshPart } from './model.ts';

export interface DracoPart {
  bytes: Uint8Array;
  vertexCount: number;
  indexCount: number;
}

/** Bits per component. 14 bits of position are 0.1 mm on a model of 2 m. */
const QUANTIZATION = { POSITION: 14, NORMAL: 10, TEX_COORD: 12, COLOR: 8 };

/** Encoder and decoder speed, 0 to 10: 5 decodes twice as fast as 0 at about the same size. */
const SPEED: [number, number] = [5, 5];

/** One part, positions in meters. */
export async function encodeDraco(part: MeshPart): Promise<DracoPart> {
  // The writer ignores byteOffset: every array must own its buffer.
  const attributes: Record<string, Float32Array | Uint8Array> = {
    POSITION: part.positions.slice(),
    NORMAL: part.normals.slice(),
  };
  // Only under this key does the writer see texture coordinates; it comes back as TEXCOORD_0.
  if (part.uvs) attributes['texcoord'] = part.uvs.slice();
  if (part.uvs1) attributes['TEXCOORD_1'] = part.uvs1.slice();
  if (part.colors)
    attributes['COLOR_0'] = Uint8Array.from(part.colors, (value) => Math.round(value * 255));
  const draco = { method: 'MESH_EDGEBREAKER_ENCODING', speed: SPEED, quantization: QUANTIZATION };
  // The writer's own type names only two of the options that it reads.
  const options = { modules: { draco3d }, worker: false, draco } as object;
  const mesh = { attributes, indices: part.index.slice() };
  const encoded = await encode(mesh, DracoWriter, options as never);
  const decoded = (await parse(encoded.slice(0), DracoLoader, {
    modules: { draco3d },
    core: { worker: false },
  })) as unknown as {
    attributes: { POSITION: { value: ArrayLike<number> } };
    indices: { value: ArrayLike<number> };
  };
  return {
    bytes: new Uint8Array(encoded),
    vertexCount: decoded.attributes.POSITION.value.length / 3,
    indexCount: decoded.indices.value.length,
  };
}
