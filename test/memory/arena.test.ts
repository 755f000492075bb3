/** The range arena: best fit, full coverage, handles that know when they are stale. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MoveList } from '../../src/memory/arena/move-list.ts';
import { NO_RANGE, RangeArena } from '../../src/memory/arena/range-arena.ts';
import { type CopyRow, ModelledArena } from './arena-model.ts';

type Step =
  | { kind: 'allocate'; sizeBytes: number }
  | { kind: 'free' | 'rewrite'; place: number }
  | { kind: 'defragment'; maxBytes: number; wantedBytes: number };

const CAPACITY_BYTES = 4096;

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('allocate'), sizeBytes: sizes() }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('free'), place: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('rewrite'), place: fc.nat() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('defragment'),
        maxBytes: fc.integer({ min: 0, max: 2000 }),
        wantedBytes: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: CAPACITY_BYTES })),
      }),
    },
  ) as fc.Arbitrary<Step>,
  { minLength: 20, maxLength: 120 },
);

function sizes(): fc.Arbitrary<number> {
  return fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 900 }));
}

function play(model: ModelledArena, played: readonly Step[], also: () => void = () => {}): void {
  for (const step of played) {
    if (step.kind === 'allocate') model.allocate(step.sizeBytes);
    else if (step.kind === 'defragment') model.defragment(step.maxBytes, step.wantedBytes);
    else if (model.live.length > 0) model[step.kind](step.place % model.live.length);
    model.check();
    also();
  }
}

/** Moves that leave out the last byte of each copy: what the checks of bytes must catch. */
const brokenCopy: CopyRow = (bytes, moves, row) => {
  const from = moves.from[row]!;
  bytes.copyWithin(moves.to[row]!, from, from + moves.bytes[row]! - 1);
};

/** Fills the arena with ranges of one size and frees every other one. */
function comb(model: ModelledArena, sizeBytes: number): void {
  while (model.allocate(sizeBytes));
  for (let place = model.live.length - 1; place >= 0; place -= 2) model.free(place);
}

describe('a range arena', () => {
  it('is what a naive best-fit model is, whatever comes, goes and moves', () => {
    fc.assert(
      fc.property(steps, fc.constantFrom(1, 4, 16, 64), (played, alignment) => {
        const model = new ModelledArena(CAPACITY_BYTES, { alignment });
        play(model, played);
        while (model.live.length > 0) model.free(0);
        model.check();
        expect(model.arena.largestFreeBytes).toBe(CAPACITY_BYTES);
      }),
      { numRuns: 300 },
    );
  });

  it('knows a stale handle, also when its place is in use again', () => {
    const arena = new RangeArena(1024);
    const handle = arena.allocate(100);
    arena.free(handle);
    expect(arena.isLive(handle)).toBe(false);
    expect(() => arena.free(handle)).toThrow(
      /free: \d+ is stale: place 0 is in generation 2 and free/,
    );
    // Places wait in a queue: 1,024 later the first one comes back.
    let other = NO_RANGE;
    for (let i = 0; i < 1024; i++) {
      if (other !== NO_RANGE) arena.free(other);
      other = arena.allocate(16);
    }
    expect(() => arena.offsetOf(handle)).toThrow(/place 0 is in generation 2 and in use again/);
    expect(arena.isLive(other)).toBe(true);
  });

  it.each([-1, 0, 1.5, 5000, 2 ** 30, 2 ** 40, Number.NaN])('refuses %d for a handle', (handle) => {
    const arena = new RangeArena(1024);
    arena.allocate(16);
    expect(arena.isLive(handle)).toBe(false);
    expect(() => arena.free(handle)).toThrow(/RangeArena\.free: .* is (no handle|stale)/);
    expect(() => arena.sizeOf(handle)).toThrow(/RangeArena\.sizeOf/);
    expect(() => arena.noteWrite(handle)).toThrow(/RangeArena\.noteWrite/);
  });

  it('refuses sizes and options that are none, and says which', () => {
    const arena = new RangeArena(1024);
    for (const size of [0, -16, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => arena.allocate(size)).toThrow(/sizeBytes must be a whole number above 0, got/);
    expect(() => new RangeArena(1024, { alignment: 24 })).toThrow(/power of two, got 24/);
    expect(() => new RangeArena(1000, { alignment: 16 })).toThrow(/multiple of the alignment/);
    expect(() => new RangeArena(2 ** 40)).toThrow(/capacityBytes must be a number from 16/);
    expect(() => new RangeArena(1024, { calmFragmentation: 2 })).toThrow(/calmFragmentation/);
    expect(() => arena.defragment(-1, new MoveList())).toThrow(/maxBytes/);
    expect(() => arena.defragment(1, new MoveList(), Number.NaN)).toThrow(/wantedBytes/);
  });

  it('serves no request that no free block holds, and counts what it holds', () => {
    const arena = new RangeArena(1024);
    expect(arena.allocate(1025)).toBe(NO_RANGE);
    const all = arena.allocate(1024);
    expect(arena.allocate(1)).toBe(NO_RANGE);
    expect(arena.fragmentation).toBe(0);
    arena.free(all);
    expect([arena.peakBytes, arena.usedBytes, arena.ranges]).toEqual([1024, 0, 0]);
  });

  it('takes more ranges than its first tables hold', () => {
    const model = new ModelledArena(65_536, { alignment: 16 });
    comb(model, 16);
    expect(model.live.length).toBe(2048);
    model.check();
    expect(model.corruptRanges()).toBe(0);
  });
});

describe('defragmentation', () => {
  it('leaves every byte as it was, in every call', () => {
    fc.assert(
      fc.property(steps, (played) => {
        const model = new ModelledArena(CAPACITY_BYTES, { alignment: 4, calmFragmentation: 0 });
        play(model, played, () => expect(model.corruptRanges()).toBe(0));
      }),
      { numRuns: 100 },
    );
  });

  it('a copy that is a byte short is noticed', () => {
    const model = new ModelledArena(CAPACITY_BYTES, { alignment: 4, copyRow: brokenCopy });
    comb(model, 64);
    model.defragment(CAPACITY_BYTES);
    expect(model.movedBytes).toBeGreaterThan(0);
    expect(model.corruptRanges()).toBeGreaterThan(0);
  });

  it('opens a wanted hole whenever enough is free, also where no range fits into any hole', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0.01, max: 1, noNaN: true }), (played, share) => {
        const model = new ModelledArena(CAPACITY_BYTES, { alignment: 4 });
        play(
          model,
          played.filter(({ kind }) => kind !== 'defragment'),
        );
        const wanted = Math.floor((model.arena.freeBytes * share) / 4) * 4;
        if (wanted === 0) return;
        for (let call = 0; call < 200 && model.arena.largestFreeBytes < wanted; call++) {
          model.defragment(1000, wanted);
          model.check();
          expect(model.corruptRanges()).toBe(0);
        }
        expect(model.allocate(wanted)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});
