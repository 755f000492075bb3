/** What the view holds beside the payloads, and may hold of them, as the budget counts it. */
import type { StreamWorld } from '../world.ts';

/** Reads the figures that change while a view is attached. Called by: complete, in every frame. */
export function countView({ budget, view }: StreamWorld): void {
  budget.overheadBytes = view?.overheadBytes ?? 0;
  budget.geometryLimitBytes = view?.geometryCapacityBytes ?? Number.POSITIVE_INFINITY;
}
