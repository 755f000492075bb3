import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { createRandom } from '../../../src/base/random.ts';
import {
  type BreakerSettings,
  type CircuitBreaker,
  createBreaker,
  createBreakers,
  type Pass,
} from '../../../src/io/sources/breaker.ts';

const SETTINGS: BreakerSettings = {
  failures: 3,
  windowMs: 1000,
  openBaseMs: 100,
  openMaxMs: 350,
};

/** With a chance of 1 every pause is as long as it may be. */
function makeBreaker(random = () => 1) {
  const clock = createManualClock();
  return { clock, breaker: createBreaker(clock, random, SETTINGS) };
}

function fail(breaker: CircuitBreaker, times = 1): void {
  for (let i = 0; i < times; i++) breaker.admit()!.fail();
}

describe('the circuit breaker', () => {
  it('opens after failures in a row, lets one probe through, and closes when that is well', () => {
    const { clock, breaker } = makeBreaker();
    fail(breaker, 2);
    breaker.admit()!.succeed();
    fail(breaker, 2);
    expect(breaker.state).toBe('closed');
    fail(breaker);
    expect([breaker.state, breaker.retryAfterMs, breaker.admit()]).toEqual(['open', 100, null]);
    clock.advance(99);
    expect([breaker.admit(), breaker.retryAfterMs]).toEqual([null, 1]);
    clock.advance(1);
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['half-open', 0]);
    const probe = breaker.admit()!;
    expect([breaker.admit(), breaker.admit()]).toEqual([null, null]);
    expect(breaker.retryAfterMs).toBeGreaterThan(0);
    probe.succeed();
    expect(breaker.state).toBe('closed');
    fail(breaker, 2);
    expect(breaker.state).toBe('closed');
  });

  it('doubles its pauses up to the longest, and begins anew once it was closed', () => {
    const { clock, breaker } = makeBreaker();
    fail(breaker, 3);
    const pauses: number[] = [];
    for (let i = 0; i < 4; i++) {
      pauses.push(breaker.retryAfterMs);
      clock.advance(breaker.retryAfterMs);
      fail(breaker);
    }
    expect(pauses).toEqual([100, 200, 350, 350]);
    clock.advance(350);
    breaker.admit()!.succeed();
    fail(breaker, 3);
    expect(breaker.retryAfterMs).toBe(100);
  });

  it('draws its pauses between nothing and their ceiling', () => {
    const random = createRandom(3);
    const pauses = Array.from({ length: 400 }, () => {
      const { breaker } = makeBreaker(random);
      fail(breaker, 3);
      return breaker.retryAfterMs;
    });
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1);
    expect(Math.min(...pauses)).toBeLessThan(5);
    expect(Math.max(...pauses)).toBeGreaterThan(95);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(100);
  });

  it('forgets failures of long ago', () => {
    const { clock, breaker } = makeBreaker();
    for (let i = 0; i < 20; i++) {
      fail(breaker);
      clock.advance(501);
    }
    expect(breaker.state).toBe('closed');
    fail(breaker, 2);
    expect(breaker.state).toBe('open');
  });

  it('gives no say to what was sent before it opened, nor to a pass used twice', () => {
    const { clock, breaker } = makeBreaker();
    const early = [breaker.admit()!, breaker.admit()!];
    fail(breaker, 3);
    early[0]!.succeed();
    expect(breaker.state).toBe('open');
    clock.advance(100);
    early[1]!.fail();
    expect(breaker.state).toBe('half-open');
    const withdrawn = breaker.admit()!;
    withdrawn.withdraw();
    withdrawn.fail();
    expect(breaker.state).toBe('half-open');
    breaker.admit()!.succeed();
    expect(breaker.state).toBe('closed');
  });

  it('tells when it may be asked again: half-open, closed, reset, and after a withdrawn probe', () => {
    const { clock, breaker } = makeBreaker();
    const told: string[] = [];
    const stop = breaker.onAvailable(() => told.push(`${clock.now()} ${breaker.state}`));
    fail(breaker, 3);
    clock.advance(500);
    expect(told).toEqual(['100 half-open']);
    breaker.admit()!.withdraw();
    breaker.admit()!.succeed();
    fail(breaker, 3);
    breaker.reset();
    expect(told.slice(1)).toEqual(['500 half-open', '500 closed', '500 half-open']);
    breaker.admit()!.fail();
    stop();
    clock.advance(10_000);
    expect(told.length).toBe(4);
    fail(breaker);
    // Who listens only while it is open already is told, too.
    breaker.onAvailable(() => told.push('late'));
    clock.advance(10_000);
    expect(told.length).toBe(5);
  });

  it('is shared by origin, and refuses settings that make no sense', () => {
    const clock = createManualClock();
    const breakers = createBreakers(clock, () => 1, SETTINGS);
    expect(breakers.of('http://a')).toBe(breakers.of('http://a'));
    expect(breakers.of('http://a')).not.toBe(breakers.of('http://b'));
    expect(() => createBreaker(clock, () => 1, { failures: 0 })).toThrow(/failures must be/);
    expect(() => createBreaker(clock, () => 1, { openBaseMs: 9, openMaxMs: 8 })).toThrow(
      /openMaxMs must be/,
    );
  });
});

