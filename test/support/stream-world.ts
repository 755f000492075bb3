/** The tables of a plugin without the plugin: for tests that call systems one by one. */
import { createWorld, registerQuery } from 'bitecs';
import { createManualClock } from '../../src/base/clock.ts';
import { drain } from '../../src/base/steps.ts';
import { createComponents } from '../../src/components/index.ts';
import type { MeshContent } from '../../src/io/content.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import type { Pool } from '../../src/memory/budget/pools.ts';
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
    levels: query,
    screens: query,
  };
  return createStreamWorld(ecs, options, set, queries);
}

/** The only LOD of an asset of its own, row for row: so many bytes on its way and once it is there. */
export function fillPlainPayload(
  world: StreamWorld,
  payload: number,
  bytes: number,
  pool: Pool = 0,
): void {
  world.payloads.fill(payload, {
    kind: 1,
    pool,
    owner: payload,
    lod: 0,
    encodedBytes: bytes,
    geometryBytes: 0,
    imageBytes: 0,
    textureBytes: [0, 0, 0, 0],
    decodeMs: 0,
    checksum: 0,
    file: 0,
    offset: 0,
  });
  world.payloads.columns.reserveBytes[payload] = bytes;
  world.payloads.columns.residentBytes[payload] = bytes;
  drain(world.assets.reserve(1));
  world.assets.put(world.assets.append(1), {
    id: payload + 1,
    name: `asset-${payload}`,
    sphere: [0, 0, 0, 1],
    lodCount: 1,
    firstPayload: payload,
    errors: [0],
    importance: 1,
  });
}

/** Something decoded, with nothing in it. */
export const EMPTY_CONTENT: MeshContent = {
  scale: 1,
  offset: [0, 0, 0],
  primitives: [],
  materials: [],
  images: [],
};
