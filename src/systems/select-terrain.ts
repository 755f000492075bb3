/**
 * Reads: eyes, frusta, terrain residency. Writes: selected tiles. After: select-lod.
 */
import { selectTiles } from '../terrain/quadtree.ts';
import type { StreamWorld } from '../world.ts';

export function selectTerrain(world: StreamWorld): void {
  const { selectedTiles, terrain, eyes } = world;
  selectedTiles.count = 0;
  terrain.selection++;
  if (terrain.count === 0 || eyes.count === 0) return;
  world.stats.visitedNodes += selectTiles(
    terrain,
    eyes,
    world.planes,
    eyes.count,
    (world.kPerPixel * world.options.errorPixels) /
      (world.options.terrainErrorPixels * world.lod.groundScale),
    world.frame,
    selectedTiles,
  );
  for (let i = 0; i < selectedTiles.count; i++)
    terrain.selectedIn[selectedTiles.items[i]!] = terrain.selection;
}
