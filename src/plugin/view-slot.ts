/** Attaching and detaching the view, whatever has been streamed before. */

import { assert } from '../base/assert.ts';
import { NO_LOD } from '../catalog/slots.ts';
import type { MeshContent } from '../io/content.ts';
import type { View } from '../memory/view.ts';
import { dropPayload, payloadLabel } from '../systems/payload-lifecycle.ts';
import { flushShows } from '../systems/transition-lod.ts';
import type { StreamWorld } from '../world.ts';

/** Installs a view; the returned function releases all it holds and takes it out again. */
export function attachView(
  world: StreamWorld,
  view: View<MeshContent>,
  hooks: { beforeUpdate(): void },
): () => void {
  assert(
    world.view === null,
    'attachView: this streaming has a view already; dispose that one first',
  );
  forgetShown(world);
  world.view = view;
  world.beforeUpdate.push(hooks.beforeUpdate);
  // What was streamed without a view has its images still and only needs to be handed over.
  for (const [payload, content] of world.contents)
    view.upload(payload, content, payloadLabel(world, payload));
  return () => {
    if (world.view !== view) return;
    forgetShown(world);
    flushShows(world);
    for (const payload of [...world.contents.keys()]) {
      view.release(payload);
      // Its images went to the GPU and are gone with it: a later view needs them anew.
      dropPayload(world, payload);
    }
    world.releases.length = 0;
    world.view = null;
    world.beforeUpdate.splice(world.beforeUpdate.indexOf(hooks.beforeUpdate), 1);
  };
}

/** Hides everything on screen, through the view if there is one; the next frame shows it again. */
function forgetShown(world: StreamWorld): void {
  const { cells, slots, terrain, shownTiles, entities, assets, shows } = world;
  for (let run = 0; run < cells.runCount; run++) {
    const first = assets.firstPayloads[cells.runAssets[run]!]!;
    const shown = cells.runShown[run]!;
    const [start, end] = [cells.runSlots[run]!, cells.runEnds[run]!];
    if (shown < 5) shows.push(start, end, first + shown, -1);
    else if (shown === 254)
      for (let slot = start; slot < end; slot++)
        if (slots.shownLods[slot] !== NO_LOD)
          shows.push(slot, slot + 1, first + slots.shownLods[slot]!, -1);
    cells.runShown[run] = NO_LOD;
  }
  cells.shown.fill(0);
  for (let entity = 1; entity < slots.entitySlots; entity++) {
    const shown = slots.shownLods[entity]!;
    const asset = entities.assets[entity]!;
    if (shown === NO_LOD || asset < 0) continue;
    shows.push(entity, entity + 1, assets.firstPayloads[asset]! + shown, -1);
    slots.shownLods[entity] = NO_LOD;
  }
  for (let i = 0; i < shownTiles.count; i++) {
    const node = shownTiles.items[i]!;
    terrain.shown[node] = 0;
    shows.push(terrain.slots[node]!, terrain.slots[node]! + 1, terrain.payloads[node]!, -1);
  }
  shownTiles.count = 0;
  flushShows(world);
}
