/**
 * Textures in a real browser: cooked as KTX2, transcoded in the worker to what the device has,
 * uploaded as blocks, and drawn like the same textures in RGBA8.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Document, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { ErrorCode } from '../../src/base/errors.ts';
import { TextureSupport } from '../../src/io/codecs/texture-formats.ts';
import { bumpySphere } from '../cook/sources.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { encodeMesh, makeGrid } from '../support/encode-mesh.ts';
import { createPrimitive } from '../support/gltf-primitive.ts';
import { ktx2InGlb, makeNormals, makePicture } from '../support/ktx2.ts';
import { NO_PLACEMENTS } from '../support/placements.ts';

const { S3tc, Rgtc, Bptc, Etc2, Astc } = TextureSupport;
const BC = S3tc | Rgtc | Bptc;
const shared = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));
const BALLOON = shared('gltf/CesiumBalloonKTX2.glb');
const TILE = shared('tiles3d/agi-ktx2-tile.glb');

let folder = '';
let browser: LaunchedBrowser;
let opened: OpenedPage;

/** A ball with color, normals, roughness and occlusion, and beside it one with holes. */
async function writeBalls(path: string): Promise<void> {
  const document = new Document();
  const buffer = document.createBuffer();
  const png = async ({ width, height, data }: ReturnType<typeof makePicture>) =>
    sharp(data, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer();
  const textureOf = async (pixels: ReturnType<typeof makePicture>) =>
    document
      .createTexture()
      .setMimeType('image/png')
      .setImage(await png(pixels));
  const picture = makePicture(128, 128);
  const opaque = { ...picture, data: picture.data.map((v, i) => (i % 4 === 3 ? 255 : v)) };
  const plain = document
    .createMaterial('plain')
    .setBaseColorTexture(await textureOf(opaque))
    .setNormalTexture(await textureOf(makeNormals(128, 64)))
    .setMetallicRoughnessTexture(await textureOf(makePicture(64, 64)))
    .setOcclusionTexture(await textureOf(makePicture(64, 128)));
  const holed = document
    .createMaterial('holed')
    .setAlphaMode('MASK')
    .setDoubleSided(true)
    .setBaseColorTexture(await textureOf(picture));
  const ball = bumpySphere(24, 32);
  const scene = document.createScene();
  for (const [i, material] of [plain, holed].entries()) {
    const primitive = createPrimitive(document, buffer, material, ball);
    const node = document.createNode().setMesh(document.createMesh().addPrimitive(primitive));
    scene.addChild(node.setTranslation([i * 2.2 - 1.1, 0, 0]));
  }
  await new NodeIO().write(path, document);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farfield-textures-'));
  await writeBalls(join(folder, 'balls.glb'));
  const inputs = [join(folder, 'balls.glb'), ...(existsSync(BALLOON) ? [BALLOON] : [])];
  // The balls' textures are 128; those of the balloon come down to this.
  const common = { inputs, placements: NO_PLACEMENTS, textureSize: 256 };
  await cook({ ...common, out: join(folder, 'webp'), textures: 'webp' });
  await cook({ ...common, out: join(folder, 'small'), textures: 'ktx2' });
  const high = { textures: 'ktx2', textureQuality: 'high' } as const;
  await cook({ ...common, inputs: inputs.slice(0, 1), out: join(folder, 'high'), ...high });
  browser = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 110_000 });
  opened = await openPage(browser, {
    entry: 'test/browser/pages/textures/main.ts',
    mounts: Object.fromEntries(
      ['webp', 'small', 'high'].map((name) => [`/${name}/`, join(folder, name)]),
    ),
  });
  await opened.page.waitForFunction('globalThis.texturesPage !== undefined');
}, 120_000);

afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

function run<Answer>(name: string, ...values: unknown[]): Promise<Answer> {
  const list = values.map((value) => JSON.stringify(value)).join(', ');
  return opened.page.evaluate(`texturesPage.${name}(${list})`) as Promise<Answer>;
}

interface Seen {
  pixels: number[];
  before: number;
  residentBytes: number;
  geometryBytes: number;
  textureBytes: number;
  /** Textures of three.js while the model is shown, and after. */
  textures: [number, number];
  error: number;
}

