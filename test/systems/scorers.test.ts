/** The scorers that climb LODs one by one: what they ask for, and in which order. */
import { describe, expect, it } from 'vitest';
import { ScorerTable } from '../../src/memory/scorer-table.ts';
import { classicScorer } from '../../src/systems/scorers/classic.ts';
import { distanceScorer } from '../../src/systems/scorers/distance.ts';

interface Row {
  classic?: number;
  distance?: number;
  areas?: number[];
  resident?: number;
  pending?: number;
  waiting?: number;
  pinned?: number;
  lodCount?: number;
}

function tableOf(rows: Row[]): ScorerTable {
  const table = new ScorerTable();
  table.resize(rows.length);
  for (const [i, row] of rows.entries()) {
    table.lodCounts[i] = row.lodCount ?? 5;
    table.classic[i] = row.classic ?? 1;
    table.distances[i] = row.distance ?? Number.POSITIVE_INFINITY;
    table.residentMasks[i] = row.resident ?? 0;
    table.pendingMasks[i] = row.pending ?? 0;
    table.waitingMasks[i] = row.waiting ?? 0;
    table.pinnedMasks[i] = row.pinned ?? 0;
    table.areas.set(row.areas ?? [1, 1, 1, 1, 1], i * 5);
    table.gains.fill(1, i * 5, i * 5 + 5);
  }
  return table;
}

/** What is scored, the best first, as `row:lod`. */
function order(scorer: typeof classicScorer, table: ScorerTable): string[] {
  scorer.score(table, table.scores);
  return [...table.scores.keys()]
    .filter((at) => table.scores[at]! > 0)
    .sort((a, b) => table.scores[b]! - table.scores[a]! || a - b)
    .map((at) => `${Math.floor(at / 5)}:${at % 5}`);
}

describe('distance', () => {
  it('asks for the nearest first, and of each for the coarsest that is missing', () => {
    const rows = [{ distance: 90 }, { distance: 10 }, { distance: 40, resident: 0b11000 }];
    expect(order(distanceScorer, tableOf(rows))).toEqual(['1:4', '2:2', '0:4']);
  });

  it('knows nothing of importance, and asks for nothing that is nowhere near', () => {
    const rows = [{ distance: 90, classic: 1000 }, { distance: 10 }, {}];
    expect(order(distanceScorer, tableOf(rows))).toEqual(['1:4', '0:4']);
  });
});

describe('classic', () => {
  it('asks by its score, whatever the distance', () => {
    const rows = [{ classic: 1 }, { classic: 3 }, { classic: 0 }];
    expect(order(classicScorer, tableOf(rows))).toEqual(['1:4', '0:4']);
  });

  it('keeps what is on its way, and asks for the next one beside it', () => {
    const rows = [{ pending: 0b01000, resident: 0b10000 }];
    expect(order(classicScorer, tableOf(rows))).toEqual(['0:2', '0:3']);
  });

  it('stops at the finest LOD that anything needs', () => {
    const table = tableOf([{ areas: [0, 0, 0, 5, 1], resident: 0b11000 }]);
    expect(order(classicScorer, table)).toEqual([]);
    expect(order(classicScorer, tableOf([{ areas: [0, 0, 0, 0, 0] }]))).toEqual([]);
  });

  it('passes over what failed a moment ago, what is pinned, and what would change nothing', () => {
    expect(order(classicScorer, tableOf([{ waiting: 0b10000 }]))).toEqual(['0:3']);
    expect(order(classicScorer, tableOf([{ pinned: 0b10000 }]))).toEqual(['0:3']);
    const table = tableOf([{ resident: 0b00001 }]);
    table.gains[4] = 0;
    expect(order(classicScorer, table)).toEqual(['0:3']);
  });

  it('asks for nothing of a world that was closed', () => {
    expect(order(classicScorer, tableOf([{ lodCount: 0 }]))).toEqual([]);
  });
});
