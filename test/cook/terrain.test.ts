import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import { NO_CHILD } from '../../src/io/bundle/format.ts';
import { PayloadKind } from '../../src/io/content.ts';
import { temporaryFolder, writeGlb, writeHeights } from './sources.ts';
import { type OpenedWorld, openWorld, positionsOf } from './worlds.ts';

const SIDE = 65;
const SIZE = 640;
const HEIGHT = 100;

interface Tile {
  box: number[];
  positions: Float64Array;
  normals: ArrayLike<number>;
}

async function tilesOf(world: OpenedWorld): Promise<Tile[]> {
  const { counts, terrainPayloads, terrainBoxes } = world.catalog;
  const tiles: Tile[] = [];
  for (let i = 0; i < counts.terrain; i++) {
    const content = await world.decode(terrainPayloads[i]!);
    const normals = content.primitives[0]!.attributes.find(({ name }) => name === 'normal')!.array;
    const box = Array.from(terrainBoxes.subarray(i * 6, i * 6 + 6));
    tiles.push({ box, positions: positionsOf(content, 0), normals });
  }
  return tiles;
}

/** Highest vertex (the surface, not the skirt) at each place on x = `x`, with its normal. */
function edgeAt({ positions, normals }: Tile, x: number): Map<string, string> {
  const top = new Map<number, number>();
  for (let i = 0; i < positions.length / 3; i++) {
    if (positions[i * 3] !== x) continue;
    const z = positions[i * 3 + 2]!;
    const known = top.get(z);
    if (known === undefined || positions[known * 3 + 1]! < positions[i * 3 + 1]!) top.set(z, i);
  }
  return new Map(
    [...top].map(([z, i]) => {
      const normal = [0, 1, 2].map((c) => normals[i * 4 + c]);
      return [`${z}`, `${positions[i * 3 + 1]!.toFixed(5)} ${normal.join(' ')}`];
    }),
  );
}

async function cookTerrain(extra: object = {}) {
  const folder = temporaryFolder();
  const heightmap = join(folder, 'heights.png');
  const heights = await writeHeights(heightmap, SIDE);
  const out = join(folder, 'world');
  const options = { inputs: [], out, heightmap, size: SIZE, height: HEIGHT, tileCells: 16 };
  const report = await cook({ ...options, ...extra });
  return { folder, heights, report, world: openWorld(out) };
}

