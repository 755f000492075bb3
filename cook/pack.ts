/**
 * Lays payloads into pack files. A pack ends where its content says so, not at a fixed size: when an
 * asset changes, comes or goes, the packs before it stay as they are, and soon after it the ends
 * fall where they fell before, so that a patch replaces few files.
 *
 * Based on: Muthitacharoen, Chen, Mazières. A Low-Bandwidth Network File System. 2001 (boundaries
 * by content), with whole payloads for bytes and their names for fingerprints.
 */
import { hashName } from '../src/base/hash.ts';
import { MAX_PACK_BYTES, MAX_PACKS, PAYLOAD_ALIGN_BYTES } from '../src/base/limits.ts';
import { CookError } from './errors.ts';
import type { EncodedPayload } from './mesh-content.ts';

/** Payloads from this size on start on a page of the disk; smaller ones would waste too much. */
const LARGE_PAYLOAD_BYTES = 64 * 1024;
const SMALL_ALIGN_BYTES = 16;

export interface PackOptions {
  /**
   * Size that packs have on average. One ends at half of it at the earliest and at four times at
   * the latest; only a payload that is larger by itself makes a larger pack.
   */
  chunkBytes: number;
}

/** Packs of 1 to 8 MiB. */
export const PACK_DEFAULTS: Readonly<PackOptions> = { chunkBytes: 2 * 1024 * 1024 };

export interface PackPlan {
  /** Bytes of each pack. */
  sizes: number[];
  /** Payloads of each pack, by first byte. */
  members: number[][];
  /** Pack and first byte of each payload, by the payload's own index. */
  packs: Uint16Array;
  offsets: Uint32Array;
}

/**
 * @param sizes bytes of each payload, by its own index
 * @param order payload indices, first to be fetched first
 * @param label name of a payload: where packs end depends on it, and messages use it
 */
export function planPacks(
  sizes: ArrayLike<number>,
  order: readonly number[],
  label: (payload: number) => string,
  { chunkBytes }: PackOptions = PACK_DEFAULTS,
): PackPlan {
  const leastBytes = chunkBytes / 2;
  const mostBytes = Math.min(chunkBytes * 4, MAX_PACK_BYTES);
  const plan: PackPlan = {
    sizes: [],
    members: [],
    packs: new Uint16Array(sizes.length),
    offsets: new Uint32Array(sizes.length),
  };
  let end = 0;
  let isFull = true;
  for (const payload of order) {
    const length = sizes[payload]!;
    if (length > MAX_PACK_BYTES)
      throw new CookError(
        `${label(payload)} takes ${length} bytes, more than a pack holds (${MAX_PACK_BYTES}); ` +
          'split the model or lower --texture-size',
      );
    const unit = length >= LARGE_PAYLOAD_BYTES ? PAYLOAD_ALIGN_BYTES : SMALL_ALIGN_BYTES;
    let start = Math.ceil(end / unit) * unit;
    if (isFull || start + length > mostBytes) {
      plan.members.push([]);
      start = 0;
    }
    end = start + length;
    const pack = plan.members.length - 1;
    plan.members[pack]!.push(payload);
    plan.packs[payload] = pack;
    plan.offsets[payload] = start;
    plan.sizes[pack] = end;
    // A payload ends a pack as often as its size calls for: one end in `chunkBytes / 2` past the
    // least. By name: bytes that change do not move the end.
    const chance = length / (chunkBytes - leastBytes);
    isFull = end >= leastBytes && hashName(label(payload)) / 2 ** 32 < chance;
  }
  if (plan.sizes.length > MAX_PACKS)
    throw new CookError(
      `the world needs ${plan.sizes.length} packs, expected at most ${MAX_PACKS}; ` +
        `raise --chunk-bytes (it is ${chunkBytes})`,
    );
  return plan;
}

/** The bytes of one pack: payloads at their offsets, zeros between. */
export function fillPack(
  { sizes, members, offsets }: PackPlan,
  pack: number,
  payloads: readonly EncodedPayload[],
): Uint8Array {
  const bytes = new Uint8Array(sizes[pack]!);
  for (const payload of members[pack]!) bytes.set(payloads[payload]!.bytes, offsets[payload]!);
  return bytes;
}
