/** Holds LODs of an entity's asset in memory, loaded first and never evicted, while present. */
import { type Component, defineComponent, type Field, numberField } from './schema.ts';

/** `lod` that means "the coarsest the asset has". */
export const COARSEST_LOD = 255;

export type PinnedFields = {
  /** The finest LOD to hold (the coarsest is held with it); default: only the coarsest. */
  lod: Field<number, Uint8Array>;
};

export function createPinned(capacity: number): Component<PinnedFields> {
  return defineComponent(
    'Pinned',
    capacity,
    { lod: numberField(Uint8Array, { fallback: COARSEST_LOD, min: 0, max: 255, integer: true }) },
    (row) =>
      row.lod <= 4 || row.lod === COARSEST_LOD
        ? null
        : `lod: expected 0 to 4 or 255 (the coarsest), got ${row.lod}`,
  );
}
