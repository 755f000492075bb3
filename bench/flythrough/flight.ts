/** One scenario's flights, as they are handed to a worker: what to fly, and what it came to. */
import { createRandom } from '../../src/base/random.ts';
import { fly } from './fly.ts';
import type { Figures } from './referee.ts';
import { flyReference, REFERENCE_NAMES, type ReferenceName } from './references/references.ts';
import { type Prepared, prepareScenario, type Scenario } from './scenario.ts';
import { subjectNamed } from './subjects.ts';

/** Flights of one scenario. Plain data, both ways. */
export interface Order {
  scenario: Scenario;
  references: readonly ReferenceName[];
  /** A subject by name, or null for the references alone. */
  subject: string | null;
  /** Fly the subject again, and once more on a machine that is busy: the traces must be the same. */
  repeats: boolean;
}

export interface Flown {
  references: Partial<Record<ReferenceName, Figures>>;
  subject: Figures | null;
  /** Trace hashes of the repeats. */
  repeatHashes: string[];
  bandwidthBytesPerS: number;
  budgetBytes: number;
}

export function isReferenceName(name: string): name is ReferenceName {
  return (REFERENCE_NAMES as readonly string[]).includes(name);
}

/** Flies everything that is ordered, in this thread. */
export async function flyOrder(order: Order): Promise<Flown> {
  const prepared = prepareScenario(order.scenario);
  const { bandwidthBytesPerS, budgetBytes } = prepared;
  const references: Flown['references'] = {};
  for (const name of order.references) references[name] = await flyReference(prepared, name);
  const flown: Flown = {
    references,
    subject: null,
    repeatHashes: [],
    bandwidthBytesPerS,
    budgetBytes,
  };
  if (order.subject === null) return flown;
  const create = subjectNamed(order.subject);
  flown.subject = await fly(prepared, create);
  if (!order.repeats) return flown;
  const again = await fly(prepared, create);
  const busy = await flyBusily(prepared, order.subject);
  flown.repeatHashes = [again.traceHash, busy.traceHash];
  return flown;
}

/** Longest that a frame is held up (ms). */
const MOST_BUSY_MS = 2;

/** The same flight while the machine is busy: frames are held up, and tasks run between them. */
async function flyBusily(prepared: Prepared, subject: string): Promise<Figures> {
  const random = createRandom(prepared.scenario.seed);
  const now = performance.now.bind(performance);
  return await fly(prepared, subjectNamed(subject), async () => {
    const until = now() + MOST_BUSY_MS * random();
    while (now() < until);
    for (let turns = Math.floor(3 * random()); turns > 0; turns--)
      await new Promise((resolve) => setImmediate(resolve));
  });
}
