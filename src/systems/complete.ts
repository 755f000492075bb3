/**
 * Reads: mailbox, availability, what the view holds. Writes: payload rows, staged contents, budget. After: nothing (first in Get).
 *
 * The one point where bytes enter the frame.
 */
import { ErrorCode } from '../base/errors.ts';
import type { Completion } from '../io/ticket.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { countView } from './count-view.ts';
import { takeDeviceEvents } from './device-events.ts';
import {
  countUnwanted,
  failPayload,
  forgiveUnavailable,
  releaseContent,
  stagePayload,
  withdrawPayload,
} from './payload-lifecycle.ts';

export function complete(world: StreamWorld): void {
  if (world.deviceEvents.length > 0) takeDeviceEvents(world);
  if (world.mailbox.size > 0) drain(world);
  countUnwanted(world);
  countView(world);
  if (world.availability.length > 0) tellAvailability(world);
}

function drain(world: StreamWorld): void {
  world.mailbox.drain((completion) => receive(world, completion));
}

function tellAvailability(world: StreamWorld): void {
  for (const { isAvailable, ...event } of world.availability.splice(0)) {
    if (isAvailable) forgiveUnavailable(world);
    world.events.emit(isAvailable ? 'sourceAvailable' : 'sourceUnavailable', event);
  }
}

function receive(world: StreamWorld, completion: Completion): void {
  const { payload, epoch, code, content } = completion;
  const { columns } = world.payloads;
  world.stats.fetchedBytes += completion.fetchedBytes;
  if (columns.epoch[payload] !== epoch || columns.state[payload] !== PayloadState.Pending) {
    world.stats.staleCompletions++;
    releaseContent(content ?? undefined);
    return;
  }
  if (code === ErrorCode.Cancelled) withdrawPayload(world, payload);
  else if (code !== ErrorCode.None || !content)
    failPayload(world, payload, code || ErrorCode.Decode, completion.message);
  else stagePayload(world, payload, content);
}
