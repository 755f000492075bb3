/** Equals come in the order of their rows, whatever the order in which they were thought of. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { PayloadState, UrgencyClass } from '../../src/memory/payloads.ts';
import { propose } from '../../src/systems/candidate-list.ts';
import { evict } from '../../src/systems/evict.ts';
import { settlePayload, stagePayload } from '../../src/systems/payload-lifecycle.ts';
import { throttle } from '../../src/systems/throttle.ts';
import { upload } from '../../src/systems/upload.ts';
import type { StreamWorld } from '../../src/world.ts';
import { EMPTY_CONTENT, fillPlainPayload, makeStreamWorld } from '../support/stream-world.ts';

const PAYLOADS = 24;
const BYTES = 100;

/** A world of one asset per payload, none of which anybody wants. */
function makeWorld(): StreamWorld {
  const world = makeStreamWorld(PAYLOADS * BYTES);
  drain(world.payloads.reserve(PAYLOADS));
  world.payloads.append(PAYLOADS);
  for (let payload = 0; payload < PAYLOADS; payload++) fillPlainPayload(world, payload, BYTES);
  return world;
}

/** All rows in some order, each with one of few priorities. */
const rows = fc.shuffledSubarray([...Array(PAYLOADS).keys()], {
  minLength: PAYLOADS,
  maxLength: PAYLOADS,
});
const priorities = fc.array(fc.integer({ min: 1, max: 3 }), {
  minLength: PAYLOADS,
  maxLength: PAYLOADS,
});
const inOrder = (of: number[]): number[] => [...of.keys()].sort((a, b) => of[b]! - of[a]! || a - b);

describe('equals', () => {
  it('are planned by row', () => {
    const world = makeWorld();
    fc.assert(
      fc.property(rows, priorities, (order, of) => {
        world.candidates.count = 0;
        world.candidates.fresh = true;
        world.candidates.gathering++;
        for (const payload of order) propose(world, payload, of[payload]!, 1);
        throttle(world);
        expect([...world.plan.payloads.subarray(0, world.plan.count)]).toEqual(inOrder(of));
      }),
      { numRuns: 100 },
    );
  });

  it('give way by row, the last first', () => {
    fc.assert(
      fc.property(rows, priorities, (order, of) => {
        const world = makeWorld();
        const { columns } = world.payloads;
        // As many tickets as io may hold, and one newcomer that is worth more than all of them.
        const [newcomer, ...tickets] = order;
        for (const payload of tickets.slice(0, 16)) {
          world.budget.reserve(world.payloads.chargeOf(payload));
          columns.state[payload] = PayloadState.Pending;
          columns.priority[payload] = of[payload]!;
          columns.leader[payload] = payload;
          columns.urgency[payload] = UrgencyClass.Normal;
          world.pending.add(payload);
        }
        const least = inOrder(of)
          .filter((payload) => world.pending.has(payload))
          .at(-1);
        world.candidates.fresh = true;
        world.candidates.gathering++;
        propose(world, newcomer!, 1000, 1);
        throttle(world);
        const gone = tickets.slice(0, 16).filter((payload) => !world.pending.has(payload));
        expect(gone).toEqual([least]);
      }),
      { numRuns: 20 },
    );
  });

  it('are uploaded by row', () => {
    fc.assert(
      fc.property(rows, priorities, (order, of) => {
        const world = makeWorld();
        const uploaded: number[] = [];
        world.view = {
          upload: (payload) => uploaded.push(payload),
          release: () => undefined,
          show: () => undefined,
          move: () => undefined,
        };
        for (const payload of order) {
          world.budget.reserve(world.payloads.chargeOf(payload));
          world.payloads.columns.priority[payload] = of[payload]!;
          stagePayload(world, payload, EMPTY_CONTENT);
        }
        upload(world);
        expect(uploaded).toEqual(inOrder(of));
      }),
      { numRuns: 20 },
    );
  });

  it('are evicted by row', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 0, max: PAYLOADS - 1 }), (order, kept) => {
        const world = makeWorld();
        for (const payload of order) {
          world.budget.reserve(world.payloads.chargeOf(payload));
          settlePayload(world, payload, EMPTY_CONTENT);
        }
        world.budget.budgetBytes = Math.max(1, kept * BYTES);
        evict(world);
        const gone = PAYLOADS - world.contents.size;
        expect(gone).toBeGreaterThanOrEqual(PAYLOADS - Math.max(1, kept));
        expect(world.releases).toEqual([...Array(gone).keys()]);
      }),
      { numRuns: 20 },
    );
  });
});
