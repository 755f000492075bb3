/** What an entity wants streamed. Add it to want the asset, remove it to want it no longer. */
import { MAX_LODS } from '../base/limits.ts';
import { type Component, defineComponent, type Field, nameField, numberField } from './schema.ts';

export type StreamRequestFields = {
  /** Name of the asset. May be used before the world that holds it is open. */
  asset: Field<string, Uint32Array>;
  /** Worth beside other objects of the same size on screen; 1 is normal. */
  importance: Field<number, Float32Array>;
  /** The finest LOD it may ask for; 0 is the finest there is. */
  finestLod: Field<number, Uint8Array>;
  /** The coarsest LOD that satisfies it. */
  coarsestLod: Field<number, Uint8Array>;
  /** Factor on the error that is good enough for it: 2 changes LODs about half as far away. */
  errorScale: Field<number, Float32Array>;
  /** Beyond this it is neither shown nor asked for (meters, at scale 1). */
  maxDistanceMeters: Field<number, Float32Array>;
  /** Wanted within so many seconds of being added; Infinity = whenever it is worth it. */
  deadlineSeconds: Field<number, Float32Array>;
};

export function createStreamRequest(capacity: number): Component<StreamRequestFields> {
  const lod = { min: 0, max: MAX_LODS - 1, integer: true };
  return defineComponent(
    'StreamRequest',
    capacity,
    {
      asset: nameField(),
      importance: numberField(Float32Array, { fallback: 1, min: 0, max: 1e6 }),
      finestLod: numberField(Uint8Array, { fallback: 0, ...lod }),
      coarsestLod: numberField(Uint8Array, { fallback: MAX_LODS - 1, ...lod }),
      errorScale: numberField(Float32Array, { fallback: 1, min: 0.01, max: 100 }),
      maxDistanceMeters: numberField(Float32Array, { fallback: Number.POSITIVE_INFINITY, min: 0 }),
      deadlineSeconds: numberField(Float32Array, { fallback: Number.POSITIVE_INFINITY, min: 0 }),
    },
    (row) => {
      if (row.asset === '') return 'asset: expected the name of an asset, got ""';
      if (row.finestLod > row.coarsestLod)
        return `finestLod ${row.finestLod} is coarser than coarsestLod ${row.coarsestLod}`;
      return null;
    },
  );
}
