/** Flies the references on the yardsticks and compares every cell with the stored table. */
import type { Flown } from './flight.ts';
import type { ReferenceName } from './references/references.ts';
import type { Scenario } from './scenario.ts';
import { YARDSTICK_CELLS } from './yardstick.ts';

/** Half a unit of the last digit in the table. */
const TOLERANCE = 0.5e-6;

/** A line for each cell that is not what it was, and how many were compared. */
export function compareCells(
  scenarios: readonly Scenario[],
  flown: readonly Flown[],
): { compared: number; differences: string[] } {
  const differences: string[] = [];
  let compared = 0;
  scenarios.forEach(({ id }, i) => {
    for (const [name, stored] of Object.entries(YARDSTICK_CELLS[id] ?? {})) {
      const figures = flown[i]!.references[name as ReferenceName];
      if (!figures) continue;
      const found = [figures.errorPercent, figures.errorPx];
      stored.forEach((value, k) => {
        compared++;
        const unit = k === 0 ? '%' : 'px';
        if (!(Math.abs(found[k]! - value) <= TOLERANCE * 1.01))
          differences.push(`${id} ${name}: ${found[k]} ${unit}, stored is ${value} ${unit}`);
      });
    }
  });
  return { compared, differences };
}
