/** What a game says about LODs while it runs. */
import { assert, describe } from '../base/assert.ts';
import { checkLayer, checkLevelLimits } from '../catalog/lod-policy.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

export function lodCalls(world: StreamWorld): Pick<Streaming, 'setLayer' | 'setLevelLod'> {
  return {
    setLayer(name, layer) {
      checkName('setLayer', name);
      if (layer !== null) checkLayer(name, layer);
      world.lod.setLayer(name, layer && { ...layer });
    },
    setLevelLod(name, limits) {
      checkName('setLevelLod', name);
      if (limits !== null) checkLevelLimits(name, limits);
      world.lod.setLevel(name, limits);
    },
  };
}

function checkName(call: string, name: string): void {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected a name, got ${describe(name)}`,
  );
}
