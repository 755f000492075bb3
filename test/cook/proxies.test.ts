/** Stand-ins of levels: what they are made of, how near to the truth they are, and when there are none. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CookReport, cook, verify } from '../../cook/index.ts';
import { silhouetteOf } from '../../cook/proxy-silhouette.ts';
import { toleratedError } from '../../cook/proxy-tolerance.ts';
import { SurfaceGrid } from '../../cook/surface-grid.ts';
import { createRandom } from '../../src/base/random.ts';
import { NO_LEVEL, stringAt } from '../../src/io/bundle/index.ts';
import {
  COLORS,
  EDGE,
  lightOf,
  meanLight,
  RANGE,
  type Rgb,
  type SeenProxy,
  SPOTS,
  seeProxy,
  surfacePoints,
  TOWER,
  writeProxyWorld,
} from './proxy-worlds.ts';
import { bumpySphere, temporaryFolder, writeGlb } from './sources.ts';
import { type OpenedWorld, openWorld, readFolder } from './worlds.ts';

/** Rejects when the command fails, with what it said. */
const run = promisify(execFile);
const CLI = fileURLToPath(new URL('../../dist/cook/cli.js', import.meta.url));
const DATA = fileURLToPath(new URL('../../../shared/data', import.meta.url));

const FIRST = 'land/0_0~proxy';
const SECOND = 'land/1_0~proxy';

let folder = '';
let report: CookReport;
let world: OpenedWorld;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farfield-proxies-'));
  report = await cook({
    ...(await writeProxyWorld(folder)),
    out: join(folder, 'world'),
    workers: 0,
  });
  world = openWorld(join(folder, 'world'));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const see = (name: string): Promise<SeenProxy> => seeProxy(join(folder, 'world'), world, name);

/** Share of points that are farther from the triangles than `meters`. */
function shareBeyond(points: readonly Rgb[], proxy: SeenProxy, meters: number): number {
  const grid = new SurfaceGrid(proxy.positions, proxy.index);
  return points.filter(([x, y, z]) => grid.distance(x, y, z) > meters).length / points.length;
}

