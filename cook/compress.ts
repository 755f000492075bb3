/**
 * How the blocks of a payload are packed: by one codec, or each by the one that brings it to the
 * screen first. What comes packed already (images, Draco) gains nothing and is stored.
 */
import { deflateRawSync } from 'node:zlib';
import { compress, init } from '@bokuweb/zstd-wasm';
import { BLOCK_CODEC_SHIFT, BLOCK_SIZE_MASK, BlockCodec } from '../src/io/bundle/format.ts';
import {
  lz4Block,
  type PackBlock,
  type PackedBlock,
  storeBlock,
} from '../src/io/bundle/write-payload.ts';

export const COMPRESSIONS = ['none', 'deflate', 'lz4', 'zstd', 'auto'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

/**
 * Bytes that a decode worker of a browser unpacks in a millisecond, measured on geometry by
 * `bench blocks` (docs/tuning.md). Copying a stored block costs nothing beside it.
 */
const UNPACKED_BYTES_PER_MS: Readonly<Record<BlockCodec, number>> = {
  [BlockCodec.None]: Infinity,
  [BlockCodec.Deflate]: 80_000,
  [BlockCodec.Lz4]: 800_000,
  [BlockCodec.Zstd]: 400_000,
};

const ZSTD_LEVEL = 19;

/** Node's own deflate: four times as fast as the one in JavaScript. */
const deflateBlock: PackBlock = (block) => ({
  codec: BlockCodec.Deflate,
  bytes: deflateRawSync(block, { level: 9 }),
});

/** `createPacker` has loaded its encoder. */
const zstdBlock: PackBlock = (block) => ({
  codec: BlockCodec.Zstd,
  bytes: compress(block, ZSTD_LEVEL),
});

/** What `auto` chooses from. Not zstd, which would make every page load its decoder. */
const AUTO: readonly PackBlock[] = [deflateBlock, lz4Block];

let zstdReady: Promise<void> | undefined;

/** @param mbps the link that the choice of every single block is made for (megabits per second) */
export async function createPacker(compression: Compression, mbps: number): Promise<PackBlock> {
  if (compression === 'none') return storeBlock;
  if (compression === 'zstd') {
    zstdReady ??= init();
    await zstdReady;
  }
  const choices = { deflate: [deflateBlock], lz4: [lz4Block], zstd: [zstdBlock], auto: AUTO };
  return (block) => choose(block, choices[compression], mbps);
}

/** The block that arrives first: by the link, then through its codec. Ties go to the first. */
function choose(block: Uint8Array, packs: readonly PackBlock[], mbps: number): PackedBlock {
  const arrivalMs = ({ codec, bytes }: PackedBlock): number =>
    (bytes.length * 8) / (mbps * 1000) + block.length / UNPACKED_BYTES_PER_MS[codec];
  let best = storeBlock(block);
  for (const pack of packs) {
    const packed = pack(block);
    if (packed.bytes.length < block.length && arrivalMs(packed) < arrivalMs(best)) best = packed;
  }
  return best;
}

/** Milliseconds that a decode worker needs to undo the blocks of a framed payload. */
export function unpackMs(payload: Uint8Array): number {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const contentBytes = view.getUint32(0, true);
  const count = view.getUint32(4, true);
  let ms = 0;
  for (let block = 0; block < count; block++) {
    const entry = view.getUint32(8 + block * 4, true);
    const codec = (entry >>> BLOCK_CODEC_SHIFT) as BlockCodec;
    const size = codec === BlockCodec.None ? entry & BLOCK_SIZE_MASK : contentBytes / count;
    ms += size / UNPACKED_BYTES_PER_MS[codec];
  }
  return ms;
}
