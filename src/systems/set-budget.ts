/** The whole budget, changed while the world runs. */
import type { StreamWorld } from '../world.ts';

/** Changes the whole budget; what it no longer holds goes over the next frames. */
export function setBudget(world: StreamWorld, bytes: number): void {
  world.budget.budgetBytes = bytes;
  world.demandChanged = true;
}
