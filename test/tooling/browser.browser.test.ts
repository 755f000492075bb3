/**
 * The harness itself: everything that later tests rely on it to notice, it must notice.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { comparePixels, countColors, readPixels } from '../support/pixels.ts';

let launched: LaunchedBrowser;
let world: string;

beforeAll(async () => {
  launched = await launchBrowser({ executablePath: inject('chromium') });
  world = mkdtempSync(join(tmpdir(), 'farfield-world-'));
  writeFileSync(join(world, 'abc.bin'), 'abcdefgh');
});

afterAll(async () => {
  await launched?.close();
  rmSync(world, { recursive: true, force: true });
});

test('a page of TypeScript runs, draws with WebGL2 and reads a range of a mounted folder', async () => {
  const opened = await openPage(launched, {
    entry: 'test/tooling/pages/triangle.ts',
    mounts: { '/world/': world },
  });
  try {
    await opened.page.waitForFunction(() => 'result' in globalThis);
    const result = await opened.page.evaluate('globalThis.result');
    expect(result).toEqual({ status: 206, text: 'cde', isIsolated: false });
    const pixels = await readPixels(opened.page);
    expect([pixels.width, pixels.height]).toEqual([320, 180]);
    expect(countColors(pixels)).toBeGreaterThan(1);
    expect(comparePixels(pixels, await readPixels(opened.page)).count).toBe(0);
    expect(opened.problems).toEqual([]);
    expect(opened.externalRequests).toEqual([]);
    const before = opened.localRequests;
    await opened.page.evaluate(`fetch('/world/abc.bin')`);
    expect(opened.localRequests).toBe(before + 1);
  } finally {
    await opened.close();
  }
});

test('a page asked for isolation has SharedArrayBuffer', async () => {
  const opened = await openPage(launched, {
    entry: 'test/tooling/pages/triangle.ts',
    mounts: { '/world/': world },
    isIsolated: true,
  });
  try {
    await opened.page.waitForFunction(() => 'result' in globalThis);
    expect(await opened.page.evaluate('globalThis.result.isIsolated')).toBe(true);
  } finally {
    await opened.close();
  }
});

test('requests that leave the machine, from the page and from a worker, and every kind of error are recorded', async () => {
  const opened = await openPage(launched, { entry: 'test/tooling/pages/leaky.ts' });
  try {
    await opened.page.waitForFunction(() => 'isDone' in globalThis);
    await expect.poll(() => opened.externalRequests.length).toBe(2);
    expect(opened.externalRequests.toSorted()).toEqual([
      'https://page.invalid/leak',
      'https://worker.invalid/leak',
    ]);
    const problems = opened.problems.join('\n');
    expect(problems).toContain('warning: a warning');
    expect(problems).toContain('error: an error');
    expect(problems).toContain('uncaught: Error: thrown by the page');
  } finally {
    await opened.close();
  }
});

test('the watchdog kills a browser that hangs', async () => {
  const doomed = await launchBrowser({ executablePath: inject('chromium'), watchdogMs: 2000 });
  const opened = await openPage(doomed, { url: 'about:blank' });
  await expect(opened.page.evaluate('while (true);')).rejects.toThrow(/closed|disconnected/i);
  expect(doomed.isKilled).toBe(true);
  await opened.close();
  await doomed.close();
});
