/**
 * Places of the demo in a real browser: through a door and out, winter, the horizon, fast travel, and
 * what a player sees when a level and an asset fail.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { call, toPixels } from '../../demo/tools/smoke.ts';
import { drain } from '../../src/base/steps.ts';
import { stringAt } from '../../src/io/bundle/index.ts';
import { readDirectory } from '../../src/io/bundle/read-directory.ts';
import { parseHead } from '../../src/io/bundle/read-head.ts';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { comparePixels, countColors, type Pixels } from '../support/pixels.ts';
import { type SmallIsland, serveSmallIsland } from './small-island.ts';

const [WIDTH, HEIGHT] = [320, 180];
const QUERY = `stepped=1&world=small&size=${WIDTH}x${HEIGHT}`;

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

async function openDemo(query = QUERY): Promise<OpenedPage> {
  const opened = await openPage(browser, { url: `${island.origin}/?${query}`, timeoutMs: 120_000 });
  await call(opened, (demo) => demo.ready);
  await call(opened, (demo) => demo.arrive());
  return opened;
}

async function settledView(opened: OpenedPage): Promise<Pixels> {
  await call(opened, (demo) => demo.settle());
  return toPixels(await call(opened, (demo) => demo.readPixels()));
}

const stateOf = (opened: OpenedPage, level: string): Promise<string | undefined> =>
  call(opened, (demo, name) => demo.game.streaming.levels()[name], level);

/** Mean of red, green and blue, 0 to 255. */
function brightness({ data }: Pixels): number {
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum += data[i]! + data[i + 1]! + data[i + 2]!;
  return sum / (data.length / 4) / 3;
}

describe('a world of places', () => {
  let opened: OpenedPage;

  beforeAll(async () => {
    opened = await openDemo(`${QUERY}&hud=0`);
  }, 120_000);

  afterAll(() => opened?.close());

  test('through the door the tavern shows, and outside it is hidden again', async () => {
    await call(opened, (demo) => demo.place(demo.game.file.interiors[0]!.outside));
    const before = await settledView(opened);
    expect(await stateOf(opened, 'tavern')).toBe('hidden');
    const walk = (to: 'inside' | 'outside') =>
      call(
        opened,
        async (demo, pose) => {
          const states: string[] = [];
          demo.game.walkTo(demo.game.file.interiors[0]![pose]);
          for (let i = 0; i < 300 && demo.game.mode === 'walk'; i++) {
            await demo.fly({ frames: 1, dtSeconds: 1 / 30, pauseMs: 1 });
            const state = demo.game.streaming.levels()['tavern']!;
            if (states.at(-1) !== state) states.push(state);
          }
          return states;
        },
        to,
      );
    expect(await walk('inside')).toEqual(['hidden', 'loaded', 'active']);
    const inside = await settledView(opened);
    expect(countColors(inside)).toBeGreaterThan(500);
    // Without the room one sees through the back of the walls.
    await call(opened, (demo) => demo.game.streaming.hideLevel('tavern'));
    const empty = await settledView(opened);
    expect(comparePixels(inside, empty, 0.1).fraction).toBeGreaterThan(0.5);
    await call(opened, (demo) => demo.game.streaming.showLevel('tavern'));
    expect(comparePixels(inside, await settledView(opened)).count).toBe(0);
    expect((await walk('outside')).at(-1)).toBe('hidden');
    await call(opened, (demo) => demo.place(demo.game.file.interiors[0]!.outside));
    expect(comparePixels(before, await settledView(opened), 0.1).fraction).toBeLessThan(0.02);
  }, 120_000);

  test('in winter broad-leaved trees stand bare and snow lies; then it is summer again', async () => {
    await call(opened, (demo) => demo.placeOnCourse(0));
    const count = (kind: string) =>
      call(
        opened,
        (demo, name) => {
          const meshes = demo.game.view.root.children as { name: string; count?: number }[];
          const of = meshes.filter((mesh) => mesh.name.startsWith(name));
          return of.reduce((sum, mesh) => sum + (mesh.count ?? 0), 0);
        },
        kind,
      );
    const summer = await settledView(opened);
    expect(await count('bare-1')).toBe(0);
    expect(await count('oak-1')).toBeGreaterThan(0);
    await call(opened, (demo) => demo.game.setWinter(true));
    const winter = await settledView(opened);
    expect(await count('bare-1')).toBeGreaterThan(0);
    expect(await count('oak-1')).toBe(0);
    expect(brightness(winter)).toBeGreaterThan(brightness(summer) + 10);
    await call(opened, (demo) => demo.game.setWinter(false));
    expect(comparePixels(summer, await settledView(opened)).count).toBe(0);
  }, 120_000);

  test('the horizon is never empty: stand-ins cover what the squares themselves would', async () => {
    // Only what stands on the ground is drawn, before a color that nothing has.
    await call(opened, (demo) => {
      const { stage, view } = demo.game;
      for (const child of stage.scene.children)
        if (child !== view.root && !('isLight' in child)) child.visible = false;
      stage.renderer.setClearColor(0xff00ff, 1);
      // Through a glass: on a picture this small single trees are less than the demo cares to draw.
      stage.camera.fov = 14;
      stage.camera.updateProjectionMatrix();
    });
    const standing = async (hidden: string): Promise<Uint8Array> => {
      const pixels = await call(
        opened,
        (demo, pattern) => {
          const hide = new RegExp(`^terrain${pattern}`);
          for (const mesh of demo.game.view.root.children) mesh.visible = !hide.test(mesh.name);
          return demo.readPixels();
        },
        hidden,
      );
      return maskOf(toPixels(pixels));
    };
    for (let k = 0; k < 2; k++) {
      const far = k * Math.PI;
      await call(
        opened,
        (demo, turn) => {
          const [x, z] = [Math.sin(turn) * 1500, Math.cos(turn) * 1500];
          demo.place({ position: [x, 380, z], target: [0, 60, 0] });
          demo.game.streaming.setGrid('land', { rangeMeters: 1, unloadMeters: 2 });
        },
        far,
      );
      await call(opened, (demo) => demo.settle());
      const proxies = await standing('');
      const none = await standing('|~proxy');
      await call(opened, (demo) =>
        demo.game.streaming.setGrid('land', { rangeMeters: 9000, unloadMeters: 9999 }),
      );
      await call(opened, (demo) => demo.settle());
      const all = await standing('');
      expect(sum(all), `view ${k}`).toBeGreaterThan(500);
      // Where something stands, something stands in for it.
      expect(shareNear(all, proxies), `view ${k}`).toBeGreaterThan(0.9);
      // Crowns of leaf cards lose half of what they cover to mip maps; their stand-ins do not.
      expect(shareNear(proxies, all), `view ${k}`).toBeGreaterThan(0.6);
      expect(sum(proxies) / sum(all), `view ${k}`).toBeLessThan(2.5);
      expect(shareNear(all, none), `view ${k}`).toBeLessThan(0.2);
    }
  }, 120_000);
});

