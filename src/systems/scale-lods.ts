/**
 * Reads: the lenses, error bias. Writes: distance thresholds. Called by: track-viewpoints.
 *
 * Recomputes from how far each LOD is good enough when a lens, the picture or the pressure changed.
 */
import { THRESHOLD_STRIDE } from '../catalog/assets.ts';
import type { StreamWorld } from '../world.ts';

/** @param kReference pixels per tangent of the reference viewpoint */
export function scaleLods(world: StreamWorld, kReference: number): void {
  const { options, assets } = world;
  const errorPx = options.errorPixels * world.errorBias;
  const kPerPixel = kReference / errorPx;
  world.score.errorPx = errorPx;
  const stale = lensesChanged(world) || world.kPerPixel !== kPerPixel;
  const fresh = assets.count > 0 && assets.thresholds[lastThreshold(world)] === 0;
  if (!stale && !fresh) return;
  world.kPerPixel = kPerPixel;
  const hidePerMeter =
    options.minPixels > 0 ? (2 * kReference) / options.minPixels : Number.POSITIVE_INFINITY;
  assets.updateThresholds(kPerPixel, hidePerMeter, options.drawDistanceMeters);
  world.selectionVersion++;
}

/** Whether some viewpoint's lens changed beside the reference's, by which distances compare. */
function lensesChanged(world: StreamWorld): boolean {
  const { eyes, lenses } = world;
  let changed = false;
  for (let i = 0; i < eyes.count; i++) {
    const factor = eyes.values[i * 4 + 3]!;
    if (lenses[i] === factor) continue;
    lenses[i] = factor;
    changed = true;
  }
  return changed;
}

function lastThreshold(world: StreamWorld): number {
  const row = world.assets.count - 1;
  return row * THRESHOLD_STRIDE + world.assets.lodCounts[row]!;
}
