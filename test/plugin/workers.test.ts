/** The plugin on real worker threads: streams, and leaves none behind. */
import { addComponent, addEntity, createWorld, removeEntity, set, type World } from 'bitecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { httpSource } from '../../src/io/sources/http.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming } from '../../src/plugin.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';
import { workerUrl } from '../support/worker-url.ts';

const threads = process.getBuiltinModule('node:worker_threads');
const OriginalWorker = threads.Worker;
const running = new Set<object>();

beforeAll(() => {
  threads.Worker = class extends OriginalWorker {
    constructor(...args: ConstructorParameters<typeof OriginalWorker>) {
      super(...args);
      running.add(this);
      this.on('exit', () => running.delete(this));
    }
  };
});

afterAll(() => {
  threads.Worker = OriginalWorker;
});

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
});
afterAll(() => server.close());

const synthetic = makeSyntheticWorld({ placements: 300, assets: 4, finestBytes: 4000 });

/** Opens the world, waits for one entity, counts workers, and disposes. */
async function visit(ecs: World, options: StreamingOptions, workers: number): Promise<void> {
  const streaming = installStreaming(ecs, { workerUrl, workerCount: 2, capacity: 64, ...options });
  const { StreamRequest } = streaming.components;
  const viewpoint = streaming.createViewpoint();
  const entity = addEntity(ecs);
  addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-1' }));
  await streaming.open(synthetic.path);
  let isThere = false;
  const ready = streaming.whenResident(entity, 0).then(() => {
    isThere = true;
  });
  while (!isThere) {
    streaming.begin();
    streaming.update(1 / 60);
    streaming.commit();
    streaming.checkInvariants();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await ready;
  expect(streaming.data(entity, 0)?.primitives[0]?.index.length).toBe(3);
  // The count sees workers: it would also see one that stayed.
  expect(running.size).toBe(workers);
  streaming.removeViewpoint(viewpoint);
  await streaming.dispose();
  expect(running.size).toBe(0);
  removeEntity(ecs, entity);
}

describe('the plugin with workers of its own', () => {
  it('makes an entity resident, and after dispose no worker is left, three times over', async () => {
    const ecs = createWorld();
    for (let cycle = 0; cycle < 3; cycle++)
      await visit(ecs, { source: memorySource(synthetic.files) }, 2);
  });

  it.each([
    [true, 3],
    [false, 2],
  ])('fetches in the I/O worker only when it has one (%s)', async (ioWorker, workers) => {
    for (const [name, bytes] of Object.entries(synthetic.files)) server.files.set(name, bytes);
    const [ecs, before] = [createWorld(), server.requests.length];
    let fetches = 0;
    const { fetch } = globalThis;
    globalThis.fetch = (...args) => {
      fetches++;
      return fetch(...args);
    };
    try {
      await visit(ecs, { source: httpSource(server.url), ioWorker }, workers);
    } finally {
      globalThis.fetch = fetch;
    }
    const requests = server.requests.length - before;
    // Head, catalog and at least one read of payloads.
    expect(requests).toBeGreaterThanOrEqual(3);
    expect(fetches).toBe(ioWorker ? 0 : requests);
  });

  it('gives the source back when a world cannot be opened, and still ends', async () => {
    const streaming = installStreaming(createWorld(), {
      workerUrl,
      capacity: 64,
      ioWorker: true,
      source: httpSource(server.url),
    });
    await expect(streaming.open('nowhere.json')).rejects.toThrow(/nowhere\.json/);
    expect(running.size).toBe(1);
    await streaming.dispose();
    expect(running.size).toBe(0);
  });
});
