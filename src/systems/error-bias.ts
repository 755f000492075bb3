/** The factor on tolerated errors, and what frames have to do with it. */
import type { StreamWorld } from '../world.ts';

/** Under memory pressure or frame pressure, whichever asks for more. */
export function errorBiasOf({ errorBias, frameBias }: StreamWorld): number {
  return Math.max(errorBias, frameBias.bias);
}

/**
 * Reads: the time step, the game's own measure of frames. Writes: frame bias. Called by: scale-lods.
 */
export function adaptFrameBias(world: StreamWorld): void {
  const { frameBias, dtSeconds, odometer } = world;
  if (frameBias.targetMs === Number.POSITIVE_INFINITY) return;
  frameBias.lastMs = measuredMs(world);
  frameBias.step(frameBias.lastMs, dtSeconds, odometer);
}

/** By the game's measure, or where it has none, or one that throws, by the time step. */
function measuredMs({ options, frameBias, dtSeconds, events }: StreamWorld): number {
  const frameMs = options.lod?.frameMs;
  if (!frameMs || frameBias.hasFailed) return dtSeconds * 1000;
  try {
    return frameMs();
  } catch (error) {
    frameBias.hasFailed = true;
    events.emit('listenerFailed', { event: 'lod.frameMs', error });
    return dtSeconds * 1000;
  }
}
