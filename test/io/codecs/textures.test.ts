import { existsSync } from 'node:fs';
import { init as initZstd, compress as zstd } from '@bokuweb/zstd-wasm';
import { zlibSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeKtx2, type Ktx2Kind } from '../../../cook/encode-ktx2.ts';
import { ErrorCode, StreamError } from '../../../src/base/errors.ts';
import { createBasisTranscode } from '../../../src/io/codecs/basis.ts';
import { readKtx2 } from '../../../src/io/codecs/ktx2.ts';
import { decodeTexture } from '../../../src/io/codecs/texture.ts';
import {
  formatOf,
  levelBytes,
  mipBytes,
  TextureSupport,
  targetOf,
} from '../../../src/io/codecs/texture-formats.ts';
import type { DecodedTexture, TextureFormat, TextureRole } from '../../../src/io/content.ts';
import type { DecodeJob } from '../../../src/io/decoder.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { createWorkerPool, type WorkerPool } from '../../../src/io/worker/pool.ts';
import { compileWasm, findWasm } from '../../../src/io/worker/wasm-files.ts';
import { meshOf } from '../../support/content.ts';
import { encodeMesh, makeGrid } from '../../support/encode-mesh.ts';
import {
  ktx2InGlb,
  levelsOf,
  makeKtx2,
  makeNormals,
  makePicture,
  psnr,
  readBc4,
} from '../../support/ktx2.ts';
import { workerUrl } from '../../support/worker-url.ts';

const BC = TextureSupport.S3tc | TextureSupport.Rgtc | TextureSupport.Bptc;
const SUPPORT = { bc: BC, astc: TextureSupport.Astc, etc2: TextureSupport.Etc2, rgba: 0 };
const ROLES: readonly TextureRole[] = ['color', 'cutout', 'normal', 'single', 'data'];
const basis = createBasisTranscode(() => compileWasm('basis', findWasm('basis')));
const picture = makePicture(64, 32);
const normals = makeNormals(64, 32);
const files = new Map<string, Bytes>();

function fileOf(kind: Ktx2Kind, role: TextureRole): Bytes {
  return files.get(`${kind} ${role}`)!.slice();
}

function decode(
  file: Bytes,
  support: number,
  role?: TextureRole,
  size = { width: 64, height: 32 },
): Promise<DecodedTexture> {
  const header = { ...size, colorSpace: 'linear' as const, ...(role && { role }) };
  return decodeTexture(header, file, { basis, support });
}

beforeAll(async () => {
  await initZstd();
  for (const kind of ['etc1s', 'uastc'] as const)
    for (const role of ROLES) {
      const pixels = role === 'normal' ? normals : picture;
      files.set(`${kind} ${role}`, await encodeKtx2(pixels, role, kind));
    }
});

describe('the table of formats', () => {
  it('prefers BC, then ASTC, then ETC2, and falls back to RGBA8', () => {
    const every = BC | TextureSupport.Astc | TextureSupport.Etc2;
    expect(targetOf(every)).toBe('bc');
    expect(targetOf(every & ~TextureSupport.Rgtc)).toBe('astc');
    expect(targetOf(TextureSupport.Etc2 | TextureSupport.S3tc)).toBe('etc2');
    expect(targetOf(TextureSupport.S3tc)).toBe('rgba');
  });

  it('keeps what is no multiple of 4 as pixels', () => {
    expect(formatOf(BC, 'color', 'uastc', 64, 36)).toBe('bc7');
    expect(formatOf(BC, 'color', 'uastc', 64, 34)).toBe('rgba8');
    expect(formatOf(BC, 'hdr', 'uastc-hdr', 64, 32)).toBe('bc6h');
    expect(formatOf(TextureSupport.AstcHdr, 'hdr', 'uastc-hdr', 64, 32)).toBe('astc-hdr');
    expect(formatOf(TextureSupport.Astc, 'hdr', 'uastc-hdr', 64, 32)).toBe('rgba16f');
  });

  it('counts whole blocks', () => {
    expect(levelBytes('bc7', 5, 1)).toBe(32);
    expect(levelBytes('bc1', 4, 4)).toBe(8);
    expect(mipBytes('bc7', 8, 8)).toBe(64 + 16 + 16 + 16);
    expect(mipBytes('rgba8', 2, 1)).toBe(12);
  });
});

