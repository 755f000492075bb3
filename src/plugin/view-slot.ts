/** Attaching and detaching the view, whatever has been streamed before. */
import { assert } from '../base/assert.ts';
import { showCell } from '../catalog/cell-show.ts';
import { isCustom, type MeshContent } from '../io/content.ts';
import type { View } from '../memory/view.ts';
import { hideEntity, hideTiles } from '../systems/hide.ts';
import { dropPayload, payloadLabel } from '../systems/payload-lifecycle.ts';
import { setTextureSupport } from '../systems/texture-target.ts';
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
  if (view.textureSupport !== undefined) setTextureSupport(world, view.textureSupport);
  // Nothing of what was given up so far has ever been with this view.
  world.releases.length = 0;
  world.view = view;
  world.beforeUpdate.push(hooks.beforeUpdate);
  // What was streamed without a view has its images still and only needs to be handed over.
  for (const [payload, content] of world.contents)
    if (!isCustom(content)) view.upload(payload, content, payloadLabel(world, payload));
  return () => {
    if (world.view !== view) return;
    forgetShown(world);
    for (const [payload, content] of [...world.contents]) {
      // What a view never had stays.
      if (isCustom(content)) continue;
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
  const { cells, slots, terrain, shows } = world;
  world.culling.isShown = false;
  for (let cell = 0; cell < cells.count; cell++)
    if (cells.shown[cell]) showCell(world, cell, false, shows);
  for (let entity = 1; entity < slots.entitySlots; entity++) hideEntity(world, entity);
  hideTiles(world, 0, terrain.count);
  flushShows(world);
}
