/**
 * Runs thousands of seeded schedules and says which fail.
 *
 *   npm run test:soak                      10,000 schedules, seeds from 1
 *   npm run test:soak -- --runs 50000      more of them
 *   npm run test:soak -- --from 10001      other seeds
 *   npm run test:soak -- --seed 4711       one of them, with all that happened in it
 */
import { parseArgs } from 'node:util';
import { errorName } from '../../../src/base/errors.ts';
import { watchRejections } from './checker.ts';
import { makePacks } from './packs.ts';
import { runSchedule, type ScheduleRun } from './schedule.ts';

const PROGRESS_EVERY = 500;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

function readCount(name: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`--${name} must be a positive integer, got ${JSON.stringify(text)}`);
  process.exit(2);
}

function add(sum: Map<string, number>, name: string, count: number): void {
  sum.set(name, (sum.get(name) ?? 0) + count);
}

function table(title: string, sum: ReadonlyMap<string, number>): string {
  const rows = [...sum].sort(([a], [b]) => (a < b ? -1 : 1));
  return [title, ...rows.map(([name, count]) => `  ${name.padEnd(14)} ${count}`)].join('\n');
}

/** One schedule, with rejections that nobody handles among its problems. */
async function check(seed: number, packs: ReturnType<typeof makePacks>): Promise<ScheduleRun> {
  const rejections = watchRejections();
  const run = await runSchedule(seed, packs);
  run.problems.push(...(await rejections.stop()));
  return run;
}

async function soak(from: number, runs: number): Promise<number> {
  const packs = makePacks(1, 72 * 1024);
  const startedMs = performance.now();
  const faults = new Map<string, number>();
  const codes = new Map<string, number>();
  const failing: number[] = [];
  let tickets = 0;
  for (let seed = from; seed < from + runs; seed++) {
    const run = await check(seed, packs);
    tickets += run.tickets;
    for (const [name, count] of Object.entries(run.faults)) add(faults, name, count);
    for (const [code, count] of run.codes) add(codes, errorName(code), count);
    if (run.problems.length > 0) {
      failing.push(seed);
      console.log(`seed ${seed} FAILED:\n  ${run.problems.join('\n  ')}`);
      console.log(`  repeat it with: npm run test:soak -- --seed ${seed}`);
    }
    const done = seed - from + 1;
    if (done % PROGRESS_EVERY === 0 || done === runs) {
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
      console.log(`${done} of ${runs} schedules, ${failing.length} failed, ${seconds} s`);
    }
  }
  console.log(table('\nfaults that took effect', faults));
  console.log(table('\ncompletions by code', codes));
  console.log(`\n${runs} schedules, ${tickets} tickets, ${failing.length} schedules failed`);
  return failing.length;
}

async function replay(seed: number): Promise<number> {
  const { problems, log } = await check(seed, makePacks(1, 72 * 1024));
  console.log(log.join('\n'));
  console.log(problems.length > 0 ? `\nFAILED:\n  ${problems.join('\n  ')}` : '\nno problem');
  return problems.length;
}

const failed =
  values.seed === undefined
    ? await soak(readCount('from', values.from), readCount('runs', values.runs))
    : await replay(readCount('seed', values.seed));
process.exitCode = failed > 0 ? 1 : 0;
