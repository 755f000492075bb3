import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CELL_DEFAULTS, sortIntoCells } from '../../cook/cells.ts';
import { cook, type PlacementTable } from '../../cook/index.ts';
import { createRandom } from '../../src/base/random.ts';
import { NO_LEVEL, stringAt } from '../../src/io/bundle/index.ts';
import { bumpySphere, plainColumns, temporaryFolder, writeGlb } from './sources.ts';
import { openWorld } from './worlds.ts';

/** Placements over a square of 2 km, half of them in one corner. */
function scatter(count: number, assetCount: number, seed: number): PlacementTable {
  const random = createRandom(seed);
  const table: PlacementTable = {
    assetNames: Array.from({ length: assetCount }, (_, i) => `asset${i}`),
    assets: Uint32Array.from({ length: count }, () => Math.floor(random() * assetCount)),
    positions: new Float64Array(count * 3),
    rotations: new Float32Array(count * 4),
    scales: Float32Array.from({ length: count }, () => 0.5 + random() * 2),
  };
  for (let i = 0; i < count; i++) {
    const reach = i % 2 === 0 ? 2000 : 100;
    table.positions.set([random() * reach, random() * 30, random() * reach], i * 3);
    const quaternion = [random() - 0.5, random() - 0.5, random() - 0.5, random() - 0.5];
    const length = Math.hypot(...quaternion);
    table.rotations.set(
      quaternion.map((v) => v / length),
      i * 4,
    );
  }
  return table;
}

describe('cells', () => {
  test('hold every placement exactly once, in runs of one asset, levels apart', () => {
    const table = scatter(20_000, 7, 1);
    const levels = Uint16Array.from(table.assets, (_, i) => (i % 10 === 0 ? i % 3 : NO_LEVEL));
    const cells = sortIntoCells({ ...table, ...plainColumns(20_000), levels });
    expect([...cells.order].sort((a, b) => a - b)).toEqual([...Array(20_000).keys()]);
    expect(cells.runSlots.at(-1)).toBe(20_000);
    for (let cell = 0; cell < cells.cellLevels.length; cell++) {
      const seen = new Set<number>();
      const first = cells.runSlots[cells.cellRuns[cell]!]!;
      const end = cells.runSlots[cells.cellRuns[cell + 1]!]!;
      const low = [Infinity, Infinity];
      const high = [-Infinity, -Infinity];
      for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
        expect(seen.has(cells.runAssets[run]!)).toBe(false);
        seen.add(cells.runAssets[run]!);
        let last = -1;
        for (let slot = cells.runSlots[run]!; slot < cells.runSlots[run + 1]!; slot++) {
          const row = cells.order[slot]!;
          expect(table.assets[row]).toBe(cells.runAssets[run]);
          expect(levels[row]).toBe(cells.cellLevels[cell]);
          expect(row).toBeGreaterThan(last);
          last = row;
          for (const [k, c] of [0, 2].entries()) {
            low[k] = Math.min(low[k]!, table.positions[row * 3 + c]!);
            high[k] = Math.max(high[k]!, table.positions[row * 3 + c]!);
          }
        }
      }
      const size = Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
      // Full cells are small, and no cell is full unless it is as small as cells get.
      if (end - first > CELL_DEFAULTS.maxPlacements)
        expect(size).toBeLessThanOrEqual(CELL_DEFAULTS.minSize * 2);
    }
  });

  test('have boxes that contain the spheres of all their placements, and their origins', async () => {
    const folder = temporaryFolder();
    const table = scatter(500, 2, 5);
    const mesh = bumpySphere(6, 8);
    for (let i = 0; i < mesh.positions.length; i += 3) mesh.positions[i] = mesh.positions[i]! + 5;
    for (const name of table.assetNames) await writeGlb(folder, name, { mesh });
    const out = join(folder, 'world');
    await cook({ inputs: [folder], out, placements: table });
    const { catalog } = openWorld(out);
    for (let cell = 0; cell < catalog.counts.cells; cell++)
      for (let run = catalog.cellRuns[cell]!; run < catalog.cellRuns[cell + 1]!; run++)
        for (let slot = catalog.runSlots[run]!; slot < catalog.runSlots[run + 1]!; slot++) {
          expect(catalog.runScales[run]).toBeGreaterThanOrEqual(catalog.scales[slot]!);
          const [x, y, z, w] = [0, 1, 2, 3].map((c) => catalog.rotations[slot * 4 + c]! / 32767);
          const scale = catalog.scales[slot]!;
          for (let c = 0; c < 3; c++) {
            // Far outside the model, and what distances are measured from.
            const origin = catalog.positions[slot * 3 + c]!;
            expect(origin).toBeGreaterThanOrEqual(catalog.cellBoxes[cell * 6 + c]!);
            expect(origin).toBeLessThanOrEqual(catalog.cellBoxes[cell * 6 + 3 + c]!);
          }
          for (let v = 0; v < mesh.positions.length; v += 9) {
            const [px, py, pz] = [0, 1, 2].map((c) => mesh.positions[v + c]! * scale);
            const t = [
              2 * (y! * pz! - z! * py!),
              2 * (z! * px! - x! * pz!),
              2 * (x! * py! - y! * px!),
            ];
            const turned = [
              px! + w! * t[0]! + y! * t[2]! - z! * t[1]!,
              py! + w! * t[1]! + z! * t[0]! - x! * t[2]!,
              pz! + w! * t[2]! + x! * t[1]! - y! * t[0]!,
            ];
            for (let c = 0; c < 3; c++) {
              const value = turned[c]! + catalog.positions[slot * 3 + c]!;
              expect(value).toBeGreaterThanOrEqual(catalog.cellBoxes[cell * 6 + c]!);
              expect(value).toBeLessThanOrEqual(catalog.cellBoxes[cell * 6 + 3 + c]!);
            }
          }
        }
    expect(openWorld(out).head.counts.placements).toBe(500);
  });
});

