/**
 * The library behind each codec, called directly: no checksum, no checks of what comes out, no
 * conversion into a game's arrays. What the decode path is compared with.
 */
import { parse } from '@loaders.gl/core';
import { DracoLoader } from '@loaders.gl/draco';
import { inflateSync } from 'fflate';
import { MeshoptDecoder } from 'meshoptimizer/decoder';
import { ZSTDDecoder } from 'zstddec';
import { undoBlocks } from '../../../src/io/blocks.ts';
import { BlockCodec } from '../../../src/io/bundle/format.ts';
import createDecoderModule from '../../../src/io/codecs/draco-glue.js';
import { type MeshHead, readMeshHead } from '../../../src/io/codecs/mesh-head.ts';
import { loadZstd } from '../../../src/io/codecs/zstd.ts';
import { findNodeInflate } from '../../../src/io/inflate.ts';
import type { Bytes } from '../../../src/io/source.ts';

/** Decodes everything once; what it makes is thrown away. */
export type RawDecode = () => void | Promise<void>;

type Streams = (head: MeshHead) => RawDecode;

/** The library call for a payload's mesh streams and, before them, for its packed blocks. */
export async function createRawDecode(stored: Bytes, dracoWasm: Uint8Array): Promise<RawDecode> {
  await loadZstd();
  const undo = await createRawBlocks(stored);
  const head = readMeshHead(undoBlocks(stored));
  const { codec } = head.header;
  const make = STREAMS[codec];
  if (!make) throw new Error(`bench: there is no library to compare "${codec}" with`);
  const decode = (await make(dracoWasm))(head);
  return () => {
    undo();
    return decode();
  };
}

const STREAMS: Partial<
  Record<MeshHead['header']['codec'], (dracoWasm: Uint8Array) => Promise<Streams>>
> = {
  async raw() {
    return ({ streams }) =>
      () =>
        void streams.slice();
  },
  async meshopt() {
    await MeshoptDecoder.ready;
    return decodeMeshopt;
  },
  async draco(wasmBinary) {
    const draco = await createDecoderModule({ wasmBinary, print: () => undefined });
    const modules = { draco3d: { createDecoderModule: () => Promise.resolve(draco) } };
    return ({ header, streams }) =>
      async () => {
        for (const { draco: range } of header.primitives)
          await parse(
            streams.slice(range!.offset, range!.offset + range!.bytes).buffer,
            DracoLoader,
            {
              modules,
              core: { worker: false },
            },
          );
      };
  },
};

function decodeMeshopt({ header, streams }: MeshHead): RawDecode {
  return () => {
    for (const { attributes, vertexCount, index, indexCount, indexType } of header.primitives) {
      for (const { offset = 0, bytes = 0, itemSize, type } of attributes) {
        const stride = itemSize * (type === 'f32' ? 4 : type.endsWith('16') ? 2 : 1);
        MeshoptDecoder.decodeVertexBuffer(
          new Uint8Array(vertexCount * stride),
          vertexCount,
          stride,
          streams.subarray(offset, offset + bytes),
        );
      }
      const size = indexType === 'u16' ? 2 : 4;
      MeshoptDecoder.decodeIndexBuffer(
        new Uint8Array(indexCount * size),
        indexCount,
        size,
        streams.subarray(index!.offset, index!.offset + index!.bytes),
      );
    }
  };
}

/** Node's own zlib where there is one: the fastest that could be called. */
const inflate =
  findNodeInflate() ?? ((from: Bytes, to: Bytes) => inflateSync(from, { out: to }).length);

async function createRawBlocks(stored: Bytes): Promise<() => void> {
  const zstd = new ZSTDDecoder();
  await zstd.init();
  const view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength);
  const count = view.getUint32(4, true);
  const blocks: { codec: number; bytes: Bytes; size: number }[] = [];
  let at = 8 + count * 4;
  for (let i = 0; i < count; i++) {
    const entry = view.getUint32(8 + i * 4, true);
    const bytes = stored.subarray(at, at + (entry & 0xffffff));
    const size = Math.min(65536, view.getUint32(0, true) - i * 65536);
    blocks.push({ codec: entry >>> 24, bytes, size });
    at += bytes.length;
  }
  return () => {
    for (const { codec, bytes, size } of blocks) {
      if (codec === BlockCodec.Deflate) inflate(bytes, new Uint8Array(size + 1));
      else if (codec === BlockCodec.Zstd) zstd.decode(bytes, size);
      // No other LZ4 decoder is as fast as the one that is measured: nothing to compare with.
    }
  };
}
