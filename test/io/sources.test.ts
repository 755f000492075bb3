import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../src/base/clock.ts';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createRandom } from '../../src/base/random.ts';
import { createLinkMeter } from '../../src/io/link-meter.ts';
import type { Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { nodeFileSource } from '../../src/io/sources/node-file.ts';
import { simulatedSource } from '../../src/io/sources/simulated.ts';
import type { SimulatedFaults } from '../../src/io/sources/simulated-faults.ts';

const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const FILE = Uint8Array.from({ length: 4000 }, (_, i) => (i * 13) & 255);

async function codeOf(promise: Promise<unknown>): Promise<number> {
  const error = await promise.then(
    () => new StreamError(ErrorCode.None, ''),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StreamError);
  return (error as StreamError).code;
}

/** What every source of named files must do. */
async function checkSource(source: Source): Promise<void> {
  expect(await source.readAll('file')).toEqual(FILE);
  expect(await source.read('file', 10, 20)).toEqual(FILE.slice(10, 20));
  const bytes = await source.read('file', 0, 4000);
  bytes.fill(0);
  expect(await source.read('file', 0, 4000)).toEqual(FILE);
  expect(await codeOf(source.read('file', 3990, 4001))).toBe(ErrorCode.ShortRead);
  expect(await codeOf(source.read('file', 5000, 5001))).toBe(ErrorCode.ShortRead);
  expect(await codeOf(source.read('file', 5, 5))).toBe(ErrorCode.ShortRead);
  expect(await codeOf(source.read('missing', 0, 1))).toBe(ErrorCode.NotFound);
  expect(await codeOf(source.readAll('missing'))).toBe(ErrorCode.NotFound);
  expect(await codeOf(source.readAll('../file'))).toBe(ErrorCode.NotFound);
  expect(await codeOf(source.readAll('toString'))).toBe(ErrorCode.NotFound);
  expect(await codeOf(source.read('file', 0, 10, AbortSignal.abort()))).toBe(ErrorCode.Cancelled);
}

describe('memorySource', () => {
  it('reads ranges and whole files, and says what it has not', async () => {
    await checkSource(memorySource({ file: FILE }));
  });
});

describe('nodeFileSource', () => {
  it('reads ranges and whole files, many at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'farfield-source-'));
    try {
      await writeFile(join(folder, 'file'), FILE);
      for (let i = 0; i < 40; i++)
        await writeFile(join(folder, `part-${i}`), FILE.subarray(i, i + 9));
      const source = nodeFileSource(folder);
      await checkSource(source);
      const parts = Array.from({ length: 40 }, (_, i) => source.read(`part-${i}`, 1, 9));
      (await Promise.all(parts)).forEach((bytes, i) => {
        expect(bytes).toEqual(FILE.slice(i + 1, i + 9));
      });
      expect(
        await codeOf(nodeFileSource(tmpdir()).readAll(folder.slice(tmpdir().length + 1))),
      ).toBe(ErrorCode.NotFound);
      await source.dispose();
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

interface Link {
  bandwidthBytesPerSecond: number;
  latencySeconds: number;
}

/** A simulated link over one file, and when each read of it ended. */
function makeLink(link: Link, faults: SimulatedFaults = {}, seed: number = 1) {
  const clock = createManualClock();
  const random = createRandom(seed);
  const source = simulatedSource(memorySource({ file: FILE }), { clock, random, link, faults });
  const ends: [string, number, string][] = [];
  const read = (name: string, bytes: number, signal?: AbortSignal): void => {
    source.read('file', 0, bytes, signal).then(
      (got) =>
        ends.push([
          name,
          Math.round(clock.now()),
          Buffer.compare(got, FILE.slice(0, bytes)) === 0 ? 'same' : 'other',
        ]),
      (error: StreamError) => ends.push([name, Math.round(clock.now()), `error ${error.code}`]),
    );
  };
  const advance = async (milliseconds: number): Promise<void> => {
    for (let i = 0; i < milliseconds; i++) {
      clock.advance(1);
      await breathe();
    }
  };
  return { clock, read, advance, ends, source };
}

describe('simulatedSource', () => {
  it('takes the latency and then the time that the bandwidth allows', async () => {
    const { read, advance, ends } = makeLink({
      bandwidthBytesPerSecond: 10_000,
      latencySeconds: 0.05,
    });
    read('a', 1000);
    await advance(200);
    expect(ends).toEqual([['a', 150, 'same']]);
  });

  it('shares the bandwidth evenly among the reads past their latency', async () => {
    const { read, advance, ends } = makeLink({
      bandwidthBytesPerSecond: 10_000,
      latencySeconds: 0,
    });
    read('long', 2000);
    await advance(50);
    read('short', 500);
    await advance(300);
    // 500 bytes alone by 50 ms, then halves: short ends at 150 ms, long has 1000 left and the link.
    expect(ends).toEqual([
      ['short', 150, 'same'],
      ['long', 250, 'same'],
    ]);
  });

  it('follows a link that changes while reads run, also to nothing and to no limit', async () => {
    const link = { bandwidthBytesPerSecond: 10_000, latencySeconds: 0 };
    const { read, advance, ends } = makeLink(link);
    read('a', 4000);
    await advance(100);
    link.bandwidthBytesPerSecond = 0;
    await advance(500);
    expect(ends).toEqual([]);
    link.bandwidthBytesPerSecond = Number.POSITIVE_INFINITY;
    link.latencySeconds = 0.02;
    read('b', 4000);
    await advance(60);
    expect(ends.map(([name, , how]) => [name, how])).toEqual(
      expect.arrayContaining([
        ['a', 'same'],
        ['b', 'same'],
      ]),
    );
  });

  it('gives the share of an aborted read to the others', async () => {
    const { read, advance, ends } = makeLink({
      bandwidthBytesPerSecond: 10_000,
      latencySeconds: 0,
    });
    const controller = new AbortController();
    read('a', 1000);
    read('b', 4000, controller.signal);
    await advance(100);
    controller.abort();
    await breathe();
    await advance(100);
    expect(ends).toEqual([
      ['b', 100, `error ${ErrorCode.Cancelled}`],
      ['a', 150, 'same'],
    ]);
  });

  it('never stops the clock: any mix of sizes and speeds ends', async () => {
    for (const bandwidthBytesPerSecond of [3.7, 1e3, 1e9, 1e15, Number.POSITIVE_INFINITY]) {
      const { clock, read, advance, ends } = makeLink({
        bandwidthBytesPerSecond,
        latencySeconds: 0.003,
      });
      clock.advance(1e7);
      for (const bytes of [1, 3, 7, 11]) read(`${bytes}`, bytes);
      clock.advance(20_000);
      await advance(1);
      expect(ends.length).toBe(4);
    }
  });

  it('fails as often as it is told, and in the same way for the same seed', async () => {
    const link = { bandwidthBytesPerSecond: Number.POSITIVE_INFINITY, latencySeconds: 0 };
    const faults = { failureRate: 0.2, stallRate: 0.1, corruptRate: 0.1, shortReadRate: 0.2 };
    const run = async (seed: number): Promise<string[]> => {
      const { read, advance, ends } = makeLink(link, faults, seed);
      for (let i = 0; i < 500; i++) read(`${i}`, 100);
      await advance(5);
      return ends.map(([name, , how]) => `${name} ${how}`).sort();
    };
    const first = await run(1);
    expect(await run(1)).toEqual(first);
    expect(await run(2)).not.toEqual(first);
    const count = (how: string): number => first.filter((entry) => entry.endsWith(how)).length;
    const stalled = 500 - first.length;
    expect(stalled).toBeGreaterThan(25);
    expect(stalled).toBeLessThan(80);
    expect(count(`error ${ErrorCode.Network}`)).toBeGreaterThan(60);
    expect(count(`error ${ErrorCode.ShortRead}`)).toBeGreaterThan(45);
    expect(count('other')).toBeGreaterThan(15);
    expect(count('same')).toBeGreaterThan(200);
  });
});

describe('the link meter', () => {
  const links: [number, number, number][] = [
    [1e5, 0.05, 1],
    [1e6, 0.02, 6],
    [2e7, 0.1, 6],
    [5e7, 0.005, 4],
  ];
  it.each(links)(
    'finds %d bytes/s and %d s from whole reads of mixed sizes, %i at a time',
    async (bandwidth, latency, width) => {
      const clock = createManualClock();
      const random = createRandom(5);
      const link = { bandwidthBytesPerSecond: bandwidth, latencySeconds: latency };
      const pack = new Uint8Array(1 << 20);
      const source = simulatedSource(memorySource({ pack }), { clock, random, link });
      const meter = createLinkMeter();
      let left = 400;
      let running = 0;
      const worker = async (): Promise<void> => {
        while (left-- > 0) {
          const bytes = Math.ceil(random() ** 3 * Math.min(1e6, bandwidth));
          const startMs = clock.now();
          const width = ++running;
          await source.read('pack', 0, bytes);
          meter.bytes(startMs, clock.now(), bytes, true, false);
          meter.whole(clock.now() - startMs, bytes, Math.max(width, running--));
        }
      };
      const all = Promise.all(Array.from({ length: width }, worker));
      let isDone = false;
      void all.then(() => {
        isDone = true;
      });
      while (!isDone) {
        clock.advance(1);
        await breathe();
      }
      const { bandwidthBytesPerSecond, latencySeconds } = meter.estimate;
      expect(bandwidthBytesPerSecond / bandwidth).toBeGreaterThan(0.5);
      expect(bandwidthBytesPerSecond / bandwidth).toBeLessThan(2);
      expect(latencySeconds).toBeGreaterThan(latency * 0.5);
      expect(latencySeconds).toBeLessThan(latency * 3 + 0.002);
    },
  );
});
