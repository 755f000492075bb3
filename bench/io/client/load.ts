/** One load: brings a list of payloads in by one system and says when each arrived. */
import { loadAndDecode, loadWithFarfield } from './farfield.ts';
import type { PayloadRef } from './payload-ref.ts';
import { loadFromOneAddress, loadWithPriorityQueue, loadWithPromiseAll } from './peers.ts';
import { createReceipt, type Receipt } from './receipt.ts';

/** What brings payloads in. Rows of reports are named like this. */
export type SystemName =
  | 'farfield'
  /** With the decoding in workers too: what a game sees. */
  | 'farfield + decode'
  | 'promise-all'
  /** All ranges from the packs' own addresses: browsers make such requests wait for each other. */
  | 'promise-all, one address'
  | '3d-tiles-renderer'
  /** Claims to be done and has brought nothing: the benchmark must notice. */
  | 'skips payloads';

export interface LoadTask {
  system: SystemName;
  /** Folder of the payloads' files. */
  baseUrl: string;
  /** In the order of their worth. */
  payloads: PayloadRef[];
  /** Address of the decode worker, where it is not beside the code that runs. */
  workerUrl?: string;
}

export interface LoadOutcome {
  milliseconds: number;
  /** Per payload, from the beginning. */
  arrivalsMs: number[];
  /** When the load began (milliseconds since 1970), to lay it beside the server's log. */
  startedMs: number;
  /** Payloads that are missing, came twice or are not what they should be; empty when all is well. */
  problems: string[];
}

/** Gets ready, and then, when called, loads. Resolves when it takes itself to be done. */
export type Loader = (task: LoadTask) => Promise<(receipt: Receipt) => Promise<void>>;

const LOADERS: Record<SystemName, Loader> = {
  farfield: loadWithFarfield,
  'farfield + decode': loadAndDecode,
  'promise-all': loadWithPromiseAll,
  'promise-all, one address': loadFromOneAddress,
  '3d-tiles-renderer': loadWithPriorityQueue,
  'skips payloads': async () => async () => undefined,
};

export async function load(task: LoadTask): Promise<LoadOutcome> {
  const run = await LOADERS[task.system](task);
  const receipt = createReceipt(task.payloads);
  const startedMs = performance.timeOrigin + performance.now();
  await run(receipt);
  const { arrivalsMs } = receipt;
  const missing = arrivalsMs.filter((ms) => ms < 0).length;
  return {
    // The last payload counts, not what the system does after it.
    milliseconds: Math.max(...arrivalsMs),
    arrivalsMs,
    startedMs,
    problems: [
      ...receipt.problems,
      ...(missing > 0 ? [`${missing} of ${arrivalsMs.length} payloads did not come`] : []),
    ],
  };
}
