/** What a game may choose about levels in general. */
import { assertNumber } from '../base/assert.ts';

export interface LevelOptions {
  /**
   * Cells put in or taken out and assets held or given back per frame, for all levels together: what a
   * level's activation takes is spread over as many frames as it needs.
   */
  stepsPerFrame: number;
  /** Main-thread milliseconds for the same, and for changes of state; some always go. */
  msPerFrame: number;
  /** Cells that a frame brings to follow data layers which were switched. */
  layerCellsPerFrame: number;
  /** Once loaded, a level stays for so long at least, whoever wants it (seconds). */
  residenceSeconds: number;
}

export const LEVEL_DEFAULTS: LevelOptions = {
  stepsPerFrame: 256,
  msPerFrame: 1,
  layerCellsPerFrame: 512,
  residenceSeconds: 0,
};

/** Fills in the defaults; throws where a figure cannot be used. */
export function resolveLevels(options: Partial<LevelOptions> = {}): LevelOptions {
  const resolved = { ...LEVEL_DEFAULTS, ...options };
  const call = 'installStreaming: levels';
  assertNumber(`${call}.stepsPerFrame`, resolved.stepsPerFrame, 1, 1e9);
  assertNumber(`${call}.msPerFrame`, resolved.msPerFrame, 0, 1000);
  assertNumber(`${call}.layerCellsPerFrame`, resolved.layerCellsPerFrame, 1, 1e9);
  assertNumber(`${call}.residenceSeconds`, resolved.residenceSeconds, 0, 86_400);
  return resolved;
}
