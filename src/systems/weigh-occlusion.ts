/**
 * Reads: the cut. Writes: occlusion weights. After: track-viewpoints.
 *
 * What other systems found hidden counts in full again bit by bit, and at once after a cut: of a new
 * place nothing is known yet. Work for the slots that carry a weight, none where there are none.
 */
import type { StreamWorld } from '../world.ts';

export function weighOcclusion(world: StreamWorld): void {
  const { occlusion } = world;
  if (occlusion.count === 0) return;
  if (world.cut) occlusion.forget(0, Number.POSITIVE_INFINITY);
  else if (occlusion.decay(world.dtSeconds)) world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
}
