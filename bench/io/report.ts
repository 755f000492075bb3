/** The io benchmark's figures as a table, and a line for each target: kept, missed, not measured. */
import type { IoRun } from './cell.ts';
import type { IoReport } from './io.ts';

type Figures = Pick<IoReport, 'runs' | 'critical'>;

/** At 40 ms and 20 Mbit/s: at most this much over the bound. */
const MAX_RATIO_TO_BOUND = 1.15;
/** At 120 ms, 200 small payloads, in Chromium: at least this much faster than `Promise.all`. */
const MIN_SPEEDUP = 3;

export function judgeIo({ runs, critical }: Figures): string[] {
  const main = runs.filter(
    (run) => run.system === 'farfield' && run.latencyMs === 40 && run.mbitPerS === 20,
  );
  const lines = main.map(({ host, ratioToBound }) =>
    verdict(
      ratioToBound <= MAX_RATIO_TO_BOUND,
      `${host}, 40 ms, 20 Mbit/s: ${ratioToBound} x the bound, target <= ${MAX_RATIO_TO_BOUND}`,
    ),
  );
  for (const own of runs.filter(isSmallCase)) {
    const plain = runs.find((run) => run.system === 'promise-all' && isSameCell(run, own));
    if (!plain) continue;
    const speedup = Math.round((plain.milliseconds / own.milliseconds) * 100) / 100;
    lines.push(
      verdict(
        speedup >= MIN_SPEEDUP,
        `${own.host}, 120 ms, ${nameLink(own.mbitPerS)}, ${own.payloads} small payloads: ` +
          `${speedup} x as fast as promise-all, target >= ${MIN_SPEEDUP} (in Chromium); ` +
          `the bound is ${Math.round((plain.milliseconds / own.boundMs) * 100) / 100} x as fast`,
      ),
    );
  }
  for (const run of critical) {
    const { host, latencyMs, mbitPerS, rounds, roundsWithinBound } = run;
    lines.push(
      verdict(
        roundsWithinBound === rounds,
        `${host}, ${latencyMs} ms, ${nameLink(mbitPerS)}: critical behind ${run.queued} queued ` +
          `after ${run.milliseconds} ms, bound ${run.boundMs} ms; ` +
          `${roundsWithinBound} of ${rounds} rounds within theirs`,
      ),
    );
  }
  return lines.length > 0 ? lines : ['not measured: no cell that has a target'];
}

export function printIo({ runs, critical, profiles, verdicts }: IoReport): void {
  const say = (line: string): void => void process.stdout.write(`${line}\n`);
  for (const cell of cellsOf(runs)) {
    const { host, latencyMs, mbitPerS, payloads, payloadBytes, boundMs } = cell[0]!;
    say(
      `\n${host}, ${latencyMs} ms, ${nameLink(mbitPerS)} (measured ${cell[0]!.measuredMbitPerS}): ` +
        `${payloads} payloads, ${(payloadBytes / 1e6).toFixed(2)} MB, bound ${boundMs} ms`,
    );
    console.table(cell.map(toRow));
  }
  if (critical.length > 0) say('\nA critical payload behind a queue');
  if (critical.length > 0) console.table(critical);
  if (profiles.length > 0) say('\nSimulated devices and links');
  if (profiles.length > 0) console.table(profiles);
  say('');
  for (const line of verdicts) say(line);
}

function toRow(run: IoRun): Record<string, string | number> {
  return {
    system: run.system,
    ms: run.milliseconds,
    'x bound': run.ratioToBound,
    requests: run.requests,
    'open at once': run.requestsOpen,
    'MB fetched': Math.round(run.bytesFetched / 1e4) / 100,
    'first 10 % ms': run.tenthMs,
    'first 50 % ms': run.halfMs,
    rounds: run.rounds.join(' '),
  };
}

function cellsOf(runs: readonly IoRun[]): IoRun[][] {
  const cells: IoRun[][] = [];
  for (const run of runs) {
    const cell = cells.find(([first]) => isSameCell(first!, run));
    if (cell) cell.push(run);
    else cells.push([run]);
  }
  return cells;
}

function isSameCell(a: IoRun, b: IoRun): boolean {
  return (
    a.host === b.host &&
    a.latencyMs === b.latencyMs &&
    a.mbitPerS === b.mbitPerS &&
    a.payloadBytes === b.payloadBytes
  );
}

/** Small payloads at 120 ms: the cells of the part `small`. */
function isSmallCase(run: IoRun): boolean {
  return run.system === 'farfield' && run.part === 'small';
}

function nameLink(mbitPerS: number | null): string {
  return mbitPerS === null ? 'no cap' : `${mbitPerS} Mbit/s`;
}

function verdict(isKept: boolean, what: string): string {
  return `${isKept ? 'kept:  ' : 'MISSED:'} ${what}`;
}