describe.each(['etc1s', 'uastc'] as const)('a %s image', (kind) => {
  const cases = ROLES.flatMap((role) =>
    (['bc', 'astc', 'etc2', 'rgba'] as const).map((target) => [role, target] as const),
  );
  it.each(cases)('used as %s becomes what %s devices sample', async (role, target) => {
    const { format, mips } = await decode(fileOf(kind, role), SUPPORT[target], role);
    expect(format).toBe(formatOf(SUPPORT[target], role, kind, 64, 32));
    const sizes = mips.map(({ width, height, bytes }) => [width, height, bytes.length]);
    expect(sizes).toEqual(
      mips.map((_, i) => {
        const [width, height] = [Math.max(1, 64 >> i), Math.max(1, 32 >> i)];
        return [width, height, levelBytes(format, width, height)];
      }),
    );
    expect(mips.length).toBe(target === 'rgba' ? 1 : 7);
    for (const { bytes } of mips) expect(bytes.byteLength).toBe(bytes.buffer.byteLength);
  });

  it('looks like the picture it was made from', async () => {
    const { mips } = await decode(fileOf(kind, 'cutout'), 0, 'cutout');
    const quality = psnr(mips[0]!.bytes, picture.data, [0, 1, 2, 3]);
    expect(quality).toBeGreaterThan(kind === 'uastc' ? 38 : 28);
    // What the measure says of a picture that is another one.
    expect(psnr(normals.data, picture.data, [0, 1, 2, 3])).toBeLessThan(15);
  });
});

describe('two-channel normals', () => {
  it('hold x in red and y in green', async () => {
    const { format, mips } = await decode(fileOf('uastc', 'normal'), BC, 'normal');
    expect(format).toBe('bc5');
    let largest = 0;
    let swapped = 0;
    for (let block = 0; block < 16 * 8; block++) {
      const halves = [0, 8].map((half) =>
        readBc4(mips[0]!.bytes.subarray(block * 16 + half, block * 16 + half + 8)),
      );
      for (let i = 0; i < 16; i++) {
        const x = (block % 16) * 4 + (i % 4);
        const y = Math.floor(block / 16) * 4 + Math.floor(i / 4);
        const [red, green] = [0, 1].map((c) => normals.data[(y * 64 + x) * 4 + c]!);
        largest = Math.max(largest, Math.abs(halves[0]![i]! - red!));
        largest = Math.max(largest, Math.abs(halves[1]![i]! - green!));
        swapped = Math.max(swapped, Math.abs(halves[1]![i]! - red!));
      }
    }
    expect(largest).toBeLessThan(12);
    expect(swapped).toBeGreaterThan(60);
  });
});

const PLAIN: readonly [number, TextureFormat, number][] = [
  [132, 'bc1', TextureSupport.S3tc],
  [139, 'bc4', TextureSupport.Rgtc],
  [141, 'bc5', TextureSupport.Rgtc],
  [143, 'bc6h', TextureSupport.Bptc],
  [146, 'bc7', TextureSupport.Bptc],
  [152, 'etc2-rgba', TextureSupport.Etc2],
  [157, 'astc', TextureSupport.Astc],
  [43, 'rgba8', 0],
];

