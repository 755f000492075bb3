import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateIsland, type IslandSources } from '../../demo/world/index.ts';
import { MODELS, modelsOf } from '../../demo/world/models/catalog.ts';

const folders: string[] = [];
let island: IslandSources;

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'island-'));
  folders.push(path);
  return path;
}

/** One hash per file of the sources, and one for the placements. */
function fingerprint(sources: IslandSources): Record<string, string> {
  const out: Record<string, string> = {};
  const walk = (path: string): void => {
    for (const name of readdirSync(path).sort()) {
      const full = join(path, name);
      if (statSync(full).isDirectory()) walk(full);
      else out[name] = createHash('sha256').update(readFileSync(full)).digest('hex');
    }
  };
  walk(sources.folder);
  const { assets, positions, rotations, scales } = sources.placements;
  const hash = createHash('sha256');
  for (const array of [assets, positions, rotations, scales]) hash.update(array);
  out['placements'] = hash.digest('hex');
  return out;
}

/** Ground height read back from the written PNG, as the cook will see it. */
async function readGround(sources: IslandSources): Promise<(x: number, z: number) => number> {
  const { data, info } = await sharp(sources.heightmap)
    .toColourspace('grey16')
    .raw({ depth: 'ushort' })
    .toBuffer({ resolveWithObject: true });
  const values = new Uint16Array(data.buffer, data.byteOffset, info.width * info.height);
  const last = info.width - 1;
  return (x, z) => {
    const fx = Math.min(last - 1e-4, Math.max(0, (x / sources.size + 0.5) * last));
    const fz = Math.min(last - 1e-4, Math.max(0, (z / sources.size + 0.5) * last));
    const [x0, z0] = [Math.floor(fx), Math.floor(fz)];
    const at = (i: number, k: number): number =>
      (values[(z0 + k) * info.width + x0 + i]! / 65535) * sources.height + sources.heightBase;
    const near = at(0, 0) + (at(1, 0) - at(0, 0)) * (fx - x0);
    const far = at(0, 1) + (at(1, 1) - at(0, 1)) * (fx - x0);
    return near + (far - near) * (fz - z0);
  };
}

beforeAll(async () => {
  island = await generateIsland({ folder: folder(), size: 'small' });
}, 60_000);

