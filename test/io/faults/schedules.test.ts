/**
 * Seeded schedules of mixed faults; `npm run test:soak` runs thousands more. A failing seed is in
 * the test's output; add it to `REGRESSIONS` when it is mended.
 */
import { describe, expect, it } from 'vitest';
import { ErrorCode } from '../../../src/base/errors.ts';
import type { Decoder } from '../../../src/io/decoder.ts';
import type { Completion } from '../../../src/io/ticket.ts';
import { meshOf } from '../../support/content.ts';
import { watchRejections } from '../../support/faults/checker.ts';
import type { BenchSetup } from '../../support/faults/fault-bench.ts';
import { makePacks } from '../../support/faults/packs.ts';
import { runSchedule } from '../../support/faults/schedule.ts';

const REGRESSIONS: readonly number[] = [];
const RUNS = 400;

const packs = makePacks(1, 72 * 1024);

describe('seeded schedules of mixed faults', () => {
  it(`lose nothing and leave nothing behind, ${RUNS} times`, async () => {
    const rejections = watchRejections();
    const faults: Record<string, number> = {};
    const codes = new Set<number>();
    const failed: string[] = [];
    for (const seed of [...REGRESSIONS, ...Array.from({ length: RUNS }, (_, i) => i + 1)]) {
      const run = await runSchedule(seed, packs);
      if (run.problems.length > 0) failed.push(`seed ${seed}: ${run.problems.join('; ')}`);
      for (const [name, count] of Object.entries(run.faults))
        faults[name] = (faults[name] ?? 0) + count;
      for (const code of run.codes.keys()) codes.add(code);
    }
    expect(failed).toEqual([]);
    expect(await rejections.stop()).toEqual([]);
    const rows = Object.entries(faults).map(([name, count]) => `  ${name.padEnd(14)} ${count}`);
    console.log(['faults that took effect', ...rows].join('\n'));
    expect(Object.entries(faults).filter(([, count]) => count < 100)).toEqual([]);
    const { None, Network, Timeout, NotFound, Server, ShortRead } = ErrorCode;
    const { Checksum, WorkerCrash, Cancelled, Unavailable } = ErrorCode;
    expect([...codes].sort((a, b) => a - b)).toEqual([
      None,
      Network,
      Timeout,
      NotFound,
      Server,
      ShortRead,
      Checksum,
      WorkerCrash,
      Cancelled,
      Unavailable,
    ]);
  });

  it('are pure functions of their seeds', async () => {
    for (const seed of [3, 11, 42]) {
      const [first, second, other] = [
        await runSchedule(seed, packs),
        await runSchedule(seed, packs),
        await runSchedule(seed + 1000, packs),
      ];
      expect(second.log).toEqual(first.log);
      expect(other.log).not.toEqual(first.log);
    }
  });
});

/** What the checker finds in a few schedules on a bench that is spoiled. */
async function findIn(spoil: (seed: number) => Partial<BenchSetup>): Promise<string> {
  const found: string[] = [];
  for (let seed = 1; seed <= 5; seed++)
    found.push(...(await runSchedule(seed, packs, spoil(seed))).problems);
  return found.join('\n');
}

/** Changes what is told of every seventh ticket. */
function everySeventh(change: (completion: Completion) => Completion[]): Partial<BenchSetup> {
  let count = 0;
  return {
    spoilMailbox: (completion) => (++count % 7 === 0 ? change(completion) : [completion]),
  };
}

describe('the checker of schedules notices', () => {
  it('nothing, when nothing is wrong', async () => {
    expect(await findIn(() => ({}))).toBe('');
  });

  it('a completion that is dropped, and its reservation', async () => {
    const found = await findIn(() => everySeventh(() => []));
    expect(found).toMatch(/^\d+\.\d+ was lost$/m);
    expect(found).toMatch(/^\d+ bytes are still reserved$/m);
  });

  it('a completion that comes twice', async () => {
    const found = await findIn(() => everySeventh((completion) => [completion, completion]));
    expect(found).toMatch(/was completed twice/);
  });

  it('a success with other bytes, and a failure with content or without a word', async () => {
    const other = await findIn(() =>
      everySeventh((completion) => {
        const { content } = completion;
        const bytes = content && meshOf(content).images[0]?.encoded?.bytes;
        if (bytes) bytes[0]! ^= 1;
        return [completion];
      }),
    );
    expect(other).toMatch(/other bytes than its own/);
    const mute = await findIn(() =>
      everySeventh((completion) => [{ ...completion, code: ErrorCode.Network, message: '' }]),
    );
    expect(mute).toMatch(/failed with content/);
    expect(mute).toMatch(/failed with message ""/);
  });

  it('an engine that is left with work that never ends', async () => {
    const found = await findIn(() => ({
      wrapDecoder: (inner: Decoder): Decoder => ({
        get pendingCount() {
          return inner.pendingCount;
        },
        decode: (job) =>
          job.payload % 5 === 0 ? new Promise<never>(() => undefined) : inner.decode(job),
        cancel: (payload) => inner.cancel(payload),
        dispose: () => inner.dispose(),
      }),
    }));
    expect(found).toMatch(/the engine's pendingCount is \d+/);
    expect(found).toMatch(/the engine's undecodedBytes are \d+/);
  });

  it('a rejection that nobody handles', async () => {
    const others = process.listeners('unhandledRejection');
    process.removeAllListeners('unhandledRejection');
    const rejections = watchRejections();
    void Promise.reject(new Error('of the test'));
    expect(await rejections.stop()).toEqual(['unhandled rejection: of the test']);
    for (const listener of others) process.on('unhandledRejection', listener);
  });
});
