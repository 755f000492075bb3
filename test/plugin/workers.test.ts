/** The plugin on real worker threads: streams, and leaves none behind. */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memorySource } from '../../src/io/sources/memory.ts';
import { installStreaming } from '../../src/plugin.ts';
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

describe('the plugin with its own worker pool', () => {
  it('makes an entity resident, and after dispose no worker is left, three times over', async () => {
    const synthetic = makeSyntheticWorld({ placements: 300, assets: 4, finestBytes: 4000 });
    const ecs = createWorld();
    for (let cycle = 0; cycle < 3; cycle++) {
      const streaming = installStreaming(ecs, {
        source: memorySource(synthetic.files),
        workerUrl,
        workerCount: 2,
        capacity: 64,
      });
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
      expect(running.size).toBe(2);
      streaming.removeViewpoint(viewpoint);
      await streaming.dispose();
      expect(running.size).toBe(0);
    }
  });
});
