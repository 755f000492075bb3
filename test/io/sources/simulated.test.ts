/** What the simulated link does to parts, what can go wrong on it, and the devices it plays. */
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { ErrorCode, type StreamError } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/base/random.ts';
import type { Part, ReadOptions, Source } from '../../../src/io/source.ts';
import { createBreaker } from '../../../src/io/sources/breaker.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { type SimulatedOptions, simulatedSource } from '../../../src/io/sources/simulated.ts';
import type { SimulatedFault, SimulatedFaults } from '../../../src/io/sources/simulated-faults.ts';
import { createOutages } from '../../../src/io/sources/simulated-outages.ts';
import { SIMULATED_PROFILES } from '../../../src/io/sources/simulated-profiles.ts';
import { breathe, keepParts, readThrough } from '../../support/sources.ts';

const FILE = Uint8Array.from({ length: 4000 }, (_, i) => (i * 13) & 255);
const PARTS: Part[] = [
  { start: 1000, end: 1200 },
  { start: 1200, end: 1400 },
  { start: 1600, end: 2000 },
];

type Setup = Omit<Partial<SimulatedOptions>, 'clock'>;

function makeLink(setup: Setup | ((clock: ReturnType<typeof createManualClock>) => Setup)) {
  const clock = createManualClock();
  const source = simulatedSource(memorySource({ file: FILE, other: FILE }), {
    clock,
    random: createRandom(1),
    link: { bandwidthBytesPerSecond: 10_000, latencySeconds: 0.05 },
    ...(typeof setup === 'function' ? setup(clock) : setup),
  });
  const log: string[] = [];
  const read = (parts: readonly Part[] = PARTS, options: ReadOptions = {}, file = 'file'): void => {
    const kept = keepParts((index) => {
      const { start, end } = parts[index]!;
      const isSame = Buffer.compare(kept.parts.get(index)!, FILE.subarray(start, end)) === 0;
      log.push(`${Math.round(clock.now())} part ${index}${isSame ? '' : ' damaged'}`);
    });
    readThrough(source, file, parts, kept, options).then(
      ({ linkBytes, firstByteMs }) =>
        log.push(`${Math.round(clock.now())} ended, ${linkBytes} bytes, first at ${firstByteMs}`),
      (error: StreamError) =>
        log.push(`${Math.round(clock.now())} error ${error.code} ${error.retryAfterMs}`),
    );
  };
  const advance = async (milliseconds: number): Promise<void> => {
    await breathe();
    for (let i = 0; i < milliseconds; i += 5) {
      clock.advance(5);
      await breathe();
    }
  };
  return { clock, source, log, read, advance };
}

describe('parts on a simulated link', () => {
  it('come one by one, as the bytes do', async () => {
    const { log, read, advance } = makeLink({});
    read();
    await advance(300);
    expect(log).toEqual([
      '70 part 0',
      '90 part 1',
      '150 part 2',
      '150 ended, 1000 bytes, first at 50',
    ]);
  });

  it('come from one read at a time where there is a head, which takes time to move', async () => {
    const link = { bandwidthBytesPerSecond: 100_000, latencySeconds: 0, seekSeconds: 0.02 };
    const { source, log, read, advance } = makeLink({ link });
    const controller = new AbortController();
    await advance(5);
    read([{ start: 0, end: 1000 }]);
    read([{ start: 1000, end: 3000 }]);
    read([{ start: 1000, end: 3000 }], {}, 'other');
    read([{ start: 0, end: 4000 }], { signal: controller.signal });
    read([{ start: 3000, end: 4000 }], {}, 'other');
    await advance(105);
    controller.abort();
    await advance(100);
    expect(log.filter((line) => line.includes('part'))).toEqual([
      '35 part 0',
      '55 part 0',
      '95 part 0',
      // One that was given up on the way leaves the head nobody knows where.
      '140 part 0',
    ]);
    expect(source.seekCount).toBe(4);
  });
});

/** One read with one fault; what it led to. */
async function suffer(
  fault: SimulatedFault,
  faults: SimulatedFaults = {},
  setup: Setup = {},
): Promise<{ log: string[]; counts: Record<string, number> }> {
  const { source, log, read, advance } = makeLink({
    ...setup,
    faults: { ...faults, decide: () => fault },
  });
  read();
  await advance(2000);
  const counts = Object.entries(source.faultCounts).filter(([, count]) => count > 0);
  return { log, counts: Object.fromEntries(counts) };
}

