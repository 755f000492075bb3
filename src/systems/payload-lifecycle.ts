/**
 * The only places where a payload's row changes state. Each keeps the budget, the asset's LOD
 * masks and the terrain's residency in step with it, so that no two of them can disagree.
 */
import { assert } from '../base/assert.ts';
import { ErrorCode, errorName } from '../base/errors.ts';
import { closeContent } from '../io/codecs/transfer.ts';
import { type CustomContent, isCustom, isCustomKind, type PayloadContent } from '../io/content.ts';
import type { Ticket } from '../io/ticket.ts';
import { PayloadState, UrgencyClass } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';

/** A failed payload is asked for again after this, doubled with each failure (ms). */
const RETRY_MS = 30_000;
const RETRY_MAX_MS = 600_000;

/** What to call a payload in messages: `tree-oak LOD 2`, `terrain tile 17`. */
export function payloadLabel(world: StreamWorld, payload: number): string {
  const owner = world.payloads.columns.owner[payload]!;
  if (owner < 0) return `terrain tile ${-1 - owner}`;
  return `${world.assets.names[owner]} LOD ${world.payloads.columns.lod[payload]}`;
}

function setMasks(world: StreamWorld, payload: number, state: PayloadState): void {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  world.demandChanged = true;
  if (owner < 0) {
    world.terrain.setResident(-1 - owner, state === PayloadState.Resident);
    return;
  }
  const { assets } = world;
  const bit = 1 << columns.lod[payload]!;
  const set = (masks: Uint8Array, on: boolean): void => {
    masks[owner] = on ? masks[owner]! | bit : masks[owner]! & ~bit;
  };
  set(assets.pendingMasks, state === PayloadState.Pending || state === PayloadState.Staged);
  set(assets.failedMasks, state === PayloadState.Failed);
  set(assets.residentMasks, state === PayloadState.Resident);
  if (assets.refreshShown(owner)) world.assetsDirty = true;
  markEntities(world, owner);
}

/** Every entity that requests the asset will have its `Residency` rewritten. */
function markEntities(world: StreamWorld, asset: number): void {
  let entity = world.assets.firstEntities[asset]!;
  for (; entity !== 0; entity = world.entities.next[entity]!) world.residencyChanged.add(entity);
}

/** Reserves the payload's bytes and hands it to io. The caller has made sure that they fit. */
export function requestPayload(world: StreamWorld, payload: number): boolean {
  const c = world.payloads.columns;
  if (!world.budget.reserve(world.payloads.chargeOf(payload))) return false;
  const file = world.files[c.file[payload]!]!;
  const ticket: Ticket = {
    payload,
    epoch: world.payloads.nextEpoch(),
    kind: c.kind[payload]!,
    source: file.source,
    file: file.file,
    start: c.offset[payload]!,
    end: c.offset[payload]! + c.encodedBytes[payload]!,
    checksum: c.checksum[payload]!,
    decodedBytes: c.decodedBytes[payload]!,
    priority: c.priority[payload]!,
    critical: c.urgency[payload] === UrgencyClass.Critical,
    group: c.leader[payload]!,
    label: payloadLabel(world, payload),
  };
  c.epoch[payload] = ticket.epoch;
  c.state[payload] = PayloadState.Pending;
  c.requestedMs[payload] = world.clock.now();
  world.pending.add(payload);
  setMasks(world, payload, PayloadState.Pending);
  if (isCustomKind(ticket.kind) && !world.kinds.has(ticket.kind)) {
    const message = `${ticket.label} is of kind ${ticket.kind}, which installStreaming was not told of; add it to kinds`;
    failPayload(world, payload, ErrorCode.Decode, message);
  } else world.io.submit(ticket);
  return true;
}

/** The bytes have arrived and are decoded; they wait for their upload. */
export function stagePayload(world: StreamWorld, payload: number, content: PayloadContent): void {
  world.pending.delete(payload);
  world.payloads.columns.state[payload] = PayloadState.Staged;
  world.staged.set(payload, content);
  setMasks(world, payload, PayloadState.Staged);
}

/** Tells whoever listens that the payload can be used. */
export function reportResident(world: StreamWorld, payload: number): void {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  const asset = owner < 0 ? 'terrain' : world.assets.names[owner]!;
  world.events.emit('assetResident', { asset, lod: columns.lod[payload]! });
}

/** The game's own value goes: once for each that it was given. */
function releaseCustom(world: StreamWorld, payload: number, { kind, value }: CustomContent): void {
  const asset = world.assets.names[world.payloads.columns.owner[payload]!]!;
  contained(world, 'release', () => world.kinds.get(kind)?.release?.(value, { asset }));
}

/** The payload can be shown from now on. */
export function settlePayload(world: StreamWorld, payload: number, content: PayloadContent): void {
  const c = world.payloads.columns;
  world.staged.delete(payload);
  world.contents.set(payload, content);
  world.budget.settle(world.payloads.chargeOf(payload));
  c.state[payload] = PayloadState.Resident;
  c.failures[payload] = 0;
  c.error[payload] = ErrorCode.None;
  c.lastUsedFrame[payload] = world.frame;
  c.settledFrame[payload] = world.frame;
  world.eviction.arrived(payload, c.pool[payload]!, c.residentBytes[payload]!);
  world.stats.payloadsLoaded++;
  world.metrics.window('assetLoadMs').input[0] = world.clock.now() - c.requestedMs[payload]!;
  world.metrics.take('assetLoadMs');
  setMasks(world, payload, PayloadState.Resident);
}

