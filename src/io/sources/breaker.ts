/**
 * A circuit breaker: after several failures in a row an origin is left alone for a while, instead
 * of being asked by every payload in turn. Then one request is let through, and its fate decides.
 *
 * Based on: Release It!, "Circuit Breaker". Michael Nygard. 2007.
 */
import { assertNumber } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';

export interface BreakerSettings {
  /** Failures in a row that open the circuit. */
  failures: number;
  /** Failures longer ago than this no longer count. */
  windowMs: number;
  /** Longest pause after the first opening; doubles with each probe that fails. */
  openBaseMs: number;
  /** Longest pause of all. */
  openMaxMs: number;
}

export const BREAKER_DEFAULTS: Readonly<BreakerSettings> = {
  failures: 5,
  windowMs: 30_000,
  openBaseMs: 1000,
  openMaxMs: 30_000,
};

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Leave to send one request. Exactly one of its functions is called, once, when that has ended. */
export interface Pass {
  succeed(): void;
  fail(): void;
  /** The request says nothing about the origin, e.g. because it was cancelled. */
  withdraw(): void;
}

export interface CircuitBreaker {
  readonly state: BreakerState;
  /** Milliseconds until asking again makes sense; 0 when a request would be let through. */
  readonly retryAfterMs: number;
  /** Leave for one request, or null. While half-open there is one pass at a time: the probe. */
  admit(): Pass | null;
  /** There is reason to think that it works again: an open circuit becomes half-open at once. */
  reset(): void;
  /** Calls back whenever requests that were refused may be let through now. */
  onAvailable(callback: () => void): () => void;
}

/** Pauses are drawn between 0 and their ceiling ("full jitter"), so that clients do not return as one. */
export function createBreaker(
  clock: Clock,
  random: Random,
  options: Partial<BreakerSettings> = {},
): CircuitBreaker {
  const settings = { ...BREAKER_DEFAULTS, ...options };
  assertNumber('failures', settings.failures, 1);
  assertNumber('windowMs', settings.windowMs, 1);
  assertNumber('openBaseMs', settings.openBaseMs, 1);
  assertNumber('openMaxMs', settings.openMaxMs, settings.openBaseMs);
  return new Breaker(clock, random, settings);
}

class Breaker implements CircuitBreaker {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #settings: BreakerSettings;
  readonly #listeners = new Set<() => void>();
  /** When the failures in a row happened, while closed. */
  #failedAtMs: number[] = [];
  /** When the pause ends; null while closed. */
  #openUntilMs: number | null = null;
  /** Openings since it was last closed. */
  #openings = 0;
  #isProbing = false;
  /** Passes of an earlier period have no say in this one. */
  #period = 0;
  #stopTimer = (): void => undefined;

  constructor(clock: Clock, random: Random, settings: BreakerSettings) {
    this.#clock = clock;
    this.#random = random;
    this.#settings = settings;
  }

  get state(): BreakerState {
    if (this.#openUntilMs === null) return 'closed';
    return this.#clock.now() < this.#openUntilMs ? 'open' : 'half-open';
  }

  get retryAfterMs(): number {
    const { state } = this;
    if (state === 'open') return this.#openUntilMs! - this.#clock.now();
    // How long the probe takes is not known; whoever listens is told when it has ended.
    return state === 'half-open' && this.#isProbing ? this.#settings.openBaseMs : 0;
  }

  admit(): Pass | null {
    const { state } = this;
    if (state === 'open' || (state === 'half-open' && this.#isProbing)) return null;
    const isProbe = state === 'half-open';
    if (isProbe) this.#isProbing = true;
    const period = this.#period;
    let isUsed = false;
    const once = (action: () => void) => () => {
      if (isUsed || period !== this.#period) return;
      isUsed = true;
      action();
    };
    return {
      succeed: once(() => {
        if (isProbe) this.#close();
        else this.#failedAtMs = [];
      }),
      fail: once(() => {
        if (isProbe) this.#open();
        else this.#count();
      }),
      withdraw: once(() => {
        if (!isProbe) return;
        this.#isProbing = false;
        this.#tell();
      }),
    };
  }

  reset(): void {
    if (this.#openUntilMs === null) return;
    this.#begin(this.#clock.now());
    this.#tell();
  }

  onAvailable(callback: () => void): () => void {
    // One function may be given twice: each call is a subscription of its own.
    const listener = (): void => callback();
    this.#listeners.add(listener);
    this.#arm();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#stopTimer();
    };
  }

  #count(): void {
    const { failures, windowMs } = this.#settings;
    const nowMs = this.#clock.now();
    this.#failedAtMs = this.#failedAtMs.filter((atMs) => nowMs - atMs <= windowMs);
    this.#failedAtMs.push(nowMs);
    if (this.#failedAtMs.length >= failures) this.#open();
  }

  #open(): void {
    const { openBaseMs, openMaxMs } = this.#settings;
    const ceilingMs = Math.min(openMaxMs, openBaseMs * 2 ** this.#openings++);
    this.#begin(this.#clock.now() + Math.max(1, this.#random() * ceilingMs));
    this.#arm();
  }

  #close(): void {
    this.#openings = 0;
    this.#begin(null);
    this.#tell();
  }

  #begin(openUntilMs: number | null): void {
    this.#stopTimer();
    this.#period++;
    this.#openUntilMs = openUntilMs;
    this.#isProbing = false;
    this.#failedAtMs = [];
  }

  /** Only while somebody listens: a timer keeps a process alive. */
  #arm(): void {
    this.#stopTimer();
    if (this.#listeners.size === 0 || this.state !== 'open') return;
    this.#stopTimer = this.#clock.after(this.retryAfterMs, () => this.#tell());
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** The breakers of one thread: sources of the same origin share theirs. */
export interface Breakers {
  of(origin: string): CircuitBreaker;
}

export function createBreakers(
  clock: Clock,
  random: Random,
  options: Partial<BreakerSettings> = {},
): Breakers {
  const breakers = new Map<string, CircuitBreaker>();
  return {
    of(origin) {
      const breaker = breakers.get(origin) ?? createBreaker(clock, random, options);
      breakers.set(origin, breaker);
      return breaker;
    },
  };
}
