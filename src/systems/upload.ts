/**
 * Reads: staged contents. Writes: resident rows, the view. After: dispatch (first in Show).
 *
 * Hands decoded content to the GPU, most urgent first, within the frame's bytes and milliseconds:
 * in pieces where the view can, so that what is large takes several frames. At least one piece goes
 * per frame, and what found no room in one frame is the first of the next: nothing is stuck for ever,
 * and nothing large holds up what is small.
 */
import { describe } from '../base/assert.ts';
import { ErrorCode } from '../base/errors.ts';
import { isCustom } from '../io/content.ts';
import { UploadKind } from '../memory/upload-cost.ts';
import type { StreamWorld } from '../world.ts';
import { tellShadow } from './cast-shadows.ts';
import { fillsHole } from './coverage.ts';
import { failPayload, payloadLabel, reportResident, settlePayload } from './payload-lifecycle.ts';
import { readyCustom } from './ready-custom.ts';

/** So many that find no room end the frame's uploads: what is left is hardly smaller. */
const MAX_REFUSED = 16;

const order: number[] = [];

export function upload(world: StreamWorld): void {
  const { options, uploads, view, stats } = world;
  stats.uploads = 0;
  if (world.isDeviceLost) return;
  if (world.staged.size === 0 && !view?.beginUploads) return;
  const { share } = world.loads;
  uploads.begin(options.uploadBytesPerFrame * share, options.uploadMsPerFrame * share);
  view?.beginUploads?.(uploads);
  if (world.staged.size > 0) uploadStaged(world);
}

function uploadStaged(world: StreamWorld): void {
  const { staged, stats, payloads, uploads, view } = world;
  const { residentBytes } = payloads.columns;
  listStaged(world);
  world.refusedUpload = -1;
  let refused = 0;
  for (const payload of order) {
    const content = staged.get(payload);
    // What the game was told of the one before may have made it close a world.
    if (!content) continue;
    const inPieces = view?.uploadsInPieces === true && !isCustom(content);
    const bytes = residentBytes[payload]!;
    const mayGo = uploads.mayGo(UploadKind.Payload, inPieces ? 0 : bytes);
    const isDone = mayGo && uploadOne(world, payload);
    if (mayGo && !inPieces) uploads.went(UploadKind.Payload, bytes);
    if (!isDone) {
      if (refused++ === 0) world.refusedUpload = payload;
      if (refused === MAX_REFUSED) break;
      continue;
    }
    stats.uploads++;
    stats.uploadedBytes += bytes;
  }
}

/**
 * What is staged, in the order in which it goes: what was refused last, then by urgency; of one urgency
 * what ends a hole, then by worth. What is decoded has been paid for: the first thing to show waits no
 * longer for detail, whatever little of the picture it is.
 */
function listStaged(world: StreamWorld): void {
  const { staged, payloads, refusedUpload } = world;
  const { urgency, priority } = payloads.columns;
  order.length = 0;
  for (const payload of staged.keys()) order.push(payload);
  order.sort((a, b) => {
    if (a === refusedUpload || b === refusedUpload) return a === refusedUpload ? -1 : 1;
    const first = urgency[a]! - urgency[b]!;
    if (first !== 0) return first;
    const holes = Number(fillsHole(world, b)) - Number(fillsHole(world, a));
    return holes || priority[b]! - priority[a]! || a - b;
  });
}

/** False while the view has taken only a part. */
function uploadOne(world: StreamWorld, payload: number): boolean {
  const content = world.staged.get(payload)!;
  if (isCustom(content)) {
    readyCustom(world, payload, content);
    return true;
  }
  const label = payloadLabel(world, payload);
  try {
    if (world.view?.upload(payload, content, label, world.uploads) === false) return false;
  } catch (error) {
    const reason = error instanceof Error ? error.message : describe(error);
    failPayload(world, payload, ErrorCode.Upload, `${label} could not be uploaded: ${reason}`);
    return true;
  }
  settlePayload(world, payload, content);
  if (world.payloads.columns.shadowless[payload]) tellShadow(world, payload);
  reportResident(world, payload);
  return true;
}
