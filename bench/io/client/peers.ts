/** The ways of loading that this library is compared with. Each does what its users do with it. */
import { PriorityQueue } from '3d-tiles-renderer/core';
import type { Loader, LoadTask } from './load.ts';
import type { PayloadRef } from './payload-ref.ts';
import type { Receipt } from './receipt.ts';

/** One fetch a payload, all at once. */
export const loadWithPromiseAll: Loader = async (task) => async (receipt) => {
  await Promise.all(task.payloads.map((ref, index) => fetchOne(task, ref, index, receipt)));
};

/** The same from the packs as they are, where a browser makes requests wait for each other. */
export const loadFromOneAddress: Loader = async (task) => async (receipt) => {
  await Promise.all(
    task.payloads.map((ref, index) => fetchOne(task, ref, index, receipt, ref.file)),
  );
};

/**
 * 3d-tiles-renderer's download queue as it comes: six jobs at a time, run from animation frames,
 * sorted by a callback. Node has no animation frames; it gets 60 a second.
 */
export const loadWithPriorityQueue: Loader = async (task) => async (receipt) => {
  const scope = globalThis as { requestAnimationFrame?: (run: () => void) => unknown };
  scope.requestAnimationFrame ??= (run) => setTimeout(run, 1000 / 60);
  const queue = new PriorityQueue();
  // Items of more worth are sorted to the end.
  queue.priorityCallback = (a: { rank: number }, b: { rank: number }) => b.rank - a.rank;
  await Promise.all(
    task.payloads.map((ref, rank) => queue.add({ rank }, () => fetchOne(task, ref, rank, receipt))),
  );
};

/**
 * Each payload has an address of its own by default, as if it were a file of its own: Chromium lets
 * requests for one address wait for each other on the way through its cache, and loading one by one
 * would look four times worse than it is.
 */
async function fetchOne(
  { baseUrl }: LoadTask,
  { file, payload, start, end }: PayloadRef,
  index: number,
  receipt: Receipt,
  address: string = `${file}?payload=${payload}`,
): Promise<void> {
  const response = await fetch(`${baseUrl}/${address}`, {
    headers: { range: `bytes=${start}-${end - 1}` },
  });
  if (response.status !== 206) throw new Error(`bench: HTTP ${response.status} for ${file}`);
  receipt.accept(index, new Uint8Array(await response.arrayBuffer()));
}
