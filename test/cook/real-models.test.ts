import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeIO } from '@gltf-transform/core';
import { describe, expect, test } from 'vitest';
import { type CookReport, cook, verify } from '../../cook/index.ts';
import { temporaryFolder } from './sources.ts';
import { geometryBytes, openWorld, positionsOf } from './worlds.ts';

/** Models that are not part of the package; without them these tests are skipped. */
const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));
const EXPECTED = {
  '2CylinderEngine': 110_342,
  '2CylinderEngine-Draco': 110_334,
  CesiumBalloonKTX2: 13_224,
  CesiumMilkTruck: 3_624,
  FlightHelmet: 94_722,
  'agi-ktx2-tile': 18_916,
  'egyptian-cat-statue': 4_622,
  garage: 11_358,
  'pirate-meshopt': 5_010,
  space: 15_861,
};

describe.skipIf(!existsSync(join(DATA, 'gltf')))(
  'real models (skipped without shared data)',
  () => {
    test('all cook, keep their triangles, shrink with every LOD and decode', async () => {
      const out = join(temporaryFolder(), 'world');
      const inputs = [join(DATA, 'gltf'), join(DATA, 'tiles3d/agi-ktx2-tile.glb')];
      const report: CookReport = await cook({ inputs, out, textureSize: 128 });
      expect((await verify(out)).problems).toEqual([]);
      expect(report.assets.map(({ name }) => name)).toEqual(Object.keys(EXPECTED));
      const world = openWorld(out);
      for (const [i, asset] of report.assets.entries()) {
        const expected = EXPECTED[asset.name as keyof typeof EXPECTED];
        // Triangles that are smaller than the position grid may go; no others.
        expect(asset.lods[0]!.triangles).toBeLessThanOrEqual(expected);
        expect(asset.lods[0]!.triangles).toBeGreaterThan(expected * 0.999);
        expect(asset.lods, asset.name).toHaveLength(5);
        expect(asset.lods[4]!.triangles, asset.name).toBeLessThanOrEqual(200);
        asset.lods.forEach((lod, l) => {
          if (l === 0) return;
          expect(lod.triangles).toBeLessThan(asset.lods[l - 1]!.triangles);
          expect(lod.errorMeters).toBeGreaterThanOrEqual(asset.lods[l - 1]!.errorMeters);
        });
        for (let lod = 0; lod < asset.lods.length; lod++) {
          const payload = world.catalog.assetPayloads[i]! + lod;
          const content = await world.decode(payload);
          expect(geometryBytes(content)).toBe(world.catalog.payloadGeometryBytes[payload]);
        }
      }
      expect(report.assets.find(({ name }) => name === 'CesiumBalloonKTX2')!.warnings).toEqual([]);
    }, 120_000);

    test('FlightHelmet comes back vertex by vertex within the grid', async () => {
      const out = join(temporaryFolder(), 'world');
      const file = join(DATA, 'gltf/FlightHelmet/FlightHelmet.gltf');
      await cook({ inputs: [file], out, meshCodec: 'meshopt', textureSize: 64 });
      const world = openWorld(out);
      const content = await world.decode(world.catalog.assetPayloads[0]!);
      const step = content.scale / 32767;
      const document = await new NodeIO().read(file);
      const root = document.getRoot();
      const names = content.materials.map(({ name }) => name);
      expect(names.sort()).toEqual(
        root
          .listMaterials()
          .map((m) => m.getName())
          .sort(),
      );
      let compared = 0;
      for (const node of root.listNodes())
        for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
          const material = primitive.getMaterial()!.getName();
          const row = content.primitives.findIndex(
            (p) => content.materials[p.material]!.name === material,
          );
          const grid = new Set<string>();
          const seen = positionsOf(content, row);
          const cell = (x: number, y: number, z: number): string =>
            [x, y, z].map((v, c) => Math.round((v - content.offset[c]!) / step)).join(' ');
          for (let i = 0; i < seen.length; i += 3)
            grid.add(cell(seen[i]!, seen[i + 1]!, seen[i + 2]!));
          const matrix = node.getWorldMatrix();
          const source = primitive.getAttribute('POSITION')!.getArray()!;
          let missing = 0;
          for (let i = 0; i < source.length; i += 3) {
            const world = [0, 1, 2].map(
              (c) =>
                matrix[c]! * source[i]! +
                matrix[4 + c]! * source[i + 1]! +
                matrix[8 + c]! * source[i + 2]! +
                matrix[12 + c]!,
            );
            if (!grid.has(cell(world[0]!, world[1]!, world[2]!))) missing++;
          }
          compared += source.length / 3;
          // Rounding of a transform in double and single precision may differ at a cell's border.
          expect(missing / (source.length / 3)).toBeLessThan(0.002);
        }
      expect(compared).toBe(55_392);
    });

    test.skipIf(!existsSync(join(DATA, 'terrain')))(
      'heights in GeoTIFF and in 16 bits cook',
      async () => {
        const folder = temporaryFolder();
        const tif = join(DATA, 'terrain/bigtujunga.tif');
        const report = await cook({
          inputs: [],
          out: join(folder, 'tif'),
          heightmap: tif,
          size: 30_000,
        });
        expect(report.terrain!.tiles).toBe(1 + 4 + 16 + 64 + 256 + 1024);
        const { head } = openWorld(join(folder, 'tif'));
        // Mountains near Los Angeles; the longer side is the one that --size names.
        expect(head.bounds[3] - head.bounds[0]).toBeCloseTo(30_000, 0);
        expect(head.bounds[5] - head.bounds[2]).toBeCloseTo((30_000 * 642) / 1196, 0);
        expect(head.bounds[1]).toBeGreaterThan(0);
        expect(head.bounds[4]).toBeGreaterThan(1000);
        expect(head.bounds[4]).toBeLessThan(3500);
        const bin = join(DATA, 'terrain/jotunheimen512.bin');
        const options = { heightmap: bin, size: 10_000, height: 2000, out: join(folder, 'bin') };
        expect((await cook({ inputs: [], ...options })).terrain!.tiles).toBe(1 + 4 + 16 + 64);
        expect(readdirSync(folder).sort()).toEqual(['bin', 'tif']);
      },
      60_000,
    );
  },
);
