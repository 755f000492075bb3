/**
 * Reads: plan, demand. Writes: payload rows, releases, what the plan takes of the budget. After: throttle.
 *
 * Makes room before bytes are asked for: evicts what costs the picture least per byte, and never
 * something worth more than what it makes room for. Before that it brings down what a lowered budget
 * no longer holds, and what is in the way of uploads.
 */
import type { StreamWorld } from '../world.ts';
import { freeGeometry } from './free-geometry.ts';
import { lackOf, makeRoom, planPayload } from './make-room.ts';
import { beginPolicies, makeRoomByPolicy } from './make-room-by-policy.ts';
import { isOverLimits, shrink } from './shrink.ts';
import { roomOf, ticketRoom } from './ticket-window.ts';
import { listVictims } from './victim-order.ts';
import { isNeededInView, speculationShare } from './victim-worth.ts';

let isListed = false;

export function evict(world: StreamWorld): void {
  const { budget, plan } = world;
  isListed = false;
  if (isOverLimits(budget)) {
    list(world);
    shrink(world);
  }
  const lackBytes = world.view?.geometryLackBytes ?? 0;
  if (lackBytes > 0) {
    list(world);
    freeGeometry(world, lackBytes);
  }
  budget.tighten();
  // On the way down nothing comes: room for it would have to be made for all that is owed, at once.
  if (isOverLimits(budget)) plan.count = 0;
  if (plan.count > 0) makeRoomForPlan(world);
  // From here on it is reserved in earnest.
  budget.use.clearPlan();
}

function makeRoomForPlan(world: StreamWorld): void {
  const { plan, payloads, stats } = world;
  stats.refused = 0;
  world.refusal.gain = 0;
  let room = ticketRoom(world);
  for (let i = 0; i < plan.count; i++) {
    const payload = plan.payloads[i]!;
    if (room <= 0) {
      plan.count = i;
      return;
    }
    if (!admit(world, payload)) {
      plan.payloads[i] = -1;
      if (!isNeededInView(world, payload)) continue;
      stats.refused++;
      world.refusal.gain += payloads.columns.gain[payload]!;
      continue;
    }
    planPayload(world, payload);
    room -= roomOf(world, payload);
  }
}

function admit(world: StreamWorld, payload: number): boolean {
  if (lackOf(world, payload) <= 0) return true;
  list(world);
  const { eviction } = world;
  if (!eviction.isByValue && makeRoomByPolicy(world, payload)) return true;
  // Between pools of different policies worth decides, for it is all that they have in common.
  if (eviction.isUniform) return false;
  const share = isNeededInView(world, payload) ? 1 : speculationShare(world);
  return makeRoom(world, payload, share);
}

/** Lists victims when the first is needed: in most frames none is. */
function list(world: StreamWorld): void {
  if (isListed) return;
  listVictims(world);
  if (!world.eviction.isByValue) beginPolicies(world);
  isListed = true;
}
