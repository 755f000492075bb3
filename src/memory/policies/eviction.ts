/**
 * The policies of all pools: who decides for which payload, and what they are told. Pools that name
 * the same policy share one, as if they were one pool. Those by `value` need nothing told: what they
 * hold is scored anew whenever something has to go.
 */
import { grown } from '../../base/grown.ts';
import { POOL_COUNT } from '../budget/pools.ts';
import { ArcPolicy } from './arc.ts';
import type { EvictionName } from './choice.ts';
import type { EvictionPolicy } from './eviction-policy.ts';
import { HeatPolicy } from './heat.ts';
import { LruPolicy } from './lru.ts';
import { ScoredPolicy } from './scored.ts';
import { SievePolicy } from './sieve.ts';
import { TierTable } from './tiers.ts';
import { TwoQPolicy } from './two-q.ts';

/** What is not seen for this long was not in one and the same use (seconds). */
const USE_GAP_SECONDS = 0.5;

type OtherName = Exclude<EvictionName, 'value'>;

/** What the caller fills in, by payload, for those policies that ask for it. */
export interface EvictionFeed {
  /** `[seconds]`. */
  now: Float64Array;
  /** Share of the picture that the use stands for. */
  amounts: Float64Array;
  /** Meters from the nearest eye. */
  distances: Float64Array;
}

export class Eviction {
  readonly tiers: TierTable = new TierTable();
  readonly feed: EvictionFeed = {
    now: new Float64Array(1),
    amounts: new Float64Array(0),
    distances: new Float64Array(0),
  };
  /** Policies other than `value`, each once. */
  readonly policies: readonly EvictionPolicy[];
  /** By pool: index into `policies`; -1 = value. */
  readonly policyOf: Int8Array;
  /** Bytes that may go now, by policy; as of the last listing, less what went since. */
  readonly freeableBytes: Float64Array;
  /** Policy of each payload that is there, + 1; 0 = none. */
  #owners: Uint8Array = new Uint8Array(0);
  #usedSeconds: Float64Array = new Float64Array(0);

  /** @param names policy of each pool, by number */
  constructor(names: readonly EvictionName[], birthCredit: number) {
    const others = [...new Set(names)].filter((name): name is OtherName => name !== 'value');
    this.policies = others.map((name) => this.#create(name, birthCredit));
    this.policyOf = Int8Array.from({ length: POOL_COUNT }, (_, pool) =>
      others.indexOf(names[pool] as OtherName),
    );
    this.freeableBytes = new Float64Array(others.length);
  }

  /** Nothing is told anything: all pools go by value. */
  get isByValue(): boolean {
    return this.policies.length === 0;
  }

  /** One policy other than value decides for all pools. */
  get isUniform(): boolean {
    return this.policies.length === 1 && !this.policyOf.includes(-1);
  }

  /** Whether a policy holds the payload for resident. */
  has(payload: number): boolean {
    return this.#ownerOf(payload) !== 0;
  }

  /** A payload of the pool is resident from now on. */
  arrived(payload: number, pool: number, bytes: number): void {
    const policy = this.policyOf[pool]!;
    if (policy < 0) return;
    if (payload >= this.#owners.length) this.#grow(payload + 1);
    this.#owners[payload] = policy + 1;
    this.#usedSeconds[payload] = Number.NEGATIVE_INFINITY;
    this.policies[policy]!.insert(payload, bytes);
  }

  /** It is on screen; `feed.amounts` says how much of it. */
  used(payload: number): void {
    const owner = this.#ownerOf(payload);
    if (owner === 0) return;
    const now = this.feed.now[0]!;
    const isContinued = now - this.#usedSeconds[payload]! <= USE_GAP_SECONDS;
    this.#usedSeconds[payload] = now;
    this.policies[owner - 1]!.use(payload, isContinued);
  }

  /** It goes, to make room. */
  evicted(payload: number): void {
    const owner = this.#ownerOf(payload);
    if (owner === 0) return;
    this.#owners[payload] = 0;
    this.policies[owner - 1]!.evict(payload);
  }

  /** It is gone for another reason: nothing is to be learned from that. */
  dropped(payload: number): void {
    const owner = this.#ownerOf(payload);
    if (owner === 0) return;
    this.#owners[payload] = 0;
    this.policies[owner - 1]!.forget(payload);
  }

  /** Rows that somebody else may use from now on. */
  forget(first: number, end: number): void {
    for (const policy of this.policies)
      for (let payload = first; payload < end; payload++) policy.forget(payload);
    this.#owners.fill(0, first, end);
  }

  /** Makes the columns of the feed long enough for so many payloads. */
  reserve(count: number): void {
    const { feed } = this;
    if (this.isByValue || feed.amounts.length >= count) return;
    feed.amounts = grown(feed.amounts, count * 2);
    feed.distances = grown(feed.distances, count * 2);
  }

  #ownerOf(payload: number): number {
    return payload < this.#owners.length ? this.#owners[payload]! : 0;
  }

  #create(name: OtherName, birthCredit: number): EvictionPolicy {
    switch (name) {
      case 'arc':
        return new ArcPolicy(0);
      case '2q':
        return new TwoQPolicy(0);
      case 'sieve':
        return new SievePolicy(0);
      case 'heat':
        return new HeatPolicy(0, this.feed, { birthCredit });
      case 'distance':
        return new ScoredPolicy(name, 0, (id) => -this.feed.distances[id]!);
      case 'lru':
        return new LruPolicy(0);
    }
  }

  #grow(needed: number): void {
    const rows = Math.max(needed, this.#owners.length * 2, 1024);
    this.#owners = grown(this.#owners, rows);
    this.#usedSeconds = grown(this.#usedSeconds, rows);
  }
}
