/** Which policy decides what leaves each pool: names, and what a game may say. */
import { assert, describe } from '../../base/assert.ts';
import { POOL_COUNT, POOL_NAMES } from '../budget/pools.ts';

export type EvictionName = 'value' | 'lru' | 'arc' | '2q' | 'sieve' | 'heat' | 'distance';

export const EVICTION_NAMES: readonly EvictionName[] = [
  'value',
  'lru',
  'arc',
  '2q',
  'sieve',
  'heat',
  'distance',
];

/** Pools that payloads are evicted from. Textures go with the meshes that they are on. */
export type EvictionPool = 'mesh' | 'terrain' | 'custom';

const EVICTION_POOLS: readonly EvictionPool[] = ['mesh', 'terrain', 'custom'];

/** One policy for all, or one for each pool named; the others keep `value`. */
export type EvictionChoice = EvictionName | Partial<Record<EvictionPool, EvictionName>>;

/** The policy of each pool, by number. Throws on names that are none, with what was expected. */
export function resolveEviction(choice: EvictionChoice = 'value'): readonly EvictionName[] {
  const where = 'installStreaming: eviction';
  if (typeof choice === 'string') {
    checkName(where, choice);
    return Array.from({ length: POOL_COUNT }, () => choice);
  }
  assert(
    typeof choice === 'object' && choice !== null && !Array.isArray(choice),
    `${where} must be one of ${EVICTION_NAMES.join(', ')}, or an object with one for each of ` +
      `${EVICTION_POOLS.join(', ')}, got ${describe(choice)}`,
  );
  for (const [pool, name] of Object.entries(choice)) {
    assert(
      (EVICTION_POOLS as readonly string[]).includes(pool),
      `${where}: nothing is evicted from a pool "${pool}"; expected ${EVICTION_POOLS.join(', ')}`,
    );
    checkName(`${where}.${pool}`, name);
  }
  return POOL_NAMES.map((pool) => choice[pool as EvictionPool] ?? 'value');
}

function checkName(where: string, name: string): void {
  assert(
    (EVICTION_NAMES as readonly string[]).includes(name),
    `${where} must be one of ${EVICTION_NAMES.join(', ')}, got ${describe(name)}`,
  );
}
