/** Written by the plugin: how far the streaming of an entity has come. */
import { type Component, choiceField, defineComponent, type Field, numberField } from './schema.ts';

/** States of an entity's streaming. */
export const ResidencyState = {
  /** Asked for a name that no opened world knows (yet). */
  unknown: 0,
  /** Known, nothing on its way. */
  empty: 1,
  /** Something is on its way and nothing is shown yet. */
  loading: 2,
  /** At least one allowed LOD is resident. */
  resident: 3,
  /** Nothing is resident and the last attempt failed. */
  failed: 4,
} as const;

/**
 * What the number behind the priority amounts to. For payloads:
 * - `critical`: must be there (a pin, a deadline that is near)
 * - `high`: without it something on screen is a hole, or 1 % of the picture is wrong
 * - `normal`: something on screen would look better
 * - `prefetch`: only a predicted or announced view needs it
 * - `low`: worth less than a thousandth of the best, or not wanted
 */
export const ResidencyClass = { critical: 0, high: 1, normal: 2, prefetch: 3, low: 4 } as const;

/** `residentLod` while nothing is resident. */
export const NO_RESIDENT_LOD = 255;

export type ResidencyFields = {
  state: Field<keyof typeof ResidencyState, Uint8Array>;
  /** Finest resident LOD, or 255. */
  residentLod: Field<number, Uint8Array>;
  /**
   * How urgent the asset is, all that shows it together: the class of its most urgent payload that is
   * wanted or on its way; when none is missing, `normal` in view, `prefetch` near a predicted view, else
   * `low`. `critical` for an entity with `Pinned`, whatever is there.
   */
  class: Field<keyof typeof ResidencyClass, Uint8Array>;
  /** Resident bytes of the asset (shared with everything else that shows it). */
  bytes: Field<number, Float64Array>;
  /** Raised whenever the entity begins to stream anew. */
  epoch: Field<number, Uint32Array>;
  /** Frame in which it was last in view. */
  lastUsedFrame: Field<number, Uint32Array>;
  /** Payloads of the asset that failed since the entity began. */
  failures: Field<number, Uint8Array>;
  /** `ErrorCode` of the last failure, 0 = none. */
  error: Field<number, Uint8Array>;
};

export function createResidency(capacity: number): Component<ResidencyFields> {
  const whole = (max: number) => ({ fallback: 0, min: 0, max, integer: true });
  return defineComponent('Residency', capacity, {
    state: choiceField(ResidencyState, 'unknown'),
    residentLod: numberField(Uint8Array, { ...whole(255), fallback: NO_RESIDENT_LOD }),
    class: choiceField(ResidencyClass, 'low'),
    bytes: numberField(Float64Array, whole(Number.MAX_SAFE_INTEGER)),
    epoch: numberField(Uint32Array, whole(0xffffffff)),
    lastUsedFrame: numberField(Uint32Array, whole(0xffffffff)),
    failures: numberField(Uint8Array, whole(255)),
    error: numberField(Uint8Array, whole(255)),
  });
}
