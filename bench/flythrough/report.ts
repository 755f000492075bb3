/** What is written down about each scenario, and how it is shown. */

import type { Flown } from './flight.ts';
import type { GateName, Verdict } from './gates.ts';
import type { Figures } from './referee.ts';
import type { ReferenceName } from './references/references.ts';
import type { Scenario } from './scenario.ts';
import { LOWER_BOUND_PERCENT } from './yardstick.ts';

/** One scenario: the subject's figures beside those of the references. */
export interface Row extends Figures {
  id: string;
  kind: string;
  seed: number;
  bandwidthScale: number;
  memoryScale: number;
  latencyMs: number;
  concurrency: number;
  announceS: number;
  bandwidthBytesPerS: number;
  budgetBytes: number;
  oracleErrorPercent: number;
  ratioToOracle: number;
  oracleErrorPx: number;
  errorPxRatioToOracle: number;
  oracleH1ErrorPercent: number;
  tilesErrorPercent: number;
  classicErrorPercent: number;
  improvedOracleErrorPercent: number;
  ratioToImprovedOracle: number;
  bcErrorPercent: number;
  bc2ErrorPercent: number;
  bc2LErrorPercent: number;
  fifoErrorPercent: number;
  /** No policy gets below this; known for the yardsticks alone. */
  lowerBoundPercent: number | null;
  /** Of the flights that must have left the same trace. */
  repeatHashes: string[];
}

/** The row of a scenario whose subject was flown. What was not flown beside it is not a number. */
export function makeRow(scenario: Scenario, flown: Flown): Row {
  const { id, kind, seed, bandwidthScale, memoryScale, latencyS, concurrency, announceS } =
    scenario;
  const { subject, references, repeatHashes, bandwidthBytesPerS, budgetBytes } = flown;
  if (subject === null) throw new Error(`flythrough: ${id} was flown without a subject`);
  const error = (name: ReferenceName): number => references[name]?.errorPercent ?? Number.NaN;
  const oracleErrorPx = references.oracle?.errorPx ?? Number.NaN;
  return {
    id,
    kind,
    seed,
    bandwidthScale,
    memoryScale,
    latencyMs: latencyS * 1000,
    concurrency,
    announceS,
    bandwidthBytesPerS,
    budgetBytes,
    ...subject,
    oracleErrorPercent: error('oracle'),
    ratioToOracle: subject.errorPercent / error('oracle'),
    oracleErrorPx,
    errorPxRatioToOracle: subject.errorPx / oracleErrorPx,
    oracleH1ErrorPercent: error('oracleH1'),
    tilesErrorPercent: error('tiles'),
    classicErrorPercent: error('classic'),
    improvedOracleErrorPercent: error('improvedOracle'),
    ratioToImprovedOracle: subject.errorPercent / error('improvedOracle'),
    bcErrorPercent: error('bc'),
    bc2ErrorPercent: error('bc2'),
    bc2LErrorPercent: error('bc2L'),
    fifoErrorPercent: error('fifo'),
    lowerBoundPercent: LOWER_BOUND_PERCENT[id] ?? null,
    repeatHashes,
  };
}

/** The subject's own figures, and the errors of everything that was flown. */
export function printRows(rows: readonly Row[]): void {
  console.table(
    rows.map((row) => ({
      id: row.id,
      'path/seed': `${row.kind}/${row.seed}`,
      'error %': fixed(row.errorPercent, 2),
      'error px': fixed(row.errorPx, 2),
      '÷ oracle': fixed(row.ratioToOracle, 2),
      'px ÷ oracle': fixed(row.errorPxRatioToOracle, 2),
      'hit %': fixed(row.hitPercent, 0),
      'pops/min': fixed(row.popsPerMinute, 0),
      'drops/min': fixed(row.visibleLodDropsPerMinute, 1),
      'detail s': row.timeToFirstDetailS === null ? '–' : fixed(row.timeToFirstDetailS, 1),
      'blank %': fixed(row.blankPercent, 1),
      'waste %': fixed(row.wastePercent, 0),
      'reload %': fixed(row.reloadPercent, 0),
      'link %': fixed(row.linkBusyPercent, 0),
      trace: row.traceHash.slice(0, 8),
    })),
  );
}

/** Errors (%) of the references, one row a scenario. */
export function printReferences(scenarios: readonly Scenario[], flown: readonly Flown[]): void {
  console.table(
    scenarios.map(({ id, kind, seed }, i) => ({
      id,
      'path/seed': `${kind}/${seed}`,
      bound: LOWER_BOUND_PERCENT[id] ?? '–',
      ...Object.fromEntries(
        Object.entries(flown[i]!.references).map(([name, figures]) => [
          name,
          fixed(figures.errorPercent, 2),
        ]),
      ),
    })),
  );
}

const GATE_TEXT: Readonly<Record<GateName, string>> = {
  geomeanRatioToOracle: 'error ÷ oracle, geometric mean without teleports',
  worstRatioToOracle: 'error ÷ oracle, worst without teleports',
  jumpToOracleH1: 'teleport: error ÷ oracle with 1 s of foresight',
  announcedToUnannounced: 'teleport: error announced ÷ unannounced',
  geomeanToTiles: 'error ÷ 3D-Tiles order, geometric mean',
  geomeanToClassic: 'error ÷ classic score, geometric mean',
  geomeanPxRatioToOracle: 'error in px ÷ oracle, geometric mean without teleports',
  meanWastePercent: 'waste %, mean',
  meanVisibleLodDropsPerMinute: 'visible LOD drops a minute, mean',
  overBudgetFrames: 'frames over the budget',
  differentHashes: 'repeats (one on a busy machine) with another trace',
};

/** A line for each gate. */
export function verdictLines(verdicts: readonly Verdict[]): string[] {
  return verdicts.map(
    ({ name, reached, limit, isPassed }) =>
      `${isPassed ? 'pass  ' : 'MISSED'} ${GATE_TEXT[name]}: ${fixed(reached, 3)} (at most ${limit})`,
  );
}

function fixed(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
