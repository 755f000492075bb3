import { describe, expect, it } from 'vitest';
import { POLICY_DEFAULTS, resolvePolicy } from '../../src/memory/policy.ts';
import { resolveOptions } from '../../src/options.ts';

describe('policy', () => {
  it('has a default for every figure', () => {
    expect(resolveOptions({}).policy).toEqual(POLICY_DEFAULTS);
    expect(resolveOptions({ policy: { exchangeGuard: 2 } }).policy).toEqual({
      ...POLICY_DEFAULTS,
      exchangeGuard: 2,
    });
  });

  it.each([
    [{ exchangeGuard: 0.9 }, /installStreaming: policy\.exchangeGuard must be .*1.*got 0\.9/],
    [{ requestPrice: -1 }, /policy\.requestPrice must be .*got -1/],
    [{ fallbackShare: 2 }, /policy\.fallbackShare must be .*got 2/],
    [{ birthCredit: -1 }, /policy\.birthCredit must be .*got -1/],
    [{ preemptFactor: Number.NaN }, /policy\.preemptFactor must be .*got NaN/],
    [{ groups: 1 as unknown as boolean }, /policy\.groups must be true or false, got 1/],
  ])('refuses %o', (options, message) => {
    expect(() => resolvePolicy(options)).toThrow(message);
  });
});