describe('placement files', () => {
  async function place(name: string, text: string, levels?: string) {
    const folder = temporaryFolder();
    const inputs = [await writeGlb(folder, 'oak'), await writeGlb(folder, 'rock')];
    const placements = join(folder, name);
    await writeFile(placements, text);
    const out = join(folder, 'world');
    const levelsFile = join(folder, 'levels.json');
    if (levels) await writeFile(levelsFile, levels);
    await cook({ inputs, out, placements, ...(levels ? { levels: levelsFile } : {}) });
    return openWorld(out).catalog;
  }

  test('are read from CSV with yaw in degrees, scale and quaternions', async () => {
    const catalog = await place(
      'p.csv',
      'asset,x,y,z,yaw,scale\noak,1,2,3,90,2\nrock,4,5,6,,\n"oak",-1,0,0,180,\n',
    );
    expect([...catalog.runAssets]).toEqual([0, 1]);
    expect([...catalog.positions]).toEqual([1, 2, 3, -1, 0, 0, 4, 5, 6]);
    expect([...catalog.scales]).toEqual([2, 1, 1]);
    const half = Math.round(Math.SQRT1_2 * 32767);
    expect([...catalog.rotations.subarray(0, 4)]).toEqual([0, half, 0, half]);
    expect([...catalog.rotations.subarray(4, 8)]).toEqual([0, 32767, 0, 0]);
    const turned = await place('q.csv', 'asset,x,z,qx,qy,qz,qw\noak,0,0,2,0,0,0\n');
    expect([...turned.rotations]).toEqual([32767, 0, 0, 0]);
  });

  test('are read from JSON', async () => {
    const catalog = await place('p.json', '[{"asset":"rock","x":1,"z":2,"scale":3}]');
    expect([...catalog.positions]).toEqual([1, 0, 2]);
    expect([...catalog.scales]).toEqual([3]);
    expect([...catalog.runAssets]).toEqual([1]);
  });

  test('are read from GeoJSON, in meters east and south of their mean', async () => {
    const point = (lon: number, lat: number) => ({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [lon, lat] },
      properties: { asset: 'oak' },
    });
    const features = [point(10, 60), point(10.001, 60.001)];
    const catalog = await place(
      'p.geojson',
      JSON.stringify({ type: 'FeatureCollection', features }),
    );
    const [x0, , z0, x1, , z1] = catalog.positions;
    // A thousandth of a degree: 111.2 m of latitude, half of that of longitude at 60 degrees.
    expect(z0! - z1!).toBeCloseTo(111.2, 0);
    expect(x1! - x0!).toBeCloseTo(55.6, 0);
    expect(x0! + x1!).toBeCloseTo(0, 3);
  });

  test('belong to levels by column or by shape', async () => {
    const levels = JSON.stringify([
      { name: 'harbor', center: [0, 0, 0], radius: 10 },
      { name: 'keep', min: [100, -1, -1], max: [110, 1, 1] },
    ]);
    const rows = [
      'oak,5,0,0,',
      'oak,105,0,0,',
      'oak,50,0,0,',
      'oak,6,0,0,keep',
      'oak,60,0,0,attic',
    ];
    const catalog = await place('p.csv', `asset,x,y,z,level\n${rows.join('\n')}\n`, levels);
    const names = [...catalog.levelNames].map((name) => stringAt(catalog, name));
    expect(names).toEqual(['harbor', 'keep', 'attic']);
    const levelOf = new Map<number, number>();
    for (let cell = 0; cell < catalog.counts.cells; cell++) {
      const first = catalog.runSlots[catalog.cellRuns[cell]!]!;
      const end = catalog.runSlots[catalog.cellRuns[cell + 1]!]!;
      for (let slot = first; slot < end; slot++)
        levelOf.set(catalog.positions[slot * 3]!, catalog.cellLevels[cell]!);
    }
    expect(Object.fromEntries(levelOf)).toEqual({ 5: 0, 105: 1, 50: NO_LEVEL, 6: 1, 60: 2 });
  });
});
