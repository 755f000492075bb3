/**
 * Every kind of fault, for reads of every shape, on a simulated link: recovered or reported with its
 * code, each ticket exactly once, nothing left behind. The table is printed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FAULT_CASES, runCase } from '../../support/faults/cases.ts';
import { watchRejections } from '../../support/faults/checker.ts';
import { makePacks, SHAPES } from '../../support/faults/packs.ts';

const MIN_HITS = 100;
const MAX_RUNS = 200;

const packs = makePacks(1);
const rows: string[] = [];
let rejections: ReturnType<typeof watchRejections>;

beforeAll(() => {
  rejections = watchRejections();
});

afterAll(async () => {
  expect(await rejections.stop()).toEqual([]);
  const head = 'fault                         read     hits  recovered  reported';
  console.log([head, ...rows].join('\n'));
});

describe.each(FAULT_CASES)('$name (for good: $lasts)', (fault) => {
  it.each(SHAPES)('of %s reads ends as it must, a hundred times', async (shape) => {
    const sum = { hits: 0, recovered: 0, reported: 0 };
    for (let seed = 1; sum.hits < MIN_HITS && seed <= MAX_RUNS; seed++) {
      const run = await runCase(fault, packs, shape, seed);
      expect([seed, run.problems]).toEqual([seed, []]);
      sum.hits += run.hits;
      sum.recovered += run.recovered;
      sum.reported += run.reported;
    }
    const name = `${fault.name}${fault.lasts ? ', for good' : ''}`;
    const { hits, recovered, reported } = sum;
    rows.push(
      `${name.padEnd(29)} ${shape.padEnd(6)} ${`${hits}`.padStart(6)} ${`${recovered}`.padStart(10)} ` +
        `${`${reported}`.padStart(9)}`,
    );
    expect(hits).toBeGreaterThanOrEqual(MIN_HITS);
    const isFinal = !fault.codes.includes(0);
    if (isFinal) expect(reported).toBeGreaterThan(0);
    else expect([reported, recovered > 0]).toEqual([0, true]);
  });
});

describe('the table notices', () => {
  const stall = FAULT_CASES.find(({ name, lasts }) => name === 'stall' && lasts)!;

  it('an end that is not the one expected', async () => {
    const { problems } = await runCase({ ...stall, codes: [0] }, packs, 'small', 1);
    expect(problems.length).toBe(24);
    expect(problems[0]).toMatch(/a ticket ended with 2: payload \d+: .* stalled after/);
  });

  it('a fault that never strikes', async () => {
    const { fault: _, ...idle } = stall;
    const { hits } = await runCase({ ...idle, codes: [0] }, packs, 'small', 1);
    expect(hits).toBe(0);
  });
});
