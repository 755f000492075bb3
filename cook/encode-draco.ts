/**
 * Draco through loaders.gl. What comes out is decoded once here, because Draco merges vertices and
 * drops triangles: the counts in the head must be those that the reader will see.
 */
import { encode, parse } from '@loaders.gl/core';
import { DracoLoader, DracoWriter } from '@loaders.gl/draco';
import draco3d from 'draco3d';
import { viewAttribute } from '../src/io/codecs/arrays.ts';
import { dracoName } from '../src/io/codecs/attribute-names.ts';
import type { AttributeArray, AttributeName } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { PackedPart } from './quantize.ts';

export interface DracoPart {
  bytes: Uint8Array;
  vertexCount: number;
  indexCount: number;
}

/** Bits per component. 14 bits of position are 0.1 mm on a model of 2 m. */
const QUANTIZATION = { POSITION: 14, NORMAL: 10, TEX_COORD: 12, COLOR: 8 };

/** Attributes that Draco knows by type and treats accordingly. */
const TYPED: readonly AttributeName[] = ['position', 'normal', 'uv', 'color'];

/** Encoder and decoder speed, 0 to 10: 5 decodes twice as fast as 0 at about the same size. */
const SPEED: [number, number] = [5, 5];

/**
 * One part, positions in meters.
 *
 * @param packed the same part as the reader will have it
 */
export async function encodeDraco(part: MeshPart, packed: PackedPart): Promise<DracoPart> {
  const generic = packed.attributes.filter(({ name }) => !TYPED.includes(name));
  // The writer ignores byteOffset: every array must own its buffer.
  const attributes: Record<string, AttributeArray | Float32Array | Uint8Array> = {
    POSITION: part.positions.slice(),
    NORMAL: part.normals.slice(),
  };
  // Only under this key does the writer see texture coordinates; it comes back as TEXCOORD_0.
  if (part.uvs) attributes['texcoord'] = part.uvs.slice();
  if (part.colors)
    attributes['COLOR_0'] = Uint8Array.from(part.colors, (value) =>
      Math.round(Math.min(1, Math.max(0, value)) * 255),
    );
  // To Draco all others are generic: integers come back to the bit, and so do floats.
  for (const { bytes, ...layout } of generic)
    attributes[dracoName(layout.name)] = viewAttribute(layout, bytes.slice().buffer);
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
