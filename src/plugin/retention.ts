/** What a game says about assets that must stay: lists of pins, and tiers. */
import { assert, describe } from '../base/assert.ts';
import { MAX_LODS } from '../base/limits.ts';
import { idOfName } from '../components/schema.ts';
import { TIER_NAMES, type Tier } from '../memory/policies/tiers.ts';
import type { StreamWorld } from '../world.ts';
import { requestAsset } from './access.ts';
import type { Streaming } from './streaming.ts';

export function retentionCalls(world: StreamWorld): Pick<Streaming, 'pinAssets' | 'setTier'> {
  return {
    pinAssets(names, lod = MAX_LODS - 1) {
      checkNames('pinAssets', names);
      const requests = names.map((name) => requestAsset(world, name, lod, 'critical'));
      const ready = Promise.all(requests.map((request) => request.ready)).then(() => undefined);
      // Releasing a list nobody awaits is no unhandled rejection.
      ready.catch(() => undefined);
      return {
        ready,
        release() {
          for (const request of requests) request.release();
        },
      };
    },
    setTier(names, tier) {
      checkNames('setTier', names);
      assert(
        TIER_NAMES.includes(tier),
        `setTier: expected one of ${TIER_NAMES.join(', ')}, got ${describe(tier)}`,
      );
      for (const name of names)
        world.eviction.tiers.set(idOfName(name), TIER_NAMES.indexOf(tier) as Tier);
    },
  };
}

function checkNames(call: string, names: readonly string[]): void {
  assert(Array.isArray(names), `${call}: expected a list of names, got ${describe(names)}`);
  for (const name of names)
    assert(
      typeof name === 'string' && name !== '',
      `${call}: expected the name of an asset, got ${describe(name)}`,
    );
}
