/** Lays payloads into pack files, in the order in which a game is likely to ask for them. */
import { MAX_PACK_BYTES, PAYLOAD_ALIGN_BYTES } from '../src/base/limits.ts';
import { CookError } from './errors.ts';
import type { EncodedPayload } from './mesh-content.ts';

/** Payloads from this size on start on a page of the disk; smaller ones would waste too much. */
const LARGE_PAYLOAD_BYTES = 64 * 1024;
const SMALL_ALIGN_BYTES = 16;

export interface PackOptions {
  maxBytes: number;
}

export const PACK_DEFAULTS: PackOptions = { maxBytes: MAX_PACK_BYTES };

export interface PackPlan {
  /** Bytes of each pack. */
  sizes: number[];
  /** Pack and first byte of each payload, by the payload's own index. */
  packs: Uint16Array;
  offsets: Uint32Array;
}

/**
 * @param order payload indices, first to be fetched first
 * @param label name of a payload, for messages
 */
export function planPacks(
  payloads: readonly EncodedPayload[],
  order: readonly number[],
  label: (payload: number) => string,
  { maxBytes }: PackOptions = PACK_DEFAULTS,
): PackPlan {
  const plan: PackPlan = {
    sizes: [],
    packs: new Uint16Array(payloads.length),
    offsets: new Uint32Array(payloads.length),
  };
  let end = maxBytes + 1;
  for (const payload of order) {
    const { length } = payloads[payload]!.bytes;
    if (length > maxBytes)
      throw new CookError(
        `${label(payload)} takes ${length} bytes, more than a pack holds (${maxBytes}); ` +
          'split the model or lower --texture-size',
      );
    const unit = length >= LARGE_PAYLOAD_BYTES ? PAYLOAD_ALIGN_BYTES : SMALL_ALIGN_BYTES;
    let start = Math.ceil(end / unit) * unit;
    if (start + length > maxBytes) {
      plan.sizes.push(0);
      start = 0;
    }
    end = start + length;
    plan.packs[payload] = plan.sizes.length - 1;
    plan.offsets[payload] = start;
    plan.sizes[plan.sizes.length - 1] = end;
  }
  if (plan.sizes.length > 65535)
    throw new CookError(`the world needs ${plan.sizes.length} packs, expected at most 65535`);
  return plan;
}

/** The bytes of one pack: payloads at their offsets, zeros between. */
export function fillPack(
  plan: PackPlan,
  pack: number,
  payloads: readonly EncodedPayload[],
): Uint8Array {
  const bytes = new Uint8Array(plan.sizes[pack]!);
  payloads.forEach((payload, i) => {
    if (plan.packs[i] === pack) bytes.set(payload.bytes, plan.offsets[i]!);
  });
  return bytes;
}
