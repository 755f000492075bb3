/** The completion ring in a page that is cross-origin isolated, and in one that is not. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type LaunchedBrowser, launchBrowser, openPage } from '../support/browser.ts';
import { makeDecodeWorkload } from '../support/decode-workload.ts';

interface Outcome {
  order: number[];
  prints: string[];
  shared: number;
  all: number;
  warnings: string[];
  glError: number;
}

let launched: LaunchedBrowser;
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farfield-ring-'));
  const jobs = await makeDecodeWorkload(80, 78);
  let end = 0;
  const plain = jobs.map(({ bytes, ...job }) => {
    end += bytes.length;
    return { ...job, at: [end - bytes.length, end] };
  });
  await writeFile(join(folder, 'jobs.json'), JSON.stringify(plain));
  await writeFile(join(folder, 'jobs.bin'), Buffer.concat(jobs.map(({ bytes }) => bytes)));
  launched = await launchBrowser({ executablePath: inject('chromium') });
});

afterAll(async () => {
  await launched?.close();
  await rm(folder, { recursive: true, force: true });
});

async function decode(isIsolated: boolean): Promise<{ message: Outcome; ring: Outcome }> {
  const opened = await openPage(launched, {
    entry: 'test/browser/pages/ring/main.ts',
    mounts: { '/jobs/': folder },
    isIsolated,
  });
  try {
    await opened.page.waitForFunction(() => 'decodeAll' in globalThis);
    const message = (await opened.page.evaluate('decodeAll("message")')) as Outcome;
    const ring = (await opened.page.evaluate('decodeAll("ring")')) as Outcome;
    expect(opened.problems).toEqual([]);
    return { message, ring };
  } finally {
    await opened.close();
  }
}

test('an isolated page gets the same content, in the same order, from the ring', async () => {
  const { message, ring } = await decode(true);
  expect(message.shared).toBe(0);
  expect(ring.shared).toBeGreaterThan(ring.all / 2);
  expect(ring.order).toEqual(message.order);
  expect(ring.prints).toEqual(message.prints);
  // Grids of one size are alike; the fingerprints must tell the others apart.
  expect(new Set(message.prints).size).toBeGreaterThan(30);
  expect([message.glError, ring.glError]).toEqual([0, 0]);
  expect([...message.warnings, ...ring.warnings]).toEqual([]);
});

test('a page that is not isolated says so and gets its content by message', async () => {
  const { message, ring } = await decode(false);
  expect([ring.shared, ring.prints]).toEqual([0, message.prints]);
  expect(ring.warnings).toEqual([expect.stringMatching(/cross-origin isolated/)]);
});
