/**
 * What lies together is asked for together: a request costs its latency once, however many payloads
 * it brings. Candidates that are neighbors in their file become groups, each worth
 *
 *     (sum of gains) ÷ (bytes from the first to the last + bandwidth · latency ÷ concurrency)
 *
 * A group grows from the best candidate of a chain while the next neighbor raises that figure. Its
 * members all have its priority, and io reads them in one go.
 */
import type { StreamWorld } from '../world.ts';
import { CRITICAL_FROM } from './candidate-list.ts';
import { bytePrice, requestPrice } from './price.ts';

/** Neighbors may be this share of a request's price apart: reading through the gap is cheaper. */
const GAP_SHARE = 0.5;

/** Largest group (bytes): others soon get a turn. */
const MAX_GROUP_BYTES = 1 << 20;

/** A group while it grows; places are ranks. */
interface Group {
  seed: number;
  low: number;
  high: number;
  gain: number;
  price: number;
  bytes: number;
}

const group: Group = { seed: 0, low: 0, high: 0, gain: 0, price: 0, bytes: 0 };

export function groupNeighbors(world: StreamWorld): void {
  const { candidates, payloads } = world;
  const request = requestPrice(world);
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    if (!isFree(world, payload)) continue;
    const place = payloads.columns.rank[payload]!;
    const first = endOfChain(world, place, -1, request * GAP_SHARE);
    const last = endOfChain(world, place, 1, request * GAP_SHARE);
    splitChain(world, first, last, request);
  }
}

/** Whether the row is a candidate of this gathering, by worth, in no group yet. */
function isFree(world: StreamWorld, payload: number): boolean {
  const { gathering, priority, grouped } = world.payloads.columns;
  const now = world.candidates.gathering;
  return (
    gathering[payload] === now && grouped[payload] !== now && priority[payload]! < CRITICAL_FROM
  );
}

/** The farthest free candidate in a direction with no gap wider than `reach` on the way. */
function endOfChain(world: StreamWorld, place: number, step: number, reach: number): number {
  const { byRank, columns, count } = world.payloads;
  const { file, offset, encodedBytes } = columns;
  let end = place;
  let row = byRank[place]!;
  for (let at = place + step; at >= 0 && at < count; at += step) {
    const other = byRank[at]!;
    if (file[other] !== file[row]) break;
    const before = step > 0 ? row : other;
    const after = step > 0 ? other : row;
    if (offset[after]! - offset[before]! - encodedBytes[before]! > reach) break;
    if (!isFree(world, other)) continue;
    end = at;
    row = other;
  }
  return end;
}

/** Makes groups of the chain of ranks `[first, last]`: one grown from its best, then of the rest. */
function splitChain(world: StreamWorld, first: number, last: number, request: number): void {
  const { byRank, columns } = world.payloads;
  let best = -1;
  for (let at = first; at <= last; at++) {
    const row = byRank[at]!;
    if (!isFree(world, row)) continue;
    if (best < 0 || columns.priority[row]! > columns.priority[byRank[best]!]!) best = at;
  }
  if (best < 0) return;
  const seed = byRank[best]!;
  const price = bytePrice(world, seed);
  Object.assign(group, { seed, low: best, high: best, bytes: price });
  group.gain = columns.gain[seed]!;
  group.price = price + request;
  while (grow(world, first, last));
  const { low, high } = group;
  seal(world);
  if (low > first) splitChain(world, first, low - 1, request);
  if (last > high) splitChain(world, high + 1, last, request);
}

/** Takes in the better of the two next neighbors if it raises the group's worth per price. */
function grow(world: StreamWorld, first: number, last: number): boolean {
  const { byRank, columns } = world.payloads;
  let bestAt = -1;
  let bestCost = 0;
  let bestRatio = group.gain / group.price;
  for (let step = -1; step <= 1; step += 2) {
    let at = (step < 0 ? group.low : group.high) + step;
    let gap = 0;
    for (; at >= first && at <= last && !isFree(world, byRank[at]!); at += step)
      gap += columns.encodedBytes[byRank[at]!]!;
    if (at < first || at > last) continue;
    const row = byRank[at]!;
    const cost = bytePrice(world, row) + gap;
    const ratio = columns.gain[row]! / cost;
    if (ratio <= bestRatio || group.bytes + cost > MAX_GROUP_BYTES) continue;
    bestAt = at;
    bestCost = cost;
    bestRatio = ratio;
  }
  if (bestAt < 0) return false;
  group.low = Math.min(group.low, bestAt);
  group.high = Math.max(group.high, bestAt);
  group.gain += columns.gain[byRank[bestAt]!]!;
  group.price += bestCost;
  group.bytes += bestCost;
  return true;
}

/** Gives all members the group's priority and leader. */
function seal(world: StreamWorld): void {
  const { byRank, columns } = world.payloads;
  const { candidates } = world;
  const together = group.gain / group.price;
  for (let at = group.low; at <= group.high; at++) {
    const row = byRank[at]!;
    if (!isFree(world, row)) continue;
    columns.grouped[row] = candidates.gathering;
    if (group.low === group.high) continue;
    columns.boost[row] = together / columns.priority[row]!;
    columns.priority[row] = together;
    columns.leader[row] = group.seed;
    candidates.priorities[columns.candidate[row]!] = together;
  }
}
