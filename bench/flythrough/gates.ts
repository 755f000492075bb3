/**
 * What the plugin must reach on the yardsticks. Each gate is judged on the scenarios that were flown,
 * and only where those it is about are among them.
 */
import type { Row } from './report.ts';

export interface Verdict {
  name: GateName;
  reached: number;
  limit: number;
  isPassed: boolean;
}

/** Everything is "at most". */
export const GATE_LIMITS = {
  geomeanRatioToOracle: 1.3,
  worstRatioToOracle: 2,
  jumpToOracleH1: 1.6,
  announcedToUnannounced: 0.8,
  geomeanToTiles: 0.6,
  geomeanToClassic: 0.25,
  geomeanPxRatioToOracle: 1.45,
  meanWastePercent: 25,
  meanVisibleLodDropsPerMinute: 10,
  overBudgetFrames: 0,
  differentHashes: 0,
} as const;
export type GateName = keyof typeof GATE_LIMITS;

/** The gates that the rows have something to say about. */
export function judge(rows: readonly Row[]): Verdict[] {
  const steady = rows.filter(({ kind }) => kind !== 'teleport');
  const jumps = rows.filter(({ kind, announceS }) => kind === 'teleport' && announceS === 0);
  const all = (pick: (row: Row) => number): number[] => rows.map(pick);
  const reached: Record<GateName, number[]> = {
    geomeanRatioToOracle: geomean(steady.map((row) => row.ratioToOracle)),
    worstRatioToOracle: most(steady.map((row) => row.ratioToOracle)),
    jumpToOracleH1: most(jumps.map((row) => row.errorPercent / row.oracleH1ErrorPercent)),
    announcedToUnannounced: most(announcedRatios(rows)),
    geomeanToTiles: geomean(steady.map((row) => row.errorPercent / row.tilesErrorPercent)),
    geomeanToClassic: geomean(steady.map((row) => row.errorPercent / row.classicErrorPercent)),
    geomeanPxRatioToOracle: geomean(steady.map((row) => row.errorPxRatioToOracle)),
    meanWastePercent: mean(all((row) => row.wastePercent)),
    meanVisibleLodDropsPerMinute: mean(all((row) => row.visibleLodDropsPerMinute)),
    overBudgetFrames: total(all((row) => row.overBudgetFrames)),
    differentHashes: total(
      rows.flatMap(({ repeatHashes, traceHash }) =>
        repeatHashes.map((hash) => (hash === traceHash ? 0 : 1)),
      ),
    ),
  };
  return (Object.keys(GATE_LIMITS) as GateName[]).flatMap((name) =>
    reached[name].map((value) => {
      const limit = GATE_LIMITS[name];
      // What is not a number has not been reached.
      return { name, reached: value, limit, isPassed: value <= limit };
    }),
  );
}

/** Announced flights by the same flight unannounced, where both were flown. */
function announcedRatios(rows: readonly Row[]): number[] {
  return rows
    .filter(({ announceS }) => announceS > 0)
    .flatMap((row) => {
      const plain = rows.find((other) => other.announceS === 0 && sameBut(other) === sameBut(row));
      return plain ? [row.errorPercent / plain.errorPercent] : [];
    });
}

function sameBut({ kind, seed, bandwidthScale, memoryScale, latencyMs, concurrency }: Row): string {
  return [kind, seed, bandwidthScale, memoryScale, latencyMs, concurrency].join();
}

/** One figure of many, or none of none. */
type Reached = number[];

export function geomean(values: readonly number[]): Reached {
  if (values.length === 0) return [];
  return [Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)];
}

function mean(values: readonly number[]): Reached {
  return total(values).map((sum) => sum / values.length);
}

function most(values: readonly number[]): Reached {
  return values.length > 0 ? [Math.max(...values)] : [];
}

function total(values: readonly number[]): Reached {
  return values.length > 0 ? [values.reduce((sum, value) => sum + value, 0)] : [];
}
