/** The io benchmark on a page in Chromium: the same figures as in Node, and a bound that holds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { measureIo } from '../../bench/io/io.ts';
import { TINY, type WorldFolder, writeSmallWorld } from './io-world.ts';

let world: WorldFolder;
beforeAll(() => {
  world = writeSmallWorld();
});
afterAll(() => world.remove());

test('loads in Chromium over at most six connections', async () => {
  const { report } = await measureIo(world.folder, { ...TINY, hosts: ['chromium'] });
  expect(report.runs.map(({ system }) => system)).toEqual(TINY.systems);
  for (const run of report.runs) {
    expect(run).toMatchObject({ host: 'chromium', payloads: 40 });
    expect(run.milliseconds).toBeGreaterThan(((run.payloadBytes * 8) / 20e6) * 1000 * 0.97);
    expect(run.requestsOpen).toBeLessThanOrEqual(6);
  }
  expect(report.critical.map(({ host }) => host)).toEqual(['chromium', 'chromium']);
});

test('refuses a system that skips payloads', async () => {
  const options = { ...TINY, hosts: ['chromium' as const], parts: ['load' as const] };
  await expect(
    measureIo(world.folder, { ...options, systems: ['skips payloads'] }),
  ).rejects.toThrow('40 of 40 payloads did not come');
});