/** 1 where a pixel is not of the color behind everything. */
function maskOf({ data }: Pixels): Uint8Array {
  const isEmpty = (at: number): boolean =>
    data[at] === 255 && data[at + 1] === 0 && data[at + 2] === 255;
  return Uint8Array.from({ length: data.length / 4 }, (_, i) => (isEmpty(i * 4) ? 0 : 1));
}

const sum = (mask: Uint8Array): number => mask.reduce((total, value) => total + value, 0);

/** Share of the pixels of `mask` that have one of `other` within two pixels. */
function shareNear(mask: Uint8Array, other: Uint8Array): number {
  let near = 0;
  for (let y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) if (mask[y * WIDTH + x] && hasNear(other, x, y)) near++;
  return near / sum(mask);
}

function hasNear(mask: Uint8Array, x: number, y: number): boolean {
  for (let v = Math.max(0, y - 2); v <= Math.min(HEIGHT - 1, y + 2); v++)
    for (let u = Math.max(0, x - 2); u <= Math.min(WIDTH - 1, x + 2); u++)
      if (mask[v * WIDTH + u]) return true;
  return false;
}

describe('travel across the island', () => {
  test('shows a loading screen that only rises, and arrives without a hole', async () => {
    const opened = await openDemo();
    const seen = await call(opened, async (demo) => {
      const { game } = demo;
      // What only the harbor has use for leaves memory.
      demo.place({ position: [-1700, 200, -1700], target: [0, 60, 0] });
      await demo.settle();
      game.link.link!.latencySeconds = 0.6;
      game.link.link!.bandwidthBytesPerSecond = 60_000;
      const { outside } = game.file.interiors[0]!;
      void game.fastTravel.to(outside, 'The tavern');
      const found = { progress: [] as number[], states: [] as string[], isShown: false, holes: -1 };
      const screen = document.querySelector('.loading-screen')!;
      for (let i = 0; i < 6000 && game.fastTravel.isUnderWay; i++) {
        await demo.fly({ frames: 1, dtSeconds: 1 / 30, pauseMs: 2 });
        const [entity] = game.streaming.loadingScreens();
        if (entity === undefined) continue;
        const { progress, state } = game.streaming.loadingStatus(entity);
        found.progress.push(progress);
        if (found.states.at(-1) !== state) found.states.push(state);
        found.isShown ||= screen.classList.contains('shown');
      }
      found.holes = demo.step(1 / 30).stats.holes;
      for (let i = 0; i < 90; i++) await demo.fly({ frames: 1, dtSeconds: 1 / 30, pauseMs: 1 });
      const isGone = !screen.classList.contains('shown');
      const level = game.streaming.levels()['harbor'];
      return { ...found, isGone, level, screens: game.streaming.loadingScreens().length };
    });
    expect(seen).toMatchObject({
      isShown: true,
      isGone: true,
      screens: 0,
      level: 'active',
      holes: 0,
    });
    expect(seen.progress.length).toBeGreaterThan(5);
    for (let i = 1; i < seen.progress.length; i++)
      expect(seen.progress[i]!).toBeGreaterThanOrEqual(seen.progress[i - 1]!);
    expect(new Set(seen.progress).size).toBeGreaterThan(3);
    expect(seen.states.every((state) => state === 'waiting' || state === 'ready')).toBe(true);
    await opened.close();
  }, 120_000);
});

