/**
 * Reads: what the view has told of its device. Writes: payload rows, the view, budget, events. Called
 * by: complete.
 *
 * A device that loses what it held, or has no room for more, holds too much: the budget falls, and what
 * is lost is streamed again, the coarsest first. That takes a moment, and no picture is wrong meanwhile.
 */
import { isCustom } from '../io/content.ts';
import type { DeviceMemoryEvent } from '../memory/view.ts';
import type { StreamWorld } from '../world.ts';
import { forgetShown } from './forget-shown.ts';
import { dropPayload } from './payload-lifecycle.ts';
import { setBudget } from './set-budget.ts';

/** What is left of the budget after a device was lost or had no room. */
const KEPT_SHARE = 0.75;
/** It never falls below this by itself (bytes): with less there is nothing to see. */
const LEAST_BYTES = 32 * 1024 * 1024;

export function takeDeviceEvents(world: StreamWorld): void {
  for (const event of world.deviceEvents.splice(0)) take(world, event);
}

function take(world: StreamWorld, { kind, bytes, isContentLost }: DeviceMemoryEvent): void {
  if (kind === 'lost') {
    world.isDeviceLost = true;
    releaseAll(world);
  } else if (isContentLost) releaseAll(world);
  if (kind === 'restored') world.isDeviceLost = false;
  else lowerBudget(world);
  world.demandChanged = true;
  const { budgetBytes } = world.budget;
  world.events.emit('deviceMemoryChanged', { kind, bytes, budgetBytes });
}

/** Gives up all that the view holds. What is decoded and waits for its upload stays. */
function releaseAll(world: StreamWorld): void {
  const { view } = world;
  if (!view) return;
  forgetShown(world);
  for (const [payload, content] of [...world.contents]) {
    if (isCustom(content)) continue;
    view.release(payload);
    dropPayload(world, payload);
  }
  world.releases.length = 0;
}

function lowerBudget(world: StreamWorld): void {
  const { budgetBytes } = world.budget;
  const lower = Math.max(LEAST_BYTES, Math.floor(budgetBytes * KEPT_SHARE));
  if (lower < budgetBytes) setBudget(world, lower);
}
