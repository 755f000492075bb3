/** Real files through cook, workers and runtime. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { nodeFileSource } from '../../src/io/node.ts';
import { installStreaming } from '../../src/plugin.ts';
import { workerUrl } from '../support/worker-url.ts';
import { temporaryFolder } from './sources.ts';
import { openWorld } from './worlds.ts';

const GLTF = fileURLToPath(new URL('../../../shared/data/gltf', import.meta.url));
const FILES: Record<string, string> = {
  '2CylinderEngine': '2CylinderEngine/2CylinderEngine.glb',
  '2CylinderEngine-Draco': '2CylinderEngine/2CylinderEngine-Draco.gltf',
  'pirate-meshopt': 'pirate-meshopt.glb',
  'egyptian-cat-statue': 'egyptian-cat-statue.glb',
  CesiumMilkTruck: 'CesiumMilkTruck-Draco/CesiumMilkTruck.gltf',
};

describe.skipIf(!existsSync(GLTF))('real files (skipped without shared data)', () => {
  test('load through cook and runtime, decoded by workers, to the byte', async () => {
    const out = join(temporaryFolder(), 'world');
    const inputs = Object.values(FILES).map((file) => join(GLTF, file));
    await cook({ inputs, out, textureSize: 64 });
    const ecs = createWorld();
    const streaming = installStreaming(ecs, {
      source: nodeFileSource(out),
      workerUrl,
      workerCount: 2,
      capacity: 64,
    });
    onTestFinished(() => streaming.dispose());
    const failures: string[] = [];
    streaming.on('assetFailed', ({ message }) => failures.push(message));
    await streaming.open('world.json');
    const { StreamRequest } = streaming.components;
    const names = Object.keys(FILES);
    for (const asset of names)
      addComponent(ecs, addEntity(ecs), set(StreamRequest, { asset, coarsestLod: 0 }));
    const holds = names.map((name) => streaming.requestAsset(name, 0, 'high'));
    while (failures.length === 0 && !names.every((name) => streaming.isResident(name, 0))) {
      streaming.begin();
      streaming.update(1 / 30);
      streaming.commit();
      streaming.checkInvariants();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(failures).toEqual([]);
    const world = openWorld(out);
    for (const name of names) {
      const content = streaming.data(name, 0)!;
      const alone = await world.decode(world.catalog.assetPayloads[world.asset(name)]!);
      expect(content.primitives, name).toEqual(alone.primitives);
      for (const image of content.images) expect(image.encoded!.bytes.length).toBeGreaterThan(0);
    }
    expect(streaming.data('egyptian-cat-statue', 0)!.images.length).toBeGreaterThan(0);
    for (const hold of holds) hold.release();
  }, 180_000);
});
