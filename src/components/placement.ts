/**
 * Written by the plugin on entities that stand for a placement near a viewpoint. It comes last: when
 * observers hear of it, Transform and all data are there. A game that takes it off has the entity
 * for its own; another one will stand for the placement.
 */
import { type Component, defineComponent, type Field, numberField } from './schema.ts';

/** `slot` of an entity whose world was closed: it goes within the next frames. */
export const NO_SLOT = 0xffffffff;

export type PlacementFields = {
  /** Slot of the placement in the catalog; 4294967295 once its world is closed. */
  slot: Field<number, Uint32Array>;
  /** Raised each time the entity came to stand for another placement. */
  epoch: Field<number, Uint32Array>;
  /** Stable id of the asset (`hashName` of its name). */
  asset: Field<number, Uint32Array>;
};

export function createPlacement(capacity: number): Component<PlacementFields> {
  const whole = { fallback: 0, min: 0, max: 0xffffffff, integer: true };
  return defineComponent('Placement', capacity, {
    slot: numberField(Uint32Array, whole),
    epoch: numberField(Uint32Array, whole),
    asset: numberField(Uint32Array, whole),
  });
}
