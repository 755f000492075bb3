/** LOD selection by cells, runs and slack, against a walk over every placement by definition. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { evaluateCell, type LodBand, type Tables, targetAt } from '../../src/catalog/cell-lods.ts';
import { MIXED } from '../../src/catalog/cells.ts';
import { NO_LOD } from '../../src/catalog/slots.ts';
import {
  type Eye,
  type LodScenario,
  mountScenario,
  naiveTarget,
  randomScenario,
} from '../support/lod-tables.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({
  placements: 800,
  assets: 6,
  extentMeters: 400,
  levels: [{ name: 'town', center: [0, 0, 0], radius: 90 }],
});

function targetOf(tables: Tables, run: number, slot: number): number {
  const target = tables.cells.runTargets[run]!;
  return target === MIXED ? tables.slots.targetLods[slot]! : target;
}

/** Two cameras on a random walk with jumps, the second with a lens of its own half of the time. */
class Walk {
  readonly eyes: Eye[];
  odometer = 0;
  isCut = false;

  constructor(random: Random) {
    this.eyes = [{ at: [0, 10, 0], factor: 1 }];
    if (random() < 0.5) this.eyes.push({ at: [60, 10, 60], factor: 0.4 + random() * 1.6 });
  }

  step(random: Random): void {
    this.isCut = random() < 0.05;
    const stride = random() < 0.1 ? 200 : 4;
    let traveled = 0;
    this.eyes.forEach(({ at: [x, y, z], factor }, i) => {
      const dx = (random() - 0.5) * stride;
      const dz = (random() - 0.5) * stride;
      this.eyes[i] = { at: [x + dx, y, z + dz], factor };
      traveled = Math.max(traveled, Math.hypot(dx, dz) * Math.max(1, factor));
    });
    this.odometer += traveled;
  }

  get values(): { values: Float64Array; count: number } {
    const values = Float64Array.from(this.eyes.flatMap(({ at, factor }) => [...at, factor]));
    return { values, count: this.eyes.length };
  }
}

describe('evaluateCell', () => {
  it('agrees with a walk over every placement along any path, in every mode and limit', () => {
    // Over all paths together: a single one may be all jumps.
    const seen = { evaluated: 0, skipped: 0, modes: new Set<string>(), lods: new Set<number>() };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
        const random = createRandom(seed);
        const scenario = randomScenario(random);
        const tables = mountScenario(synthetic, scenario);
        seen.modes.add(scenario.rule.mode);
        fly(tables, scenario, random, seen);
      }),
      { numRuns: 25 },
    );
    expect(seen.skipped).toBeGreaterThan(seen.evaluated / 2);
    expect(seen.modes.size).toBe(3);
    expect(seen.lods.size).toBe(6);
  });

  it('is found out when a hysteresis is not what was asked for', () => {
    const random = createRandom(5);
    const scenario = randomScenario(random);
    scenario.options = { hysteresis: 1.3, finerHysteresis: 1 };
    const tables = mountScenario(synthetic, scenario);
    const seen = { evaluated: 0, skipped: 0, lods: new Set<number>() };
    scenario.options = { hysteresis: 1.1, finerHysteresis: 1 };
    expect(() => fly(tables, scenario, random, seen)).toThrow(/slot \d+ step/);
  });
});

interface Tally {
  evaluated: number;
  skipped: number;
  lods: Set<number>;
}

function fly(tables: Tables, scenario: LodScenario, random: Random, seen: Tally): void {
  const { cells, slots } = tables;
  const naive = new Uint8Array(slots.count).fill(NO_LOD);
  const walk = new Walk(random);
  for (let step = 0; step < 30; step++) {
    if (step > 0) walk.step(random);
    const eyes = walk.values;
    for (let cell = 0; cell < cells.count; cell++) {
      const isInSlack = walk.odometer - cells.odometers[cell]! < cells.slacks[cell]!;
      if (step > 0 && !walk.isCut && isInSlack) seen.skipped++;
      else {
        evaluateCell(tables, cell, eyes, walk.isCut);
        cells.odometers[cell] = walk.odometer;
        seen.evaluated++;
      }
      const isInLevel = cells.levels[cell] === 0;
      for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
        const asset = cells.runAssets[run]!;
        for (let slot = cells.runSlots[run]!; slot < cells.runEnds[run]!; slot++) {
          const before = walk.isCut ? NO_LOD : naive[slot]!;
          const lod = naiveTarget(tables, scenario, isInLevel, asset, slot, walk.eyes, before);
          naive[slot] = lod;
          seen.lods.add(lod);
          const found = targetOf(tables, run, slot);
          if (found !== lod)
            throw new Error(`slot ${slot} step ${step}: LOD ${found} instead of ${lod}`);
        }
      }
    }
  }
}

describe('targetAt', () => {
  const thresholds = new Float64Array([0, 10, 20, 40, 80, 160]);

  it('does not flicker at a threshold', () => {
    const band = { coarserFactor: 1.1, finerFactor: 1 };
    const at = (distance: number, current: number): number =>
      targetAt(thresholds, 0, 5, distance, current, band);
    expect(at(20.5, NO_LOD)).toBe(2);
    expect(at(20.5, 1)).toBe(1);
    expect(at(22.1, 1)).toBe(2);
    expect(at(19.9, 2)).toBe(1);
    expect(at(170, 4)).toBe(4);
    expect(at(177, 4)).toBe(5);
  });

  it('never changes within the band, whatever the camera does there, and does outside of it', () => {
    fc.assert(
      fc.property(
        fc.record({
          coarserFactor: fc.double({ min: 1.01, max: 1.4, noNaN: true }),
          finerFactor: fc.double({ min: 0.75, max: 1, noNaN: true }),
        }),
        fc.integer({ min: 1, max: 5 }),
        fc.boolean(),
        fc.array(fc.double({ min: 0.001, max: 0.999, noNaN: true }), { minLength: 1 }),
        (band: LodBand, lod, startsFiner, shares) => {
          const threshold = thresholds[lod]!;
          const start = startsFiner ? lod - 1 : lod;
          // Adjacent bands may overlap; only what keeps clear of them is this threshold's own.
          const from = Math.max(threshold * band.finerFactor, thresholds[lod - 1]! * 1.5);
          const to = Math.min(
            threshold * band.coarserFactor,
            (thresholds[lod + 1] ?? Number.POSITIVE_INFINITY) * 0.7,
          );
          let current = start;
          for (const share of shares) {
            current = targetAt(thresholds, 0, 5, from + (to - from) * share, current, band);
            expect(current).toBe(start);
          }
          const past = startsFiner ? threshold * band.coarserFactor * 1.001 : from * 0.999;
          expect(targetAt(thresholds, 0, 5, past, start, band)).not.toBe(start);
        },
      ),
    );
  });
});
