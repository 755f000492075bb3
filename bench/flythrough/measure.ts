/** Flies scenarios: what the references came to is taken from the cache where it is known. */
import { FigureCache } from './cache.ts';
import { flyOrders } from './crew.ts';
import type { Flown, Order } from './flight.ts';
import type { ReferenceName } from './references/references.ts';
import type { Scenario } from './scenario.ts';

export interface Wanted {
  scenarios: readonly Scenario[];
  references: readonly ReferenceName[];
  subject: string | null;
  repeats: boolean;
  /** Fly references again though they are in the cache. */
  fresh: boolean;
}

/** What was wanted of each scenario, in their order. */
export async function flyAll(
  { scenarios, references, subject, repeats, fresh }: Wanted,
  tell?: (order: Order, done: number) => void,
): Promise<Flown[]> {
  const cache = new FigureCache(!fresh);
  const known: Flown['references'][] = scenarios.map(() => ({}));
  const orders = scenarios.map((scenario, i): Order => {
    for (const name of references) {
      const figures = cache.get(scenario, name);
      if (figures) known[i]![name] = figures;
    }
    const missing = references.filter((name) => known[i]![name] === undefined);
    return { scenario, references: missing, subject, repeats };
  });
  const flown = await flyOrders(orders, tell);
  return flown.map((one, i) => {
    for (const name of orders[i]!.references) cache.set(scenarios[i]!, name, one.references[name]!);
    const all = { ...known[i], ...one.references };
    const ordered = references.map((name) => [name, all[name]!] as const);
    return { ...one, references: Object.fromEntries(ordered) };
  });
}
