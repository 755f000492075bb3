/** The harness of the flythrough: what a subject gets, and what the referee believes. */
import { beforeAll, describe, expect, test } from 'vitest';
import { LOD_COUNT } from '../../bench/flythrough/constants.ts';
import { fly } from '../../bench/flythrough/fly.ts';
import { Link } from '../../bench/flythrough/link.ts';
import {
  type Prepared,
  prepareScenario,
  SCENARIO_DEFAULTS,
} from '../../bench/flythrough/scenario.ts';
import type { Pose, Subject, SubjectContext } from '../../bench/flythrough/subject.ts';

const FRAMES = 120;

let whole: Prepared;
/** The first frames of it, for what needs no more. */
let prepared: Prepared;
beforeAll(() => {
  whole = prepareScenario({ ...SCENARIO_DEFAULTS, id: 'test', kind: 'teleport', announceS: 2 });
  prepared = { ...whole, path: { ...whole.path, frames: FRAMES } };
});

/** A subject that shows nothing, with some of its parts replaced. */
function idle(context: SubjectContext, changes: Partial<Subject> = {}): Subject {
  const best = new Int8Array(context.world.count).fill(-1);
  return { frame: () => undefined, best: () => best, usedBytes: () => 0, ...changes };
}

describe('a flight', () => {
  test('of a subject that does nothing is all error', async () => {
    const figures = await fly(whole, (context) => idle(context));
    expect(figures).toMatchObject({
      errorPercent: 100,
      hitPercent: 0,
      popsPerMinute: 0,
      overBudgetFrames: 0,
      fetchedMegabytes: 0,
    });
    expect(figures.blankPercent).toBeCloseTo(100);
    // The three views that end in a jump; nobody knows when the last one would have been detailed.
    expect(figures.timeToFirstDetailS).toBeCloseTo(12);
  });

  test('hands out one pose a frame, and jumps two seconds before', async () => {
    const poses: Pose[] = [];
    const announced: [number, Pose, number][] = [];
    await fly(whole, (context) =>
      idle(context, {
        frame: (frame, pose) => {
          expect(frame).toBe(poses.length);
          poses.push(pose);
        },
        announce: (pose, etaS) => announced.push([poses.length, pose, etaS]),
      }),
    );
    expect(poses).toHaveLength(1200);
    expect(announced.map(([frame, , etaS]) => [frame, etaS])).toEqual([
      [300, 2],
      [660, 2],
      [1020, 2],
    ]);
    expect(announced.map(([frame, pose]) => pose.x === poses[frame + 60]!.x)).toEqual([
      true,
      true,
      true,
    ]);
    expect(Object.isFrozen(poses[0])).toBe(true);
  });

  test('ends with the subject’s end, also where it throws', async () => {
    let isDisposed = false;
    const flight = fly(prepared, (context) =>
      idle(context, {
        frame: () => {
          throw new Error('lost');
        },
        dispose: () => {
          isDisposed = true;
        },
      }),
    );
    await expect(flight).rejects.toThrow('lost');
    expect(isDisposed).toBe(true);
  });
});

describe('time and chance', () => {
  const asks: [string, () => unknown][] = [
    ['Date.now', () => Date.now()],
    ['performance.now', () => performance.now()],
    ['Math.random', () => Math.random()],
    ['setTimeout', () => setTimeout(() => undefined, 0)],
    ['setInterval', () => clearInterval(setInterval(() => undefined, 1000))],
  ];
  test.each(asks)('%s of the machine is not to be had in a flight', async (name, ask) => {
    const flight = fly(prepared, (context) =>
      idle(context, {
        frame: () => {
          ask();
        },
      }),
    );
    await expect(flight).rejects.toThrow(`${name} was called during a flight`);
    expect(ask).not.toThrow();
  });
});