describe.each(PLAIN)('a file in Vulkan format %d', (vkFormat, format, needs) => {
  /** Bytes of no meaning: nobody looks into the blocks. */
  const mips = [0, 1, 2].map((level) => {
    const [width, height] = [64 >> level, 32 >> level];
    const bytes = new Uint8Array(levelBytes(format, width, height));
    return { width, height, bytes: bytes.map((_, i) => (i * 7 + level) % 251) };
  });
  const expected = format === 'rgba8' ? mips.slice(0, 1) : mips;
  const parts = { vkFormat, width: 64, height: 32 };

  it('is handed on as it is, whether packed or not', async () => {
    const packers = [
      (bytes: Bytes) => bytes,
      (bytes: Bytes) => new Uint8Array(zstd(Buffer.from(bytes), 3)),
      (bytes: Bytes) => zlibSync(bytes),
    ];
    for (const [i, pack] of packers.entries()) {
      const levels = mips.map(({ bytes }) => ({
        bytes: pack(bytes),
        unpackedBytes: bytes.length,
      }));
      const file = makeKtx2({ ...parts, levels, supercompression: [0, 2, 3][i]! });
      expect(await decode(file, needs, 'data')).toEqual({ format, mips: expected });
    }
  });

  it.runIf(needs !== 0)('is refused by a device that does not have it', async () => {
    const all = 63;
    const file = makeKtx2({ ...parts, levels: levelsOf(mips) });
    await expect(decode(file, all & ~needs)).rejects.toThrow(
      new RegExp(`a KTX2 image is ${format}, which this device cannot sample`),
    );
  });

  it('is refused when a level unpacks to something else than the head says', async () => {
    for (const [supercompression, pack] of [
      [2, (bytes: Bytes) => new Uint8Array(zstd(Buffer.from(bytes), 3))],
      [3, (bytes: Bytes) => zlibSync(bytes)],
    ] as const)
      for (const extra of [-8, 8]) {
        const levels = mips.map(({ bytes }) => {
          const wrong = new Uint8Array(bytes.length + extra);
          return { bytes: pack(wrong), unpackedBytes: bytes.length };
        });
        const file = makeKtx2({ ...parts, levels, supercompression });
        await expect(decode(file, needs)).rejects.toMatchObject({ code: ErrorCode.Decode });
      }
  });
});

describe('a KTX2 head', () => {
  const level = { bytes: new Uint8Array(16 * 8 * 16), unpackedBytes: 16 * 8 * 16 };
  const parts = { vkFormat: 145, width: 64, height: 32, levels: [level] };
  const edits: [string, (view: DataView) => void, RegExp][] = [
    ['identifier', (v) => v.setUint8(1, 0), /first twelve bytes/],
    ['width 0', (v) => v.setUint32(20, 0, true), /0 x 32 pixels, expected 1 to 16384/],
    ['width 4 Gi', (v) => v.setUint32(20, 0xffffffff, true), /4294967295 x 32 pixels/],
    ['depth', (v) => v.setUint32(28, 4, true), /depth 4/],
    ['layers', (v) => v.setUint32(32, 6, true), /6 layers/],
    ['faces', (v) => v.setUint32(36, 6, true), /6 faces, expected a 2D texture/],
    ['levels', (v) => v.setUint32(40, 8, true), /8 levels, expected at most 7/],
    ['levels beyond the file', (v) => v.setUint32(40, 0xffffffff, true), /4294967295 levels/],
    ['scheme', (v) => v.setUint32(44, 9, true), /supercompression is 9/],
    ['format', (v) => v.setUint32(12, 131072, true), /Vulkan format 131072/],
    ['descriptor', (v) => v.setUint32(48, 0xfffffff0, true), /format descriptor is at 4294967280/],
    ['global data', (v) => v.setBigUint64(72, 1n << 40n, true), /global data ends at Infinity/],
    ['offset', (v) => v.setBigUint64(80, 1n << 63n, true), /level 0 is 2048 bytes at Infinity/],
    ['length', (v) => v.setBigUint64(88, 0xffffffffn, true), /level 0 is 4294967295 bytes/],
    ['unpacked', (v) => v.setBigUint64(96, 0xffffffffn, true), /unpacks to 4294967295 bytes, exp/],
  ];

  it('says what a good file holds', () => {
    expect(readKtx2(makeKtx2(parts))).toMatchObject({ width: 64, height: 32, format: 'bc7' });
  });

  it.each(edits)('is refused for its %s', (_, edit, message) => {
    expect(() => readKtx2(makeKtx2(parts, edit))).toThrow(message);
  });

  it('is refused when the file is cut off anywhere', () => {
    const whole = makeKtx2(parts);
    for (let length = 0; length < whole.length; length += 7)
      expect(() => readKtx2(whole.slice(0, length))).toThrow(StreamError);
  });

  it('must agree with the head of the mesh', async () => {
    const wrong = { width: 32, height: 64 };
    await expect(decode(fileOf('uastc', 'color'), BC, 'color', wrong)).rejects.toThrow(
      /an image is 64 x 32 pixels, expected 32 x 64/,
    );
  });
});

