/**
 * Reads: nothing. Writes: the order inside the trees of cells, entities and volumes. After: materialize-placements.
 *
 * What came, went or moved lies in lists; a slice of it is packed each frame. What queries find stays
 * the same, the order in which they find it may change. Counts decide, never time: runs repeat.
 */
import type { StreamWorld } from '../world.ts';

/** Nodes and items a frame and tree. */
const REPACK_BUDGET = 1024;

export function repackTrees(world: StreamWorld): void {
  world.cellTree.repack(REPACK_BUDGET);
  world.entityTree.repack(REPACK_BUDGET);
  world.volumes.watch.tree.repack(REPACK_BUDGET);
}
