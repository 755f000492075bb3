/**
 * What is streamed looks like what was cooked: LOD 0 of generated models against their source GLBs,
 * drawn by three's own GLTFLoader.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { generateIsland } from '../../demo/world/index.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { NO_PLACEMENTS } from '../support/placements.ts';

const [WIDTH, HEIGHT] = [320, 180];
const STANDS = [
  { asset: 'house-1', position: [-6, 0, 2], scale: 1 },
  { asset: 'oak-1', position: [6, 0, 0], scale: 0.8 },
  { asset: 'boulder-1', position: [0.5, 0, 9], scale: 1.4 },
  { asset: 'fence', position: [-1, 0, 12], scale: 1 },
];

let folder = '';
let browser: LaunchedBrowser;
let opened: OpenedPage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farfield-source-'));
  const sources = await generateIsland({ folder: join(folder, 'island'), size: 'small' });
  const inputs = sources.inputs.filter((path) =>
    STANDS.some(({ asset }) => path.endsWith(`${asset}.glb`)),
  );
  // Without a table of placements the cook would stand every model in a square of its own.
  await cook({ inputs, out: join(folder, 'world'), placements: NO_PLACEMENTS });
  browser = await launchBrowser({ executablePath: inject('chromium') });
  opened = await openPage(browser, {
    entry: 'test/browser/pages/flight/main.ts',
    packages: ['three/addons/loaders/GLTFLoader.js'],
    mounts: { '/world/': join(folder, 'world'), '/sources/': join(folder, 'island/models') },
  });
}, 120_000);

afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

async function picture(call: 'streamed' | 'loaded', lod: number): Promise<Uint8Array> {
  const data = await opened.page.evaluate(
    ([name, stands, finest]) => {
      type Call = (stands: unknown, lod: number) => Promise<number[]>;
      const { sourcePage } = globalThis as unknown as { sourcePage: Record<string, Call> };
      return sourcePage[name]!(stands, finest);
    },
    [call, STANDS, lod] as const,
  );
  return Uint8Array.from(data);
}

interface Likeness {
  /** Mean of the absolute differences of red, green and blue, of 255, over what is not background. */
  meanDifference: number;
  /** Mean structural similarity of 8 x 8 blocks of brightness that are not background. */
  ssim: number;
  /** Share of the picture that is not background in the first image. */
  covered: number;
}

/** Based on: Wang, Bovik, Sheikh, Simoncelli. Image quality assessment: SSIM. 2004. */
function compare(a: Uint8Array, b: Uint8Array): Likeness {
  const isSky = (data: Uint8Array, i: number): boolean =>
    [0, 1, 2].every((channel) => data[i + channel] === a[channel]);
  let difference = 0;
  let covered = 0;
  for (let i = 0; i < a.length; i += 4) {
    if (isSky(a, i) && isSky(b, i)) continue;
    covered++;
    for (let channel = 0; channel < 3; channel++)
      difference += Math.abs(a[i + channel]! - b[i + channel]!) / 3;
  }
  const similar: number[] = [];
  for (let y = 0; y + 8 <= HEIGHT; y += 8)
    for (let x = 0; x + 8 <= WIDTH; x += 8) {
      const at = Array.from({ length: 64 }, (_, k) => ((y + (k >> 3)) * WIDTH + x + (k & 7)) * 4);
      if (at.every((i) => isSky(a, i) && isSky(b, i))) continue;
      similar.push(
        ssimOf(
          at.map((i) => luma(a, i)),
          at.map((i) => luma(b, i)),
        ),
      );
    }
  return {
    meanDifference: difference / covered,
    ssim: mean(similar),
    covered: covered / (WIDTH * HEIGHT),
  };
}

const luma = (data: Uint8Array, i: number): number =>
  0.299 * data[i]! + 0.587 * data[i + 1]! + 0.114 * data[i + 2]!;
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

function ssimOf(a: readonly number[], b: readonly number[]): number {
  const [ma, mb] = [mean(a), mean(b)];
  const va = mean(a.map((value) => (value - ma) ** 2));
  const vb = mean(b.map((value) => (value - mb) ** 2));
  const covariance = mean(a.map((value, i) => (value - ma) * (b[i]! - mb)));
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  return ((2 * ma * mb + c1) * (2 * covariance + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
}

// Textures went through lossy WebP, positions onto a grid of 16 bits, normals of 8: colors move by
// a few of 255, and a pixel at the edge of a leaf may change sides.
const MAX_MEAN_DIFFERENCE = 2.5;
const MIN_SSIM = 0.98;

test('streamed LOD 0 looks like the source files, and a coarser LOD does not', async () => {
  const source = await picture('loaded', 0);
  const finest = compare(source, await picture('streamed', 0));
  const coarse = compare(source, await picture('streamed', 3));
  expect(finest.covered).toBeGreaterThan(0.2);
  expect(finest.meanDifference).toBeLessThan(MAX_MEAN_DIFFERENCE);
  expect(finest.ssim).toBeGreaterThan(MIN_SSIM);
  expect(coarse.meanDifference).toBeGreaterThan(MAX_MEAN_DIFFERENCE);
  expect(coarse.ssim).toBeLessThan(MIN_SSIM);
  expect(opened.externalRequests).toEqual([]);
  expect(opened.problems).toEqual([]);
}, 120_000);
