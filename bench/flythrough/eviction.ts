/**
 * The plugin with each eviction policy, where memory is short: what it shows, what it loads again. Heat
 * without birth credit, and distance, must come out worse, or the flights tell nothing apart.
 */
import { geomean } from './gates.ts';
import { flyAll } from './measure.ts';
import type { PathKind } from './path.ts';
import { EVICTION_VARIANTS } from './plugin/variants.ts';
import { makeRow, type Row } from './report.ts';
import { SCENARIO_DEFAULTS, type Scenario } from './scenario.ts';

const KINDS: readonly PathKind[] = ['drive', 'spin', 'pingpong', 'human', 'teleport'];

/** Memory by the bytes that 95 % of the frames show at most. */
const MEMORY_SCALES: readonly number[] = [0.4, 1];

const SCENARIOS: readonly Scenario[] = MEMORY_SCALES.flatMap((memoryScale) =>
  KINDS.map((kind) => ({ ...SCENARIO_DEFAULTS, kind, memoryScale, id: `${kind} ${memoryScale}×` })),
);

/** What must be worse than what. */
const CONTROLS: Readonly<Record<string, string>> = {
  'plugin:evict-cold-heat': 'plugin:evict-heat',
  'plugin:evict-distance': 'plugin:evict-lru',
};

export interface EvictionResult {
  subject: string;
  label: string;
  /** Error ÷ that by value, geometric mean over all flights, and by memory. */
  relative: number;
  relativeByMemory: number[];
  /** Error in px ÷ that by value. */
  relativePx: number;
  /** Means over all flights. */
  reloadPercent: number;
  hitPercent: number;
  flights: { id: string; errorPercent: number; errorPx: number; traceHash: string }[];
}

export interface EvictionControl {
  label: string;
  relative: number;
  /** What it must be worse than, and worse than value as well. */
  than: string;
  thanRelative: number;
  isCaught: boolean;
}

/** Flies the plugin by value and by each other policy. */
export async function flyEviction(tell: (subject: string) => void): Promise<EvictionResult[]> {
  const all = [
    ['plugin', 'value'],
    ...Object.entries(EVICTION_VARIANTS).map(([name, { label }]) => [`plugin:${name}`, label]),
  ] as [string, string][];
  const flights: { subject: string; label: string; rows: Row[] }[] = [];
  for (const [subject, label] of all) {
    const wanted = { scenarios: SCENARIOS, references: [], subject, repeats: false, fresh: false };
    const flown = await flyAll(wanted);
    flights.push({ subject, label, rows: SCENARIOS.map((one, i) => makeRow(one, flown[i]!)) });
    tell(subject);
  }
  return flights.map((flight) => summarize(flight, flights[0]!.rows));
}

function summarize(
  { subject, label, rows }: { subject: string; label: string; rows: readonly Row[] },
  byValue: readonly Row[],
): EvictionResult {
  const relative = (pick: (row: Row) => number, memoryScale?: number): number =>
    geomean(
      rows
        .map((row, i) => ({ row, ratio: pick(row) / pick(byValue[i]!) }))
        .filter(({ row }) => memoryScale === undefined || row.memoryScale === memoryScale)
        .map(({ ratio }) => ratio),
    )[0]!;
  const mean = (pick: (row: Row) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const error = (row: Row): number => row.errorPercent;
  return {
    subject,
    label,
    relative: relative(error),
    relativeByMemory: MEMORY_SCALES.map((scale) => relative(error, scale)),
    relativePx: relative((row) => row.errorPx),
    reloadPercent: mean((row) => row.reloadPercent),
    hitPercent: mean((row) => row.hitPercent),
    flights: rows.map(({ id, errorPercent, errorPx, traceHash }) => ({
      id,
      errorPercent,
      errorPx,
      traceHash,
    })),
  };
}

/** The table in Markdown, best first. */
export function evictionTable(results: readonly EvictionResult[]): string {
  const lines = [...results]
    .sort((a, b) => a.relative - b.relative)
    .map(
      (one) =>
        `| ${one.label} | ${one.relative.toFixed(2)} | ` +
        `${one.relativeByMemory.map((ratio) => ratio.toFixed(2)).join(' | ')} | ` +
        `${one.relativePx.toFixed(2)} | ${one.reloadPercent.toFixed(0)} | ` +
        `${one.hitPercent.toFixed(0)} |`,
    );
  const memory = MEMORY_SCALES.map((scale) => `memory ${scale}×`).join(' | ');
  return [
    `| | error ÷ value | ${memory} | error px ÷ value | reload % | hit % |`,
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}

/** Looks whether what must be worse is. */
export function judgeEviction(results: readonly EvictionResult[]): EvictionControl[] {
  const of = (name: string): EvictionResult => results.find(({ subject }) => subject === name)!;
  return Object.entries(CONTROLS).map(([subject, other]) => {
    const { label, relative } = of(subject);
    const { label: than, relative: thanRelative } = of(other);
    const isCaught = relative > thanRelative && relative > 1;
    return { label, relative, than, thanRelative, isCaught };
  });
}

/** One line for each of them. */
export function controlLines(controls: readonly EvictionControl[]): string[] {
  return controls.map(
    ({ label, relative, than, thanRelative, isCaught }) =>
      `${isCaught ? 'caught    ' : 'NOT CAUGHT'} ${label}: error ÷ value ${relative.toFixed(2)}, ` +
      `must exceed that of ${than}, ${thanRelative.toFixed(2)}`,
  );
}
