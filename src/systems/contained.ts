/** Structural changes run the game's own observers; what those throw must not end the frame. */
import type { StreamWorld } from '../world.ts';

/** Runs a structural change; an observer of the game that throws is reported, nothing else. */
export function contained(world: StreamWorld, event: string, change: () => void): void {
  try {
    change();
  } catch (error) {
    world.events.emit('listenerFailed', { event, error });
  }
}
