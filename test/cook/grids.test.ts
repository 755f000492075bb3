/** Squares of grids and data layers: what goes where, in which order, and what is refused. */
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseGridOption } from '../../cook/grids.ts';
import {
  type CookOptions,
  cook,
  formatInspection,
  formatReport,
  inspect,
} from '../../cook/index.ts';
import {
  type Catalog,
  NO_GRID,
  NO_LAYER,
  NO_LEVEL,
  stringAt,
  WHILE_OFF,
} from '../../src/io/bundle/index.ts';
import { bumpySphere, temporaryFolder, writeGlb } from './sources.ts';
import { openWorld } from './worlds.ts';

/** Eight placements of one model: x, z, level and layer of each. */
const ROWS = [
  ['ball', 10, 10, '', ''],
  ['ball', 20, 90, '', 'winter'],
  ['ball', 20, 95, '', '!winter'],
  ['ball', -1, 10, '', ''],
  ['ball', 250, -120, '', 'market'],
  ['ball', 30, 30, 'harbor', ''],
  ['ball', 40, 30, 'harbor', 'winter'],
  ['ball', -90, 20, '', ''],
] as const;

async function source(): Promise<{
  folder: string;
  options: Pick<CookOptions, 'inputs' | 'placements'>;
}> {
  const folder = temporaryFolder();
  const ball = await writeGlb(folder, 'ball', { mesh: bumpySphere(6, 8) });
  const placements = join(folder, 'rows.csv');
  const rows = ROWS.map(([asset, x, z, level, layer]) => [asset, x, 0, z, level, layer].join());
  writeFileSync(placements, `asset,x,y,z,level,layer\n${rows.join('\n')}\n`);
  return { folder, options: { inputs: [ball], placements } };
}

/** Level, layer and x of every placement, in the order of the catalog. */
function placedIn(catalog: Catalog): [string, string, number][] {
  const found: [string, string, number][] = [];
  for (let cell = 0; cell < catalog.counts.cells; cell++) {
    const level = catalog.cellLevels[cell]!;
    const layer = catalog.cellLayers[cell]!;
    const name =
      layer === NO_LAYER ? '' : stringAt(catalog, catalog.layerNames[layer & ~WHILE_OFF]!);
    for (let run = catalog.cellRuns[cell]!; run < catalog.cellRuns[cell + 1]!; run++)
      for (let slot = catalog.runSlots[run]!; slot < catalog.runSlots[run + 1]!; slot++)
        found.push([
          level === NO_LEVEL ? '' : stringAt(catalog, catalog.levelNames[level]!),
          `${layer !== NO_LAYER && layer & WHILE_OFF ? '!' : ''}${name}`,
          Math.round(catalog.positions[slot * 3]!),
        ]);
  }
  return found;
}

