/** The plugin on real worker threads: streams, and leaves none behind. */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { memorySource } from '../../src/io/sources/memory.ts';
import { installStreaming } from '../../src/plugin.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';
import { workerUrl } from '../support/worker-url.ts';

function openPorts(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length;
}

describe('the plugin with its own worker pool', () => {
  it('makes an entity resident, and after dispose no worker is left, three times over', async () => {
    const synthetic = makeSyntheticWorld({ placements: 300, assets: 4, finestBytes: 4000 });
    const before = openPorts();
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
      expect(openPorts()).toBeGreaterThan(before);
      streaming.removeViewpoint(viewpoint);
      await streaming.dispose();
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(openPorts()).toBeLessThanOrEqual(before);
  });
});
