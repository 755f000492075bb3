/** Which of its assets a level has to hold: those that stand in layers that are there, or in none. */
import type { Level } from '../level/level-machine.ts';
import type { StreamWorld } from '../world.ts';
import { realign } from './shift-levels.ts';

/** Follows the layers, if they are others than before. */
export function refreshNeeds({ dataLayers }: StreamWorld, level: Level): void {
  const { layered } = level;
  if (layered === null || level.layersSeen === dataLayers.version) return;
  level.layersSeen = dataLayers.version;
  level.needed ??= new Uint8Array(level.assets.length);
  for (let i = 0; i < level.assets.length; i++) {
    const [first, end] = [layered.starts[i]!, layered.starts[i + 1]!];
    let isThere = first === end;
    for (let at = first; at < end && !isThere; at++)
      isThere = dataLayers.shows(layered.values[at]!);
    level.needed[i] = isThere ? 1 : 0;
  }
  realign(level);
}
