/** The class that people see, from the number behind it. */
import { UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { CRITICAL_FROM } from './candidate-list.ts';

/** A share of the best priority below which a candidate counts as low. */
const LOW_SHARE = 1e-3;

/** Gives each candidate its class. */
export function classify(world: StreamWorld): void {
  const { candidates, assets } = world;
  const { columns } = world.payloads;
  let top = 0;
  for (let i = 0; i < candidates.count; i++) {
    const priority = candidates.priorities[i]!;
    if (priority < CRITICAL_FROM) top = Math.max(top, priority);
  }
  for (let i = 0; i < candidates.count; i++) {
    const payload = candidates.payloads[i]!;
    const priority = candidates.priorities[i]!;
    const owner = columns.owner[payload]!;
    if (priority >= CRITICAL_FROM) columns.urgency[payload] = UrgencyClass.Critical;
    else if (priority < top * LOW_SHARE) columns.urgency[payload] = UrgencyClass.Low;
    else if (owner < 0) columns.urgency[payload] = UrgencyClass.Normal;
    else if (!assets.inView[owner]) columns.urgency[payload] = UrgencyClass.Prefetch;
    else if (assets.residentMasks[owner] === 0) columns.urgency[payload] = UrgencyClass.High;
    else columns.urgency[payload] = UrgencyClass.Normal;
  }
}
