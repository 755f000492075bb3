/** How the frame benchmark measures an opening: by slices that are cut alike in every replay. */
import { describe, expect, test } from 'vitest';
import { measureOpening, type OpeningSubject } from '../../bench/frame/opening.ts';
import type { Clock } from '../../src/base/clock.ts';
import { Pace } from '../../src/base/pace.ts';

// Pauses of the collector are not looked at here, and a test runner has none to call.
(globalThis as { gc?: () => void }).gc ??= () => undefined;

function spin(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

interface Recorded {
  /** Pieces of work in each turn, one list an opening. */
  turns: number[][];
  disposals: number;
}

/** Forty pieces of work; how long each takes differs from opening to opening. */
function createSubject(recorded: Recorded, clock: Clock, pieces = 40): OpeningSubject {
  const opening = recorded.turns.length;
  const pace = new Pace(clock, 1);
  const done: number[] = [];
  recorded.turns.push(done);
  return {
    async open() {
      for (let i = 0; i < pieces; i++)
        await pace.do(() => {
          done[pace.turns - 1] = (done[pace.turns - 1] ?? 0) + 1;
          spin(((i * 7 + opening * 3) % 5) * 0.1);
        });
      return {};
    },
    bytesPerPlacement: () => 12,
    async dispose() {
      recorded.disposals++;
    },
  };
}

describe('measureOpening', () => {
  test('plays one opening back, with every pause where it was', async () => {
    const recorded: Recorded = { turns: [], disposals: 0 };
    const figures = await measureOpening((clock) => createSubject(recorded, clock), {
      takes: 2,
      replays: 4,
    });
    expect(recorded.disposals).toBe(6);
    expect(figures.bytesPerPlacement).toBe(12);
    expect(figures.openMaxSliceMs).toBeGreaterThan(0);
    expect(figures.openMaxSliceMs).toBeLessThan(figures.openMs);
    const [a, b, ...replays] = recorded.turns.map((turns) => turns.join());
    expect(replays).toHaveLength(4);
    expect(new Set(replays).size).toBe(1);
    expect([a, b]).toContain(replays[0]);
    expect(recorded.turns[2]!.length).toBeGreaterThan(4);
  });

  test('ends when an opening does something else than the one before', async () => {
    const recorded: Recorded = { turns: [], disposals: 0 };
    let openings = 0;
    const create = (clock: Clock): OpeningSubject =>
      createSubject(recorded, clock, 40 + openings++ * 10);
    await expect(measureOpening(create, { takes: 1, replays: 2 })).rejects.toThrow(
      /two openings of one world differ/,
    );
  });
});
