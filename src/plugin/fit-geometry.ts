/** Buffers that geometry shares, as large as the first world needs them, and what they cannot hold. */
import { Pool } from '../memory/budget/pools.ts';
import type { GeometryFacts } from '../memory/view.ts';
import { countView } from '../systems/count-view.ts';
import { payloadLabel } from '../systems/payload-lifecycle.ts';
import { setDevice } from '../systems/set-device.ts';
import type { StreamWorld } from '../world.ts';

/** Takes over what the view holds for itself: when it is attached, and when it has changed its buffers. */
export function takeView(world: StreamWorld): void {
  const { budget, view } = world;
  const sharedBytes = view?.sharedBytes ?? 0;
  setDevice(world, { sharesGeometry: sharedBytes > 0 });
  budget.sharedBytes = sharedBytes;
  countView(world);
}

/**
 * Has the view size its buffers by all payloads that there are, while none is held: with the first
 * world, or with a view that is attached later. Tells of payloads that they will never hold.
 */
export function fitGeometry(world: StreamWorld, firstPayload = 0): void {
  const { view, budget } = world;
  if (!view || world.isDeviceLost) return;
  const heldBytes = budget.use.heldBytes - budget.use.heldOf(Pool.Levels);
  if (view.fitGeometry && heldBytes === 0) {
    const kept = budget.overheadBytes + budget.limits.guaranteedBytes + budget.named.bytes;
    view.fitGeometry({ ...sumUp(world), roomBytes: budget.budgetBytes - kept });
    takeView(world);
  }
  warnOfLarge(world, firstPayload);
}

function sumUp({ payloads }: StreamWorld): Omit<GeometryFacts, 'roomBytes'> {
  const { geometryBytes, textureBytes } = payloads.columns;
  const facts = { geometryBytes: 0, textureBytes: 0, largestBytes: 0 };
  for (let row = 0; row < payloads.count; row++) {
    facts.geometryBytes += geometryBytes[row]!;
    facts.textureBytes += textureBytes[row]!;
    facts.largestBytes = Math.max(facts.largestBytes, geometryBytes[row]!);
  }
  return facts;
}

function warnOfLarge(world: StreamWorld, firstPayload: number): void {
  const { payloads, budget, events } = world;
  const { sharedBytes } = payloads.columns;
  const limitBytes = budget.geometryLimitBytes;
  let count = 0;
  let largest = firstPayload;
  for (let row = firstPayload; row < payloads.count; row++) {
    if (sharedBytes[row]! > limitBytes) count++;
    if (sharedBytes[row]! > sharedBytes[largest]!) largest = row;
  }
  if (count === 0) return;
  const message =
    `${count} of ${payloads.count - firstPayload} payloads have more geometry than the shared buffers ` +
    `hold (${payloadLabel(world, largest)}: ${sharedBytes[largest]} bytes of ${Math.floor(limitBytes)}) and ` +
    "will not come, other LODs of the same will; raise geometryBytes, or set geometryLimit to 'soft'";
  events.emit('warning', { message });
}