describe('the referee', () => {
  test('does not believe in what was never loaded', async () => {
    const flight = fly(prepared, (context) =>
      idle(context, { best: () => new Int8Array(context.world.count).fill(0) }),
    );
    await expect(flight).rejects.toThrow(
      /frame 0 shows level 0 of object \d+, which is not loaded/,
    );
  });

  test('does not believe in loads that the link did not bring', async () => {
    const flight = fly(prepared, (context) =>
      idle(context, { frame: (frame) => context.reports.loaded(frame) }),
    );
    await expect(flight).rejects.toThrow(/bytes were loaded, but the link brought 0/);
  });

  test.each([
    ['what is on its way', 0, 0],
    ['one byte that the subject owns up to', 1, FRAMES - 1],
  ])('counts frames over the budget: %s', async (_name, extraBytes, expected) => {
    const { budgetBytes } = prepared;
    const figures = await fly(prepared, (context) => {
      return idle(context, {
        frame: (frame) => {
          if (frame > 0 && context.link.hasFreeSlot && context.link.openBytes === 0)
            context.link.request(budgetBytes, () => undefined);
        },
        usedBytes: () => context.link.openBytes + extraBytes,
      });
    });
    expect(figures.overBudgetFrames).toBe(expected);
  });

  test('counts bytes in flight though the subject denies them', async () => {
    const figures = await fly(prepared, (context) =>
      idle(context, {
        frame: (frame) => {
          if (frame === FRAMES - 2) context.link.request(prepared.budgetBytes + 1, () => undefined);
        },
      }),
    );
    expect(figures.overBudgetFrames).toBe(2);
  });

  test('calls waste what was never seen, cancelled, or fetched and never loaded', async () => {
    const asset = farthest(prepared) * LOD_COUNT;
    const bytes = prepared.world.bytes[asset]!;
    const figures = await fly(prepared, (context) =>
      idle(context, {
        frame: (frame) => {
          if (frame === 0) context.link.request(bytes, () => context.reports.loaded(asset));
          if (frame === 40) context.reports.evicted(asset);
          if (frame === 40) context.link.request(bytes, () => context.reports.loaded(asset));
          if (frame === 80) context.link.request(2 * bytes, () => undefined);
        },
      }),
    );
    expect(figures.fetchedMegabytes).toBeCloseTo((4 * bytes) / 1e6);
    expect(figures.wastePercent).toBeCloseTo(100);
    expect(figures.reloadPercent).toBeCloseTo(25);
  });

  test('hashes what happens to which asset in which frame', async () => {
    const traceOf = async (frameOfLoad: number, asset: number): Promise<string> => {
      const figures = await fly(prepared, (context) =>
        idle(context, {
          frame: (frame) => {
            if (frame === frameOfLoad) context.reports.opened(asset);
          },
        }),
      );
      return figures.traceHash;
    };
    const [first, again, later, other] = await Promise.all([
      traceOf(5, 7),
      traceOf(5, 7),
      traceOf(6, 7),
      traceOf(5, 8),
    ]);
    expect(again).toBe(first);
    expect(new Set([first, later, other]).size).toBe(3);
  });
});

/** An object that the flight never shows. */
function farthest({ world, visibility }: Prepared): number {
  const seen = new Set(visibility.objects);
  return Array.from({ length: world.count }, (_, i) => i).find((i) => !seen.has(i))!;
}

describe('the link', () => {
  const options = { bytesPerS: 1000, latencyS: 0.5, concurrency: 2 };

  test('waits out the latency, then shares the bandwidth', () => {
    const link = new Link(options);
    const done: [string, number][] = [];
    link.request(500, () => done.push(['a', link.nowS]));
    link.request(1000, () => done.push(['b', link.nowS]));
    expect(link.hasFreeSlot).toBe(false);
    let left = 3;
    while (left > 0) left = link.advance(left);
    // Both get 500 bytes/s until a has its 500, then b gets everything.
    expect(done.map(([name, atS]) => [name, Number(atS.toFixed(6))])).toEqual([
      ['a', 1.5],
      ['b', 2],
    ]);
    expect(link.nowS).toBeCloseTo(3);
    expect([link.fetchedBytes, link.deliveredBytes, link.openBytes]).toEqual([1500, 1500, 0]);
  });

  test('stops at a completion, so that the free slot can be filled at once', () => {
    const link = new Link(options);
    link.request(100, () => undefined);
    expect(link.advance(1)).toBeCloseTo(0.4);
    expect(link.open).toHaveLength(0);
  });

  test('fetches nothing more of what is cancelled', () => {
    const link = new Link(options);
    const request = link.request(1000, () => undefined);
    link.advance(0.75);
    link.cancel(request);
    expect(link.fetchedBytes).toBeCloseTo(250);
    expect(link.cancelledBytes).toBeCloseTo(250);
    expect(() => link.cancel(request)).toThrow('request 0 is not open');
  });

  test('refuses more requests than it has slots, and requests for nothing', () => {
    const link = new Link(options);
    link.request(1, () => undefined);
    link.request(1, () => undefined);
    expect(() => link.request(1, () => undefined)).toThrow('all 2 slots are taken');
    expect(() => link.request(0, () => undefined)).toThrow('more than 0 bytes, got 0');
  });
});
