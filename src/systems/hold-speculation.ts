/**
 * Reads: candidates, tickets. Writes: releases of tickets. Called by: throttle.
 *
 * The budget of prefetch: while something on screen is missing, at most `prefetchShare` of the requests
 * may be for what only a predicted or announced pose would see. A group of neighbors is one request.
 * Requests above it are taken back: first those that have not begun, then running ones, which io ends
 * where much is still to come.
 */
import type { StreamWorld } from '../world.ts';
import { comesAfter } from './candidate-list.ts';
import { isPinned } from './holds.ts';
import { withdrawPayload } from './payload-lifecycle.ts';

/** An announced pose that is due within this counts like what is on screen (ms). */
const ANNOUNCED_MS = 3000;

/** Leaders of the groups that are with io, and that the plan has room for, for nothing on screen. */
const reads = new Set<number>();
let room = Number.POSITIVE_INFINITY;

/** Takes back what is too much, and sets how much of it the plan being made may hold. */
export function holdSpeculation(world: StreamWorld): void {
  const { prefetchShare, maxInFlight } = world.options;
  room = Number.POSITIVE_INFINITY;
  reads.clear();
  if (prefetchShare >= 1 || isAnnounced(world) || !markOnScreen(world)) return;
  const { leader } = world.payloads.columns;
  room = Math.floor(prefetchShare * maxInFlight);
  for (const payload of world.pending)
    if (isSpeculation(world, payload)) reads.add(leader[payload]!);
  while (reads.size > room) {
    const least = leastWorthy(world);
    if (least < 0) return;
    withdrawGroup(world, leader[least]!);
  }
}

/** What the game has announced for the next seconds is no guess: it will be on screen by then. */
function isAnnounced({ announced }: StreamWorld): boolean {
  return announced.count > 0 && announced.dueMs[0]! < ANNOUNCED_MS;
}

/** Whether the payload may be planned for; called in the order of the plan. */
export function maySpeculate(world: StreamWorld, payload: number): boolean {
  if (room === Number.POSITIVE_INFINITY || !isSpeculation(world, payload)) return true;
  const leader = world.payloads.columns.leader[payload]!;
  if (reads.has(leader)) return true;
  if (reads.size >= room) return false;
  reads.add(leader);
  return true;
}

/** Whether the request that brings the payload brings nothing that is missing on screen. */
function isSpeculation({ payloads }: StreamWorld, payload: number): boolean {
  const { onScreen, leader } = payloads.columns;
  return onScreen[payload] === 0 && onScreen[leader[payload]!] === 0;
}

/** A group with one member that is missing on screen is no speculation. False: there is none at all. */
function markOnScreen({ candidates, pending, payloads }: StreamWorld): boolean {
  const { onScreen, leader } = payloads.columns;
  let isAny = false;
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    if (onScreen[payload] === 0) continue;
    onScreen[leader[payload]!] = 1;
    isAny = true;
  }
  for (const payload of pending) {
    if (onScreen[payload] === 0) continue;
    onScreen[leader[payload]!] = 1;
    isAny = true;
  }
  return isAny;
}

/** The speculation that is missed least: not begun if there is any, of equals the higher row; -1 = none. */
function leastWorthy(world: StreamWorld): number {
  let least = -1;
  for (const payload of world.pending)
    if (mayWithdraw(world, payload) && (least < 0 || isLess(world, payload, least)))
      least = payload;
  return least;
}

function isLess({ payloads, io }: StreamWorld, payload: number, other: number): boolean {
  const { priority } = payloads.columns;
  const isStarted = io.isStarted(payload);
  if (isStarted !== io.isStarted(other)) return !isStarted;
  return comesAfter(priority, payload, other);
}

function mayWithdraw(world: StreamWorld, payload: number): boolean {
  return !isPinned(world, payload) && isSpeculation(world, payload);
}

function withdrawGroup(world: StreamWorld, group: number): void {
  const { leader } = world.payloads.columns;
  reads.delete(group);
  for (const payload of world.pending)
    if (leader[payload] === group && mayWithdraw(world, payload)) withdrawPayload(world, payload);
}
