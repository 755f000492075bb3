/** The three.js view in a real browser: pixels, draw calls, GPU objects, nothing on the console. */
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';

let browser: LaunchedBrowser;
let opened: OpenedPage;

async function openView(file = 'main.ts', packages: string[] = []): Promise<OpenedPage> {
  const page = await openPage(browser, { entry: `test/browser/pages/view/${file}`, packages });
  await page.page.waitForFunction('globalThis.viewPage !== undefined');
  return page;
}

beforeAll(async () => {
  browser = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 100_000 });
  opened = await openView();
});

afterAll(async () => {
  await opened?.close();
  await browser?.close();
});

/** Calls one of the page's functions and answers with its figures. */
async function run<Figures>(name: string, on: OpenedPage = opened): Promise<Figures> {
  return (await on.page.evaluate(`viewPage.${name}()`)) as Figures;
}

describe('the view in a browser', () => {
  afterEach(() => {
    expect(opened.problems).toEqual([]);
    expect(opened.externalRequests).toEqual([]);
  });

  test('draws the pixels that plain meshes of the same models give', async () => {
    const seen = await run<{
      covered: number;
      exact: number;
      visible: number;
      control: number;
      draws: number;
      instances: number;
      triangles: number;
    }>('compare');
    expect(seen.covered).toBeGreaterThan(20_000);
    // Quantized positions are multiplied once more than float ones: their last bit may differ, which
    // moves a shade by one step of 255 here and there, and no edge.
    expect(seen.visible).toBe(0);
    expect(seen.exact).toBeLessThanOrEqual(10);
    // One placement of fifty moved by 20 cm must be seen, or the comparison proves nothing.
    expect(seen.control).toBeGreaterThan(50);
    expect([seen.draws, seen.instances]).toEqual([5, 50]);
    expect(seen.triangles).toBeLessThan(20_000);
  });

  test('frame by frame, arrives at exactly the picture of the final state shown at once', async () => {
    const seen = await run<{ steps: number; differing: number; control: number }>('incremental');
    expect(seen.steps).toBeGreaterThan(200);
    expect(seen.differing).toBe(0);
    expect(seen.control).toBeGreaterThan(50);
  });

  test('draws 20,000 placements of eight payloads in eight calls', async () => {
    const seen = await run<{ instances: number; draws: number; calls: number; triangles: number }>(
      'manyPlacements',
    );
    expect(seen).toMatchObject({ instances: 20_000, draws: 8, calls: 8, triangles: 20_000 });
  });

  test('finds every placement by a ray through its middle', async () => {
    expect(await run('pick')).toEqual({ right: 49, wrong: [] });
  });

  test('finds first, by a ray, what the pixel shows', async () => {
    const seen = await run<{
      tried: number;
      changed: number;
      empty: number;
      changedByOther: number;
    }>('pickVisible');
    expect(seen.changed + seen.empty).toBe(seen.tried);
    expect(seen.changed).toBeGreaterThan(15);
    expect(seen.changedByOther).toBe(0);
  });

  test('leaves no GPU object behind, whether released one by one or disposed at once', async () => {
    const [start, ...lives] =
      await run<{ full: Record<string, number> | null; left: Record<string, number> }[]>('lives');
    expect(lives).toHaveLength(4);
    for (const { full, left } of lives) {
      expect(left).toEqual(start!.left);
      expect(full!['buffers']).toBeGreaterThan(start!.left['buffers']!);
      expect(full!['textures']).toBe(start!.left['textures']! + 1);
      expect(full!['geometries']).toBe(start!.left['geometries']! + 5);
    }
  });
});

test('a lost graphics context throws nowhere, and geometry is back when it is restored', async () => {
  const page = await openView();
  const seen = await run<{ covered: number; differing: number }>('contextLoss', page);
  expect(seen.covered).toBeGreaterThan(20_000);
  // Only the textured placements may differ: their pixels were not kept.
  expect(seen.differing).toBeLessThan(6_000);
  expect(page.problems).toEqual([]);
  await page.close();
});

test('draws the same pixels through WebGPURenderer', async () => {
  const page = await openView('webgpu.ts', ['three/webgpu']);
  const seen = await run<{
    isWebGpu: boolean;
    geometry: object;
    covered: number;
    visible: number;
    control: number;
  }>('compare', page);
  expect(seen.isWebGpu).toBe(true);
  expect(seen.geometry).toEqual({
    geometryMode: 'separate',
    geometryReason: 'the renderer is no WebGLRenderer',
    sharedBytes: 0,
    isLimited: false,
  });
  expect(seen.covered).toBeGreaterThan(20_000);
  expect(seen.visible).toBe(0);
  expect(seen.control).toBeGreaterThan(50);
  expect(page.problems).toEqual([]);
  await page.close();
});
