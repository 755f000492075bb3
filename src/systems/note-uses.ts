/**
 * Reads: what is in view, the tiles shown. Writes: what the eviction policies know of uses. Called by:
 * publish-demand. Does nothing where all pools go by value.
 */
import { MAX_LODS } from '../base/limits.ts';
import { THRESHOLD_STRIDE } from '../catalog/lod-sets.ts';
import type { StreamWorld } from '../world.ts';

/** Tells the policies what is on screen, once a sweep: the LOD that is shown, be it the one needed or not. */
export function noteUses(world: StreamWorld): void {
  const { eviction, assets, payloads, shownTiles, terrain, clock } = world;
  if (eviction.isByValue) return;
  eviction.reserve(payloads.count);
  const { feed } = eviction;
  feed.now[0] = clock.now() / 1000;
  for (let row = 0; row < assets.count; row++) if (assets.inView[row]) noteAsset(world, row);
  for (let i = 0; i < shownTiles.count; i++) {
    const payload = terrain.payloads[shownTiles.items[i]!]!;
    // The ground is everywhere; its tiles share it.
    feed.amounts[payload] = 1 / shownTiles.count;
    eviction.used(payload);
  }
}

function noteAsset({ eviction, assets }: StreamWorld, row: number): void {
  const { shownLods } = assets.general;
  const bits = assets.inView[row]!;
  for (let lod = 0; bits >> lod; lod++) {
    const shown = shownLods[row * THRESHOLD_STRIDE + lod]!;
    if (!(bits & (1 << lod)) || shown < 0) continue;
    const payload = assets.firstPayloads[row]! + shown;
    eviction.feed.amounts[payload] = assets.buckets[row * MAX_LODS + lod]!;
    eviction.used(payload);
  }
}