/** Mean difference of color (of 255) over what is not background in the first picture. */
function difference(a: readonly number[], b: readonly number[], mirror = false): number {
  const side = Math.sqrt(a.length / 4);
  let sum = 0;
  let count = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const at = (y * side + x) * 4;
      const other = mirror ? (y * side + side - 1 - x) * 4 : at;
      if ([0, 1, 2].every((c) => a[at + c] === a[c])) continue;
      count++;
      for (let c = 0; c < 3; c++) sum += Math.abs(a[at + c]! - b[other + c]!);
    }
  return count < 1000 ? Number.POSITIVE_INFINITY : sum / count / 3;
}

const seen = new Map<string, Seen>();

async function show(path: string, asset: string, support: number | null): Promise<Seen> {
  const key = `${path} ${asset} ${support}`;
  const known = seen.get(key);
  if (known) return known;
  const distance = asset === 'balls' ? 4.2 : 45;
  const made = await run<Seen>('streamed', { path: `/${path}/`, asset, support, distance });
  expect(opened.problems).toEqual([]);
  expect(opened.externalRequests).toEqual([]);
  seen.set(key, made);
  return made;
}

describe('textures in blocks', () => {
  test('the device of the test has BC, ETC2 and ASTC', async () => {
    expect((await run<number>('support')) & (BC | Etc2 | Astc)).toBe(BC | Etc2 | Astc);
  });

  // What the packing loses is seen in RGBA8 too: this is what the way through blocks adds. ETC2 has
  // no good counterpart for UASTC; ETC1S passes into it unchanged.
  test.each([
    ['small', BC, 2.5],
    ['small', Astc, 2.5],
    ['small', Etc2, 2.5],
    ['high', BC, 1.5],
    ['high', Astc, 1.5],
    ['high', Etc2, 3.5],
  ])('of quality %s on a device with %d look like RGBA8', async (path, support, limit) => {
    const plain = await show(path, 'balls', 0);
    const blocks = await show(path, 'balls', support);
    const off = difference(plain.pixels, blocks.pixels);
    const control = difference(plain.pixels, blocks.pixels, true);
    console.log(`${path} ${support}: off ${off.toFixed(2)}, control ${control.toFixed(2)}`);
    expect(off).toBeLessThan(limit);
    expect(control).toBeGreaterThan(limit * 4);
    expect(blocks.error).toBe(0);
  });

  test('the same model in WebP is the same picture', async () => {
    const webp = await show('webp', 'balls', null);
    const off = difference(webp.pixels, (await show('high', 'balls', null)).pixels);
    console.log(`webp: off ${off.toFixed(2)}`);
    expect(off).toBeLessThan(4);
  });

  test.each([
    ['webp', 0],
    ['small', 0],
    ['small', BC],
    ['small', Astc],
    ['small', Etc2],
    ['high', BC],
    ['high', Etc2],
  ])('the budget counts %s on a device with %d to the byte', async (path, support) => {
    const { residentBytes, geometryBytes, textureBytes, textures } = await show(
      path,
      'balls',
      support,
    );
    // The GPU's copy of geometry lies in buffers that are counted whole.
    expect(residentBytes).toBe(geometryBytes + textureBytes);
    const plain = await show(path, 'balls', 0);
    if (support !== 0) expect(textureBytes).toBeLessThan(plain.textureBytes / 3.9);
    // What is left is the table by which three.js lights materials.
    expect(textures[0]).toBeGreaterThanOrEqual(6);
    expect(textures[1]).toBe(1);
  });

  test('a view that comes late gets its own form of what was there already', async () => {
    const order = { path: '/small/', asset: 'balls', support: BC, distance: 4.2 };
    const late = await run<Seen>('streamed', { ...order, isLate: true });
    const early = await show('small', 'balls', BC);
    expect(late.before).toBeGreaterThanOrEqual((await show('small', 'balls', 0)).residentBytes);
    // A coarser LOD may still be there as well; in what form they are is what counts.
    expect(late.residentBytes).toBe(late.geometryBytes + late.textureBytes);
    // As RGBA8 it would be four times as much.
    expect(late.textureBytes).toBeLessThan(early.textureBytes * 2);
    expect(late.before - late.residentBytes).toBeGreaterThan(early.textureBytes);
    expect(late.pixels).toEqual(early.pixels);
  });
});