/** Flips bytes of a file of the world; returns what puts them right. */
async function damage(name: string, from: number, to: number): Promise<() => Promise<void>> {
  const path = join(island.folder, name);
  const whole = await readFile(path);
  const broken = Buffer.from(whole);
  for (let i = from; i < to; i++) broken[i]! ^= 0x55;
  await writeFile(path, broken);
  return () => writeFile(path, whole);
}

async function readWorld() {
  const head = parseHead(await readFile(join(island.folder, 'world.json'), 'utf8'));
  const bytes = await readFile(join(island.folder, head.catalog.file));
  const whole = new Uint8Array(bytes);
  return { head, directory: drain(readDirectory(whole.slice(0, head.catalog.directoryBytes))) };
}

describe('what fails', () => {
  test('is shown on the loading screen, level and asset, and comes when it is tried again', async () => {
    const { head, directory } = await readWorld();
    const levels = Array.from(directory.levelNames, (row) => stringAt(directory, row));
    const level = levels.indexOf('tavern');
    const cell = directory.cellLevels.indexOf(level);
    const slice = directory.sliceCells.findLastIndex((first) => first <= cell);
    const start = directory.directoryBytes + directory.sliceStarts[slice]!;
    const end = directory.directoryBytes + directory.sliceStarts[slice + 1]!;
    const names = Array.from(directory.assetNames, (row) => stringAt(directory, row));
    const asset = names.indexOf('table-1');
    const coarsest = directory.assetPayloads[asset]! + directory.assetLodCounts[asset]! - 1;
    const offset = directory.payloadOffsets[coarsest]!;
    const pack = head.packs[directory.payloadPacks[coarsest]!]!.file;
    const mendLevel = await damage(head.catalog.file, start, end);
    const mendAsset = await damage(pack, offset, offset + directory.payloadEncodedBytes[coarsest]!);

    const opened = await openDemo();
    await call(
      opened,
      (demo) => void demo.game.fastTravel.to(demo.game.file.interiors[0]!.outside, 'The tavern'),
    );
    const flyUntil = async (text: string): Promise<string> => {
      for (let i = 0; i < 60; i++) {
        await call(opened, (demo) => demo.fly({ frames: 10, dtSeconds: 1 / 30, pauseMs: 2 }));
        const shown = (await opened.page.locator('.loading-errors').textContent()) ?? '';
        if (shown.includes(text)) return shown;
      }
      return (await opened.page.locator('.loading-screen').textContent()) ?? '';
    };
    expect(await flyUntil('tavern')).toContain('tavern');
    expect(await stateOf(opened, 'tavern')).toBe('failed');
    expect(await opened.page.locator('.loading-screen [role=progressbar]').count()).toBe(1);

    await mendLevel();
    await opened.page.getByRole('button', { name: 'Try again' }).click();
    expect(await flyUntil('table-1')).toContain('table-1');

    // An asset holds nothing up: the level is there without it until it is tried again.
    await mendAsset();
    const status = await call(opened, async (demo) => {
      const { streaming, fastTravel } = demo.game;
      const report = () => streaming.levelStatus('tavern');
      const until = async (holds: () => boolean): Promise<void> => {
        for (let i = 0; i < 100 && !holds(); i++)
          await demo.fly({ frames: 5, dtSeconds: 1 / 30, pauseMs: 2 });
      };
      await until(() => !fastTravel.isUnderWay);
      const before = report();
      streaming.retryLevel('tavern');
      await until(() => report().failedAssets.length === 0);
      return [before, report()];
    });
    expect(status[0]).toMatchObject({ state: 'hidden', failedAssets: ['table-1'] });
    expect(status[1]).toMatchObject({ state: 'hidden', failedAssets: [], error: '' });
    await opened.close();
  }, 120_000);
});
