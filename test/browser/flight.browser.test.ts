/**
 * The demo flies in a real browser: the autopilot over the small island, stepped by hand, with a
 * budget that cannot hold the world.
 */
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { call, toPixels } from '../../demo/tools/smoke.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { comparePixels, countColors } from '../support/pixels.ts';
import { type SmallIsland, serveSmallIsland } from './small-island.ts';

/**
 * Less than the small world, so that something has to go on the way; enough for any view, staging and
 * instances included.
 */
const BUDGET_MEBIBYTES = 12;
const FRAMES = 240;

let island: SmallIsland;
let browser: LaunchedBrowser;

beforeAll(async () => {
  island = await serveSmallIsland();
  browser = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 170_000 });
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await island?.close();
});

async function openDemo(): Promise<OpenedPage> {
  const query = `stepped=1&world=small&size=320x180&hud=0&speed=180&budget=${BUDGET_MEBIBYTES}`;
  const opened = await openPage(browser, { url: `${island.origin}/?${query}`, timeoutMs: 120_000 });
  await call(opened, (demo) => demo.ready);
  return opened;
}

describe('the autopilot', () => {
  let opened: OpenedPage;

  beforeAll(async () => {
    opened = await openDemo();
    await call(opened, (demo) => demo.arrive());
  }, 120_000);

  afterAll(() => opened?.close());

  test('flies without a hole and within the budget, and something had to go for it', async () => {
    const before = await call(opened, (demo) => demo.metrics());
    expect(before.isComplete).toBe(true);
    const after = await call(
      opened,
      (demo, frames) => demo.fly({ frames, dtSeconds: 1 / 30, drawEvery: 60 }),
      FRAMES,
    );
    expect(after.frames - before.frames).toBe(FRAMES);
    // 8 s at 180 m/s: it has really been somewhere.
    const moved = Math.hypot(...after.position.map((x, axis) => x - before.position[axis]!));
    expect(moved).toBeGreaterThan(500);
    expect(after.holesFrames).toBe(0);
    expect(after.overBudgetFrames).toBe(0);
    expect(after.residentBytesPeak).toBeLessThanOrEqual(BUDGET_MEBIBYTES * 1024 * 1024);
    expect(after.stats.payloadsLoaded).toBeGreaterThan(before.stats.payloadsLoaded);
    expect(after.stats.payloadsEvicted).toBeGreaterThan(0);
    expect(after.stats.payloadsFailed).toBe(0);
    await call(opened, (demo) => demo.game.streaming.checkInvariants());
  });

  test('comes to rest at exactly the view that everything loaded gives', async () => {
    const settled = await call(opened, (demo) => demo.settle());
    const streamed = toPixels(await call(opened, (demo) => demo.readPixels()));
    expect(countColors(streamed)).toBeGreaterThan(500);
    const everything = await call(opened, (demo) => demo.loadEverything());
    expect(everything.stats.residentBytes).toBeGreaterThan(settled.stats.residentBytes);
    const complete = toPixels(await call(opened, (demo) => demo.readPixels()));
    expect(comparePixels(streamed, complete).count).toBe(0);
    // Half a meter aside must be seen, or the comparison proves nothing.
    await call(opened, async (demo) => {
      demo.game.stage.camera.position.x += 0.5;
      await demo.settle();
    });
    const moved = toPixels(await call(opened, (demo) => demo.readPixels()));
    expect(comparePixels(complete, moved).count).toBeGreaterThan(500);
  });

  test('asked nobody but this machine, and said nothing on the console', () => {
    expect(opened.externalRequests).toEqual([]);
    expect(opened.localRequests).toBeGreaterThan(20);
    expect(opened.problems).toEqual([]);
  });
});

test('a world that is not there is said on the page, with what to do', async () => {
  const opened = await openPage(browser, { url: `${island.origin}/?world=atlantis` });
  await opened.page.waitForSelector('.loading-screen.broken .loading-note');
  const text = await opened.page.textContent('.loading-screen.broken .loading-note');
  expect(text).toMatch(/worlds\/atlantis\/demo\.json.*404.*npm run demo/);
  await opened.close();
});
