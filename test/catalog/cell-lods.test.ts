/** LOD selection by cells, runs and slack, against a walk over every placement. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { AssetTable, THRESHOLD_STRIDE } from '../../src/catalog/assets.ts';
import { evaluateCell, eyeDistance, type Tables, targetAt } from '../../src/catalog/cell-lods.ts';
import { CellTable, MIXED } from '../../src/catalog/cells.ts';
import { mountCatalog } from '../../src/catalog/mount.ts';
import { NO_LOD, SlotTable } from '../../src/catalog/slots.ts';
import { PayloadTable } from '../../src/memory/payloads.ts';
import { TerrainTable } from '../../src/terrain/quadtree.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 1500, assets: 6, extentMeters: 400 });

function mount(): Tables {
  const tables = {
    payloads: new PayloadTable(),
    assets: new AssetTable(),
    slots: new SlotTable(8),
    cells: new CellTable(),
    terrain: new TerrainTable(),
  };
  mountCatalog(tables, synthetic.catalog, 0);
  tables.assets.updateThresholds(700, 500, 350);
  return tables;
}

function targetOf(tables: Tables, run: number, slot: number): number {
  const target = tables.cells.runTargets[run]!;
  return target === MIXED ? tables.slots.targetLods[slot]! : target;
}

describe('evaluateCell', () => {
  it('agrees with a walk over every placement along any path, slack and hysteresis included', () => {
    // Over all paths together: a single one may be all jumps.
    let evaluated = 0;
    let skipped = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const random = createRandom(seed);
        const tables = mount();
        const { cells, slots, assets } = tables;
        const naive = new Uint8Array(slots.count).fill(NO_LOD);
        const eyes = { values: new Float64Array([0, 10, 0, 1]), count: 1 };
        let odometer = 0;
        for (let step = 0; step < 40; step++) {
          const stride = random() < 0.1 ? 200 : 4;
          const dx = (random() - 0.5) * stride;
          const dz = (random() - 0.5) * stride;
          eyes.values[0]! += dx;
          eyes.values[2]! += dz;
          odometer += Math.hypot(dx, dz);
          for (let cell = 0; cell < cells.count; cell++) {
            if (step > 0 && odometer - cells.odometers[cell]! < cells.slacks[cell]!) skipped++;
            else {
              evaluateCell(tables, cell, eyes);
              cells.odometers[cell] = odometer;
              evaluated++;
            }
            for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
              const asset = cells.runAssets[run]!;
              for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++) {
                const distance = eyeDistance(slots.positions, slot, eyes) / slots.scales[slot]!;
                naive[slot] = targetAt(
                  assets.thresholds,
                  asset * THRESHOLD_STRIDE,
                  assets.lodCounts[asset]!,
                  distance,
                  naive[slot]!,
                );
                expect(targetOf(tables, run, slot), `slot ${slot} step ${step}`).toBe(naive[slot]);
              }
            }
          }
        }
      }),
      { numRuns: 6 },
    );
    expect(skipped).toBeGreaterThan(evaluated / 2);
  });

  it('does not flicker at a threshold', () => {
    const thresholds = new Float64Array([0, 10, 20, 40, 80, 160]);
    expect(targetAt(thresholds, 0, 5, 20.5, NO_LOD)).toBe(2);
    expect(targetAt(thresholds, 0, 5, 20.5, 1)).toBe(1);
    expect(targetAt(thresholds, 0, 5, 22.1, 1)).toBe(2);
    expect(targetAt(thresholds, 0, 5, 19.9, 2)).toBe(1);
    expect(targetAt(thresholds, 0, 5, 170, 4)).toBe(4);
    expect(targetAt(thresholds, 0, 5, 177, 4)).toBe(5);
  });
});
