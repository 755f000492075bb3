/**
 * A browser's own workers decode what Node's cannot show: images of real files, and decoder modules
 * that are loaded from a server.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';

const GLTF = fileURLToPath(new URL('../../../shared/data/gltf', import.meta.url));
const REAL: Record<string, string> = {
  'egyptian-cat-statue': 'egyptian-cat-statue.glb',
  CesiumMilkTruck: 'CesiumMilkTruck-Draco/CesiumMilkTruck.gltf',
  'pirate-meshopt': 'pirate-meshopt.glb',
};
const hasReal = existsSync(GLTF);
const TEXTURE_SIZE = 128;

let folder = '';
let browser: LaunchedBrowser;
let opened: OpenedPage;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farfield-kinds-'));
  const write = async (name: string, bytes: Uint8Array | string): Promise<string> => {
    await writeFile(join(folder, name), bytes);
    return join(folder, name);
  };
  const wave = Int16Array.from({ length: 4000 }, (_, i) => i * 8);
  const sound = await write('wind.raw', new Uint8Array(wave.buffer));
  await cook({
    inputs: hasReal ? Object.values(REAL).map((file) => join(GLTF, file)) : [],
    out: join(folder, 'world'),
    textureSize: TEXTURE_SIZE,
    files: [
      { name: 'wind', file: sound, kind: 16 },
      { name: 'quest', file: await write('quest.json', '{"goal":3}'), kind: 17 },
      { name: 'lost', file: sound, kind: 18 },
    ],
  });
  browser = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 170_000 });
  opened = await openPage(browser, {
    entry: 'test/browser/pages/kinds/main.ts',
    mounts: { '/world/': join(folder, 'world') },
    timeoutMs: 120_000,
  });
}, 170_000);

afterAll(async () => {
  await opened?.close();
  await browser?.close();
  await rm(folder, { recursive: true, force: true });
});

interface Arrived {
  triangles: number;
  images: { width: number; height: number; colors: number }[];
  value: unknown;
  failure: string;
}

interface KindsPage {
  kindsPage: { arrive(assets: string[]): Promise<Record<string, Arrived>> };
}

async function arrive(assets: string[]): Promise<Record<string, Arrived>> {
  await opened.page.waitForFunction(() => 'kindsPage' in globalThis);
  return opened.page.evaluate(
    (names) => (globalThis as unknown as KindsPage).kindsPage.arrive(names),
    assets,
  );
}

test("a module of the game's decodes in a browser's worker; one that is not there fails alone", async () => {
  const { wind, quest, lost } = await arrive(['wind', 'quest', 'lost']);
  expect(wind).toMatchObject({
    value: Array.from({ length: 8 }, (_, i) => (i * 8) / 32768),
    failure: '',
  });
  expect(quest).toMatchObject({ value: { goal: 3 }, failure: '' });
  expect(lost!.failure).toMatch(/^Decode: lost.*its decoder http.*none\.js does not load: /);
}, 120_000);

describe.skipIf(!hasReal)('real files (skipped without shared data)', () => {
  test('arrive with their images decoded', async () => {
    const arrived = await arrive(Object.keys(REAL));
    for (const name of Object.keys(REAL)) {
      const { failure, triangles, images } = arrived[name]!;
      expect(failure, name).toBe('');
      expect(triangles, name).toBeGreaterThan(3000);
      // The pirate is painted by materials alone.
      expect(images.length > 0, name).toBe(name !== 'pirate-meshopt');
      if (images.length === 0) continue;
      for (const { width, height } of images)
        expect(Math.max(width, height), name).toBeLessThanOrEqual(TEXTURE_SIZE);
      // A picture, not one color: an image that was not decoded would be blank.
      expect(Math.max(...images.map(({ colors }) => colors)), name).toBeGreaterThan(100);
    }
  }, 120_000);
});
