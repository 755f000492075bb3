/**
 * Reads the head of a KTX2 file (Khronos KTX 2.0): what it holds and where its mip levels lie. All
 * offsets and sizes are checked against the file and against each other before anyone allocates.
 */
import type { TextureFormat } from '../content.ts';
import type { Bytes } from '../source.ts';
import { damaged } from './check.ts';
import { type BasisKind, fullLevelCount, levelBytes, mipSide } from './texture-formats.ts';

const IDENTIFIER = [0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a];
const HEADER_BYTES = 80;
const LEVEL_BYTES = 24;
/** The largest side that any device takes. */
const MAX_SIDE = 16_384;

export const Supercompression = { None: 0, BasisLz: 1, Zstd: 2, Zlib: 3 } as const;
const SUPERCOMPRESSIONS: readonly number[] = Object.values(Supercompression);

/** `VkFormat` numbers that we know, with and without sRGB: what a value means is the material's. */
const VK_FORMATS: ReadonlyMap<number, TextureFormat> = new Map([
  [37, 'rgba8'],
  [43, 'rgba8'],
  [97, 'rgba16f'],
  [131, 'bc1'],
  [132, 'bc1'],
  [137, 'bc3'],
  [138, 'bc3'],
  [139, 'bc4'],
  [141, 'bc5'],
  [143, 'bc6h'],
  [145, 'bc7'],
  [146, 'bc7'],
  [147, 'etc2-rgb'],
  [148, 'etc2-rgb'],
  [151, 'etc2-rgba'],
  [152, 'etc2-rgba'],
  [153, 'eac-r11'],
  [155, 'eac-rg11'],
  [157, 'astc'],
  [158, 'astc'],
  [1000066000, 'astc-hdr'],
]);

/** Color models of the data format descriptor. */
const MODEL_ETC1S = 163;
const MODEL_UASTC = 166;
const MODEL_UASTC_HDR = 167;
/** Channel of the first sample of a UASTC image with alpha. */
const CHANNEL_UASTC_RGBA = 3;

export interface Ktx2Level {
  width: number;
  height: number;
  /** First byte in the file. */
  offset: number;
  /** Bytes in the file. */
  bytes: number;
  /** Bytes after the supercompression is undone; for ETC1S unknown to the head, 0. */
  unpackedBytes: number;
}

export interface Ktx2Head {
  width: number;
  height: number;
  supercompression: number;
  /** Set for Basis images, which are made to be transcoded. */
  basis: BasisKind | null;
  /** Set for all others: what the levels hold. */
  format: TextureFormat | null;
  /** Whether a UASTC image has four channels. */
  hasAlpha: boolean;
  /** Largest first. */
  levels: Ktx2Level[];
}

/** Throws `StreamError(Decode)` when it is no KTX2 file, or none that can be a 2D texture here. */
export function readKtx2(bytes: Bytes): Ktx2Head {
  if (bytes.length < HEADER_BYTES + LEVEL_BYTES)
    throw broken(
      `it is ${bytes.length} bytes long, expected at least ${HEADER_BYTES + LEVEL_BYTES}`,
    );
  if (IDENTIFIER.some((value, i) => bytes[i] !== value))
    throw broken('its first twelve bytes are not those of KTX2');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const u32 = (at: number): number => view.getUint32(at, true);
  const width = u32(20);
  const height = u32(24);
  if (width < 1 || width > MAX_SIDE || height < 1 || height > MAX_SIDE)
    throw broken(`it is ${width} x ${height} pixels, expected 1 to ${MAX_SIDE} a side`);
  if (u32(28) > 1 || u32(32) > 1 || u32(36) !== 1)
    throw broken(
      `it has depth ${u32(28)}, ${u32(32)} layers and ${u32(36)} faces, expected a 2D texture`,
    );
  // 0 asks for the mips to be made by whoever shows it.
  const levelCount = Math.max(1, u32(40));
  if (levelCount > fullLevelCount(width, height))
    throw broken(`it has ${levelCount} levels, expected at most ${fullLevelCount(width, height)}`);
  const supercompression = u32(44);
  if (!SUPERCOMPRESSIONS.includes(supercompression))
    throw broken(`its supercompression is ${supercompression}, expected 0 to 3`);
  const kind = readKind(view, bytes.length, supercompression);
  checkSection(view, 'global data', 64, bytes.length);
  const levels = readLevels(view, { width, height, levelCount, supercompression, ...kind });
  return { width, height, supercompression, ...kind, levels };
}

