/** The references by name, each as the reference simulator and its notes set it up. */
import { fly } from '../fly.ts';
import type { Figures } from '../referee.ts';
import type { Prepared } from '../scenario.ts';
import { BC, BC2, BC2L, Lookahead, type LookaheadOptions } from './lookahead.ts';
import { createOracle, type OracleOptions } from './oracle.ts';
import { type Order, OrderPolicy } from './order-policy.ts';
import { ValuePolicy, type ValuePolicyOptions } from './value-policy.ts';

export const REFERENCE_NAMES = [
  'oracle',
  'oracleH1',
  'improvedOracle',
  'bc',
  'bc2',
  'bc2L',
  'tiles',
  'classic',
  'fifo',
] as const;
export type ReferenceName = (typeof REFERENCE_NAMES)[number];

/** Discounts of which the oracle takes whichever serves a flight best (s). */
const ORACLE_DISCOUNTS_S = [0.6, 1, 1.5, 2.5, 4];

/** One schedule of a clairvoyant. */
interface Schedule {
  oracle: Partial<OracleOptions>;
  policy?: Partial<ValuePolicyOptions>;
}

/** As the reference defines it: slots are filled once a frame. */
const ORACLE: readonly Schedule[] = ORACLE_DISCOUNTS_S.map((discountS) => ({
  oracle: { discountS },
}));

/** The same with one second of foresight. */
const ORACLE_H1: readonly Schedule[] = [{ oracle: { discountS: 1.5, horizonS: 1 } }];

/** Slots filled at once, tables read between columns, and what the second note found to help some. */
const IMPROVED_ORACLE: readonly Schedule[] = [
  ...ORACLE,
  ...ORACLE_DISCOUNTS_S.map((discountS) => improved({ discountS })),
  ...[1.5, 4].map((discountS) => improved({ discountS, landsLater: true })),
  ...[1, 1.5, 4].map((discountS) => improved({ discountS }, { latencyPrice: 4 })),
];

function improved(
  oracle: Partial<OracleOptions>,
  policy: Partial<ValuePolicyOptions> = {},
): Schedule {
  return {
    oracle: { ...oracle, interpolates: true },
    policy: { ...policy, refillsOnCompletion: true },
  };
}

const ORDERS: Partial<Record<ReferenceName, Order>> = {
  tiles: 'tiles',
  classic: 'classic',
  fifo: 'fifo',
};

/** Flies a reference. A clairvoyant's figures are those of its best schedule, `errorPx` apart. */
export function flyReference(prepared: Prepared, name: ReferenceName): Promise<Figures> {
  const order = ORDERS[name];
  if (order !== undefined) return fly(prepared, (context) => new OrderPolicy(context, order));
  if (name === 'oracle') return flyBest(prepared, ORACLE);
  if (name === 'oracleH1') return flyBest(prepared, ORACLE_H1);
  if (name === 'improvedOracle') return flyBest(prepared, IMPROVED_ORACLE);
  if (name === 'bc') return flyLookahead(prepared, BC, {});
  const options = { refillsOnCompletion: true, guard: 1.1 };
  return flyLookahead(prepared, name === 'bc2' ? BC2 : BC2L, options);
}

function flyLookahead(
  prepared: Prepared,
  options: LookaheadOptions,
  policy: Partial<ValuePolicyOptions>,
): Promise<Figures> {
  return fly(
    prepared,
    (context) => new ValuePolicy(context, new Lookahead(context.world, options), policy),
  );
}

async function flyBest(prepared: Prepared, schedules: readonly Schedule[]): Promise<Figures> {
  const flown: Figures[] = [];
  for (const { oracle, policy } of schedules)
    flown.push(
      await fly(
        prepared,
        (context) => new ValuePolicy(context, createOracle(prepared.visibility, oracle), policy),
      ),
    );
  const best = flown.reduce((a, b) => (b.errorPercent < a.errorPercent ? b : a));
  return { ...best, errorPx: Math.min(...flown.map(({ errorPx }) => errorPx)) };
}
