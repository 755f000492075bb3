/** Kinds of content that share the budget, and what a game may say about each. */
import { assert, assertNumber, describe } from '../../base/assert.ts';

export const Pool = {
  /** Geometry of meshes: the CPU's copy and, without shared buffers, the GPU's. */
  Mesh: 0,
  Terrain: 1,
  /** Kinds of the game's own. */
  Custom: 2,
  /** Textures of meshes. */
  Texture: 3,
  /** Pages of virtual textures. */
  Pages: 4,
  Clusters: 5,
  /** What named budgets have given out. */
  Levels: 6,
} as const;
export type Pool = (typeof Pool)[keyof typeof Pool];

export type PoolName = 'mesh' | 'terrain' | 'custom' | 'texture' | 'pages' | 'clusters' | 'levels';

/** By number. */
export const POOL_NAMES: readonly PoolName[] = [
  'mesh',
  'terrain',
  'custom',
  'texture',
  'pages',
  'clusters',
  'levels',
];

export const POOL_COUNT: number = POOL_NAMES.length;

/** What a pool is promised and allowed. With nothing said, all compete by worth for all of it. */
export interface PoolOptions {
  /** Never lent to others, not even while it is idle. */
  minBytes?: number;
  /**
   * Share of the budget, 0 to 1, that the pool is entitled to. What it leaves idle others borrow; it
   * takes it back from whoever is above its own, whatever that is worth. Up to it nothing of it goes
   * for the sake of another pool.
   */
  share?: number;
  /** Never more than this. */
  maxBytes?: number;
}

export type PoolSettings = Partial<Record<PoolName, PoolOptions>>;

/** Throws where settings cannot hold, naming pool and figure. */
export function checkPools(where: string, pools: PoolSettings): void {
  assert(
    typeof pools === 'object' && pools !== null,
    `${where} must be an object of pools, got ${describe(pools)}`,
  );
  let shares = 0;
  for (const [name, pool] of Object.entries(pools)) {
    assert(
      (POOL_NAMES as readonly string[]).includes(name),
      `${where}: there is no pool "${name}"; expected one of ${POOL_NAMES.join(', ')}`,
    );
    const { minBytes = 0, share = 0, maxBytes = Number.MAX_SAFE_INTEGER } = pool;
    assertNumber(`${where}.${name}.minBytes`, minBytes, 0, Number.MAX_SAFE_INTEGER);
    assertNumber(`${where}.${name}.share`, share, 0, 1);
    assertNumber(`${where}.${name}.maxBytes`, maxBytes, 0, Number.MAX_SAFE_INTEGER);
    assert(
      minBytes <= maxBytes,
      `${where}.${name}: minBytes is ${minBytes}, above maxBytes, ${maxBytes}`,
    );
    shares += share;
  }
  // Ten tenths may come to a little more than one.
  assert(
    shares <= 1 + 1e-9,
    `${where}: the shares come to ${shares}; together they may be 1 at most`,
  );
}