type Step = { act: 'admit' | 'succeed' | 'fail' | 'withdraw' | 'wait' | 'reset'; n: number };

const steps = fc.array(
  fc.record({
    act: fc.constantFrom('admit', 'admit', 'succeed', 'fail', 'fail', 'withdraw', 'wait', 'reset'),
    n: fc.nat({ max: 120 }),
  }) as fc.Arbitrary<Step>,
  { minLength: 30, maxLength: 150, size: 'max' },
);

/** What must hold of any breaker whatever happens, as a list of what did not. */
function findBroken(
  make: (clock: ReturnType<typeof createManualClock>) => CircuitBreaker,
  list: Step[],
): string[] {
  const clock = createManualClock();
  const breaker = make(clock);
  const broken: string[] = [];
  /** Passes given while half-open and not used: never more than one. */
  let probe: Pass | null = null;
  let open: Pass[] = [];
  let inRow = 0;
  let told = 0;
  breaker.onAvailable(() => told++);
  for (const { act, n } of list) {
    const before = breaker.state;
    const wait = breaker.retryAfterMs;
    if (act === 'wait') clock.advance(n);
    if (act === 'reset') {
      breaker.reset();
      if (before !== 'closed') [probe, open] = [null, []];
    }
    if (act === 'admit') {
      const pass = breaker.admit();
      if ((pass === null) !== wait > 0) broken.push('a refusal without a wait, or the reverse');
      if (pass && before === 'open') broken.push('let through while open');
      if (pass && before === 'half-open' && probe) broken.push('two probes');
      if (!pass && before === 'closed') broken.push('refused while closed');
      if (pass && before === 'half-open') probe = pass;
      else if (pass) open.push(pass);
    }
    if (act === 'succeed' || act === 'fail' || act === 'withdraw') {
      const used =
        before === 'half-open' && probe ? probe : open.splice(n % (open.length || 1), 1)[0];
      const wasProbe = used !== undefined && used === probe;
      used?.[act]();
      if (used && !wasProbe && before === 'closed') {
        if (act === 'fail') inRow++;
        if (act === 'succeed') inRow = 0;
      }
      if (wasProbe) {
        probe = null;
        const expected = { succeed: 'closed', fail: 'open', withdraw: 'half-open' }[act];
        if (breaker.state !== expected) broken.push(`a probe's ${act} led to ${breaker.state}`);
      }
      if (before === 'closed' && breaker.state === 'open') {
        if (inRow < SETTINGS.failures) broken.push(`opened after ${inRow} failures`);
        open = [];
      }
      if (breaker.state !== 'closed') inRow = 0;
    }
    if (breaker.retryAfterMs < 0 || breaker.retryAfterMs > SETTINGS.openMaxMs)
      broken.push(`a wait of ${breaker.retryAfterMs} ms`);
  }
  // Whatever happened, it can be used again.
  if (probe) (probe as Pass).withdraw();
  clock.advance(SETTINGS.openMaxMs);
  if (breaker.state === 'open') broken.push('open for good');
  if (told === 0 && breaker.state === 'half-open') broken.push('half-open, and told nobody');
  breaker.admit()?.succeed();
  if (!breaker.admit()) broken.push('shut for good');
  return broken;
}

describe('the circuit breaker under any sequence', () => {
  it('keeps its promises', () => {
    const random = createRandom(1);
    fc.assert(
      fc.property(steps, (list) => {
        expect(findBroken((clock) => createBreaker(clock, random, SETTINGS), list)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('is checked by something that notices a broken one', () => {
    const spoil = (change: (breaker: CircuitBreaker) => Partial<CircuitBreaker>) => {
      const found = new Set<string>();
      const list = fc.sample(steps, { numRuns: 60, seed: 1 });
      for (const one of list)
        for (const broken of findBroken((clock) => {
          const breaker = createBreaker(clock, () => 1, SETTINGS);
          const changed = change(breaker);
          return new Proxy(breaker, {
            get: (_, name) => {
              const value = (name in changed ? changed : breaker)[name as 'admit'];
              return typeof value === 'function' ? value.bind(breaker) : value;
            },
          });
        }, one))
          found.add(broken);
      return [...found];
    };
    const idle: Pass = {
      succeed: () => undefined,
      fail: () => undefined,
      withdraw: () => undefined,
    };
    expect(spoil(() => ({}))).toEqual([]);
    expect(spoil((breaker) => ({ admit: () => breaker.admit() ?? idle }))).toContain('two probes');
    expect(
      spoil((breaker) => ({ admit: () => (breaker.state === 'open' ? idle : breaker.admit()) })),
    ).toContain('let through while open');
    expect(spoil(() => ({ onAvailable: () => () => undefined }))).toContain(
      'half-open, and told nobody',
    );
  });
});
