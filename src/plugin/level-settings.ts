/** What a game says of a level whoever wants it. */
import { assert, describe } from '../base/assert.ts';
import { LevelState } from '../level/level-machine.ts';
import type { StreamWorld } from '../world.ts';
import { checkFlag, checkName, findLevel, seen } from './level-names.ts';

/** What holds for a level whoever wants it; what is left out stays as it is. */
export interface LevelSettings {
  /** false: loaded, it waits for `activateLevel` each time. */
  activate?: boolean;
  /** Levels that are loaded before it, and kept while it is there. */
  dependencies?: readonly string[];
  /** The memory budget (`createMemoryBudget`) that must have room for its base bytes; null for none. */
  budget?: string | null;
}

export function setLevel(world: StreamWorld, name: string, settings: LevelSettings): void {
  const call = `setLevel("${name}")`;
  checkName('setLevel', name);
  const { activate, dependencies, budget } = settings;
  checkFlag(`${call}: activate`, activate);
  const level = findLevel(world, name);
  const isFree = !level || level.state === LevelState.Unloaded || level.state === LevelState.Failed;
  assert(
    isFree || (dependencies === undefined && budget === undefined),
    `${call}: dependencies and budget can change only while it is unloaded or failed; it is ${seen(level)}`,
  );
  assert(
    budget === undefined || budget === null || (typeof budget === 'string' && budget !== ''),
    `${call}: budget: expected the name of a memory budget or null, got ${describe(budget)}`,
  );
  if (dependencies !== undefined) {
    assert(
      Array.isArray(dependencies),
      `${call}: dependencies: expected a list of names, got ${describe(dependencies)}`,
    );
    for (const one of dependencies) checkName(`${call}: dependencies`, one);
    world.levelIntents.setDependencies(name, dependencies);
  }
  const intent = world.levelIntents.of(name);
  if (activate !== undefined) intent.waits = !activate;
  if (budget !== undefined) intent.budget = budget ?? '';
}
