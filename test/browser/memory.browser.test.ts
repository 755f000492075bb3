/**
 * What the view holds on the GPU, in a real browser: every range read back after every move, every
 * byte of GL storage counted by the calls that make and free it, and the picture as it was after the
 * context was lost. Each with a defect that must be found.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Document, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { bumpySphere } from '../cook/sources.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { createPrimitive } from '../support/gltf-primitive.ts';
import { makePicture } from '../support/ktx2.ts';
import { NO_PLACEMENTS } from '../support/placements.ts';

const MEBIBYTE = 1024 * 1024;
const ASSETS = Array.from({ length: 20 }, (_, i) => `ball-${i}`);
const STANDS = Array.from({ length: 60 }, (_, i) => ({
  asset: ASSETS[Math.floor(i / 3)]!,
  position: [i * 6, 0, (i % 3) * 3 - 3] as [number, number, number],
}));
const NEAR = STANDS.slice(0, 12).map((stand, i) => ({
  ...stand,
  position: [(i % 4) * 9 - 14, 0, -Math.floor(i / 4) * 12] as [number, number, number],
}));

let folder = '';
let browser: LaunchedBrowser;
let opened: OpenedPage;

/** A ball of 5 to 12 thousand triangles with a picture of 128 or 256 pixels on it. */
async function writeBall(path: string, i: number): Promise<void> {
  const document = new Document();
  const buffer = document.createBuffer();
  const side = i % 2 === 0 ? 128 : 256;
  const { width, height, data } = makePicture(side, side);
  const opaque = data.map((value, at) => (at % 4 === 3 ? 255 : (value * (3 + (i % 4))) / 6));
  const raw = { width, height, channels: 4 } as const;
  const image = await sharp(opaque, { raw }).png().toBuffer();
  const texture = document.createTexture().setMimeType('image/png').setImage(image);
  const material = document.createMaterial().setBaseColorTexture(texture);
  const primitive = createPrimitive(document, buffer, material, bumpySphere(48 + i, 64 + i));
  const mesh = document.createMesh().addPrimitive(primitive);
  document.createScene().addChild(document.createNode().setMesh(mesh));
  await new NodeIO().write(path, document);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farfield-memory-'));
  const inputs = ASSETS.map((asset) => join(folder, `${asset}.glb`));
  await Promise.all(inputs.map(writeBall));
  await cook({ inputs, out: join(folder, 'world'), placements: NO_PLACEMENTS });
  browser = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 240_000 });
  opened = await openPage(browser, {
    entry: 'test/browser/pages/memory/main.ts',
    mounts: { '/world/': join(folder, 'world') },
    timeoutMs: 120_000,
  });
  await opened.page.waitForFunction('globalThis.memoryPage !== undefined');
}, 120_000);

afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

type Figures = Record<string, number>;

async function run<Result = Figures>(name: string, ...values: unknown[]): Promise<Result> {
  const list = values.map((value) => JSON.stringify(value)).join();
  return (await opened.page.evaluate(`memoryPage.${name}(${list})`)) as Result;
}

describe('geometry in shared buffers', () => {
  test.each([24 * 1024, 0])(
    'is moved on the GPU, every byte kept and nothing to be seen, with a ring of %i bytes',
    async (stagingBytes) => {
      const seen = await run('moves', 60, 1e9, stagingBytes);
      expect(seen).toMatchObject({
        mode: 'shared',
        frames: 60,
        corrupt: 0,
        differing: 0,
        glError: 0,
      });
      expect(seen['movingFrames']).toBeGreaterThan(10);
      expect(seen['movedBytes']).toBeGreaterThan(100_000);
      expect(seen['covered']).toBeGreaterThan(10_000);
    },
  );

  test('shows when a copy is left out', async () => {
    const seen = await run('moves', 60, 0, 0);
    expect(seen['corrupt']).toBeGreaterThan(0);
    expect(seen['differing']).toBeGreaterThan(50);
  });
});

describe('a flight within a budget', () => {
  const BUDGET = 4 * MEBIBYTE;

  test('never holds more on the GPU than the budget, and says to the byte what it holds', async () => {
    const seen = await run('flight', STANDS, BUDGET, 240);
    expect(seen).toMatchObject({
      mode: 'shared',
      frames: 240,
      overFrames: 0,
      unknown: [],
      failed: 0,
    });
    expect(seen['worstError']).toBeLessThan(0.01);
    expect(seen['leakedRangeBytes']).toBe(0);
    expect(seen['leftBytes']).toBe(0);
    // It has been full, and something had to go for what came.
    expect(seen['peakBytes']).toBeGreaterThan(BUDGET / 2);
    expect(seen['evicted']).toBeGreaterThan(10);
  });

  const SMALL = { geometryBytes: MEBIBYTE, stagingBytes: 0, geometryLimit: 'hard' };

  test('holds as much of geometry in each frame, though more than fits comes and goes', async () => {
    const seen = await run('flight', STANDS, BUDGET, 120, false, SMALL);
    expect(seen).toMatchObject({ mode: 'shared', overFrames: 0, failed: 0, leakedRangeBytes: 0 });
    expect(seen['worstError']).toBeLessThan(0.01);
    expect(seen).toMatchObject({ footprints: 1, separatePeak: 0 });
    expect(seen['evicted']).toBeGreaterThan(0);
  });

  test('holds more and less of it where it is allowed buffers of its own', async () => {
    const sizes = { ...SMALL, geometryBytes: MEBIBYTE / 8, geometryLimit: 'soft' };
    const seen = await run('flight', STANDS, BUDGET, 120, false, sizes);
    expect(seen).toMatchObject({ mode: 'shared', overFrames: 0, failed: 0, leakedRangeBytes: 0 });
    expect(seen['footprints']).toBeGreaterThan(1);
    expect(seen['separatePeak']).toBeGreaterThan(0);
  });

  test('textures that are not freed are found, and so are ranges', async () => {
    const seen = await run('flight', STANDS, BUDGET, 240, true);
    expect(seen['worstError']).toBeGreaterThan(0.01);
    expect(seen['leftBytes']).toBeGreaterThan(0);
    expect(seen['leakedRangeBytes']).toBeGreaterThan(0);
  });
});

describe('a device that fails', () => {
  test('a lost context is told of, and all that was there comes back', async () => {
    const seen = await run<Figures & { told: string[] }>('contextLoss', NEAR, 64 * MEBIBYTE);
    expect(seen.told).toEqual(['lost', 'restored']);
    expect(seen['whileLost']).toBe(0);
    expect(seen['differingAtOnce']).toBeGreaterThan(1000);
    expect(seen).toMatchObject({ differing: 0, corrupt: 0, budgetBytes: 48 * MEBIBYTE });
    expect(seen['after']).toBeGreaterThan(8 * MEBIBYTE);
  });

  test('a device without memory has the budget lowered, and all is streamed again', async () => {
    const seen = await run<Figures & { told: string[] }>('outOfMemory', NEAR, 64 * MEBIBYTE);
    expect(seen.told).toEqual(['outOfMemory']);
    expect(seen['emptied']).toBe(0);
    expect(seen).toMatchObject({ differing: 0, budgetBytes: 48 * MEBIBYTE });
  });

  test('nothing was said on the console but that the context was lost', () => {
    expect(opened.problems).toEqual([]);
    expect(opened.externalRequests).toEqual([]);
  });
});
