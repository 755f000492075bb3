/** Lines of compiled files that ran, from V8's own counts. */
import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { fileURLToPath } from 'node:url';

interface Range {
  startOffset: number;
  endOffset: number;
  count: number;
}

export interface LineCoverage {
  lines: number;
  covered: number;
  /** Numbers of lines that never ran, from 1. */
  missed: number[];
}

export interface CoverageRecorder {
  /** By file, for those of `files` that this thread has loaded. */
  stop(files: readonly URL[]): Promise<Map<string, LineCoverage>>;
}

/** Counts what runs in this thread from now on; start it before the readers are imported. */
export async function recordCoverage(): Promise<CoverageRecorder> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    async stop(files) {
      const { result } = await session.post('Profiler.takePreciseCoverage');
      session.disconnect();
      const wanted = new Set(files.map(String));
      const found = new Map<string, LineCoverage>();
      for (const { url, functions } of result)
        if (wanted.has(url)) {
          const ranges = functions.flatMap((one) => one.ranges);
          found.set(url, countLines(readFileSync(fileURLToPath(url), 'utf8'), ranges));
        }
      return found;
    },
  };
}

/**
 * A line has run unless all of its code lies in ranges that never did. Comments, empty lines and
 * lines of brackets are no code.
 *
 * @param ranges outer ones before inner ones, as V8 gives them
 */
export function countLines(text: string, ranges: readonly Range[]): LineCoverage {
  const hasRun = new Uint8Array(text.length).fill(1);
  const sorted = [...ranges].sort(
    (a, b) => b.endOffset - b.startOffset - (a.endOffset - a.startOffset),
  );
  for (const { startOffset, endOffset, count } of sorted)
    hasRun.fill(count > 0 ? 1 : 0, startOffset, endOffset);
  const result: LineCoverage = { lines: 0, covered: 0, missed: [] };
  let at = 0;
  text.split('\n').forEach((line, i) => {
    const code = line.trim();
    if (/[\w]/.test(code) && !/^(\/\/|\/\*|\*)/.test(code)) {
      result.lines++;
      const first = at + line.indexOf(code);
      if (hasRun.subarray(first, first + code.length).includes(1)) result.covered++;
      else result.missed.push(i + 1);
    }
    at += line.length + 1;
  });
  return result;
}
