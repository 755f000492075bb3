/** KTX2 files made by hand, pictures to put into them, and a slow reader of single blocks. */
import { readFileSync } from 'node:fs';
import type { TextureMip } from '../../src/io/content.ts';
import type { Bytes } from '../../src/io/source.ts';
import { concat } from './encode-mesh.ts';

/** RGBA, a smooth picture with hard edges and a soft transparent corner. */
export function makePicture(
  width: number,
  height: number,
): { width: number; height: number; data: Bytes } {
  const data = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const u = x / width;
      const v = y / height;
      const isEdge = Math.floor(u * 4) % 2 === Math.floor(v * 4) % 2;
      const pixel = [60 + u * 150, 40 + v * 180, isEdge ? 190 : 70, u + v < 0.5 ? 20 : 255];
      data.set(pixel.map(Math.round), (y * width + x) * 4);
    }
  return { width, height, data };
}

/** Normals of a wavy surface, as a normal map stores them. */
export function makeNormals(width: number, height: number): ReturnType<typeof makePicture> {
  const picture = makePicture(width, height);
  for (let i = 0; i < width * height; i++) {
    const x = Math.sin((i % width) / 9) * 0.5;
    const y = Math.cos(Math.floor(i / width) / 7) * 0.5;
    const z = Math.sqrt(1 - x * x - y * y);
    picture.data.set(
      [x, y, z, 1].map((c) => Math.round(c * 127.5 + 127.5)),
      i * 4,
    );
  }
  return picture;
}

/** Peak signal to noise (dB) over the given channels of two RGBA pictures. */
export function psnr(a: Uint8Array, b: Uint8Array, channels: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < a.length; i += 4)
    for (const c of channels) sum += (a[i + c]! - b[i + c]!) ** 2;
  return 10 * Math.log10((255 * 255 * (a.length / 4) * channels.length) / sum);
}

export interface Ktx2Parts {
  vkFormat: number;
  width: number;
  height: number;
  /** Color model of the format descriptor; 1 is plain. */
  model?: number;
  supercompression?: number;
  /** As stored, largest first, with their sizes once unpacked. */
  levels: { bytes: Uint8Array; unpackedBytes: number }[];
}

/** A KTX2 file; `edit` may spoil it. */
export function makeKtx2(parts: Ktx2Parts, edit?: (view: DataView) => void): Bytes {
  const { vkFormat, width, height, levels, model = 1, supercompression = 0 } = parts;
  const dfdAt = 80 + levels.length * 24;
  const dfd = new Uint8Array(44);
  dfd[0] = 44;
  dfd[10] = 40;
  dfd[12] = model;
  const head = new Uint8Array(dfdAt);
  const view = new DataView(head.buffer);
  head.set([0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a]);
  [vkFormat, 1, width, height, 0, 0, 1, levels.length, supercompression, dfdAt, 44].forEach(
    (value, i) => void view.setUint32(12 + i * 4, value, true),
  );
  let at = dfdAt + 44;
  levels.forEach(({ bytes, unpackedBytes }, i) => {
    [at, bytes.length, unpackedBytes].forEach((value, c) => {
      view.setBigUint64(80 + i * 24 + c * 8, BigInt(value), true);
    });
    at += bytes.length;
  });
  edit?.(view);
  return concat([head, dfd, ...levels.map(({ bytes }) => bytes)]);
}

/** The levels of a decoded texture as those of a file. */
export function levelsOf(mips: readonly TextureMip[]): Ktx2Parts['levels'] {
  return mips.map(({ bytes }) => ({ bytes, unpackedBytes: bytes.length }));
}

/** The 16 values of a BC4 block (also each half of a BC5 one), rows from the top. */
export function readBc4(block: Uint8Array): number[] {
  const [a, b] = [block[0]!, block[1]!];
  const steps = a > b ? 7 : 5;
  const palette = [a, b];
  for (let i = 1; i < steps; i++) palette.push(((steps - i) * a + i * b) / steps);
  if (a <= b) palette.push(0, 255);
  let bits = 0n;
  for (let i = 0; i < 6; i++) bits |= BigInt(block[2 + i]!) << BigInt(8 * i);
  return Array.from({ length: 16 }, (_, i) => palette[Number((bits >> BigInt(3 * i)) & 7n)]!);
}

/** The KTX2 images inside a GLB. */
export function ktx2InGlb(path: string): Bytes[] {
  const file = readFileSync(path);
  const jsonBytes = file.readUInt32LE(12);
  const json = JSON.parse(file.subarray(20, 20 + jsonBytes).toString('utf8')) as {
    images: { bufferView: number; mimeType: string }[];
    bufferViews: { byteOffset?: number; byteLength: number }[];
  };
  const start = 20 + jsonBytes + 8;
  return json.images
    .filter(({ mimeType }) => mimeType === 'image/ktx2')
    .map(({ bufferView }) => {
      const { byteOffset = 0, byteLength } = json.bufferViews[bufferView]!;
      return new Uint8Array(file.subarray(start + byteOffset, start + byteOffset + byteLength));
    });
}
