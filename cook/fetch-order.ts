/**
 * The order of payloads in their packs: what a game asks for together lies together, so that few
 * reads bring it. Nothing here depends on the bytes of a payload, and one asset's place does not
 * depend on another's: what changes in one disturbs the order of no other.
 */
import { stringAt } from '../src/io/bundle/catalog-names.ts';
import type { Catalog } from '../src/io/bundle/format.ts';
import { hilbertOf } from './hilbert.ts';
import { compare } from './inputs.ts';

/** Side of the squares in which the placements of an asset are counted (meters). */
const HOME_METERS = 256;

/**
 * The coarsest LOD of every asset, then terrain from coarse to fine, then LOD by LOD from coarse to
 * fine; within a LOD, assets along Hilbert's curve by where most of each stands, then by name. The
 * tiles of a terrain level are in Morton order, that of their nodes.
 *
 * @returns payload indices, first to be fetched first
 */
export function fetchOrder(catalog: Catalog): number[] {
  const { counts, assetPayloads, assetLodCounts, terrainPayloads } = catalog;
  const assets = assetsAlongCurve(catalog);
  const lastLod = (asset: number): number => assetLodCounts[asset]! - 1;
  const order = assets.map((asset) => assetPayloads[asset]! + lastLod(asset));
  for (let tile = 0; tile < counts.terrain; tile++) order.push(terrainPayloads[tile]!);
  const most = assets.reduce((lod, asset) => Math.max(lod, lastLod(asset)), 0);
  for (let lod = most - 1; lod >= 0; lod--)
    for (const asset of assets) if (lod < lastLod(asset)) order.push(assetPayloads[asset]! + lod);
  return order;
}

function assetsAlongCurve(catalog: Catalog): number[] {
  const homes = homesOf(catalog);
  const names = Array.from(catalog.assetNames, (name) => stringAt(catalog, name));
  return Array.from(names.keys()).sort(
    (a, b) => homes[a]! - homes[b]! || compare(names[a]!, names[b]!),
  );
}

/**
 * Position on the curve of each asset's home: the square that holds most of its placements, of
 * equals the first on the curve. The mean would move with every placement that is added, and can
 * lie where the asset never stands. What is placed nowhere comes last.
 */
function homesOf(catalog: Catalog): Float64Array {
  const { counts, runAssets, runSlots, positions } = catalog;
  const squares = Array.from({ length: counts.assets }, () => new Map<number, number>());
  for (let run = 0; run < counts.runs; run++)
    for (let slot = runSlots[run]!; slot < runSlots[run + 1]!; slot++) {
      const [x, z] = [positions[slot * 3]!, positions[slot * 3 + 2]!].map(
        (meters) => (Math.floor(meters / HOME_METERS) + 0.5) * HOME_METERS,
      );
      const square = hilbertOf(x!, z!);
      const ofAsset = squares[runAssets[run]!]!;
      ofAsset.set(square, (ofAsset.get(square) ?? 0) + 1);
    }
  return Float64Array.from(squares, (ofAsset) => {
    let [home, most] = [Number.MAX_VALUE, 0];
    for (const [square, count] of ofAsset)
      if (count > most || (count === most && square < home)) [home, most] = [square, count];
    return home;
  });
}
