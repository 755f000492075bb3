/**
 * Hands a value of a kind of the game's own to the game: what an upload is to a mesh. Called by
 * `upload` within its milliseconds.
 */
import { describe } from '../base/assert.ts';
import { ErrorCode } from '../base/errors.ts';
import type { CustomContent } from '../io/content.ts';
import type { RegisteredKind } from '../io/custom-kinds.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { contained } from './contained.ts';
import { failPayload, payloadLabel, reportResident, settlePayload } from './payload-lifecycle.ts';

/** What the game throws ends the payload with a code: `Decode` from `decode`, `Upload` after it. */
export function readyCustom(world: StreamWorld, payload: number, content: CustomContent): void {
  const label = payloadLabel(world, payload);
  const kind = world.kinds.get(content.kind);
  let ready = content;
  try {
    ready = decodeHere(kind, content);
  } catch (error) {
    const reason = reasonOf(error);
    failPayload(world, payload, ErrorCode.Decode, `${label} could not be decoded: ${reason}`);
    return;
  }
  const { columns } = world.payloads;
  const asset = world.assets.names[columns.owner[payload]!]!;
  const epoch = columns.epoch[payload];
  try {
    kind?.onReady?.(ready.value, { asset, entities: entitiesOf(world, payload) });
  } catch (error) {
    const reason = reasonOf(error);
    failPayload(world, payload, ErrorCode.Upload, `${label} was refused by onReady: ${reason}`);
    return;
  }
  if (columns.state[payload] !== PayloadState.Staged || columns.epoch[payload] !== epoch) {
    // The game closed the world it came from, or gave it up otherwise, in `onReady` itself.
    contained(world, 'release', () => kind?.release?.(ready.value, { asset }));
    return;
  }
  settlePayload(world, payload, ready);
  reportResident(world, payload);
}

function decodeHere(kind: RegisteredKind | undefined, content: CustomContent): CustomContent {
  if (!kind?.decode) return content;
  const value = kind.decode(content.value as Uint8Array<ArrayBuffer>);
  if (value instanceof Promise) {
    // Nobody waits for it, so nobody would hear of its failure either.
    value.catch(() => undefined);
    throw new Error('decode returned a promise; a decoder module may, decode may not');
  }
  return { kind: content.kind, value };
}

function entitiesOf(world: StreamWorld, payload: number): number[] {
  const entities: number[] = [];
  let entity = world.assets.firstEntities[world.payloads.columns.owner[payload]!]!;
  for (; entity !== 0; entity = world.entities.next[entity]!) entities.push(entity);
  return entities;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : describe(error);
}
