/** Tile selection: no hole, no overlap, whatever is resident. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { AssetTable } from '../../src/catalog/assets.ts';
import { CellTable } from '../../src/catalog/cells.ts';
import { SlotTable } from '../../src/catalog/slots.ts';
import { PayloadTable } from '../../src/memory/payloads.ts';
import { createPoseSet } from '../../src/spatial/expected-error.ts';
import { scoreTiles, selectTiles, TerrainTable } from '../../src/terrain/quadtree.ts';
import { mountCatalog } from '../support/mount.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 0, assets: 1, terrainDepth: 4 });

function mount(): TerrainTable {
  const terrain = new TerrainTable();
  const tables = {
    payloads: new PayloadTable(),
    assets: new AssetTable(),
    slots: new SlotTable(8),
    cells: new CellTable(),
    terrain,
  };
  mountCatalog(tables, synthetic.catalog);
  return terrain;
}

/** Six planes that everything is inside of. */
const everywhere = new Float64Array(24).map((_, i) => (i % 4 === 3 ? 1e9 : 0));

function select(terrain: TerrainTable, x: number, z: number): number[] {
  const out = { items: new Uint32Array(4), count: 0 };
  const eyes = { values: new Float64Array([x, 20, z, 1]), count: 1 };
  selectTiles(terrain, eyes, everywhere, 1, 40, 1, out);
  return [...out.items.subarray(0, out.count)];
}

function area(terrain: TerrainTable, node: number): number {
  const b = terrain.boxes.subarray(node * 6, node * 6 + 6);
  return (b[3]! - b[0]!) * (b[5]! - b[2]!);
}

describe('selectTiles', () => {
  it('covers the ground exactly once, whatever is resident', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const random = createRandom(seed);
        const terrain = mount();
        terrain.setResident(0, true);
        for (let node = 1; node < terrain.count; node++)
          // A child without its parent is not a state the frame allows.
          if (terrain.resident[terrain.parents[node]!] && random() < 0.9)
            terrain.setResident(node, true);
        for (let step = 0; step < 5; step++) {
          const tiles = select(terrain, (random() - 0.5) * 1200, (random() - 0.5) * 1200);
          const covered = tiles.reduce((sum, node) => sum + area(terrain, node), 0);
          expect(covered).toBeCloseTo(area(terrain, 0), 0);
          for (const node of tiles) expect(terrain.resident[node]).toBe(1);
          expect(new Set(tiles).size).toBe(tiles.length);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('selects nothing of a tree whose root is missing', () => {
    expect(select(mount(), 0, 0)).toEqual([]);
  });
});

describe('scoreTiles', () => {
  it('asks level by level for what stands near, and for whole quads', () => {
    const terrain = mount();
    const poses = createPoseSet(1);
    poses.values.set([0, 20, 0, 0, 0, -1, 1, 40, 0, Math.PI]);
    poses.count = 1;
    const view = {
      poses,
      errorPx: 1,
      kReference: 1000,
      errorScale: 1,
      maxDistanceMeters: Number.POSITIVE_INFINITY,
      screenPixels: 1e6,
      classic: { rangeMeters: 1, frustumBonus: 1, velocityBonus: 0.5 },
      course: new Float64Array(3),
    };
    for (let sweep = 1; sweep < 12; sweep++) {
      const wanted = { items: new Uint32Array(4), count: 0 };
      scoreTiles(terrain, view, 1, sweep, wanted);
      const nodes = [...wanted.items.subarray(0, wanted.count)];
      expect(new Set(nodes).size).toBe(nodes.length);
      if (sweep === 1) expect(nodes).toEqual([0]);
      for (const node of nodes) {
        expect(terrain.resident[node]).toBe(0);
        const parent = terrain.parents[node]!;
        if (parent >= 0) expect(terrain.resident[parent]).toBe(1);
      }
      for (const node of nodes) terrain.setResident(node, true);
    }
    for (let node = 0; node < terrain.count; node++)
      expect([0, 4]).toContain(terrain.residentChildren[node]);
    const tiles = select(terrain, 0, 0);
    expect(tiles.length).toBeGreaterThan(10);
  });
});