describe('a cooked terrain', () => {
  test('is a quadtree over the whole square whose errors rise towards the root', async () => {
    const { world } = await cookTerrain();
    const { terrainBoxes, terrainChildren, terrainErrors, terrainPayloads, payloadKinds, counts } =
      world.catalog;
    expect(counts.terrain).toBe(1 + 4 + 16);
    expect([...terrainBoxes.subarray(0, 6)].filter((_, i) => i % 3 !== 1)).toEqual([
      -320, -320, 320, 320,
    ]);
    for (let node = 0; node < counts.terrain; node++) {
      expect(payloadKinds[terrainPayloads[node]!]).toBe(PayloadKind.Terrain);
      expect(terrainErrors[node]).toBeGreaterThan(0);
      const first = terrainChildren[node]!;
      if (node >= 5) expect(first).toBe(NO_CHILD);
      else {
        let area = 0;
        for (let child = first; child < first + 4; child++) {
          expect(terrainErrors[child]).toBeLessThanOrEqual(terrainErrors[node]!);
          const at = child * 6;
          area +=
            (terrainBoxes[at + 3]! - terrainBoxes[at]!) *
            (terrainBoxes[at + 5]! - terrainBoxes[at + 2]!);
          for (let c = 0; c < 3; c++) {
            expect(terrainBoxes[at + c]).toBeGreaterThanOrEqual(terrainBoxes[node * 6 + c]!);
            expect(terrainBoxes[at + 3 + c]).toBeLessThanOrEqual(terrainBoxes[node * 6 + 3 + c]!);
          }
        }
        const own = node * 6;
        expect(area).toBeCloseTo(
          (terrainBoxes[own + 3]! - terrainBoxes[own]!) *
            (terrainBoxes[own + 5]! - terrainBoxes[own + 2]!),
        );
      }
    }
  });

  test('has the heights of its map in its leaves', async () => {
    const { world, heights } = await cookTerrain({ heightBase: -20 });
    const tiles = await tilesOf(world);
    const seen = new Map<string, number>();
    for (const { positions } of tiles.slice(5))
      for (let i = 0; i < positions.length; i += 3) {
        const key = `${Math.round(positions[i]!)} ${Math.round(positions[i + 2]!)}`;
        seen.set(key, Math.max(seen.get(key) ?? -Infinity, positions[i + 1]!));
      }
    expect(seen.size).toBe(SIDE * SIDE);
    for (let row = 0; row < SIDE; row++)
      for (let column = 0; column < SIDE; column++) {
        const y = seen.get(`${-320 + column * 10} ${-320 + row * 10}`)!;
        const expected = (heights[row * SIDE + column]! / 65535) * HEIGHT - 20;
        expect(Math.abs(y - expected)).toBeLessThan(0.02);
      }
  });

  test('has neighbors that meet in exactly the same vertices and normals', async () => {
    const { world } = await cookTerrain();
    const tiles = await tilesOf(world);
    let compared = 0;
    for (const [i, a] of tiles.entries())
      for (const b of tiles.slice(i + 1)) {
        const isSameSize = a.box[3]! - a.box[0]! === b.box[3]! - b.box[0]!;
        if (!isSameSize || a.box[3] !== b.box[0] || a.box[2] !== b.box[2]) continue;
        const left = edgeAt(a, a.box[3]!);
        expect(left.size).toBe(17);
        expect(edgeAt(b, b.box[0]!)).toEqual(left);
        compared++;
      }
    expect(compared).toBe(2 + 12);
  });

  test('has a tile error that no sample exceeds', async () => {
    const { world, heights } = await cookTerrain();
    const [root] = await tilesOf(world);
    // The root's vertices are every fourth sample; between them its triangles are straight.
    const at = (column: number, row: number): number =>
      (heights[row * SIDE + column]! / 65535) * HEIGHT;
    let worst = 0;
    for (let row = 0; row < SIDE; row += 4)
      for (let column = 0; column < SIDE - 4; column++) {
        const west = column - (column % 4);
        const share = (column % 4) / 4;
        const straight = at(west, row) * (1 - share) + at(west + 4, row) * share;
        worst = Math.max(worst, Math.abs(straight - at(column, row)));
      }
    expect(root!.positions.length).toBe((17 * 17 + 64) * 3);
    expect(worst).toBeGreaterThan(1);
    expect(world.catalog.terrainErrors[0]).toBeGreaterThanOrEqual(worst * 0.999);
  });

  test('has color textures that agree at the edges of neighbors', async () => {
    const folder = temporaryFolder();
    const color = join(folder, 'color.png');
    const pixels = new Uint8Array(256 * 256 * 3);
    for (let i = 0; i < 256 * 256; i++) pixels.set([i & 255, i >> 8, 128], i * 3);
    await sharp(pixels, { raw: { width: 256, height: 256, channels: 3 } })
      .png()
      .toFile(color);
    const { world } = await cookTerrain({ heightmapColor: color });
    const images = [];
    for (let node = 1; node < 5; node++) {
      const { images: found, materials } = await world.decode(world.catalog.terrainPayloads[node]!);
      expect(materials[0]!.textures.baseColor).toMatchObject({ image: 0, wrapS: 'clamp' });
      const { data, info } = await sharp(found[0]!.encoded!.bytes)
        .raw()
        .toBuffer({ resolveWithObject: true });
      expect(info.width).toBe(128);
      images.push(data);
    }
    let largest = 0;
    for (let row = 0; row < 128; row++)
      for (let c = 0; c < 3; c++) {
        const east = images[0]![(row * 128 + 127) * 3 + c]!;
        const west = images[1]![row * 128 * 3 + c]!;
        largest = Math.max(largest, Math.abs(east - west));
      }
    // What is left is the loss of the image codec.
    expect(largest).toBeLessThan(16);
    const inner = Math.abs(images[0]![127 * 3]! - images[0]![0]!);
    expect(inner).toBeGreaterThan(100);
  });

  test('carries placements without a y on its surface', async () => {
    const folder = temporaryFolder();
    const heightmap = join(folder, 'heights.png');
    const heights = await writeHeights(heightmap, SIDE);
    const ball = await writeGlb(folder, 'ball');
    const placements = join(folder, 'placements.csv');
    await writeFile(placements, 'asset,x,z\nball,-320,-320\nball,0,0\nball,320,320\nball,5,0\n');
    const out = join(folder, 'world');
    const options = { heightmap, size: SIZE, height: HEIGHT, tileCells: 16 };
    await cook({ inputs: [ball], out, placements, ...options });
    const { positions } = openWorld(out).catalog;
    const at = (column: number, row: number): number =>
      (heights[row * SIDE + column]! / 65535) * HEIGHT;
    const y = [0, 1, 2, 3].map((i) => positions[i * 3 + 1]!);
    const expected = [at(0, 0), at(32, 32), at(64, 64), (at(32, 32) + at(33, 32)) / 2];
    y.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 3);
    });
  });

  test('comes from raw 16-bit and float squares as from PNG', async () => {
    const folder = temporaryFolder();
    const png = join(folder, 'heights.png');
    const heights = await writeHeights(png, SIDE);
    const bin = join(folder, 'heights.bin');
    await writeFile(bin, new Uint8Array(heights.buffer));
    const float = join(folder, 'heights.r32f');
    await writeFile(
      float,
      new Uint8Array(Float32Array.from(heights, (h) => (h / 65535) * HEIGHT).buffer),
    );
    const boxes: Float32Array[] = [];
    for (const [heightmap, height] of [
      [png, HEIGHT],
      [bin, HEIGHT],
      [float, null],
    ] as const) {
      const out = join(folder, 'world');
      await cook({ inputs: [], out, heightmap, size: SIZE, height, tileCells: 16 });
      boxes.push(openWorld(out).catalog.terrainBoxes.slice());
    }
    expect(boxes[1]).toEqual(boxes[0]);
    boxes[2]!.forEach((value, i) => {
      expect(value).toBeCloseTo(boxes[0]![i]!, 3);
    });
  });
});
