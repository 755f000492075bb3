/**
 * What no policy may do: evict what is pinned, what is on screen or ground for others, or a higher tier
 * before a lower one. Random memories, full to the byte, into which random payloads want.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { PayloadState, UrgencyClass } from '../../src/memory/payloads.ts';
import {
  EVICTION_NAMES,
  type EvictionChoice,
  resolveEviction,
} from '../../src/memory/policies/choice.ts';
import type { Tier } from '../../src/memory/policies/tiers.ts';
import { evict } from '../../src/systems/evict.ts';
import { pinPayload } from '../../src/systems/holds.ts';
import { noteUses } from '../../src/systems/note-uses.ts';
import { settlePayload, stagePayload } from '../../src/systems/payload-lifecycle.ts';
import type { StreamWorld } from '../../src/world.ts';
import { EMPTY_CONTENT, fillPlainPayload, makeStreamWorld } from '../support/stream-world.ts';

const PAGE = 100;

/** One asset of one LOD. */
interface Row {
  pages: number;
  tier: Tier;
  isPinned: boolean;
  isInView: boolean;
  /** Share of the picture that wants it. */
  area: number;
}

interface Memory {
  rows: Row[];
  /** The last so many rows are not there, and wanted. */
  wanted: number;
}

const row: fc.Arbitrary<Row> = fc.record({
  pages: fc.integer({ min: 1, max: 4 }),
  tier: fc.constantFrom<Tier[]>(0, 1, 1, 1, 2, 3),
  isPinned: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  isInView: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  area: fc.constantFrom(0, 1e-6, 1e-3),
});

const memory: fc.Arbitrary<Memory> = fc.record({
  rows: fc.array(row, { minLength: 4, maxLength: 30, size: 'max' }),
  wanted: fc.integer({ min: 1, max: 3 }),
});

function fillRow(world: StreamWorld, payload: number, { pages, area }: Row): void {
  // Pools take turns, so that a choice per pool is one.
  fillPlainPayload(world, payload, pages * PAGE, payload % 2 === 0 ? 0 : 2);
  world.assets.buckets[payload * 5] = area;
}

function makeWorld({ rows, wanted }: Memory, eviction: EvictionChoice): StreamWorld {
  const there = rows.slice(0, -wanted);
  const budget = there.reduce((sum, { pages }) => sum + pages * PAGE, 0);
  const world = makeStreamWorld(budget, { eviction });
  drain(world.payloads.reserve(rows.length));
  world.payloads.append(rows.length);
  for (const [payload, one] of rows.entries()) fillRow(world, payload, one);
  const { columns } = world.payloads;
  there.forEach(({ isPinned }, payload) => {
    world.budget.reserve(world.payloads.chargeOf(payload));
    stagePayload(world, payload, EMPTY_CONTENT);
    settlePayload(world, payload, EMPTY_CONTENT);
    if (isPinned) pinPayload(world, payload);
  });
  rows.forEach(({ tier, isInView }, payload) => {
    world.eviction.tiers.set(payload + 1, tier);
    if (isInView) world.assets.inView[payload] = 1;
  });
  world.plan.count = 0;
  for (let payload = there.length; payload < rows.length; payload++) {
    world.plan.payloads[world.plan.count++] = payload;
    columns.leader[payload] = payload;
    columns.urgency[payload] = UrgencyClass.Normal;
    columns.gain[payload] = 1;
    columns.priority[payload] = 1 / (rows[payload]!.pages * PAGE);
  }
  noteUses(world);
  return world;
}

/** Throws where something went that had to stay. */
function check({ rows, wanted }: Memory, world: StreamWorld, choice: EvictionChoice): void {
  const { state, pool } = world.payloads.columns;
  const names = resolveEviction(choice);
  const there = rows.slice(0, -wanted);
  const isGone = (payload: number): boolean => state[payload] !== PayloadState.Resident;
  const gone = [...there.keys()].filter(isGone);
  const admitted = [...world.plan.payloads.subarray(0, world.plan.count)].filter((p) => p >= 0);
  const bytes = admitted.reduce((sum, payload) => sum + rows[payload]!.pages * PAGE, 0);
  expect(world.budget.usedBytes + bytes).toBeLessThanOrEqual(world.budget.budgetBytes);
  const highest = Math.max(...rows.slice(-wanted).map(({ tier }) => tier));
  for (const payload of gone) {
    const { isPinned, isInView, tier } = rows[payload]!;
    expect(isPinned, `${payload} is pinned`).toBe(false);
    expect(tier, `${payload} is above what wants in`).toBeLessThanOrEqual(highest);
    if (names.every((name) => name !== 'value'))
      expect(isInView, `${payload} is on screen`).toBe(false);
    // Where one policy decides for all, whatever is of a lower tier has gone before.
    if (typeof choice !== 'string') continue;
    const spared = [...there.keys()].filter(
      (other) =>
        !isGone(other) &&
        rows[other]!.tier < tier &&
        !rows[other]!.isPinned &&
        (choice === 'value' || !rows[other]!.isInView),
    );
    expect(spared, `lower than ${payload}, in pool ${pool[payload]}`).toEqual([]);
  }
}

