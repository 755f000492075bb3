/**
 * Put on any entity by the game: the plugin writes there, at the end of each frame, how one budget
 * stands, and keeps the tags `MemoryWarning` and `MemoryCritical` on it in step.
 */
import {
  type Component,
  choiceField,
  defineComponent,
  type Field,
  nameField,
  numberField,
} from './schema.ts';

/** How full a budget is, as stored in `MemoryBudget.state`. */
export const MemoryStateNumber = { normal: 0, warning: 1, critical: 2 } as const;

export type MemoryBudgetFields = {
  /** `total`, a pool (`mesh`, `texture`, …), or a budget made by `createMemoryBudget`. */
  name: Field<string, Uint32Array>;
  /** What it may come to; of a pool without a limit the whole budget. 0: no budget has this name. */
  bytes: Field<number, Float64Array>;
  usedBytes: Field<number, Float64Array>;
  residentBytes: Field<number, Float64Array>;
  reservedBytes: Field<number, Float64Array>;
  peakBytes: Field<number, Float64Array>;
  state: Field<keyof typeof MemoryStateNumber, Uint8Array>;
};

export function createMemoryBudgetComponent(capacity: number): Component<MemoryBudgetFields> {
  const bytes = { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true };
  return defineComponent('MemoryBudget', capacity, {
    name: nameField(),
    bytes: numberField(Float64Array, bytes),
    usedBytes: numberField(Float64Array, bytes),
    residentBytes: numberField(Float64Array, bytes),
    reservedBytes: numberField(Float64Array, bytes),
    peakBytes: numberField(Float64Array, bytes),
    state: choiceField(MemoryStateNumber, 'normal'),
  });
}
