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

/** Calls until a hole is open, with bytes and tables checked at each; false after 200 calls. */
function openHole(
  model: ModelledArena,
  wantedBytes: number,
  maxBytes: number,
  seen: () => void = () => {},
): boolean {
  for (let call = 0; call < 200 && model.arena.largestFreeBytes < wantedBytes; call++) {
    model.defragment(maxBytes, wantedBytes);
    model.check();
    expect(model.corruptRanges()).toBe(0);
    seen();
  }
  return model.allocate(wantedBytes);
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
      { numRuns: 200 },
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
    const model = new ModelledArena(40_000, { alignment: 16 });
    comb(model, 16);
    expect(model.live.length).toBe(1250);
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

  it('opens a wanted hole whenever enough is free', () => {
    fc.assert(
      fc.property(steps, fc.double({ min: 0.01, max: 1, noNaN: true }), (played, share) => {
        const model = new ModelledArena(CAPACITY_BYTES, { alignment: 4 });
        play(
          model,
          played.filter(({ kind }) => kind !== 'defragment'),
        );
        const wanted = Math.floor((model.arena.freeBytes * share) / 4) * 4;
        if (wanted === 0) return;
        expect(openHole(model, wanted, 1000)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('slides ranges down where none fits into any hole, and says that the copy overlaps', () => {
    const model = new ModelledArena(4096, { alignment: 16 });
    // Ranges of 96 bytes with holes of 32 between them.
    while (model.allocate(96) && model.allocate(32));
    for (let place = model.live.length - 1; place >= 0; place--)
      if (model.live[place]!.bytes === 32) model.free(place);
    let overlapping = 0;
    const seen = (): void => {
      for (let row = 0; row < model.moves.count; row++)
        if (model.moves.overlaps(row)) overlapping++;
    };
    expect(openHole(model, 512, 200, seen)).toBe(true);
    expect(overlapping).toBeGreaterThan(0);
  });

  it('opens a hole where the fewest bytes lie', () => {
    const model = new ModelledArena(64 * 100, { alignment: 16 });
    while (model.allocate(64));
    const freeAt = (offset: number): void => {
      model.free(model.live.findIndex((range) => range.offset === offset * 64));
    };
    // Holes far apart, but for three of four places from 70 on.
    for (const place of [5, 20, 35, 50, 70, 71, 73, 90]) freeAt(place);
    expect(model.defragment(6400, 256)).toBe(64);
    expect(model.moves.from[0]).toBe(72 * 64);
    expect(model.arena.largestFreeBytes).toBe(256);
    expect(model.corruptRanges()).toBe(0);
  });

  it('empties a stretch into holes outside of it, not into one that is to become part of it', () => {
    const model = new ModelledArena(64 * 100, { alignment: 16 });
    while (model.allocate(64));
    for (const place of [10, 11, 13, 50, 90])
      model.free(model.live.findIndex((range) => range.offset === place * 64));
    expect(model.defragment(6400, 256)).toBe(64);
    expect([model.moves.from[0], model.moves.to[0]]).toEqual([12 * 64, 50 * 64]);
    expect(model.arena.largestFreeBytes).toBe(256);
  });

  it('copies a range larger than the budget in pieces, and leaves it where it was until the last', () => {
    const model = new ModelledArena(4096, { alignment: 16, calmFragmentation: 0 });
    model.allocate(512);
    model.allocate(1024);
    model.allocate(1024);
    model.free(0);
    model.free(0);
    const [range] = model.live;
    model.allocate(512);
    const before = range!.offset;
    const completed: number[] = [];
    for (let call = 0; call < 6 && completed.length === 0; call++) {
      expect(model.defragment(300)).toBeLessThanOrEqual(300);
      model.check();
      expect(model.corruptRanges()).toBe(0);
      expect(model.moves.handles[0]).toBe(range!.handle);
      if (model.moves.completes[0]) completed.push(call);
      else expect(model.arena.offsetOf(range!.handle)).toBe(before);
    }
    expect(completed).toEqual([3]);
    expect(model.arena.offsetOf(range!.handle)).not.toBe(before);
    expect(model.arena.fragmentation).toBe(0);
  });

  it('starts a move in pieces again when the range was written, and gives its place up to a request', () => {
    const model = new ModelledArena(4096, { alignment: 16, calmFragmentation: 0 });
    model.allocate(1024);
    model.allocate(1024);
    model.allocate(1024);
    model.free(1);
    model.free(0);
    model.defragment(512);
    expect(model.pending).toBeDefined();
    model.rewrite(0);
    model.check();
    expect(model.pending).toBeUndefined();
    model.defragment(512);
    model.defragment(256);
    // A request that its place would not help leaves it alone.
    expect(model.allocate(2064)).toBe(false);
    model.check();
    expect(model.pending).toBeDefined();
    expect(model.allocate(2048)).toBe(true);
    expect(model.pending).toBeDefined();
    expect(model.allocate(1024)).toBe(true);
    expect(model.pending).toBeUndefined();
    model.check();
    expect(model.corruptRanges()).toBe(0);
  });

  it('lets be what is calm, and brings down what is not', () => {
    const calm = new ModelledArena(6400, { alignment: 16, calmFragmentation: 1 });
    const busy = new ModelledArena(6400, { alignment: 16, calmFragmentation: 0.3 });
    for (const model of [calm, busy]) comb(model, 64);
    expect(calm.defragment(6400)).toBe(0);
    for (let call = 0; call < 50; call++) busy.defragment(128);
    expect(busy.arena.fragmentation).toBeLessThan(0.3 + 1e-9);
    expect(busy.corruptRanges()).toBe(0);
    expect(busy.defragment(6400)).toBe(0);
  });
});