describe('grids', () => {
  test('take what is in no level, each layer that has one to itself', async () => {
    const { folder, options } = await source();
    const grids = [
      { name: 'land', edge: 100, range: 400 },
      { name: 'snow', edge: 50, range: 200, layer: 'winter' },
    ];
    const out = join(folder, 'world');
    const report = await cook({ ...options, grids, out, workers: 0, proxies: false });
    const { catalog } = openWorld(out);
    expect(placedIn(catalog)).toEqual([
      ['harbor', '', 30],
      ['harbor', 'winter', 40],
      ['land/-1_0', '', -1],
      ['land/-1_0', '', -90],
      ['land/0_0', '', 10],
      ['land/0_0', '!winter', 20],
      ['land/2_-2', 'market', 250],
      ['snow/0_1', 'winter', 20],
    ]);
    const names = Array.from(catalog.levelNames, (name) => stringAt(catalog, name));
    const squares = names.map((name, level) => {
      const grid = catalog.levelGrids[level]!;
      return [
        name,
        grid === NO_GRID ? -1 : grid,
        ...catalog.levelSquares.subarray(level * 2, level * 2 + 2),
      ];
    });
    expect(squares).toEqual([
      ['harbor', -1, 0, 0],
      ['land/-1_0', 0, -1, 0],
      ['land/0_0', 0, 0, 0],
      ['land/2_-2', 0, 2, -2],
      ['snow/0_1', 1, 0, 1],
    ]);
    const layers = Array.from(catalog.layerNames, (name) => stringAt(catalog, name));
    expect(layers).toEqual(['winter', 'market']);
    expect([...catalog.gridEdges, ...catalog.gridRanges]).toEqual([100, 50, 400, 200]);
    expect([...catalog.gridLayers]).toEqual([NO_LAYER, 0]);
    const counted = [
      { layer: 'winter', placements: 2 },
      { layer: '!winter', placements: 1 },
      { layer: 'market', placements: 1 },
    ];
    expect(report.layers).toEqual(counted);
    expect(report.grids.map(({ squares: n, placements }) => [n, placements])).toEqual([
      [3, 5],
      [1, 1],
    ]);
    const seen = await inspect(out);
    expect([...seen.layers].sort((a, b) => b.placements - a.placements)[0]).toEqual(counted[0]);
    const line = 'grid snow: 1 squares of 50 m within 200 m of layer winter, 1 placements';
    expect(formatReport(report)).toContain(line);
    expect(formatInspection(seen)).toContain(line);
    expect(formatInspection(seen)).not.toContain('level "land/');
  });

  test('give what is of a layer a proxy of that layer', async () => {
    const { folder, options } = await source();
    const out = join(folder, 'world');
    const grids = [{ name: 'land', edge: 100, range: 400 }];
    const { proxies } = await cook({ ...options, grids, out, workers: 0 });
    expect(proxies.map(({ name, layer }) => [name, layer])).toEqual([
      ['land/-1_0~proxy', ''],
      ['land/0_0~proxy', ''],
      ['land/0_0~proxy~winter', 'winter'],
      ['land/0_0~proxy~!winter', '!winter'],
      ['land/2_-2~proxy~market', 'market'],
    ]);
    const { catalog } = openWorld(out);
    const cells = [...catalog.cellProxies.keys()].filter(
      (i) => catalog.cellProxies[i] !== NO_LEVEL,
    );
    // In the open, no layer first, then by layer.
    expect(cells.map((cell) => catalog.cellLayers[cell])).toEqual([
      NO_LAYER,
      NO_LAYER,
      0,
      1,
      WHILE_OFF,
    ]);
    const seen = await inspect(out);
    expect(seen.assets.filter(({ proxyOf }) => proxyOf === 'land/0_0')).toHaveLength(3);
    expect(formatInspection(seen)).toMatch(/5 proxies: \d+ triangles at their finest/);
  });

  test('are read from the command line', () => {
    expect(parseGridOption('land=256:900')).toEqual({ name: 'land', edge: 256, range: 900 });
    expect(parseGridOption('snow=64:1e3:!winter')).toEqual({
      ...{ name: 'snow', edge: 64, range: 1000, layer: '!winter' },
    });
    for (const text of ['land', 'land=256', '=256:900', 'land=:'])
      expect(() => parseGridOption(text)).toThrow('expected NAME=EDGE:RANGE');
  });

  test('say what is wrong with them', async () => {
    const { folder, options } = await source();
    const land = { name: 'land', edge: 100, range: 400 };
    const refuse = async (more: Partial<CookOptions>, message: string): Promise<void> => {
      const out = join(folder, 'deep', 'refused');
      await expect(cook({ ...options, ...more, out, workers: 0 })).rejects.toThrow(message);
      expect(readdirSync(folder)).not.toContain('deep');
    };
    await refuse({ grids: [land, { ...land, layer: 'winter' }] }, 'grid "land" is there twice');
    await refuse(
      { grids: [{ ...land, edge: 0 }] },
      'grid "land": edge is 0, expected meters above 0',
    );
    await refuse({ grids: [{ ...land, range: -5 }] }, 'grid "land": range is -5, expected');
    await refuse(
      { grids: [{ ...land, range: Number.NaN }] },
      'grid "land": range is NaN, expected',
    );
    await refuse({ grids: [{ ...land, name: 'a/b' }] }, 'grid "a/b": expected a name without');
    await refuse(
      { grids: [land, { ...land, name: 'sea' }] },
      'grids "land" and "sea" both take what is of no other grid',
    );
    await refuse(
      { grids: [{ ...land, layer: 'wintr' }] },
      'no placement is of layer "wintr"; did you mean "winter"?',
    );
    await refuse({ grids: [{ ...land, layer: '!!x' }] }, 'layer is "!!x", expected a name');
    await refuse(
      { grids: [land], levels: [{ name: 'land/3_4', center: [0, 0, 0], radius: 1 }] },
      'grid "land" and level "land/3_4" would have levels of one name',
    );
    await refuse({ grids: [{ ...land, edge: 0.001 }] }, 'make the edge longer (it is 0.001 m)');
    await refuse(
      { levels: [{ name: 'yard', center: [0, 0, 0], radius: 1, proxy: -1 }] },
      'proxy is -1, expected true, false or the meters',
    );
    await refuse({ proxyTriangles: 3 }, 'proxyTriangles is 3, expected 16 to 1,000,000');
    const bad = join(folder, 'bad.csv');
    writeFileSync(bad, 'asset,x,z,layer\nball,0,0,!\n');
    await refuse({ placements: bad }, `placements ${bad} line 2: layer is "!", expected a name`);
  });
});

describe('data layers', () => {
  test('are read from JSON, GeoJSON and tables alike', async () => {
    const { folder, options } = await source();
    const rows = ROWS.map(([asset, x, z, level, layer]) => ({ asset, x, y: 0, z, level, layer }));
    const json = join(folder, 'rows.json');
    writeFileSync(json, JSON.stringify(rows));
    const features = rows.map((properties) => ({ type: 'Feature', properties }));
    const geojson = join(folder, 'rows.geojson');
    writeFileSync(geojson, JSON.stringify({ type: 'FeatureCollection', features }));
    const layerNames = ['winter', '!winter', 'market'];
    const table = {
      assetNames: ['ball'],
      assets: new Uint32Array(ROWS.length),
      positions: Float64Array.from(ROWS.flatMap(([, x, z]) => [x, 0, z])),
      rotations: Float32Array.from(ROWS.flatMap(() => [0, 0, 0, 1])),
      scales: new Float32Array(ROWS.length).fill(1),
      levels: Int16Array.from(ROWS, ([, , , level]) => (level ? 0 : -1)),
      layers: Int16Array.from(ROWS, ([, , , , layer]) => layerNames.indexOf(layer)),
      layerNames,
    };
    const levels = [{ name: 'harbor', center: [0, -99, 0], radius: 1 }];
    const seen: [string, string, number][][] = [];
    for (const placements of [options.placements!, json, geojson, table]) {
      const out = join(folder, `world-${seen.length}`);
      await cook({ ...options, levels, placements, out, workers: 0 });
      seen.push(placedIn(openWorld(out).catalog));
    }
    expect(seen[0]).toEqual([
      ['', '', 10],
      ['', '', -1],
      ['', '', -90],
      ['', 'winter', 20],
      ['', 'market', 250],
      ['', '!winter', 20],
      ['harbor', '', 30],
      ['harbor', 'winter', 40],
    ]);
    for (const other of seen.slice(1)) expect(other).toEqual(seen[0]);
  });
});