describe('in worker threads', () => {
  const run = async <T>(use: (pool: WorkerPool) => Promise<T>, basisWasmUrl?: URL): Promise<T> => {
    const pool = createWorkerPool({
      workerUrl,
      workerCount: 1,
      ...(basisWasmUrl && { basisWasmUrl }),
    });
    try {
      return await use(pool);
    } finally {
      await pool.dispose();
    }
  };
  const jobOf = async (file: Bytes): Promise<DecodeJob> => {
    const header = { width: 64, height: 32, colorSpace: 'srgb', mimeType: 'image/ktx2' } as const;
    const { bytes, checksum, decodedBytes } = await encodeMesh(makeGrid(4), {
      codec: 'raw',
      images: [{ header: { ...header, role: 'color' }, bytes: file }],
    });
    const sizes = { checksum, decodedBytes: decodedBytes + 64 * 32 * 4 };
    return { payload: 1, kind: 1, bytes, ...sizes, priority: 0, label: 'ball LOD 0' };
  };

  it('images stay encoded until somebody says what the device samples', async () => {
    const file = fileOf('uastc', 'color');
    await run(async (pool) => {
      const before = await pool.decode(await jobOf(file));
      expect(meshOf(before.content).images[0]).toMatchObject({ compressed: null, encoded: {} });
      pool.setTextureSupport!(BC);
      const after = await pool.decode(await jobOf(file));
      expect(after.message).toBe('');
      const [image] = meshOf(after.content).images;
      expect(image).toMatchObject({ encoded: null, bitmap: null, compressed: { format: 'bc7' } });
      const here = await decode(file, BC, 'color');
      expect(image!.compressed).toEqual(here);
    });
  });

  it('a transcoder that is not served is a Network error that names the address', async () => {
    const missing = new URL('file:///nowhere/basis_transcoder.wasm');
    const { code, message } = await run(async (pool) => {
      pool.setTextureSupport!(0);
      return pool.decode(await jobOf(fileOf('etc1s', 'color')));
    }, missing);
    expect(code).toBe(ErrorCode.Network);
    expect(message).toMatch(
      /Basis transcoder could not be loaded from file:\/\/\/nowhere.*basisWasmUrl/,
    );
  });
});

const BALLOON = new URL('../../../../shared/data/gltf/CesiumBalloonKTX2.glb', import.meta.url);
const TILE = new URL('../../../../shared/data/tiles3d/agi-ktx2-tile.glb', import.meta.url);

describe('files written by other encoders', () => {
  it.skipIf(!existsSync(BALLOON))('CesiumBalloonKTX2 (toktx, ETC1S without mips)', async () => {
    const images = ktx2InGlb(BALLOON.pathname);
    expect(images.length).toBe(3);
    for (const image of images) {
      const { width, height, levels, basis: kind } = readKtx2(image);
      expect([kind, levels.length]).toEqual(['etc1s', 1]);
      for (const support of Object.values(SUPPORT)) {
        const { format, mips } = await decode(image, support, 'color', { width, height });
        expect(mips.map(({ bytes }) => bytes.length)).toEqual([levelBytes(format, width, height)]);
      }
    }
  });

  it.skipIf(!existsSync(TILE))('a 3D Tiles tile (toktx, ETC1S with mips)', async () => {
    const [image] = ktx2InGlb(TILE.pathname);
    const size = { width: 1024, height: 1024 };
    const { format, mips } = await decode(image!, BC, 'color', size);
    expect([format, mips.length]).toEqual(['bc1', 11]);
    const bytes = mips.reduce((sum, mip) => sum + mip.bytes.length, 0);
    expect(bytes).toBe(mipBytes('bc1', 1024, 1024));
  });
});
