/** What each ingredient of the plugin is worth: the yardsticks without it, in one table. */
import { geomean } from './gates.ts';
import { flyAll } from './measure.ts';
import { VARIANTS } from './plugin/variants.ts';
import { makeRow, type Row } from './report.ts';
import { YARDSTICKS } from './scenario.ts';

export interface Ablation {
  subject: string;
  label: string;
  /** Error ÷ oracle, geometric mean without teleports. */
  ratio: number;
  /** Error ÷ that of the plugin as it comes, geometric mean over all yardsticks. */
  relative: number;
  /** Worst error ÷ oracle without teleports. */
  worst: number;
  /** Error in px ÷ that of the plugin as it comes, likewise. */
  relativePx: number;
  wastePercent: number;
  dropsPerMinute: number;
}

/** Flies the plugin and each variant over the yardsticks. */
export async function flyAblations(tell: (subject: string) => void): Promise<Ablation[]> {
  const flights: { subject: string; label: string; rows: Row[] }[] = [];
  const all = [
    ['plugin', 'the plugin as it comes'],
    ...Object.entries(VARIANTS).map(([name, { label }]) => [`plugin:${name}`, label]),
  ] as [string, string][];
  for (const [subject, label] of all) {
    const flown = await flyAll({
      scenarios: YARDSTICKS,
      references: ['oracle'],
      subject,
      repeats: false,
      fresh: false,
    });
    const rows = YARDSTICKS.map((scenario, i) => makeRow(scenario, flown[i]!));
    flights.push({ subject, label, rows });
    tell(subject);
  }
  return flights.map((flight) => summarize(flight, flights[0]!.rows));
}

function summarize(
  { subject, label, rows }: { subject: string; label: string; rows: Row[] },
  whole: readonly Row[],
): Ablation {
  const ratios = rows.filter(({ kind }) => kind !== 'teleport').map((row) => row.ratioToOracle);
  const mean = (pick: (row: Row) => number): number =>
    rows.reduce((sum, row) => sum + pick(row), 0) / rows.length;
  const relative = (pick: (row: Row) => number): number =>
    geomean(rows.map((row, i) => pick(row) / pick(whole[i]!)))[0]!;
  return {
    subject,
    label,
    ratio: geomean(ratios)[0]!,
    relative: relative((row) => row.errorPercent),
    worst: Math.max(...ratios),
    relativePx: relative((row) => row.errorPx),
    wastePercent: mean((row) => row.wastePercent),
    dropsPerMinute: mean((row) => row.visibleLodDropsPerMinute),
  };
}

/** The table in Markdown, what costs most first. */
export function ablationTable(ablations: readonly Ablation[]): string {
  const [whole, ...others] = ablations;
  const ordered = [whole!, ...others.sort((a, b) => b.relative - a.relative)];
  const lines = ordered.map(
    (one) =>
      `| ${one.label} | ${one.relative.toFixed(3)} | ${one.relativePx.toFixed(3)} | ` +
      `${one.ratio.toFixed(3)} | ${one.worst.toFixed(2)} | ${one.wastePercent.toFixed(1)} | ` +
      `${one.dropsPerMinute.toFixed(1)} |`,
  );
  return [
    '| | error, relative | error px, relative | ÷ oracle | worst | waste % | drops/min |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...lines,
  ].join('\n');
}
