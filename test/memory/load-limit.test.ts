/** How load follows frame time. */
import { describe, expect, it } from 'vitest';
import {
  FRAME_MS,
  LoadLimit,
  OWN_MS,
  resolveThrottle,
  THROTTLE_DEFAULTS,
} from '../../src/memory/load-limit.ts';

const DT = 1 / 60;

/** Runs frames of which `own` milliseconds are ours; returns the share after each. */
function run(limit: LoadLimit, seconds: number, own: (share: number) => number): number[] {
  return Array.from({ length: Math.round(seconds / DT) }, () => {
    limit.measured[OWN_MS] = own(limit.share);
    limit.step(DT);
    return limit.share;
  });
}

const make = (targetMs = Number.POSITIVE_INFINITY) => new LoadLimit(THROTTLE_DEFAULTS, targetMs);

describe('load', () => {
  it('falls from 8 requests to 2 within half a second of overload, and stays there', () => {
    const limit = make();
    const shares = run(limit, 10, () => 5);
    expect(shares[29]).toBe(0.25);
    expect(new Set(shares.slice(30))).toEqual(new Set([0.25]));
    expect(limit.of(8)).toBe(2);
    expect(limit.of(6)).toBe(2);
    expect(limit.of(1)).toBe(1);
  });

  it('comes back evenly within seven seconds, and then is all of it', () => {
    const limit = make();
    run(limit, 2, () => 5);
    const shares = run(limit, 7, () => 0.5);
    for (let i = 1; i < shares.length; i++) expect(shares[i]! - shares[i - 1]!).toBeLessThan(0.005);
    expect(shares.at(-1)).toBe(1);
    expect(limit.of(8)).toBe(8);
  });

  it('does not care for a hitch', () => {
    const limit = make();
    run(limit, 1, () => 0.5);
    limit.measured[OWN_MS] = 400;
    limit.step(DT);
    expect(new Set(run(limit, 1, () => 0.5))).toEqual(new Set([1]));
  });

  it('swings once in two seconds at most where full load is too much and half is not', () => {
    const falls = run(make(), 60, (share) => 3 * share).filter(
      (share, i, all) => i > 0 && share < all[i - 1]!,
    );
    expect(falls.length).toBeGreaterThan(1);
    expect(falls.length).toBeLessThanOrEqual(30);
  });

  it('follows late frames, those that wait for a display do not count', () => {
    const limit = make(16.7);
    const frames = (ms: number, seconds: number): void => {
      for (let i = 0; i < seconds / DT; i++) {
        limit.measured[FRAME_MS] = ms;
        limit.step(DT);
      }
    };
    frames(16.7, 3);
    expect(limit.share).toBe(1);
    frames(25, 1);
    expect(limit.share).toBe(0.25);
    frames(16.7, 7);
    expect(limit.share).toBe(1);
  });

  it('can be turned off, and refuses what cannot work', () => {
    const off = new LoadLimit(resolveThrottle({ ownMs: Number.POSITIVE_INFINITY }), Infinity);
    expect(new Set(run(off, 1, () => 50))).toEqual(new Set([1]));
    expect(() => resolveThrottle({ ownMs: 0 })).toThrow(/throttle\.ownMs.*0/);
    expect(() => resolveThrottle({ leastShare: 2 })).toThrow(/throttle\.leastShare/);
    expect(() => resolveThrottle({ recoverSeconds: 0 })).toThrow(/throttle\.recoverSeconds/);
  });
});