afterAll(() => {
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

describe('the small island', () => {
  test('has about three thousand placements of a handful of models', () => {
    expect(island.inputs.length).toBeGreaterThanOrEqual(6);
    expect(island.placements.assets.length).toBeGreaterThan(2500);
    expect(island.placements.assets.length).toBeLessThan(6000);
    expect(island.inputs.map((path) => basename(path, '.glb'))).toEqual(
      island.placements.assetNames,
    );
  });

  test('is the same bytes for the same seed and other bytes for another', async () => {
    const again = await generateIsland({ folder: folder(), size: 'small' });
    const other = await generateIsland({ folder: folder(), size: 'small', seed: 8 });
    expect(fingerprint(again)).toEqual(fingerprint(island));
    const differing = fingerprint(other);
    for (const name of ['heights.png', 'ground.jpg', 'oak-1.glb', 'placements']) {
      expect(differing[name], name).not.toBe(fingerprint(island)[name]);
    }
  }, 60_000);

  test('stands every tree on the ground that is written', async () => {
    const ground = await readGround(island);
    const { assetNames, assets, positions, scales } = island.placements;
    let trees = 0;
    for (let i = 0; i < assets.length; i++) {
      if (assetNames[assets[i]!] !== 'oak-1') continue;
      trees++;
      const y = ground(positions[i * 3]!, positions[i * 3 + 2]!);
      expect(Math.abs(positions[i * 3 + 1]! - y)).toBeLessThan(0.05 * scales[i]! + 0.02);
      expect(y).toBeGreaterThan(1);
    }
    expect(trees).toBeGreaterThan(100);
  });

  test('has a bare tree for the winter in the place of every oak', () => {
    const { assetNames, assets, positions, layers, layerNames } = island.placements;
    expect(layerNames).toEqual(['!winter', 'winter']);
    const places = (name: string, layer: number): string[] =>
      [...assets.keys()]
        .filter((i) => assetNames[assets[i]!] === name && layers![i] === layer)
        .map((i) => positions.subarray(i * 3, i * 3 + 3).join())
        .sort();
    const oaks = places('oak-1', 0);
    expect(oaks.length).toBeGreaterThan(100);
    expect(places('bare-1', 1)).toEqual(oaks);
    expect(places('oak-1', -1)).toEqual([]);
    expect(places('spruce-1', -1).length).toBeGreaterThan(100);
  });

  test('puts no tree into a house', () => {
    const { assetNames, assets, positions } = island.placements;
    const at = (name: string): [number, number][] =>
      [...assets.keys()]
        .filter((i) => assetNames[assets[i]!] === name)
        .map((i) => [positions[i * 3]!, positions[i * 3 + 2]!]);
    const houses = at('house-1');
    const trees = [...at('oak-1'), ...at('spruce-1')];
    expect(houses.length).toBeGreaterThan(10);
    // The smaller half side of the house: inside this circle is certainly inside the house.
    const inside = trees.filter(([x, z]) =>
      houses.some(([hx, hz]) => Math.hypot(x - hx, z - hz) < 3.5),
    );
    expect(inside).toEqual([]);
    const near = trees.filter(([x, z]) =>
      houses.some(([hx, hz]) => Math.hypot(x - hx, z - hz) < 60),
    );
    expect(near.length).toBeGreaterThan(0);
  });

  test('gives unit rotations, positive scales and known levels', () => {
    const { rotations, scales, levels } = island.placements;
    for (let i = 0; i < scales.length; i++) {
      expect(Math.hypot(...rotations.subarray(i * 4, i * 4 + 4))).toBeCloseTo(1, 4);
      expect(scales[i]).toBeGreaterThan(0);
      expect(levels![i]).toBeLessThan(island.levels.length);
    }
    expect(new Set(levels)).toContain(-1);
    expect(island.levels.length).toBeGreaterThanOrEqual(3);
  });

  test('keeps what belongs to a village within the reach of its sphere', () => {
    const { positions, levels } = island.placements;
    for (let i = 0; i < levels!.length; i++) {
      const level = island.levels[levels![i]!];
      if (level === undefined) continue;
      const away = Math.hypot(
        positions[i * 3]! - level.center[0],
        positions[i * 3 + 2]! - level.center[2],
      );
      expect(away).toBeLessThan(level.radius * 1.5);
    }
  });

  test('flies a closed path that stays above the ground and the sea', async () => {
    const ground = await readGround(island);
    const { points, targets, lengthMeters } = island.metadata.autopilot;
    expect(targets.length).toBe(points.length);
    expect(lengthMeters).toBeGreaterThan(2000);
    for (const [x, y, z] of points) expect(y - Math.max(0, ground(x, z))).toBeGreaterThan(8);
    const first = points[0]!;
    const last = points.at(-1)!;
    expect(Math.hypot(first[0] - last[0], first[2] - last[2])).toBeLessThan(200);
  });

  test('writes models that a glTF reader accepts, with unit normals and indices in range', async () => {
    for (const path of island.inputs) {
      const document = await new NodeIO().read(path);
      const primitive = document.getRoot().listMeshes()[0]!.listPrimitives()[0]!;
      const normals = primitive.getAttribute('NORMAL')!.getArray()!;
      for (let i = 0; i < normals.length; i += 3) {
        expect(Math.hypot(normals[i]!, normals[i + 1]!, normals[i + 2]!)).toBeCloseTo(1, 2);
      }
      const count = primitive.getAttribute('POSITION')!.getCount();
      for (const index of primitive.getIndices()!.getArray()!) expect(index).toBeLessThan(count);
      for (const uv of primitive.getAttribute('TEXCOORD_0')!.getArray()!) {
        expect(uv).toBeGreaterThanOrEqual(0);
        expect(uv).toBeLessThanOrEqual(1);
      }
    }
  });
});

describe('the catalog', () => {
  test('has at least 64 models with distinct names, a few of them in the small world', () => {
    expect(new Set(MODELS.map((model) => model.name)).size).toBe(MODELS.length);
    expect(MODELS.length).toBeGreaterThanOrEqual(64);
    expect(modelsOf('small').length).toBeLessThan(13);
  });
});
