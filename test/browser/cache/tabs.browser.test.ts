/** The cache in a browser: a server that stops, tabs killed in mid-write, two tabs at once. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { serveFolder } from '../../support/files.ts';
import { type PageServer, servePage } from '../../support/page-server.ts';
import { crashPage, openProfile, type Profile } from '../../support/profile.ts';
import type { CacheCalls } from '../pages/cache/cache.worker.ts';
import type { CachePage } from '../pages/cache/main.ts';

const MEBIBYTE = 1024 * 1024;
/** Even; `npm run test:soak` asks for fifty. */
const KILLS = Number(process.env['FARFIELD_KILLS'] ?? 6);

let profile: Profile;
let pages: PageServer;

beforeAll(async () => {
  pages = await servePage({ entry: 'test/browser/pages/cache/main.ts' });
  profile = await openProfile({ executablePath: inject('chromium'), watchdogMs: 280_000 });
  profile.context.setDefaultTimeout(60_000);
}, 120_000);

afterAll(async () => {
  await profile?.close();
  await pages?.close();
});

type Globals = { cachePage: CachePage };

async function openTab(): Promise<Page> {
  const page = await profile.context.newPage();
  await page.goto(pages.origin);
  await page.waitForFunction(() => 'cachePage' in globalThis);
  return page;
}

function call<Name extends keyof CacheCalls>(
  page: Page,
  name: Name,
  ...args: Parameters<CacheCalls[Name]>
): ReturnType<CacheCalls[Name]> {
  return page.evaluate(
    ([one, list]) => (globalThis as unknown as Globals).cachePage.call(one as string, list as []),
    [name, args] as const,
  ) as ReturnType<CacheCalls[Name]>;
}

const progressOf = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as Globals).cachePage.progress);

/** Begins to fill without waiting for the end, which does not come; waits until it has got far. */
async function fillTo(page: Page, from: number, enough: number): Promise<void> {
  await page.evaluate(
    (first) => void (globalThis as unknown as Globals).cachePage.call('fill', [first, 1e9]),
    from,
  );
  await page.waitForFunction(
    (last) => (globalThis as unknown as Globals).cachePage.progress >= last,
    from + enough,
    { polling: 5 },
  );
}

describe('a second visit with the server stopped', () => {
  const SIZE = 2 * MEBIBYTE;
  const PART = 16 * 1024;

  test('has every byte of the first; one with an empty cache has none', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'farfield-served-'));
    const bytes = Uint8Array.from({ length: SIZE }, (_, i) => i * 13 + (i >> 9));
    const file = `pack-${createHash('sha256').update(bytes).digest('hex').slice(0, 16)}.ffp`;
    await writeFile(join(folder, file), bytes);
    await writeFile(join(folder, 'world.json'), '{"a":1}');
    const server = await serveFolder(folder, {
      headers: {
        'access-control-allow-origin': '*',
        'access-control-expose-headers': 'content-range',
      },
    });
    const origin = `${server.origin}/`;

    const first = await openTab();
    expect(await call(first, 'open', 'visit', 16 * MEBIBYTE)).toBe(true);
    const seen = await call(first, 'readWorld', origin, 'world', file, SIZE, PART);
    expect(seen).toMatchObject({ error: '', head: 7, linkBytes: SIZE, cachedBytes: 0 });
    await call(first, 'close');
    await first.close();
    await server.close();

    const second = await openTab();
    await call(second, 'open', 'visit', 16 * MEBIBYTE);
    const again = await call(second, 'readWorld', origin, 'world', file, SIZE, PART);
    expect(again).toMatchObject({ error: '', head: 7, linkBytes: 0, cachedBytes: SIZE });
    expect(again.sums).toEqual(seen.sums);
    expect(again.sums).toHaveLength(SIZE / PART);
    await call(second, 'close');

    const empty = await openTab();
    await call(empty, 'open', 'never-filled', 16 * MEBIBYTE);
    const nothing = await call(empty, 'readWorld', origin, 'world', file, SIZE, PART);
    expect(nothing.error).toMatch(/StreamError/);
    expect(nothing.sums).toEqual([]);
    await second.close();
    await empty.close();
    await rm(folder, { recursive: true, force: true });
  }, 60_000);
});

