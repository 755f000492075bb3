/** What a game says about memory. */
import { assert } from '../base/assert.ts';
import { checkPools, POOL_NAMES, type Pool } from '../memory/budget/pools.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

export function memoryCalls(world: StreamWorld): Pick<Streaming, 'setPool' | 'createMemoryBudget'> {
  const { budget } = world;
  return {
    setPool(name, options) {
      checkPools('setPool', { ...budget.limits.settings, [name]: options });
      const { minBytes = 0 } = options;
      const pool = POOL_NAMES.indexOf(name) as Pool;
      const own = budget.limits.minBytes[pool]!;
      const left = budget.promisableBytes + own - budget.named.bytes;
      assert(
        minBytes <= left,
        `setPool: ${name}.minBytes is ${minBytes}, but of the budget of ${budget.budgetBytes} ` +
          `only ${Math.max(0, left)} are not promised yet; ask for fewer, or raise budgetBytes`,
      );
      budget.setPool(pool, options);
      world.demandChanged = true;
    },
    createMemoryBudget: (name, bytes, priority = 0) => budget.named.create(name, bytes, priority),
  };
}
