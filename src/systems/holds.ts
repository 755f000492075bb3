/**
 * Who forbids that a payload leaves memory: pins, which also ask for it before all others, and what is
 * kept for ever once it has come. Both are counted in bytes, apart.
 */
import { assert } from '../base/assert.ts';
import type { StreamWorld } from '../world.ts';
import { payloadLabel } from './payload-lifecycle.ts';

/** Asks for the payload before all others, and forbids its eviction, until as many `unpinPayload`. */
export function pinPayload(world: StreamWorld, payload: number): void {
  const { owner, lod, pins, reserveBytes } = world.payloads.columns;
  if (!isPinned(world, payload)) world.pinnedBytes += reserveBytes[payload]!;
  pins[payload] = pins[payload]! + 1;
  world.demandChanged = true;
  const row = owner[payload]!;
  const { pinnedMasks } = world.assets;
  if (row >= 0) pinnedMasks[row] = pinnedMasks[row]! | (1 << lod[payload]!);
}

export function unpinPayload(world: StreamWorld, payload: number): void {
  const { owner, lod, pins, reserveBytes } = world.payloads.columns;
  assert(isPinned(world, payload), `unpinned ${payloadLabel(world, payload)}, which is not pinned`);
  pins[payload] = pins[payload]! - 1;
  world.demandChanged = true;
  if (isPinned(world, payload)) return;
  world.pinnedBytes -= reserveBytes[payload]!;
  const row = owner[payload]!;
  const { pinnedMasks } = world.assets;
  if (row >= 0) pinnedMasks[row] = pinnedMasks[row]! & ~(1 << lod[payload]!);
}

/** Whether somebody wants it to be there whatever it is worth. */
export function isPinned({ payloads }: StreamWorld, payload: number): boolean {
  const { pins, kept } = payloads.columns;
  return pins[payload]! > kept[payload]!;
}

/** Forbids eviction once it is there, until as many `unkeepPayload`; it is asked for by its worth. */
export function keepPayload(world: StreamWorld, payload: number): void {
  const { pins, kept, residentBytes, sharedBytes } = world.payloads.columns;
  kept[payload] = kept[payload]! + 1;
  pins[payload] = pins[payload]! + 1;
  world.demandChanged = true;
  if (kept[payload]! > 1) return;
  world.keptBytes += residentBytes[payload]!;
  world.keptSharedBytes += sharedBytes[payload]!;
}

export function unkeepPayload(world: StreamWorld, payload: number): void {
  const { pins, kept, residentBytes, sharedBytes } = world.payloads.columns;
  assert(kept[payload]! > 0, `${payloadLabel(world, payload)} was not kept`);
  kept[payload] = kept[payload]! - 1;
  pins[payload] = pins[payload]! - 1;
  world.demandChanged = true;
  if (kept[payload]! > 0) return;
  world.keptBytes -= residentBytes[payload]!;
  world.keptSharedBytes -= sharedBytes[payload]!;
}

/** Bytes that what is pinned and what is kept may come to. */
export function heldBytes({ pinnedBytes, keptBytes }: StreamWorld): number {
  return pinnedBytes + keptBytes;
}

/** Counts pinned and kept bytes anew: payloads cost something else on this device. */
export function recountHolds(world: StreamWorld): void {
  const { payloads } = world;
  const { kept, reserveBytes, residentBytes, sharedBytes } = payloads.columns;
  world.pinnedBytes = 0;
  world.keptBytes = 0;
  world.keptSharedBytes = 0;
  for (let row = 0; row < payloads.count; row++) {
    if (isPinned(world, row)) world.pinnedBytes += reserveBytes[row]!;
    if (!kept[row]) continue;
    world.keptBytes += residentBytes[row]!;
    world.keptSharedBytes += sharedBytes[row]!;
  }
}
