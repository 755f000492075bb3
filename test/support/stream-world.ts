/** The tables of a plugin without the plugin: for tests that call systems one by one. */
import { createWorld, registerQuery } from 'bitecs';
import { createManualClock } from '../../src/base/clock.ts';
import { createComponents } from '../../src/components/index.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { resolveOptions, type StreamingOptions } from '../../src/options.ts';
import { createStreamWorld } from '../../src/world/create.ts';
import type { StreamWorld } from '../../src/world.ts';

/** An empty world whose queries find nothing. */
export function makeStreamWorld(
  budgetBytes: number,
  changes: Partial<StreamingOptions> = {},
): StreamWorld {
  const set = createComponents(4);
  const ecs = createWorld();
  const query = registerQuery(ecs, [set.components.StreamRequest]);
  const options = resolveOptions({
    clock: createManualClock(),
    decoder: createInlineDecoder(),
    ioWorker: false,
    budgetBytes,
    ...changes,
  });
  const queries = {
    requests: query,
    pinned: query,
    volumes: query,
    viewpoints: query,
    budgets: query,
  };
  return createStreamWorld(ecs, options, set, queries);
}