describe('real files', () => {
  test.skipIf(!existsSync(BALLOON))('CesiumBalloonKTX2, cooked either way', async () => {
    const webp = await show('webp', 'CesiumBalloonKTX2', null);
    const ktx2 = await show('small', 'CesiumBalloonKTX2', null);
    const off = difference(webp.pixels, ktx2.pixels);
    console.log(
      `balloon: off ${off.toFixed(2)}, ${webp.textureBytes} and ${ktx2.textureBytes} bytes`,
    );
    expect(off).toBeLessThan(4);
    expect(difference(webp.pixels, ktx2.pixels, true)).toBeGreaterThan(8);
    expect(ktx2.textureBytes * 6).toBeLessThan(webp.textureBytes);
    for (const { residentBytes, geometryBytes, textureBytes } of [webp, ktx2])
      expect(residentBytes).toBe(geometryBytes + textureBytes);
  });

  test.skipIf(!existsSync(TILE) || !existsSync(BALLOON))('KTX2 as others wrote it', async () => {
    const images = [...ktx2InGlb(BALLOON), ...ktx2InGlb(TILE)];
    const payloads = await Promise.all(
      images.map((bytes) => {
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const [width, height] = [view.getUint32(20, true), view.getUint32(24, true)];
        return payloadOf('image/ktx2', bytes, width, height, 'color');
      }),
    );
    const answers = await run<Answer[]>('decode', payloads, BC);
    expect(answers.map(({ code, format, levels }) => [code, format, levels])).toEqual([
      [0, 'bc1', 1],
      [0, 'bc1', 1],
      [0, 'bc1', 1],
      [0, 'bc1', 11],
    ]);
  });
});

interface Answer {
  code: number;
  message: string;
  format: string | null;
  levels: number;
  pixel: number[];
}

async function payloadOf(
  mimeType: string,
  image: Uint8Array,
  width: number,
  height: number,
  role?: 'color',
): Promise<object> {
  const header = { mimeType, width, height, colorSpace: 'srgb', ...(role && { role }) } as const;
  const images = [{ header, bytes: image }];
  const made = await encodeMesh(makeGrid(4), { codec: 'raw', images });
  return {
    base64: Buffer.from(made.bytes).toString('base64'),
    checksum: made.checksum,
    decodedBytes: made.decodedBytes + width * height * 4,
  };
}

describe('images that the browser decodes', () => {
  const color = { r: 200, g: 100, b: 40 };
  const picture = () =>
    sharp({ create: { width: 24, height: 16, channels: 3, background: color } });

  test('PNG, JPEG, WebP and AVIF become bitmaps in the worker', async () => {
    const files: [string, Buffer][] = [
      ['image/png', await picture().png().toBuffer()],
      ['image/jpeg', await picture().jpeg({ quality: 95 }).toBuffer()],
      ['image/webp', await picture().webp({ quality: 95 }).toBuffer()],
      ['image/avif', await picture().avif({ quality: 90, effort: 0 }).toBuffer()],
    ];
    const payloads = await Promise.all(
      files.map(([mimeType, bytes]) => payloadOf(mimeType, bytes, 24, 16)),
    );
    const answers = await run<Answer[]>('decode', payloads, 0);
    for (const { message, format, pixel } of answers) {
      expect([message, format]).toEqual(['', 'bitmap']);
      Object.values(color).forEach((value, c) => {
        expect(Math.abs(pixel[c]! - value)).toBeLessThan(5);
      });
    }
  });

  test('what the browser does not know is a Decode error that says so', async () => {
    const jxl = Buffer.from('ff0a7f0490', 'hex');
    const avif = (await picture().avif({ effort: 0 }).toBuffer()).subarray(0, 60);
    const payloads = await Promise.all([
      payloadOf('image/jxl', jxl, 24, 16),
      payloadOf('image/avif', avif, 24, 16),
    ]);
    const answers = await run<Answer[]>('decode', payloads, 0);
    for (const { code, message } of answers) {
      expect(code).toBe(ErrorCode.Decode);
      expect(message).toMatch(/image of type image\/(jxl|avif) does not decode .* this browser/);
    }
  });
});