describe('a tab killed in mid-write', () => {
  test(`${KILLS} times, by closing and by crashing, leaves the cache whole`, async () => {
    const random = createRandom(3);
    const totals = { opened: 0, wrong: 0, damaged: 0, empty: 0, entries: 0, crashes: 0 };
    let from = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      const page = await openTab();
      if (await call(page, 'open', 'killed', MEBIBYTE)) totals.opened++;
      const { entries, wrong } = await call(page, 'check', Math.max(0, from - 400), from);
      totals.entries += entries;
      totals.wrong += wrong;
      totals.empty += kill > 0 && entries < 20 ? 1 : 0;
      const stats = await call(page, 'stats');
      totals.damaged += stats?.damaged ?? 1;
      if (kill < KILLS) {
        // Several times the quota: what is written takes the place of what was, flush by flush.
        await fillTo(page, from, 300);
        await page.waitForTimeout(random() * 20);
        from = (await progressOf(page)) + 40;
      }
      if (kill % 2 === 0) {
        await crashPage(page);
        totals.crashes++;
      } else await page.close();
    }
    expect(totals).toMatchObject({ opened: KILLS + 1, wrong: 0, damaged: 0, empty: 0 });
    expect(totals.crashes).toBeGreaterThanOrEqual(KILLS / 2);
    expect(totals.entries).toBeGreaterThan(KILLS * 50);
  }, 200_000);
});

describe('two tabs', () => {
  test('share one cache, write at once, and the one left takes over', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await call(first, 'open', 'shared', 16 * MEBIBYTE);
    await call(first, 'fill', 0, 100);
    expect(await call(first, 'check', 0, 100)).toEqual({ entries: 100, wrong: 0 });
    await call(second, 'open', 'shared', 16 * MEBIBYTE);
    expect(await call(second, 'check', 0, 100)).toEqual({ entries: 100, wrong: 0 });
    await Promise.all([call(first, 'fill', 100, 300), call(second, 'fill', 200, 400)]);
    expect(await call(second, 'check', 0, 400)).toEqual({ entries: 400, wrong: 0 });
    expect(await call(first, 'check', 0, 400)).toEqual({ entries: 400, wrong: 0 });
    // Both ask the same store.
    expect(await call(second, 'stats')).toMatchObject({ entries: 400 });
    expect(await call(first, 'stats')).toMatchObject({ entries: 400 });

    // Longer than anything waits for its flush.
    await first.waitForTimeout(600);
    await fillTo(second, 1000, 20);
    await crashPage(first);
    await second.waitForTimeout(300);
    await call(second, 'stop');
    const left = await call(second, 'check', 0, 400);
    expect(left).toEqual({ entries: 400, wrong: 0 });
    const stats = await call(second, 'stats');
    expect(stats).toMatchObject({ damaged: 0 });
    await call(second, 'fill', 400, 450);
    expect(await call(second, 'check', 400, 450)).toEqual({ entries: 50, wrong: 0 });
    expect(await call(second, 'warnings')).toEqual([]);
    await second.close();
  }, 60_000);

  test('that cannot speak to each other share nothing: the second has no cache, and says so', async () => {
    const [first, second] = [await openTab(), await openTab()];
    await call(first, 'open', 'shared', 16 * MEBIBYTE);
    await call(first, 'fill', 0, 10);
    await call(second, 'forgetChannels');
    expect(await call(second, 'open', 'shared', 16 * MEBIBYTE)).toBe(false);
    expect(await call(second, 'check', 0, 10)).toEqual({ entries: 0, wrong: 0 });
    expect(await call(second, 'warnings')).toHaveLength(1);
    await first.close();
    await second.close();
  }, 60_000);
});

test('the page itself passes the cache by, says so once, and can clear it', async () => {
  const page = await openTab();
  await call(page, 'open', 'page', 16 * MEBIBYTE);
  await call(page, 'fill', 0, 20);
  const result = await page.evaluate(() =>
    (globalThis as unknown as Globals).cachePage.onPage('page'),
  );
  expect(result.sizes).toEqual([9, 9, 9]);
  expect(result.warnings).toHaveLength(1);
  expect(result.warnings[0]).toMatch(/no cache "page": .*only in a worker/);
  expect(result.stats).toMatchObject({ damaged: 0 });
  expect(result.isCleared).toBe(true);
  expect(await call(page, 'check', 0, 20)).toEqual({ entries: 0, wrong: 0 });
  await page.close();
  // With nobody left who has it open, too.
  const alone = await openTab();
  const again = await alone.evaluate(() =>
    (globalThis as unknown as Globals).cachePage.onPage('page'),
  );
  expect(again).toMatchObject({ stats: null, isCleared: true });
  await alone.close();
}, 60_000);
