/**
 * The budget holds after every call, whatever the order, against a model that adds up every
 * reservation anew. Mistakes are refused.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Budget } from '../../../src/memory/budget/budget.ts';
import type { Charge } from '../../../src/memory/budget/charge.ts';
import { POOL_NAMES, Pool, type PoolSettings } from '../../../src/memory/budget/pools.ts';
import { charge } from './charge.ts';

const BYTES = 1000;

interface Held {
  pool: Pool;
  bytes: number;
  textureBytes: number;
  geometryBytes: number;
}

interface Geometry {
  /** What it may come to on the GPU. */
  room: number;
  /** Bytes of the buffers it shares. */
  buffers: number;
}

const chargeOf = ({ pool, bytes, textureBytes, geometryBytes }: Held): Charge =>
  charge(pool, bytes, textureBytes, geometryBytes);

/** What each pool holds, textures apart. */
function heldByPool(list: readonly Held[]): number[] {
  const held = POOL_NAMES.map(() => 0);
  for (const { pool, bytes, textureBytes } of list) {
    held[pool]! += bytes - textureBytes;
    held[Pool.Texture]! += textureBytes;
  }
  return held;
}

/** Whether so many bytes more keep every promise, said in the plainest way. */
function mayReserve(
  list: readonly Held[],
  one: Held,
  pools: PoolSettings,
  { room, buffers }: Geometry,
): boolean {
  const held = heldByPool([...list, one]);
  let total = 0;
  for (const [pool, name] of POOL_NAMES.entries()) {
    const { minBytes = 0, maxBytes = Number.POSITIVE_INFINITY } = pools[name] ?? {};
    const isTouched = pool === one.pool || (pool === Pool.Texture && one.textureBytes > 0);
    if (isTouched && held[pool]! > maxBytes) return false;
    total += Math.max(held[pool]!, minBytes);
  }
  const shared = [...list, one].reduce((sum, other) => sum + other.geometryBytes, 0);
  return total + Math.max(buffers, shared) <= BYTES && shared <= room;
}

const SETTINGS = fc.record({
  mesh: fc.record({ minBytes: fc.integer({ min: 0, max: 300 }) }),
  terrain: fc.record({
    minBytes: fc.integer({ min: 0, max: 200 }),
    maxBytes: fc.integer({ min: 200, max: BYTES }),
  }),
  texture: fc.record({ maxBytes: fc.integer({ min: 100, max: BYTES }) }),
});

const GEOMETRY = fc.record({
  room: fc.integer({ min: 50, max: 500 }),
  buffers: fc.integer({ min: 0, max: 200 }),
});

const ACTIONS = fc.array(
  fc.record({
    kind: fc.constantFrom('reserve', 'settle', 'unreserve', 'release'),
    pool: fc.constantFrom(Pool.Mesh, Pool.Terrain, Pool.Custom),
    bytes: fc.integer({ min: 0, max: 400 }),
    texture: fc.double({ min: 0, max: 1, noNaN: true }),
    geometryBytes: fc.integer({ min: 0, max: 100 }),
  }),
  { maxLength: 200 },
);

