/** Orders to lay payloads in, to compare with the cook's own. */
import { fetchOrder } from '../../cook/fetch-order.ts';
import { createRandom } from '../../src/base/random.ts';
import { type Catalog, stringAt } from '../../src/io/bundle/index.ts';

/** Named orders of all payloads of a world. */
export function ordersOf(catalog: Catalog, seed: number): Record<string, number[]> {
  const names = Array.from(catalog.assetNames, (name) => stringAt(catalog, name));
  const byName = [...names.keys()].sort((a, b) => (names[a]! < names[b]! ? -1 : 1));
  const byCell = [...new Set([...catalog.runAssets, ...names.keys()])];
  return {
    'along the curve (the cook)': fetchOrder(catalog),
    'LOD by LOD, in order of cells': lodByLod(catalog, byCell),
    'LOD by LOD, by name': lodByLod(catalog, byName),
    'asset by asset, by name': [
      ...byName.flatMap((asset) => lodsOf(catalog, asset)),
      ...catalog.terrainPayloads,
    ],
    shuffled: shuffled(fetchOrder(catalog), seed),
  };
}

/** Payloads of an asset, LOD 0 first. */
function lodsOf({ assetPayloads, assetLodCounts }: Catalog, asset: number): number[] {
  return Array.from({ length: assetLodCounts[asset]! }, (_, lod) => assetPayloads[asset]! + lod);
}

function lodByLod(catalog: Catalog, assets: readonly number[]): number[] {
  const chains = assets.map((asset) => lodsOf(catalog, asset));
  const coarsest = chains.map((chain) => chain.pop()!);
  const order = [...coarsest, ...catalog.terrainPayloads];
  for (let lod = 4; lod >= 0; lod--)
    for (const chain of chains) if (lod < chain.length) order.push(chain[lod]!);
  return order;
}

/** After Fisher and Yates. */
function shuffled(list: readonly number[], seed: number): number[] {
  const random = createRandom(seed);
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}
