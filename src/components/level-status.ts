/**
 * Put on any entity by the game: the plugin writes there how one level stands. Each change of state is
 * written with `setComponent`, so that `observe(world, onSet(LevelStatus), …)` hears of it.
 */
import { LevelStateNumber } from '../level/level-machine.ts';
import {
  type Component,
  choiceField,
  defineComponent,
  type Field,
  nameField,
  numberField,
} from './schema.ts';

export type LevelStatusFields = {
  /** Name of the level. */
  level: Field<string, Uint32Array>;
  /** `unloaded` also while no opened world has such a level. */
  state: Field<keyof typeof LevelStateNumber, Uint8Array>;
  /** Share of its base bytes (the coarsest LODs of what it places) that is there or has failed, 0 to 1. */
  progress: Field<number, Float32Array>;
  /** Cells that can be seen now, of all that it has, 0 to 1. */
  shown: Field<number, Float32Array>;
  /** Assets whose coarsest LOD failed. */
  failedAssets: Field<number, Uint32Array>;
};

export function createLevelStatus(capacity: number): Component<LevelStatusFields> {
  const share = { fallback: 0, min: 0, max: 1 };
  return defineComponent('LevelStatus', capacity, {
    level: nameField(),
    state: choiceField(LevelStateNumber, 'unloaded'),
    progress: numberField(Float32Array, share),
    shown: numberField(Float32Array, share),
    failedAssets: numberField(Uint32Array, { fallback: 0, min: 0, integer: true }),
  });
}