describe('Budget', () => {
  it('keeps every promise, and loses no byte', () => {
    fc.assert(
      fc.property(SETTINGS, GEOMETRY, ACTIONS, (pools, geometry, actions) => {
        const budget = new Budget(BYTES, pools);
        budget.geometryLimitBytes = geometry.room;
        budget.sharedBytes = geometry.buffers;
        const reserved: Held[] = [];
        const resident: Held[] = [];
        for (const { kind, pool, bytes, texture, geometryBytes } of actions) {
          const textureBytes = pool === Pool.Mesh ? Math.floor(bytes * texture) : 0;
          if (kind === 'reserve') {
            const one = { pool, bytes, textureBytes, geometryBytes };
            const may = mayReserve([...reserved, ...resident], one, pools, geometry);
            expect(budget.reserve(chargeOf(one))).toBe(may);
            if (may) reserved.push(one);
          } else if (kind === 'release') {
            const one = resident.pop();
            if (one) budget.release(chargeOf(one));
          } else {
            const one = reserved.pop();
            if (one && kind === 'unreserve') budget.unreserve(chargeOf(one));
            if (one && kind === 'settle') {
              const kept = one.textureBytes + Math.floor((one.bytes - one.textureBytes) / 2);
              budget.settle({ ...chargeOf(one), residentBytes: kept });
              resident.push({ ...one, bytes: kept });
            }
          }
          const sum = (list: Held[]): number => list.reduce((s, o) => s + o.bytes, 0);
          expect(budget.reservedBytes).toBe(sum(reserved));
          expect(budget.residentBytes).toBe(sum(resident));
          expect(budget.usedBytes).toBeLessThanOrEqual(BYTES);
          expect(budget.peakBytes).toBeGreaterThanOrEqual(budget.usedBytes);
          const held = heldByPool([...reserved, ...resident]);
          for (const [of, bytesHeld] of held.entries())
            expect(budget.use.heldOf(of as Pool)).toBe(bytesHeld);
        }
      }),
    );
  });

  it('lends what is idle but for guarantees', () => {
    const budget = new Budget(BYTES, { terrain: { minBytes: 300, share: 0.5 } });
    expect(budget.reserve(charge(Pool.Mesh, 701))).toBe(false);
    expect(budget.reserve(charge(Pool.Mesh, 700))).toBe(true);
    expect(budget.reserve(charge(Pool.Custom, 1))).toBe(false);
    expect(budget.reserve(charge(Pool.Terrain, 300))).toBe(true);
    expect(budget.freeBytes).toBe(0);
    expect(budget.limits.entitledBytes[Pool.Terrain]).toBe(500);
  });

  it('lowered below what is in use, admits nothing and comes down without ever going up', () => {
    const budget = new Budget(BYTES);
    for (let i = 0; i < 9; i++) budget.reserve(charge(Pool.Mesh, 100));
    budget.settle(charge(Pool.Mesh, 900));
    budget.budgetBytes = 500;
    expect([budget.limitBytes, budget.overBytes, budget.excessBytes]).toEqual([900, 0, 400]);
    expect(budget.reserve(charge(Pool.Mesh, 1))).toBe(false);
    budget.release(charge(Pool.Mesh, 100));
    budget.tighten();
    expect([budget.limitBytes, budget.overBytes, budget.excessBytes]).toEqual([800, 0, 300]);
    // What rises meanwhile (a view that takes more for itself) is over at once.
    budget.overheadBytes = 50;
    expect(budget.overBytes).toBe(50);
    budget.release(charge(Pool.Mesh, 400));
    budget.tighten();
    expect([budget.limitBytes, budget.overBytes, budget.excessBytes]).toEqual([500, 0, 0]);
    budget.budgetBytes = 2000;
    expect(budget.limitBytes).toBe(2000);
  });

  it('says what lacks most: of the total, of a limit, or of the shared buffers', () => {
    const budget = new Budget(BYTES, { mesh: { maxBytes: 400 }, terrain: { minBytes: 300 } });
    budget.geometryLimitBytes = 150;
    expect(budget.lackOf(charge(Pool.Custom, 800))).toBe(100);
    expect(budget.lackOf(charge(Pool.Mesh, 500))).toBe(100);
    expect(budget.lackOf(charge(Pool.Mesh, 500, 100))).toBe(0);
    expect(budget.lackOf(charge(Pool.Mesh, 100, 0, 160))).toBe(10);
    budget.plan(charge(Pool.Mesh, 350));
    expect(budget.lackOf(charge(Pool.Mesh, 100))).toBe(50);
    budget.use.clearPlan();
    expect(budget.lackOf(charge(Pool.Mesh, 100))).toBe(-300);
  });

  it('counts shared buffers whole, and what geometry comes to beyond them', () => {
    const budget = new Budget(BYTES);
    budget.sharedBytes = 300;
    expect(budget.usedBytes).toBe(300);
    expect(budget.lackOf(charge(Pool.Mesh, 700, 0, 300))).toBe(0);
    expect(budget.lackOf(charge(Pool.Mesh, 700, 0, 301))).toBe(1);
    budget.reserve(charge(Pool.Mesh, 100, 0, 250));
    expect([budget.usedBytes, budget.geometryBytes]).toEqual([400, 300]);
    budget.reserve(charge(Pool.Mesh, 100, 0, 100));
    expect([budget.usedBytes, budget.geometryBytes]).toEqual([550, 350]);
    // What goes leaves room for geometry, not for textures.
    budget.settle(charge(Pool.Mesh, 100));
    budget.release(charge(Pool.Mesh, 100, 0, 250));
    expect([budget.usedBytes, budget.freeBytes]).toEqual([400, 600]);
  });

  it('scales guarantees that a lowered budget cannot keep', () => {
    const budget = new Budget(BYTES, { mesh: { minBytes: 600 }, terrain: { minBytes: 300 } });
    budget.budgetBytes = 450;
    expect([...budget.limits.minBytes.slice(0, 2)]).toEqual([300, 150]);
  });

  it('refuses mistakes: settling more than reserved, releasing what is not held', () => {
    const budget = new Budget(100);
    budget.reserve(charge(Pool.Mesh, 10));
    expect(() => budget.settle({ ...charge(Pool.Mesh, 10), residentBytes: 11 })).toThrow(
      /settled 11 bytes on a reservation/,
    );
    expect(() => budget.release(charge(Pool.Terrain, 1))).toThrow(
      /1 bytes of 0 in the pool terrain/,
    );
    expect(() => new Budget(0)).toThrow(/budgetBytes/);
  });
});
