/** Each gate of the flythrough trips by itself, and figures that meet all of them trip none. */
import { describe, expect, test } from 'vitest';
import { GATE_LIMITS, type GateName, judge } from '../../bench/flythrough/gates.ts';
import { type Row, verdictLines } from '../../bench/flythrough/report.ts';

/** Figures at the limits; the ratios are 1.25 by oracle, 0.5 by tiles and 0.2 by classic. */
function row(changes: Partial<Row> = {}): Row {
  return {
    id: 'Y1',
    kind: 'drive',
    seed: 1,
    bandwidthScale: 1,
    memoryScale: 1.5,
    latencyMs: 60,
    concurrency: 8,
    announceS: 0,
    bandwidthBytesPerS: 1e6,
    budgetBytes: 1e7,
    errorPercent: 5,
    errorPx: 2.5,
    blankPercent: 1,
    errorPercentP95: 9,
    hitPercent: 50,
    popsPerMinute: 500,
    visibleLodDropsPerMinute: 10,
    timeToFirstDetailS: 4,
    missingMegabytes: 3,
    fetchedMegabytes: 300,
    wastePercent: 25,
    reloadPercent: 10,
    readAmplification: 0.8,
    cancels: 3,
    linkBusyPercent: 90,
    memoryPercent: 100,
    overBudgetFrames: 0,
    traceHash: 'a',
    oracleErrorPercent: 4,
    ratioToOracle: 1.25,
    oracleErrorPx: 2,
    errorPxRatioToOracle: 1.25,
    oracleH1ErrorPercent: 4.5,
    tilesErrorPercent: 10,
    classicErrorPercent: 25,
    improvedOracleErrorPercent: 3.5,
    ratioToImprovedOracle: 1.43,
    bcErrorPercent: 6,
    bc2ErrorPercent: 5,
    bc2LErrorPercent: 5,
    fifoErrorPercent: 60,
    lowerBoundPercent: 1,
    repeatHashes: ['a', 'a'],
    ...changes,
  };
}

const jump = (changes: Partial<Row> = {}): Row =>
  row({ id: 'Y3', kind: 'teleport', errorPercent: 8, oracleH1ErrorPercent: 5, ...changes });
const announced = (changes: Partial<Row> = {}): Row =>
  jump({ id: 'Y3a', announceS: 2, errorPercent: 6.4, ...changes });

const GOOD = [row(), row({ id: 'Y2' }), jump(), announced()];

function tripped(rows: readonly Row[]): GateName[] {
  return judge(rows)
    .filter(({ isPassed }) => !isPassed)
    .map(({ name }) => name);
}

test('figures that are good enough pass every gate', () => {
  const verdicts = judge(GOOD);
  expect(verdicts.map(({ name }) => name)).toEqual(Object.keys(GATE_LIMITS));
  expect(tripped(GOOD)).toEqual([]);
  expect(verdictLines(verdicts).every((line) => line.startsWith('pass'))).toBe(true);
});

describe('each gate trips by itself', () => {
  // Two steady flights: what is too much in both of them, or in one.
  const both = (changes: Partial<Row>): Row[] => [
    row(changes),
    row({ ...changes, id: 'Y2' }),
    jump(),
    announced(),
  ];
  const cases: [GateName, Row[]][] = [
    ['geomeanRatioToOracle', both({ ratioToOracle: 1.301 })],
    // The mean of 2.01 and 0.8 is 1.268.
    ['worstRatioToOracle', [row({ ratioToOracle: 2.01 }), row({ ratioToOracle: 0.8 })]],
    ['jumpToOracleH1', [row(), jump({ oracleH1ErrorPercent: 4.9 }), announced()]],
    ['announcedToUnannounced', [row(), jump(), announced({ errorPercent: 6.41 })]],
    ['geomeanToTiles', both({ tilesErrorPercent: 8.3 })],
    ['geomeanToClassic', both({ classicErrorPercent: 19.9 })],
    ['geomeanPxRatioToOracle', both({ errorPxRatioToOracle: 1.451 })],
    ['meanWastePercent', [row(), row({ wastePercent: 25.1 })]],
    ['meanVisibleLodDropsPerMinute', [row(), row({ visibleLodDropsPerMinute: 10.1 })]],
    ['overBudgetFrames', [row(), row({ overBudgetFrames: 1 })]],
    ['differentHashes', [row(), row({ repeatHashes: ['a', 'b'] })]],
  ];
  test.each(cases)('%s', (name, rows) => {
    expect(tripped(rows)).toEqual([name]);
    const lines = verdictLines(judge(rows)).filter((line) => line.startsWith('MISSED'));
    expect(lines).toHaveLength(1);
  });

  test('there is a case for every gate', () => {
    expect(cases.map(([name]) => name)).toEqual(Object.keys(GATE_LIMITS));
  });
});

describe('what a gate is about', () => {
  test('teleports count neither in the means over the oracle nor in the worst', () => {
    expect(
      tripped([...GOOD, jump({ id: 'x', seed: 2, ratioToOracle: 9, errorPxRatioToOracle: 9 })]),
    ).toEqual([]);
  });

  test('without a teleport nothing is said about teleports', () => {
    const names = judge([row()]).map(({ name }) => name);
    expect(names).not.toContain('jumpToOracleH1');
    expect(names).not.toContain('announcedToUnannounced');
    expect(judge([])).toEqual([]);
  });

  test('an announced flight is compared with the same one unannounced', () => {
    const verdicts = judge([jump({ seed: 2, errorPercent: 1 }), jump(), announced()]);
    const found = verdicts.find(({ name }) => name === 'announcedToUnannounced');
    expect(found?.reached).toBeCloseTo(0.8);
  });

  test('what is not a number does not pass', () => {
    expect(tripped([row({ ratioToOracle: Number.NaN })])).toEqual([
      'geomeanRatioToOracle',
      'worstRatioToOracle',
    ]);
  });
});
