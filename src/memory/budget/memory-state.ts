/** How full a budget is, in words, with a band between them so that they do not flicker. */

import { POOL_COUNT } from './pools.ts';

/** By number. */
export const MEMORY_STATES = ['normal', 'warning', 'critical'] as const;
export type MemoryState = (typeof MEMORY_STATES)[number];

/** A state begins at the first share of the budget and ends below the second. */
const BANDS: readonly { begin: number; end: number }[] = [
  { begin: 0, end: 0 },
  { begin: 0.8, end: 0.75 },
  { begin: 0.95, end: 0.9 },
];

/** States as last told: an index into `MEMORY_STATES` each. */
export interface MemoryStates {
  total: number;
  readonly pools: Uint8Array;
}

export function createMemoryStates(): MemoryStates {
  return { total: 0, pools: new Uint8Array(POOL_COUNT) };
}

/** The number of the state that follows `state` when `usedBytes` of `bytes` are in use. */
export function nextMemoryState(state: number, usedBytes: number, bytes: number): number {
  const share = bytes > 0 ? usedBytes / bytes : usedBytes > 0 ? 1 : 0;
  let next = BANDS.length - 1;
  while (next > 0 && share < (next <= state ? BANDS[next]!.end : BANDS[next]!.begin)) next--;
  return next;
}