/** Evicts what is there and withdraws what is on its way; false where it is neither. */
export function giveUpPayload(world: StreamWorld, payload: number): boolean {
  const state = world.payloads.columns.state[payload];
  if (state === PayloadState.Resident) evictPayload(world, payload);
  else if (state === PayloadState.Pending || state === PayloadState.Staged)
    withdrawPayload(world, payload);
  else return false;
  return true;
}

/** Withdraws a payload that is with io or staged, and gives its reservation back. */
export function withdrawPayload(world: StreamWorld, payload: number): void {
  const c = world.payloads.columns;
  const state = c.state[payload]!;
  assert(
    state === PayloadState.Pending || state === PayloadState.Staged,
    `withdrew ${payloadLabel(world, payload)} in state ${state}; expected Pending or Staged`,
  );
  if (world.io.has(payload)) world.io.cancel(payload);
  if (state === PayloadState.Staged) {
    world.view?.cancelUpload?.(payload);
    world.stats.unshownBytes += c.encodedBytes[payload]!;
  }
  releaseContent(world.staged.get(payload));
  world.pending.delete(payload);
  world.staged.delete(payload);
  world.budget.unreserve(world.payloads.chargeOf(payload));
  countUnwanted(world);
  // The completion that is still to come belongs to an epoch that is over.
  c.epoch[payload] = world.payloads.nextEpoch();
  c.state[payload] = PayloadState.Empty;
  world.stats.cancelled++;
  setMasks(world, payload, PayloadState.Empty);
}

/** Has the budget know what io still brings for nobody: after whatever begins or ends such reads. */
export function countUnwanted({ budget, io }: StreamWorld): void {
  budget.unwantedBytes = io.unwantedBytes;
}

/** Ends an attempt without success. */
export function failPayload(
  world: StreamWorld,
  payload: number,
  code: ErrorCode,
  message: string,
): void {
  const c = world.payloads.columns;
  releaseContent(world.staged.get(payload));
  world.pending.delete(payload);
  world.staged.delete(payload);
  world.budget.unreserve(world.payloads.chargeOf(payload));
  c.failures[payload] = Math.min(255, c.failures[payload]! + 1);
  c.error[payload] = code;
  // An origin that was not even asked has not failed again.
  const doublings = code === ErrorCode.Unavailable ? 0 : c.failures[payload]! - 1;
  const wait = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** doublings);
  c.retryAtMs[payload] = world.clock.now() + wait;
  c.state[payload] = PayloadState.Failed;
  world.stats.payloadsFailed++;
  setMasks(world, payload, PayloadState.Failed);
  reportFailure(world, payload, code, message);
}

function reportFailure(
  world: StreamWorld,
  payload: number,
  code: ErrorCode,
  message: string,
): void {
  const { columns } = world.payloads;
  const owner = columns.owner[payload]!;
  const entities: number[] = [];
  let entity = owner < 0 ? 0 : world.assets.firstEntities[owner]!;
  for (; entity !== 0; entity = world.entities.next[entity]!) {
    entities.push(entity);
    const { Residency } = world.set.components;
    Residency.failures[entity] = Math.min(255, Residency.failures[entity]! + 1);
    Residency.error[entity] = code;
  }
  const asset = owner < 0 ? 'terrain' : world.assets.names[owner]!;
  const error = errorName(code);
  world.events.emit('assetFailed', {
    asset,
    lod: columns.lod[payload]!,
    error,
    message,
    entities,
  });
}

/** A failed payload whose waiting time is over may be asked for again. */
export function forgiveFailure(world: StreamWorld, payload: number): void {
  world.payloads.columns.state[payload] = PayloadState.Empty;
  setMasks(world, payload, PayloadState.Empty);
}

/** A source is back: what failed for want of it may be asked for at once. */
export function forgiveUnavailable(world: StreamWorld): void {
  const { columns, count } = world.payloads;
  for (let payload = 0; payload < count; payload++) {
    if (columns.state[payload] !== PayloadState.Failed) continue;
    if (columns.error[payload] === ErrorCode.Unavailable) columns.retryAtMs[payload] = 0;
  }
  world.demandChanged = true;
}

/** Gives a resident payload's bytes back; its GPU objects go later in the frame. */
export function evictPayload(world: StreamWorld, payload: number): void {
  const { pins, lastUsedFrame, settledFrame, encodedBytes } = world.payloads.columns;
  assert(pins[payload] === 0, `evicted ${payloadLabel(world, payload)}, which is pinned`);
  if (lastUsedFrame[payload]! <= settledFrame[payload]!)
    world.stats.unshownBytes += encodedBytes[payload]!;
  world.eviction.evicted(payload);
  dropPayload(world, payload);
  world.payloads.columns.evictedMs[payload] = world.clock.now();
  world.stats.payloadsEvicted++;
}

/** As `evictPayload`, for payloads that become unusable though they are pinned. */
export function dropPayload(world: StreamWorld, payload: number): void {
  const c = world.payloads.columns;
  world.budget.release(world.payloads.chargeOf(payload));
  world.eviction.dropped(payload);
  const content = world.contents.get(payload);
  world.contents.delete(payload);
  if (content && isCustom(content)) releaseCustom(world, payload, content);
  else {
    // Without a view nobody has taken the images over.
    releaseContent(content);
    world.releases.push(payload);
  }
  c.state[payload] = PayloadState.Empty;
  if (c.kept[payload]) {
    world.baseKept = false;
    world.proxiesKept = false;
  }
  setMasks(world, payload, PayloadState.Empty);
}

/** Closes what a garbage collector cannot free in time: decoded bitmaps. */
export function releaseContent(content: PayloadContent | undefined): void {
  closeContent(content ?? null);
}
