/** The references are the reference simulator's, to the digits of its table, and faults are caught. */
import { beforeAll, describe, expect, test } from 'vitest';
import { findPath } from '../../bench/flythrough/cheat.ts';
import { flyOrder } from '../../bench/flythrough/flight.ts';
import { scenariosOf } from '../../bench/flythrough/flythrough.ts';
import { judge } from '../../bench/flythrough/gates.ts';
import type { ReferenceName } from '../../bench/flythrough/references/references.ts';
import { makeRow } from '../../bench/flythrough/report.ts';
import { YARDSTICKS } from '../../bench/flythrough/scenario.ts';
import { compareCells } from '../../bench/flythrough/verify.ts';
import { YARDSTICK_CELLS } from '../../bench/flythrough/yardstick.ts';

const Y8 = YARDSTICKS.find(({ id }) => id === 'Y8')!;

describe('on Y8', () => {
  const references: ReferenceName[] = ['oracle', 'oracleH1', 'bc2L', 'tiles', 'classic', 'fifo'];
  let flown: Awaited<ReturnType<typeof flyOrder>>;
  beforeAll(async () => {
    flown = await flyOrder({ scenario: Y8, references, subject: 'overshoot', repeats: false });
  });

  test('every reference gets the figures of the table', () => {
    expect(compareCells([Y8], [flown])).toEqual({
      compared: 2 * references.length,
      differences: [],
    });
  });

  test('a cell that is off by a unit of its last digit is a difference', () => {
    const fifo = { ...flown.references.fifo!, errorPercent: 81.414702 };
    const off = { ...flown, references: { ...flown.references, fifo } };
    expect(compareCells([Y8], [off]).differences).toEqual([
      `Y8 fifo: 81.414702 %, stored is ${YARDSTICK_CELLS['Y8']!.fifo![0]} %`,
    ]);
  });

  test('a byte too much in one frame trips the gate; the flight is the same otherwise', () => {
    expect(flown.subject).toMatchObject({ overBudgetFrames: 1 });
    expect(flown.subject!.errorPercent).toBe(flown.references.bc2L!.errorPercent);
    const missed = judge([makeRow(Y8, flown)]).filter(({ isPassed }) => !isPassed);
    expect(missed.map(({ name }) => name)).toContain('overBudgetFrames');
    const sound = { ...flown, subject: flown.references.bc2L! };
    const names = judge([makeRow(Y8, sound)]).flatMap(({ name, isPassed }) =>
      isPassed ? [] : [name],
    );
    expect(names).not.toContain('overBudgetFrames');
  });
});

test('flown again, and on a busy machine, a subject leaves the same trace', async () => {
  const order = { scenario: Y8, references: ['fifo', 'tiles'] as const, subject: 'tiles' };
  const flown = await flyOrder({ ...order, repeats: true });
  const { traceHash } = flown.references.tiles!;
  expect([flown.subject!.traceHash, ...flown.repeatHashes]).toEqual(new Array(3).fill(traceHash));
  expect(flown.references.fifo!.traceHash).not.toBe(traceHash);
});

describe('a subject that looks for the path', () => {
  test('finds nothing in what it is given', async () => {
    const order = { scenario: Y8, references: [], subject: 'cheat', repeats: false };
    await expect(flyOrder(order)).rejects.toThrow('there is no path in anything');
  });

  test('would find one', () => {
    const columns = { steps: new Float64Array(1200) };
    expect(findPath({ context: { link: { hidden: columns } } }, [])).toBe(
      'given.context.link.hidden.steps',
    );
    expect(findPath({ seed: 1 }, [])).toBe('given.seed');
    expect(findPath({ list: new Array(40).fill(0) }, [])).toBe('given.list');
    expect(findPath({ list: columns.steps }, [columns.steps])).toBeNull();
  });
});

test('scenarios are named, or made of a kind and what is asked for', () => {
  expect(scenariosOf({}).map(({ id }) => id)).toEqual(YARDSTICKS.map(({ id }) => id));
  expect(scenariosOf({ scenario: ['y4', 'human'] })).toMatchObject([
    { id: 'Y4', kind: 'pingpong', memoryScale: 0.5 },
    { id: 'human/1', kind: 'human', memoryScale: 1.5 },
  ]);
  expect(scenariosOf({ scenario: ['Y6', 'fly'], seed: 7, latencyMs: 200 })).toMatchObject([
    { id: 'Y6*', kind: 'drive', seed: 7, bandwidthScale: 0.5, latencyS: 0.2 },
    { id: 'fly/7', kind: 'fly', seed: 7, latencyS: 0.2 },
  ]);
  expect(() => scenariosOf({ scenario: ['Y9'] })).toThrow(/expected one of Y1, .*; got "Y9"/);
});
