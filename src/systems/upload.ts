/**
 * Reads: staged contents. Writes: resident rows, the view. After: dispatch (first in Show).
 *
 * Hands decoded content to the GPU, most urgent first, within the frame's bytes and milliseconds.
 * At least one goes per frame, so that a payload larger than the limits is not stuck for ever.
 */
import { describe } from '../base/assert.ts';
import { ErrorCode } from '../base/errors.ts';
import { isCustom } from '../io/content.ts';
import type { StreamWorld } from '../world.ts';
import { failPayload, payloadLabel, reportResident, settlePayload } from './payload-lifecycle.ts';
import { readyCustom } from './ready-custom.ts';

const order: number[] = [];

export function upload(world: StreamWorld): void {
  world.stats.uploads = 0;
  if (world.staged.size > 0) uploadStaged(world);
}

function uploadStaged(world: StreamWorld): void {
  const { staged, options, stats, payloads } = world;
  const { urgency, priority, residentBytes } = payloads.columns;
  order.length = 0;
  for (const payload of staged.keys()) order.push(payload);
  order.sort((a, b) => urgency[a]! - urgency[b]! || priority[b]! - priority[a]! || a - b);
  const begin = world.clock.now();
  let bytes = 0;
  for (const payload of order) {
    const overBytes = bytes + residentBytes[payload]! > options.uploadBytesPerFrame;
    const overTime = world.clock.now() - begin > options.uploadMsPerFrame;
    if (stats.uploads > 0 && (overBytes || overTime)) break;
    uploadOne(world, payload);
    bytes += residentBytes[payload]!;
    stats.uploads++;
  }
  stats.uploadedBytes += bytes;
}

function uploadOne(world: StreamWorld, payload: number): void {
  const content = world.staged.get(payload);
  // What the game was told of the one before may have made it close a world.
  if (!content) return;
  if (isCustom(content)) {
    readyCustom(world, payload, content);
    return;
  }
  const label = payloadLabel(world, payload);
  try {
    world.view?.upload(payload, content, label);
  } catch (error) {
    const reason = error instanceof Error ? error.message : describe(error);
    failPayload(world, payload, ErrorCode.Upload, `${label} could not be uploaded: ${reason}`);
    return;
  }
  settlePayload(world, payload, content);
  reportResident(world, payload);
}