function readKind(
  view: DataView,
  fileBytes: number,
  supercompression: number,
): Pick<Ktx2Head, 'basis' | 'format' | 'hasAlpha'> {
  const vkFormat = view.getUint32(12, true);
  const offset = view.getUint32(48, true);
  const length = view.getUint32(52, true);
  if (offset + length > fileBytes || length < 44)
    throw broken(`its format descriptor is at ${offset}, ${length} bytes of ${fileBytes}`);
  const model = view.getUint8(offset + 12);
  const hasAlpha = (view.getUint8(offset + 31) & 15) === CHANNEL_UASTC_RGBA;
  const isLz = supercompression === Supercompression.BasisLz;
  if (vkFormat === 1000066000 && model === MODEL_UASTC_HDR)
    return { basis: 'uastc-hdr', format: null, hasAlpha };
  if (vkFormat === 0 && model === MODEL_ETC1S && isLz)
    return { basis: 'etc1s', format: null, hasAlpha };
  if (vkFormat === 0 && model === MODEL_UASTC && !isLz)
    return { basis: 'uastc', format: null, hasAlpha };
  const format = VK_FORMATS.get(vkFormat);
  if (format && !isLz) return { basis: null, format, hasAlpha };
  throw broken(
    `it holds Vulkan format ${vkFormat}, color model ${model}, supercompression ` +
      `${supercompression}; expected Basis (ETC1S or UASTC), BC1, BC3 to BC7, ETC2, EAC, ` +
      'ASTC 4x4 or RGBA',
  );
}

/** A u64 that must be a small number. */
function readLength(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value > 0xffffffffn ? Number.POSITIVE_INFINITY : Number(value);
}

function checkSection(view: DataView, what: string, at: number, fileBytes: number): void {
  const offset = readLength(view, at);
  const length = readLength(view, at + 8);
  if (length > 0 && offset + length > fileBytes)
    throw broken(`its ${what} ends at ${offset + length} of ${fileBytes}`);
}

type Shape = Pick<Ktx2Head, 'width' | 'height' | 'supercompression' | 'basis' | 'format'> & {
  levelCount: number;
};

function readLevels(view: DataView, shape: Shape): Ktx2Level[] {
  const first = HEADER_BYTES + shape.levelCount * LEVEL_BYTES;
  if (first > view.byteLength) throw broken('its level index is cut off');
  // UASTC blocks are as large as those of ASTC; what ETC1S unpacks to only its own data tells.
  const blocks = shape.format ?? (shape.basis === 'etc1s' ? null : 'astc');
  return Array.from({ length: shape.levelCount }, (_, i): Ktx2Level => {
    const at = HEADER_BYTES + i * LEVEL_BYTES;
    const offset = readLength(view, at);
    const bytes = readLength(view, at + 8);
    const claimed = readLength(view, at + 16);
    if (offset < first || bytes < 1 || offset + bytes > view.byteLength)
      throw broken(`level ${i} is ${bytes} bytes at ${offset} of ${view.byteLength}`);
    const width = mipSide(shape.width, i);
    const height = mipSide(shape.height, i);
    const unpackedBytes = blocks === null ? 0 : levelBytes(blocks, width, height);
    if (blocks !== null && claimed !== unpackedBytes)
      throw broken(`level ${i} unpacks to ${claimed} bytes, expected ${unpackedBytes}`);
    if (shape.supercompression === Supercompression.None && bytes !== unpackedBytes)
      throw broken(`level ${i} has ${bytes} bytes, expected ${unpackedBytes}`);
    return { width, height, offset, bytes, unpackedBytes };
  });
}

function broken(what: string): Error {
  return damaged(`a KTX2 image cannot be read: ${what}`);
}
