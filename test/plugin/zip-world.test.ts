/** One zip file, as a player drops it on the page: opened and streamed by the plugin, in workers. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { zipSync } from 'fflate';
import { expect, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import type { Bytes } from '../../src/io/source.ts';
import { blobSource } from '../../src/io/sources/blob.ts';
import { zipSource } from '../../src/io/sources/zip.ts';
import { installStreaming } from '../../src/plugin.ts';
import { bumpySphere, temporaryFolder, writeGlb, writeHeights } from '../cook/sources.ts';
import { readFolder } from '../cook/worlds.ts';
import { workerUrl } from '../support/worker-url.ts';

test.each([
  ['stored', 0],
  ['deflated', 6],
] as const)('a cooked world in a zip file, %s, streams from the file alone', async (_, level) => {
  const folder = temporaryFolder();
  await writeGlb(folder, 'ball', { mesh: bumpySphere(12, 16) });
  const heightmap = join(folder, 'heights.png');
  await writeHeights(heightmap, 65);
  const out = join(folder, 'world');
  await cook({
    inputs: [join(folder, 'ball.glb')],
    out,
    heightmap,
    size: 640,
    height: 60,
    tileCells: 16,
    compression: level === 0 ? 'zstd' : 'lz4',
  });
  const files = [...readFolder(out)].map(([name, bytes]) => [`island/${name}`, bytes] as const);
  const archive = zipSync(Object.fromEntries(files), { level }) as Bytes;
  rmSync(out, { recursive: true });

  const source = zipSource(blobSource([new File([archive], 'island.zip')]), 'island.zip');
  const streaming = installStreaming(createWorld(), {
    source,
    workerUrl,
    workerCount: 1,
    capacity: 64,
  });
  try {
    const { StreamRequest } = streaming.components;
    streaming.createViewpoint();
    const entity = addEntity(streaming.world);
    addComponent(streaming.world, entity, set(StreamRequest, { asset: 'ball' }));
    await streaming.open('world.json');
    const ready = streaming.whenResident(entity, 0);
    let isThere = false;
    void ready.then(() => {
      isThere = true;
    });
    while (!isThere) {
      streaming.begin();
      streaming.update(1 / 60);
      streaming.commit();
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(streaming.data(entity, 0)!.primitives[0]!.index.length).toBeGreaterThan(300);
  } finally {
    await streaming.dispose();
  }
});