describe('the proxy of a square', () => {
  test('is one asset with one primitive, one material and one small texture, in few triangles', async () => {
    expect(report.proxies.map(({ name, placements, kept }) => [name, placements, kept])).toEqual([
      [FIRST, 50, 30],
      [SECOND, 2, 1],
    ]);
    expect(report.assets.map(({ name }) => name)).toEqual(['ball', 'pebble', 'tower']);
    const proxy = await see(FIRST);
    expect([proxy.primitives, proxy.materials, proxy.images.length]).toEqual([1, 1, 1]);
    const [image] = proxy.images;
    expect(image!.width).toBe(image!.height);
    expect(image!.width).toBeLessThanOrEqual(256);
    // Ten towers are 120 triangles, and twenty balls have 1,656 each.
    expect(proxy.index.length / 3).toBeGreaterThan(120);
    expect(proxy.index.length / 3).toBeLessThan(4096);
    const asset = world.asset(FIRST);
    const { assetLodCounts, assetTriangles, assetErrors } = world.catalog;
    expect(assetLodCounts[asset]).toBeGreaterThan(2);
    for (let lod = 1; lod < assetLodCounts[asset]!; lod++) {
      expect(assetTriangles[asset * 5 + lod]).toBeLessThan(assetTriangles[asset * 5 + lod - 1]!);
      expect(assetErrors[asset * 5 + lod]).toBeGreaterThanOrEqual(
        assetErrors[asset * 5 + lod - 1]!,
      );
    }
    expect((await verify(join(folder, 'world'))).problems).toEqual([]);
  });

  test('stands in the open, in a cell of its own that names the level', () => {
    const { catalog } = world;
    const found: [string, string][] = [];
    for (let cell = 0; cell < catalog.counts.cells; cell++) {
      const level = catalog.cellProxies[cell]!;
      if (level === NO_LEVEL) continue;
      expect(catalog.cellLevels[cell]).toBe(NO_LEVEL);
      expect(catalog.cellRuns[cell + 1]! - catalog.cellRuns[cell]!).toBe(1);
      const asset = catalog.runAssets[catalog.cellRuns[cell]!]!;
      found.push([
        stringAt(catalog, catalog.levelNames[level]!),
        stringAt(catalog, catalog.assetNames[asset]!),
      ]);
    }
    expect(found).toEqual([
      ['land/0_0', FIRST],
      ['land/1_0', SECOND],
    ]);
  });

  test('reaches as far as what it stands in for, within its error', async () => {
    for (const [name, square] of [
      [FIRST, 0],
      [SECOND, 1],
    ] as const) {
      const { positions, errorMeters } = await see(name);
      expect(errorMeters).toBeLessThan(toleratedError(RANGE) * 1.5);
      const own = SPOTS.filter(
        ({ asset, x }) => asset !== 'pebble' && Math.floor(x / EDGE) === square,
      );
      const reach = own.map(({ asset, x, z }) => {
        const h = asset === 'tower' ? TOWER : [4.4, 4.4, 4.4];
        const y = asset === 'tower' ? TOWER[1] : 4;
        return [x - h[0]!, y - h[1]!, z - h[2]!, x + h[0]!, y + h[1]!, z + h[2]!];
      });
      for (let c = 0; c < 3; c++) {
        const along = positions.filter((_, i) => i % 3 === c);
        const low = Math.min(...reach.map((box) => box[c]!));
        const high = Math.max(...reach.map((box) => box[c + 3]!));
        expect(Math.abs(Math.min(...along) - low)).toBeLessThan(errorMeters + 0.45);
        expect(Math.abs(Math.max(...along) - high)).toBeLessThan(errorMeters + 0.45);
      }
    }
  });

  test('is near the surface that it stands in for, and one that is moved is not', async () => {
    for (const [name, square] of [
      [FIRST, 0],
      [SECOND, 1],
    ] as const) {
      const proxy = await see(name);
      const points = surfacePoints(square);
      // Bumps are 0.4 m; nineteen of twenty points count, as they do in every error of the cook.
      const allowed = proxy.errorMeters + 0.45;
      expect(shareBeyond(points, proxy, allowed)).toBeLessThanOrEqual(0.05);
      const by = 3 * allowed;
      const moved = points.map(([x, y, z]): Rgb => [x + by, y, z + by]);
      expect(shareBeyond(moved, proxy, allowed)).toBeGreaterThan(0.05);
    }
  });

  test('has the colors of what it stands in for, and not those of another', async () => {
    const seen = meanLight(await see(FIRST));
    const areas = { tower: (10 * 8 * (8 * 8 * 2 + 8 * 24 * 4)) / 8, ball: 20 * 4 * Math.PI * 16 };
    const expected = (colors: Record<'tower' | 'ball', readonly number[]>): Rgb =>
      [0, 1, 2].map((c) => {
        const light =
          areas.tower * lightOf(colors.tower[c]!) + areas.ball * lightOf(colors.ball[c]!);
        return light / (areas.tower + areas.ball);
      }) as Rgb;
    const farthest = (a: Rgb, b: Rgb): number => Math.max(...a.map((v, c) => Math.abs(v - b[c]!)));
    expect(farthest(seen, expected(COLORS))).toBeLessThan(0.04);
    const swapped = { tower: COLORS.ball, ball: COLORS.tower };
    expect(farthest(seen, expected(swapped))).toBeGreaterThan(0.08);
  });

  test('is the same bytes with no, one and two threads', async () => {
    const made = join(folder, 'again');
    rmSync(made, { recursive: true, force: true });
    const { inputs } = await writeProxyWorld(temporaryFolder());
    const rows = SPOTS.map(({ asset, x, z }) => `${asset},${x},${asset === 'tower' ? 12 : 4},${z}`);
    writeFileSync(join(folder, 'spots.csv'), `asset,x,y,z\n${rows.join('\n')}\n`);
    const first = readFolder(join(folder, 'world'));
    const cookWith = async (workers: string): Promise<void> => {
      const out = join(made, workers);
      const { stdout } = await run(process.execPath, [
        ...[CLI, 'cook', ...inputs, '--out', out, '--placements', join(folder, 'spots.csv')],
        ...['--grid', `land=${EDGE}:${RANGE}`, '--workers', workers],
      ]);
      expect(stdout).toContain('grid land: 2 squares of 100 m within 300 m, 52 placements');
      expect(stdout).toMatch(/2 proxies of 31 placements: [\d,]+ triangles/);
      const files = readFolder(out);
      expect([...files.keys()]).toEqual([...first.keys()]);
      for (const [file, bytes] of first) expect(bytes.equals(files.get(file)!), file).toBe(true);
    };
    await Promise.all([cookWith('1'), cookWith('2')]);
  });

  test('takes no more triangles than it may', async () => {
    const out = join(temporaryFolder(), 'world');
    const few = await cook({
      ...(await writeProxyWorld(folder)),
      out,
      workers: 0,
      proxyTriangles: 100,
    });
    for (const [i, { triangles, errorMeters }] of few.proxies.entries()) {
      expect(triangles).toBeLessThanOrEqual(100);
      expect(triangles).toBeGreaterThan(0);
      expect(errorMeters).toBeGreaterThanOrEqual(report.proxies[i]!.errorMeters);
    }
  });

  test('is left out where it is not wanted', async () => {
    const source = await writeProxyWorld(folder);
    const out = join(temporaryFolder(), 'world');
    const none = await cook({ ...source, out, workers: 0, proxies: false });
    expect(none.proxies).toEqual([]);
    expect(none.grids).toEqual(report.grids);
    const grids = [{ ...source.grids![0]!, proxies: false }];
    expect((await cook({ ...source, grids, out, workers: 0 })).proxies).toEqual([]);
  });
});

