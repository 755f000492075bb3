/** How fast this host undoes payload blocks. The same code runs in Node and in a page. */

import { undoBlocks } from '../../src/io/blocks.ts';
import { loadZstd } from '../../src/io/codecs/zstd.ts';
import type { Bytes } from '../../src/io/source.ts';

/** Passes over all payloads; the best one counts, because everything else only adds time. */
const PASSES = 5;

/** Content undone between two looks at the clock, which ticks in whole microseconds at best. */
const TIMED_BYTES = 512 * 1024;

/**
 * Megabytes of content a second, one thread: per block the least of all passes.
 *
 * @param now milliseconds
 */
export async function measureUndo(payloads: readonly Bytes[], now: () => number): Promise<number> {
  await loadZstd();
  let contentBytes = 0;
  let milliseconds = 0;
  for (const payload of payloads) {
    let best = Infinity;
    for (let pass = 0; pass < PASSES; pass++) {
      const { length } = undoBlocks(payload);
      const repeats = Math.ceil(TIMED_BYTES / length);
      const start = now();
      for (let i = 0; i < repeats; i++) undoBlocks(payload);
      best = Math.min(best, (now() - start) / repeats);
      if (pass === 0) contentBytes += length;
    }
    milliseconds += best;
  }
  return contentBytes / 1e3 / milliseconds;
}
