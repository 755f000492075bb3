/** `set(Component, data)` with types: bitECS's own takes any data for any component. */
import { set } from 'bitecs';
import type { ComponentData, ComponentName, ComponentSet } from '../components/index.ts';

/** What `addComponent` takes in place of a component. */
export type ComponentValue = ReturnType<typeof set>;

/** One function per component: `typed.StreamRequest({ asset: 'statue' })`. */
export type TypedComponents = {
  readonly [N in ComponentName]: (data: ComponentData<N>) => ComponentValue;
};

export function createTyped({ definitions, components }: ComponentSet): TypedComponents {
  const names = Object.keys(definitions) as ComponentName[];
  return Object.fromEntries(
    names.map((name) => [name, (data: object) => set(components[name], data)]),
  ) as TypedComponents;
}
