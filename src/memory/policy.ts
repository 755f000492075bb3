/**
 * The figures behind the decisions, each measured on the flythrough (`bench -- flythrough --ablations`).
 * A game has no reason to change them; whoever studies them has.
 */
import { assert, assertNumber } from '../base/assert.ts';

export interface PolicyOptions {
  /** Neighbors in a file are asked for in one request where together they are worth more. */
  groups: boolean;
  /** Coarsest LODs of all that stands in the open stay for ever, where they are small. */
  keepsCoarsest: boolean;
  /** Price of a request beside its bytes, by bandwidth × latency ÷ concurrency. */
  requestPrice: number;
  /** What goes must be worth this many times less than what comes: no endless exchange of equals. */
  exchangeGuard: number;
  /** What is on screen now counts this many times what it is worth: losing it is seen. */
  shownFactor: number;
  /** What a LOD that a finer one has replaced is worth, as a share of showing it instead of coarser. */
  fallbackShare: number;
  /**
   * Of the policy `heat`: what has just come is as hot as this many times what is used is on average;
   * 0 = cold, so that it goes at once.
   */
  birthCredit: number;
  /**
   * While the view moves or turns, what was evicted comes back after so many seconds at the earliest,
   * unless it must be there or much of the picture is wrong without it (classes `critical` and `high`).
   * 0 = at once: less error, more bytes read twice.
   */
  returnSeconds: number;
  /** Worth this many times more, a newcomer takes the place of a ticket. */
  preemptFactor: number;
}

export const POLICY_DEFAULTS: Readonly<PolicyOptions> = {
  groups: true,
  keepsCoarsest: true,
  requestPrice: 1,
  exchangeGuard: 1.25,
  shownFactor: 3,
  fallbackShare: 0.02,
  birthCredit: 1,
  returnSeconds: 0,
  preemptFactor: 6,
};

/** Throws where a figure cannot work, naming it, what was seen and what was expected. */
export function resolvePolicy(options: Partial<PolicyOptions> = {}): PolicyOptions {
  const policy = { ...POLICY_DEFAULTS, ...options };
  const where = 'installStreaming: policy';
  for (const name of ['groups', 'keepsCoarsest'] as const)
    assert(
      typeof policy[name] === 'boolean',
      `${where}.${name} must be true or false, got ${policy[name]}`,
    );
  assertNumber(`${where}.requestPrice`, policy.requestPrice, 0, 100);
  assertNumber(`${where}.exchangeGuard`, policy.exchangeGuard, 1, 100);
  assertNumber(`${where}.shownFactor`, policy.shownFactor, 1, 1e6);
  assertNumber(`${where}.fallbackShare`, policy.fallbackShare, 0, 1);
  assertNumber(`${where}.birthCredit`, policy.birthCredit, 0, 1000);
  assertNumber(`${where}.returnSeconds`, policy.returnSeconds, 0, 1e6);
  assertNumber(`${where}.preemptFactor`, policy.preemptFactor, 1, Number.MAX_VALUE);
  return policy;
}
