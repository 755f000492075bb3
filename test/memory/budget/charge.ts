/** What a payload of one's own choosing takes of a budget, the same when reserved and when resident. */
import type { Charge } from '../../../src/memory/budget/charge.ts';
import type { Pool } from '../../../src/memory/budget/pools.ts';

export function charge(pool: Pool, bytes: number, textureBytes = 0, sharedBytes = 0): Charge {
  return { pool, reserveBytes: bytes, residentBytes: bytes, textureBytes, sharedBytes };
}
