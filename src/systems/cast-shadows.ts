/**
 * Reads: qualities, levels, resident payloads. Writes: who casts shadows, the view. After: upload.
 *
 * Of each asset the finest LODs cast shadows, the share of its chain that the quality says: what is far
 * shows coarse LODs and casts none, and with 0 nothing does. An asset that stands in several levels, or in
 * the open too, follows the best quality of those places: its instances are drawn together.
 */
import { limitsOfQuality } from '../catalog/quality-limits.ts';
import { isCustom } from '../io/content.ts';
import type { StreamWorld } from '../world.ts';

export function castShadows(world: StreamWorld): void {
  const { quality, view, contents } = world;
  if (!quality.areShadowsDue) return;
  quality.areShadowsDue = false;
  writeShadows(world);
  if (!view?.setCastShadow) return;
  for (const [payload, content] of contents) if (!isCustom(content)) tellShadow(world, payload);
}

/** Tells the view of a payload that it has. */
export function tellShadow({ view, payloads }: StreamWorld, payload: number): void {
  view?.setCastShadow?.(payload, payloads.columns.shadowless[payload] === 0);
}

function writeShadows(world: StreamWorld): void {
  const { payloads, quality } = world;
  const { columns, count } = payloads;
  const casting = castingLods(world);
  const ground = quality.shadowsAt(quality.detail) > 0;
  for (let payload = 0; payload < count; payload++) {
    const asset = columns.owner[payload]!;
    const casts = asset < 0 ? ground : columns.lod[payload]! < casting[asset]!;
    columns.shadowless[payload] = casts ? 0 : 1;
  }
}

/** How many LODs of each asset cast shadows: the most that any place where it stands allows. */
function castingLods(world: StreamWorld): Uint8Array {
  const { assets, quality, opened, levels } = world;
  const casting = new Uint8Array(assets.count);
  const isPlaced = new Uint8Array(assets.count);
  const allow = (asset: number, detail: number): void => {
    isPlaced[asset] = 1;
    casting[asset] = Math.max(casting[asset]!, castingAt(world, asset, detail));
  };
  for (const { mount } of opened)
    for (const asset of mount.baseAssets) allow(asset, quality.detail);
  for (const level of levels) {
    if (!level) continue;
    const detail = quality.detailOf(level.name);
    for (const asset of level.assets) allow(asset, detail);
  }
  // What stands nowhere is there for entities, which follow the detail of all.
  for (let asset = 0; asset < assets.count; asset++)
    if (!isPlaced[asset]) allow(asset, quality.detail);
  return casting;
}

/** The share of the chain; where anything casts at all, the finest LOD that may be shown does. */
function castingAt({ assets, quality }: StreamWorld, asset: number, detail: number): number {
  const share = quality.shadowsAt(detail);
  if (share === 0) return 0;
  const values = quality.values[detail];
  const finest = Math.max(
    assets.general.finestLods[asset]!,
    values ? limitsOfQuality(values).finestLod : 0,
  );
  const lodCount = assets.lodCounts[asset]!;
  // 0.6 of five LODs are three, though 0.6 × 5 may be a little more in binary.
  return Math.min(lodCount, Math.max(finest + 1, Math.ceil(share * lodCount - 1e-6)));
}
