/**
 * Reads: the lenses, error bias, LOD rules. Writes: distance thresholds, frame bias. Called by:
 * track-viewpoints.
 *
 * Recomputes from how far each LOD is good enough when a lens, the picture, the pressure or a rule
 * changed, and for what was opened since.
 */
import type { StreamWorld } from '../world.ts';
import { applyLodRules } from './apply-lod-rules.ts';
import { adaptFrameBias, errorBiasOf } from './error-bias.ts';

/** Takes the reference viewpoint's lens from `score.kReference`. */
export function scaleLods(world: StreamWorld): void {
  const { options, assets, lodScale } = world;
  const { kReference } = world.score;
  adaptFrameBias(world);
  const errorPx = options.errorPixels * errorBiasOf(world);
  const kPerPixel = kReference / errorPx;
  world.score.errorPx = errorPx;
  const isRuled = applyLodRules(world);
  const isFocused = lensesChanged(world) || world.kPerPixel !== kPerPixel;
  const isSame = !isRuled && !isFocused && lodScale.errorPx === errorPx;
  if (isSame && assets.scaledCount === assets.count) return;
  world.kPerPixel = kPerPixel;
  lodScale.errorPx = errorPx;
  const hidePerMeter =
    options.minPixels > 0 ? (2 * kReference) / options.minPixels : Number.POSITIVE_INFINITY;
  const { drawDistanceMeters } = options;
  const scale = { kPerPixel, perPixel: 1 / errorPx, hidePerMeter, drawDistanceMeters };
  assets.updateThresholds(scale, isSame ? assets.scaledCount : 0);
  // What is only being opened has no cell that was evaluated.
  if (!isSame) world.selectionVersion++;
}

/** Whether some viewpoint's lens changed beside the reference's, by which distances compare. */
function lensesChanged(world: StreamWorld): boolean {
  const { eyes } = world;
  const { lenses } = world.lodScale;
  let changed = false;
  for (let i = 0; i < eyes.count; i++) {
    const factor = eyes.values[i * 4 + 3]!;
    if (lenses[i] === factor) continue;
    lenses[i] = factor;
    changed = true;
  }
  return changed;
}
