/**
 * Streams assets by name and tells what arrived: sizes and colors of images, the values of kinds of
 * the game's own. The test calls `kindsPage`.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { httpSource, installStreaming } from '../../../../src/index.ts';

interface Arrived {
  triangles: number;
  /** Width, height and how many colors an image has, up to 64 of them looked for. */
  images: { width: number; height: number; colors: number }[];
  value: unknown;
  failure: string;
}

function countColors(bitmap: ImageBitmap): number {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
  return new Set(new Uint32Array(data.buffer)).size;
}

async function arrive(assets: string[]): Promise<Record<string, Arrived>> {
  const world = createWorld();
  const streaming = installStreaming(world, {
    source: httpSource('/world/'),
    kinds: {
      audio: { id: 16, decoder: '/test/support/decoders/wave.js' },
      script: { id: 17, decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) },
      missing: { id: 18, decoder: '/test/support/decoders/none.js' },
    },
  });
  const failures = new Map<string, string>();
  streaming.on('assetFailed', ({ asset, error, message }) =>
    failures.set(asset, `${error}: ${message}`),
  );
  await streaming.open('world.json');
  const { StreamRequest } = streaming.components;
  for (const asset of assets)
    addComponent(world, addEntity(world), set(StreamRequest, { asset, coarsestLod: 0 }));
  const holds = assets.map((asset) => streaming.requestAsset(asset, 0, 'high'));
  const isDone = (asset: string): boolean => failures.has(asset) || streaming.isResident(asset, 0);
  while (!assets.every(isDone)) {
    streaming.begin();
    streaming.update(1 / 60);
    streaming.commit();
    streaming.checkInvariants();
    await new Promise((resolve) => setTimeout(resolve, 4));
  }
  const arrived = assets.map((asset): [string, Arrived] => {
    const data = streaming.data(asset, 0);
    const value = streaming.content(asset) as { samples?: Float32Array } | null;
    const index = data?.primitives.map((primitive) => primitive.index.length) ?? [];
    return [
      asset,
      {
        triangles: index.reduce((sum, length) => sum + length / 3, 0),
        images: (data?.images ?? []).flatMap(({ width, height, bitmap }) =>
          bitmap ? [{ width, height, colors: countColors(bitmap) }] : [],
        ),
        value: value?.samples ? Array.from(value.samples.subarray(0, 8)) : value,
        failure: failures.get(asset) ?? '',
      },
    ];
  });
  for (const hold of holds) hold.release();
  await streaming.dispose();
  return Object.fromEntries(arrived);
}

Object.assign(globalThis, { kindsPage: { arrive } });
