/** The factor on tolerated errors, and what frames have to do with it. */
import type { StreamWorld } from '../world.ts';

/** Under memory pressure or frame pressure, whichever asks for more. */
export function errorBiasOf({ errorBias, frameBias }: StreamWorld): number {
  return Math.max(errorBias, frameBias.bias);
}

/**
 * Reads: the time step, the game's own measure of frames. Writes: frame bias. Called by: scale-lods.
 */
export function adaptFrameBias({ options, frameBias, dtSeconds, odometer }: StreamWorld): void {
  if (frameBias.targetMs === Number.POSITIVE_INFINITY) return;
  const frameMs = options.lod?.frameMs ? options.lod.frameMs() : dtSeconds * 1000;
  frameBias.step(frameMs, dtSeconds, odometer);
}
