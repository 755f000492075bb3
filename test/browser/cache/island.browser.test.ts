/**
 * The demo with its cache filled and its world's server gone: everything that was seen before is
 * shown again, to the pixel. With an empty cache it is not.
 */
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { call, toPixels } from '../../../demo/tools/smoke.ts';
import type { OpenedPage } from '../../support/browser.ts';
import { comparePixels, countColors, type Pixels } from '../../support/pixels.ts';
import { openProfile, type Profile } from '../../support/profile.ts';
import { type SmallIsland, serveSmallIsland } from '../small-island.ts';

/** What streams; the page's own files and pictures come from another server in real life. */
const STREAMED = /\/worlds\/small\/[^?]*(\.ffp|\.ffc|world\.json)$/;
const QUERY = 'stepped=1&world=small&size=320x180&hud=0&budget=12';

let island: SmallIsland;
let profile: Profile;

beforeAll(async () => {
  island = await serveSmallIsland();
  profile = await openProfile({ executablePath: inject('chromium'), watchdogMs: 240_000 });
  profile.context.setDefaultTimeout(100_000);
}, 120_000);

afterAll(async () => {
  await profile?.close();
  await island?.close();
});

interface Visit {
  pixels: Pixels;
  residentBytes: number;
  payloadsFailed: number;
  fetchedBytes: number;
  cachedBytes: number;
  /** Requests for files of the world that got through. */
  answered: number;
  refused: number;
}

async function visit(query: string): Promise<Visit> {
  const page = await profile.context.newPage();
  let [answered, refused] = [0, 0];
  page.on('response', (response) => {
    if (STREAMED.test(response.url())) answered++;
  });
  page.on('requestfailed', (request) => {
    if (STREAMED.test(request.url())) refused++;
  });
  try {
    await page.goto(`${island.origin}/?${QUERY}${query}`);
    const opened = { page } as OpenedPage;
    await call(opened, (demo) => demo.ready);
    // Waves, vessels and the camera are where they were: two visits differ in their frames.
    await call(opened, (demo) => {
      demo.game.isTimeStill = true;
      demo.game.seconds = 0;
      demo.place(demo.game.file.spawn);
    });
    await call(opened, (demo) => demo.arrive());
    const { stats } = await call(opened, (demo) => demo.settle());
    const pixels = toPixels(await call(opened, (demo) => demo.readPixels()));
    // Longer than anything waits to be flushed.
    await page.waitForTimeout(1000);
    const { residentBytes, payloadsFailed, fetchedBytes, io } = stats;
    const { cachedBytes } = io;
    return {
      pixels,
      residentBytes,
      payloadsFailed,
      fetchedBytes,
      cachedBytes,
      answered,
      refused,
    };
  } finally {
    await page.close();
  }
}

test('a second visit without the network shows what the first one showed', async () => {
  const first = await visit('&cache=1');
  expect(countColors(first.pixels)).toBeGreaterThan(500);
  // Head, catalog, and some reads of packs.
  expect(first.answered).toBeGreaterThan(2);
  // What left memory on the way and came back is all that it has from its cache.
  expect(first.cachedBytes).toBeLessThan(first.fetchedBytes / 50);

  await profile.context.route(STREAMED, (route) => route.abort('connectionrefused'));
  const second = await visit('&cache=1');
  expect(second).toMatchObject({ answered: 0, fetchedBytes: 0 });
  expect(second.cachedBytes).toBeGreaterThan(100_000);
  expect(second.refused).toBeGreaterThan(0);
  // What is there beside the view depends on what came when.
  expect(second.residentBytes / first.residentBytes).toBeCloseTo(1, 1);
  // A guess at what comes next may be another than before, and is not there.
  expect(second.payloadsFailed).toBeLessThan(4);
  expect(comparePixels(first.pixels, second.pixels).count).toBe(0);

  // With an empty cache there is nothing to show: the network is really away.
  const page = await profile.context.newPage();
  await page.goto(`${island.origin}/worlds/small/demo.json`);
  await page.evaluate(async () => {
    const root = await navigator.storage.getDirectory();
    await root.removeEntry('farfield-cache', { recursive: true });
  });
  await page.goto(`${island.origin}/?${QUERY}&cache=1`);
  await page.waitForSelector('.loading-screen.broken .loading-note');
  expect(await page.textContent('.loading-screen.broken .loading-note')).toMatch(/world\.json/);
  await page.close();
}, 200_000);
