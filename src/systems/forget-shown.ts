/** Starting the picture anew: for a view that comes or goes, or has lost all it had. */
import type { StreamWorld } from '../world.ts';
import { hideCell, hideEntity, hideTiles } from './hide.ts';
import { flushShows } from './transition-lod.ts';

/** Hides everything on screen, through the view if there is one; the next frame shows it again. */
export function forgetShown(world: StreamWorld): void {
  const { cells, slots, terrain } = world;
  world.culling.isShown = false;
  for (let cell = 0; cell < cells.count; cell++) if (cells.shown[cell]) hideCell(world, cell);
  for (let entity = 1; entity < slots.entitySlots; entity++) hideEntity(world, entity);
  hideTiles(world, 0, terrain.count);
  flushShows(world);
}