describe('faults on a simulated link', () => {
  it('end as they would on a real one, each counted', async () => {
    const random = () => 0.5;
    const cases: [SimulatedFault, string[]][] = [
      ['failure', [`50 error ${ErrorCode.Network} 0`]],
      ['serverError', [`50 error ${ErrorCode.Server} 700`]],
      ['notFound', [`50 error ${ErrorCode.NotFound} 0`]],
      ['wrongRange', [`50 error ${ErrorCode.ShortRead} 0`]],
      ['shortRead', ['70 part 0', '90 part 1', `100 error ${ErrorCode.ShortRead} 0`]],
      ['reset', ['70 part 0', '90 part 1', `100 error ${ErrorCode.Network} 0`]],
      ['connectStall', [`300 error ${ErrorCode.Timeout} 0`]],
      ['stall', ['70 part 0', '90 part 1', `500 error ${ErrorCode.Timeout} 0`]],
      [
        'wholeFile',
        ['170 part 0', '190 part 1', '250 part 2', '250 ended, 2000 bytes, first at 50'],
      ],
      [
        'corrupt',
        ['70 part 0', '90 part 1', '150 part 2 damaged', '150 ended, 1000 bytes, first at 50'],
      ],
    ];
    const setup = { random, connectTimeoutMs: 300, stallTimeoutMs: 400 };
    for (const [fault, expected] of cases) {
      const { log, counts } = await suffer(fault, { retryAfterMs: 700 }, setup);
      expect([fault, log]).toEqual([fault, expected]);
      expect(counts).toEqual({ [fault]: 1 });
    }
  });

  it('are silent for good without a timeout', async () => {
    expect((await suffer('connectStall')).log).toEqual([]);
    expect((await suffer('stall', {}, { random: () => 0 })).log).toEqual([]);
  });

  it('change a file for good, or until it is read past the caches', async () => {
    const changed = { file: 'always', other: 'once' } as const;
    const { source, log, read, advance } = makeLink({ faults: { changed } });
    const part = [{ start: 0, end: 10 }];
    for (const file of ['file', 'other'])
      for (const fresh of [false, true]) {
        read(part, { fresh }, file);
        await advance(100);
      }
    expect(log.filter((line) => line.includes('part')).map((line) => line.slice(3).trim())).toEqual(
      ['part 0 damaged', 'part 0 damaged', 'part 0 damaged', 'part 0'],
    );
    expect(source.faultCounts.changed).toBe(3);
  });

  it('of an outage break what runs, refuse what comes, and end', async () => {
    const { source, log, read, advance } = makeLink((clock) => ({
      connectivity: createOutages(clock, [
        { startMs: 100, endMs: 400 },
        { startMs: 600, endMs: 700 },
      ]),
    }));
    let told = 0;
    const stop = source.onAvailable!(() => told++);
    read();
    await advance(200);
    read();
    await advance(200);
    expect(told).toBe(1);
    read();
    await advance(250);
    stop();
    expect(log).toEqual([
      '70 part 0',
      '90 part 1',
      `100 error ${ErrorCode.Network} 0`,
      `200 error ${ErrorCode.Unavailable} 5000`,
      '470 part 0',
      '490 part 1',
      '550 part 2',
      '550 ended, 1000 bytes, first at 50',
    ]);
    expect(source.faultCounts.outage).toBe(1);
    const clock = createManualClock();
    const crossed = [
      { startMs: 5, endMs: 9 },
      { startMs: 8, endMs: 12 },
    ];
    expect(() => createOutages(clock, crossed)).toThrow(/in order and apart/);
  });

  it('open a circuit breaker', async () => {
    const faults: SimulatedFaults = { failureRate: 1 };
    const { log, read, advance } = makeLink((clock) => ({
      faults,
      breaker: createBreaker(clock, () => 1, { failures: 2, openBaseMs: 500 }),
    }));
    for (let i = 0; i < 3; i++) {
      read();
      await advance(100);
    }
    Object.assign(faults, { failureRate: 0 });
    await advance(400);
    read([{ start: 0, end: 1 }]);
    await advance(100);
    expect(log.slice(2)).toEqual([
      `200 error ${ErrorCode.Unavailable} 450`,
      '750 part 0',
      '755 ended, 1 bytes, first at 50',
    ]);
  });

  it('must be chances', () => {
    const make = (options: Partial<SimulatedOptions>): Source => makeLink(options).source;
    expect(() => make({ faults: { resetRate: 1.5 } })).toThrow(/resetRate must be a number/);
    expect(() => make({ link: { bandwidthBytesPerSecond: -1, latencySeconds: 0 } })).toThrow(
      /bandwidthBytesPerSecond/,
    );
    expect(() =>
      make({ link: { bandwidthBytesPerSecond: 1, latencySeconds: Number.NaN } }),
    ).toThrow(/latencySeconds/);
    expect(() => make({ stallTimeoutMs: 0 })).toThrow(/stallTimeoutMs/);
  });
});

describe('simulated devices', () => {
  it('take their time for the same bytes, far apart and side by side', async () => {
    const file = new Uint8Array(4 << 20);
    const times: Record<string, [number, number]> = {};
    for (const [name, link] of Object.entries(SIMULATED_PROFILES)) {
      const run = async (parts: Part[]): Promise<number> => {
        const clock = createManualClock();
        const source = simulatedSource(memorySource({ file }), {
          clock,
          random: createRandom(1),
          link,
        });
        let left = parts.length;
        for (const part of parts) {
          await breathe();
          void readThrough(source, 'file', [part], keepParts()).then(() => left--);
        }
        while (left > 0) {
          clock.advance(1);
          await breathe();
        }
        return clock.now();
      };
      const apart = Array.from({ length: 16 }, (_, i) => ({
        start: i << 18,
        end: (i << 18) + 65_536,
      }));
      times[name] = [await run([{ start: 0, end: 1 << 20 }]), await run(apart)];
    }
    // One read of 1 MiB; sixteen of 64 KiB with gaps between them.
    const bounds: Record<string, [number, number, number, number]> = {
      nvme: [1, 2, 1, 2],
      sata: [2, 4, 2, 4],
      hdd: [16, 18, 16 * 9 + 7, 16 * 9 + 10],
      '5g': [113, 116, 113, 116],
      '4g': [1100, 1105, 1100, 1105],
      '3g': [5540, 5545, 5540, 5545],
      satellite: [935, 937, 935, 938],
    };
    for (const [name, [low, high, lowApart, highApart]] of Object.entries(bounds)) {
      const [whole, apart] = times[name]!;
      expect([
        name,
        whole >= low && whole <= high,
        apart >= lowApart && apart <= highApart,
      ]).toEqual([name, true, true]);
    }
  });
});
