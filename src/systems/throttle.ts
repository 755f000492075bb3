/**
 * Reads: candidates, io's queue. Writes: plan, error bias, load limit. After: prioritize.
 *
 * Decides how many tickets io may hold (in flight plus a short look-ahead) and which candidates
 * they are.
 */
import { IndexedHeap } from '../base/heap.ts';
import type { StreamWorld } from '../world.ts';
import { adaptBias } from './adapt-bias.ts';
import { adaptLoad, isThrottled } from './adapt-load.ts';
import { comesAfter } from './candidate-list.ts';
import { holdReturns } from './hold-returns.ts';
import { holdSpeculation, maySpeculate } from './hold-speculation.ts';
import { isPinned } from './holds.ts';
import { withdrawPayload } from './payload-lifecycle.ts';
import { ticketRoom } from './ticket-window.ts';

/** A ticket keeps its place when no more than this share of its bytes is still to come. */
const LEAST_MISSING = 0.25;

const heap = new IndexedHeap(1024);

export function throttle(world: StreamWorld): void {
  adaptBias(world);
  adaptLoad(world);
  const { candidates, plan } = world;
  plan.count = 0;
  holdReturns(world);
  if (candidates.fresh && candidates.count > 0) makeWay(world);
  if (candidates.fresh) holdSpeculation(world);
  const room = ticketRoom(world);
  // Nothing has changed since memory last refused these: asking again would give the same answer.
  if (room <= 0 || !candidates.fresh) return;
  candidates.fresh = false;
  if (candidates.count === 0) {
    world.stats.refused = 0;
    world.refusal.gain = 0;
    return;
  }
  heap.clear();
  // Keyed by payload, so that equals come by row and not in the order of their proposal.
  for (let i = 0; i < candidates.count; i++)
    heap.set(candidates.payloads[i]!, candidates.priorities[i]!);
  // Memory may refuse many: what is on screen is planned for however far down it stands.
  const wanted = candidates.count;
  if (plan.payloads.length < wanted) plan.payloads = new Int32Array(wanted * 2);
  for (let i = 0; i < wanted; i++) {
    const payload = heap.pop();
    if (maySpeculate(world, payload)) plan.payloads[plan.count++] = payload;
  }
}

/**
 * When io holds all the tickets it may, and something has come up that is worth many times the
 * least of them (a cut, a deadline), the least is withdrawn.
 */
function makeWay(world: StreamWorld): void {
  const { candidates, pending, payloads } = world;
  const room = ticketRoom(world);
  // Fewer are allowed than there were: they run out by themselves.
  if (room > 0 || (room < 0 && isThrottled(world))) return;
  let best = 0;
  for (let i = 0; i < candidates.count; i++) best = Math.max(best, candidates.priorities[i]!);
  const limit = best / world.options.policy.preemptFactor;
  const { priority } = payloads.columns;
  let least = -1;
  for (const payload of pending) {
    if (isPinned(world, payload) || priority[payload]! >= limit) continue;
    const missing = world.io.missingShareOf(payload);
    // What has come already is paid for: the rest is worth the more per byte.
    if (missing < LEAST_MISSING || priority[payload]! >= limit * missing) continue;
    if (least < 0 || comesAfter(priority, payload, least)) least = payload;
  }
  if (least >= 0) withdrawPayload(world, least);
}
