/**
 * Draco meshes through loaders.gl, with draco3d's own decoder handed to it as a compiled module, so
 * that nothing is ever looked for on the network. Instantiated once per thread.
 */
import { parse } from '@loaders.gl/core';
import { DracoLoader } from '@loaders.gl/draco';
import { reasonOf } from '../../base/errors.ts';
import type { MeshHeader, PrimitiveHeader } from '../bundle/mesh-header.ts';
import type { DecodedPrimitive } from '../content.ts';
import type { Bytes } from '../source.ts';
import { attributeBytes, checkIndices, viewAttribute } from './arrays.ts';
import { dracoName } from './attribute-names.ts';
import { damaged } from './check.ts';
import createDecoderModule from './draco-glue.js';
import { fillAttribute, quantizer, type SourceAttribute } from './quantize.ts';
import { createWasmStart } from './wasm-start.ts';

/** Decodes one primitive. Rejects with `StreamError(Decode)`, or with what `loadWasm` said. */
export type DracoDecode = (
  header: MeshHeader,
  primitive: PrimitiveHeader,
  streams: Bytes,
) => Promise<DecodedPrimitive>;

type Modules = { draco3d: { createDecoderModule: () => Promise<object> } };

/** Started before loaders.gl asks for it: there a failed start could never be retried. */
const start = createWasmStart(
  'Draco decoder',
  createDecoderModule,
  (draco): Modules => ({ draco3d: { createDecoderModule: () => Promise.resolve(draco) } }),
);
let isBroken = false;

/**
 * True when the decoder of this thread aborted: its memory can no longer be trusted and the thread
 * must be replaced.
 */
export function isDracoBroken(): boolean {
  return isBroken;
}

/** @param loadWasm asked at the first primitive; asked again only if it failed */
export function createDracoDecode(loadWasm: () => Promise<WebAssembly.Module>): DracoDecode {
  return async (header, primitive, streams) =>
    convert(header, primitive, await parseDraco(await start(loadWasm), primitive, streams));
}

/** Loads and instantiates the decoder now, so that the first primitive does not wait for it. */
export async function warmDraco(loadWasm: () => Promise<WebAssembly.Module>): Promise<void> {
  await start(loadWasm);
}

interface DracoMesh {
  attributes: Record<string, { value: SourceAttribute['values']; size: number }>;
  indices?: { value: Uint32Array<ArrayBuffer> };
}

async function parseDraco(
  loaded: Modules,
  primitive: PrimitiveHeader,
  streams: Bytes,
): Promise<DracoMesh> {
  const range = primitive.draco;
  if (!range) throw damaged('a Draco primitive names no stream');
  const bytes = streams.slice(range.offset, range.offset + range.bytes);
  try {
    const options = { modules: loaded, core: { worker: false } };
    return (await parse(bytes.buffer, DracoLoader, options)) as unknown as DracoMesh;
  } catch (error) {
    // It aborted, or threw a C++ exception, which arrives as a number: it ran out of its memory.
    const isCrash = error instanceof WebAssembly.RuntimeError || typeof error === 'number';
    if (!isCrash) throw damaged(`Draco cannot decode it (${reasonOf(error)})`);
    isBroken = true;
    throw damaged('Draco gave up on it, as it does on counts that cannot be true');
  }
}

function convert(
  header: MeshHeader,
  primitive: PrimitiveHeader,
  mesh: DracoMesh,
): DecodedPrimitive {
  const { vertexCount, indexCount, material, sphere } = primitive;
  const indices = mesh.indices?.value;
  if (indices?.length !== indexCount)
    throw damaged(`Draco holds ${indices?.length ?? 0} indices, expected ${indexCount}`);
  checkIndices(indices, vertexCount);
  const attributes = primitive.attributes.map((attribute) => {
    const source = mesh.attributes[dracoName(attribute.name)];
    if (!source) {
      const seen = Object.keys(mesh.attributes).join(', ');
      throw damaged(`Draco holds ${seen}, expected also ${dracoName(attribute.name)}`);
    }
    const seen = source.value.length / source.size;
    if (seen !== vertexCount)
      throw damaged(`Draco holds ${seen} vertices, expected ${vertexCount}`);
    const array = viewAttribute(attribute, new ArrayBuffer(attributeBytes(primitive, attribute)));
    const transform = attribute.name === 'position' ? quantizer(header) : null;
    fillAttribute(array, attribute, { values: source.value, size: source.size }, transform);
    const { name, itemSize, normalized } = attribute;
    return { name, array, itemSize, normalized };
  });
  // The library's own copy is nobody else's: it is handed on as it is.
  const index = primitive.indexType === 'u16' ? new Uint16Array(indices) : indices;
  return { material, sphere, attributes, index };
}
