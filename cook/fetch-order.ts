/** The order of payloads in their packs: what a game asks for together lies together. */
import type { SortedCells } from './cells.ts';
import type { CookedModel } from './cook-model.ts';

/**
 * Coarsest LODs of everything, then terrain from coarse to fine, then finer and finer LODs; within
 * one LOD, assets in the order in which the cells name them, so that neighbors lie together.
 *
 * @param firstTile the terrain's payloads are `[firstTile, payloadCount)`
 */
export function fetchOrder(
  models: readonly CookedModel[],
  { runAssets }: SortedCells,
  firstTile: number,
  payloadCount: number,
): number[] {
  const firsts: number[] = [];
  let first = 0;
  for (const model of models) {
    firsts.push(first);
    first += model.lods.length;
  }
  const assets = [...new Set([...runAssets, ...models.keys()])];
  const order = assets.map((asset) => firsts[asset]! + models[asset]!.lods.length - 1);
  for (let tile = firstTile; tile < payloadCount; tile++) order.push(tile);
  const most = Math.max(0, ...models.map((model) => model.lods.length));
  for (let lod = most - 2; lod >= 0; lod--)
    for (const asset of assets)
      if (lod < models[asset]!.lods.length - 1) order.push(firsts[asset]! + lod);
  return order;
}