const CHOICES: readonly EvictionChoice[] = [
  ...EVICTION_NAMES,
  { mesh: 'lru' },
  { mesh: 'arc', custom: 'sieve' },
];

const name = (choice: EvictionChoice): string => JSON.stringify(choice);

describe.each(CHOICES.map((choice) => [name(choice), choice] as const))('%s', (_, choice) => {
  test('evicts nothing that must stay, and no higher tier before a lower one', () => {
    let evicted = 0;
    fc.assert(
      fc.property(memory, (one) => {
        const world = makeWorld(one, choice);
        evict(world);
        check(one, world, choice);
        evicted += world.stats.payloadsEvicted;
      }),
      { numRuns: 60 },
    );
    expect(evicted).toBeGreaterThan(40);
  });

  test('would be found out if it did not know of pins, or of tiers', () => {
    const fails = (spoil: (world: StreamWorld) => void): boolean =>
      fc.check(
        fc.property(memory, (one) => {
          const world = makeWorld(one, choice);
          spoil(world);
          evict(world);
          check(one, world, choice);
        }),
        { seed: 1, numRuns: 300 },
      ).failed;
    expect(fails((world) => world.payloads.columns.pins.fill(0))).toBe(true);
    const forget = ({ eviction, assets }: StreamWorld): void => {
      for (let i = 0; i < assets.count; i++) eviction.tiers.set(assets.ids[i]!, 1);
    };
    expect(fails(forget)).toBe(true);
  });
});

describe('eviction', () => {
  test('says what was expected where a name is none', () => {
    expect(() => resolveEviction('mru' as 'lru')).toThrow(
      'installStreaming: eviction must be one of value, lru, arc, 2q, sieve, heat, distance, got "mru"',
    );
    expect(() => resolveEviction({ mesh: 'fifo' as 'lru' })).toThrow(
      'eviction.mesh must be one of',
    );
    expect(() => resolveEviction({ texture: 'lru' } as object)).toThrow(
      'nothing is evicted from a pool "texture"; expected mesh, terrain, custom',
    );
    expect(() => resolveEviction(3 as never)).toThrow('eviction must be one of value');
  });

  test.each([
    [0, true],
    [10, false],
  ])('beyond its own pool takes what is worth less: worth %s, goes: %s', (area, goes) => {
    const own: Row = { pages: 1, tier: 1, isPinned: false, isInView: true, area: 1 };
    const other: Row = { ...own, isInView: false, area };
    // Nothing of the pool of meshes may go, for it is on screen.
    const world = makeWorld({ rows: [own, other, own], wanted: 1 }, { mesh: 'lru' });
    world.assets.inView[2] = 0;
    evict(world);
    const { state } = world.payloads.columns;
    expect(state[0]).toBe(PayloadState.Resident);
    expect(state[1] === PayloadState.Empty).toBe(goes);
    expect(world.plan.payloads[0]).toBe(goes ? 2 : -1);
  });

  test('LRU takes what was on screen longest ago', () => {
    const rows: Row[] = Array.from({ length: 5 }, () => ({
      pages: 1,
      tier: 1,
      isPinned: false,
      isInView: false,
      area: 1,
    }));
    const world = makeWorld({ rows, wanted: 1 }, 'lru');
    for (const payload of [2, 0, 3, 1]) {
      world.assets.inView.fill(0);
      world.assets.inView[payload] = 1;
      noteUses(world);
    }
    world.assets.inView.fill(0);
    evict(world);
    const { state } = world.payloads.columns;
    expect([...state.subarray(0, 4)].map((one) => one === PayloadState.Resident)).toEqual([
      true,
      true,
      false,
      true,
    ]);
  });
});
