/** An asset that failed is asked for again at once, whatever its failures say. */
import { hashName } from '../base/hash.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';

/** Its failures are forgiven when it is next proposed. */
export function retryAsset(world: StreamWorld, name: string): void {
  const { state, retryAtMs } = world.payloads.columns;
  const { assets, terrain } = world;
  const allow = (payload: number): void => {
    if (state[payload] === PayloadState.Failed) retryAtMs[payload] = 0;
  };
  const asset = assets.find(hashName(name));
  if (asset >= 0)
    for (let lod = 0; lod < assets.lodCounts[asset]!; lod++)
      allow(assets.firstPayloads[asset]! + lod);
  else if (name === 'terrain') for (const root of terrain.roots) allow(terrain.payloads[root]!);
  world.demandChanged = true;
}