describe('the proxy of what is cut out', () => {
  test('covers what is not cut out, and one of a whole surface all of it', async () => {
    const side = 64;
    const data = new Uint8Array(side * side * 4).fill(200);
    // Half of the surface is there, by chance: of what both sides cover, three quarters.
    const random = createRandom(5);
    for (let i = 0; i < side * side; i++) data[i * 4 + 3] = random() < 0.5 ? 255 : 0;
    const raw = { width: side, height: side, channels: 4 } as const;
    const texture = new Uint8Array(await sharp(data, { raw }).png().toBuffer());
    const covered = async (alphaMode: 'OPAQUE' | 'MASK'): Promise<number> => {
      const source = temporaryFolder();
      const mesh = bumpySphere(16, 24);
      for (let i = 0; i < mesh.positions.length; i++) mesh.positions[i]! *= 4;
      const input = await writeGlb(source, 'ball', { mesh, texture, alphaMode });
      const out = join(source, 'world');
      const grids = [{ name: 'land', edge: EDGE, range: 2000 }];
      const { proxies } = await cook({ inputs: [input], out, grids, workers: 0, textureSize: 64 });
      const { positions, index } = await seeProxy(out, openWorld(out), proxies[0]!.name);
      const part = { positions, index, normals: positions, uvs: null, uvs1: null, colors: null };
      const frame = { x: 0, z: 0, radius: 12, minY: -12, maxY: 12 };
      return silhouetteOf([{ ...part, material: 0, extras: [] }], frame).area;
    };
    const whole = await covered('OPAQUE');
    expect(whole / (Math.PI * 16)).toBeGreaterThan(0.85);
    expect(whole / (Math.PI * 16)).toBeLessThan(1.15);
    const share = (await covered('MASK')) / (Math.PI * 16);
    expect(share).toBeGreaterThan(0.65);
    expect(share).toBeLessThan(0.85);
  });
});

describe('the proxy of a named level', () => {
  test('is made where the level asks for it, from what stands in it', async () => {
    const source = await writeProxyWorld(folder);
    const levels = [
      { name: 'keep', min: [140, -50, 0], max: [200, 50, 100], proxy: 150 },
      { name: 'yard', center: [20, 0, 20], radius: 30 },
    ];
    const out = join(temporaryFolder(), 'world');
    const { proxies } = await cook({ ...source, grids: [], levels, out, workers: 0 });
    expect(proxies.map(({ name, level, distanceMeters }) => [name, level, distanceMeters])).toEqual(
      [['keep~proxy', 'keep', 150]],
    );
    const { catalog } = openWorld(out);
    const cell = catalog.cellProxies.findIndex((level) => level !== NO_LEVEL);
    expect(stringAt(catalog, catalog.levelNames[catalog.cellProxies[cell]!]!)).toBe('keep');
  });
});

describe.skipIf(!existsSync(join(DATA, 'gltf')))(
  'a real model (skipped without shared data)',
  () => {
    test('has a proxy of a few triangles within the tolerated error', async () => {
      const out = join(temporaryFolder(), 'world');
      const inputs = [join(DATA, 'gltf/egyptian-cat-statue.glb')];
      const grids = [{ name: 'hall', edge: 4, range: 20 }];
      const { proxies, assets } = await cook({ inputs, out, workers: 0, grids, textureSize: 64 });
      expect(proxies).toHaveLength(1);
      expect(proxies[0]!.triangles).toBeLessThan(assets[0]!.lods[1]!.triangles);
      expect(proxies[0]!.errorMeters).toBeLessThan(toleratedError(20) + 0.001);
      const seen = await seeProxy(out, openWorld(out), proxies[0]!.name);
      expect([seen.primitives, seen.materials]).toEqual([1, 1]);
      // Neither black nor white: the texture came along.
      const mean = meanLight(seen);
      expect(Math.min(...mean)).toBeGreaterThan(0.01);
      expect(Math.max(...mean)).toBeLessThan(0.4);
    });
  },
);
