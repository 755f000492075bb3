/** Takes single things off the screen outside of `transition-lod`: the view hears of it there. */
import { showCell } from '../catalog/cell-show.ts';
import { NO_LOD } from '../catalog/slots.ts';
import type { StreamWorld } from '../world.ts';
import { releaseHiddenProxy } from './hold-proxies.ts';

/** Hides all that a cell shows. */
export function hideCell(world: StreamWorld, cell: number): void {
  showCell(world, cell, false, world.shows);
  releaseHiddenProxy(world, cell);
}

/** Hides what a requesting entity shows, if anything. */
export function hideEntity(world: StreamWorld, entity: number): void {
  const { slots, entities, assets, shows } = world;
  const shown = slots.shownLods[entity]!;
  const asset = entities.assets[entity]!;
  if (shown === NO_LOD || asset < 0) return;
  shows.push(entity, entity + 1, assets.firstPayloads[asset]! + shown, -1);
  slots.shownLods[entity] = NO_LOD;
}

/** Hides the shown terrain tiles in `[first, end)`. */
export function hideTiles(world: StreamWorld, first: number, end: number): void {
  const { terrain, shownTiles, shows } = world;
  let kept = 0;
  for (let i = 0; i < shownTiles.count; i++) {
    const node = shownTiles.items[i]!;
    if (node < first || node >= end) {
      shownTiles.items[kept++] = node;
      continue;
    }
    terrain.shown[node] = 0;
    const slot = terrain.slots[node]!;
    shows.push(slot, slot + 1, terrain.payloads[node]!, -1);
  }
  shownTiles.count = kept;
}
