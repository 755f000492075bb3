import { describe, expect, test } from 'vitest';
import { LevelIntents } from '../../src/level/level-intents.ts';
import {
  createLevel,
  enterLevelState,
  LEVEL_STATE_NAMES,
  type Level,
  LevelState,
  type LevelStateName,
  LevelStateNumber,
  nextLevelState,
} from '../../src/level/level-machine.ts';
import { createWants } from '../../src/level/level-wants.ts';

/** The diagram, once more. */
const LEGAL: Record<LevelStateName, LevelStateName[]> = {
  unloaded: ['loading'],
  loading: ['loaded', 'unloading', 'failed'],
  loaded: ['active', 'hidden', 'unloading'],
  active: ['loaded', 'unloading'],
  unloading: ['unloaded', 'loading', 'loaded'],
  hidden: ['loaded', 'unloading'],
  failed: ['loading', 'unloaded'],
};

function makeLevel(changes: Partial<Level> = {}): Level {
  const level = createLevel('town', new LevelIntents().of('town'), createWants());
  return Object.assign(level, { cells: [0, 1], assets: [0, 1] }, changes);
}

describe('a level', () => {
  test('takes the legal edges and refuses all others with the state seen', () => {
    const seen = { taken: 0, refused: 0 };
    for (const from of LEVEL_STATE_NAMES)
      for (const to of LEVEL_STATE_NAMES) {
        const level = makeLevel({ state: LevelStateNumber[from] });
        if (LEGAL[from].includes(to)) {
          enterLevelState(level, LevelStateNumber[to]);
          expect(level.state).toBe(LevelStateNumber[to]);
          seen.taken++;
        } else {
          expect(() => enterLevelState(level, LevelStateNumber[to])).toThrow(
            `level "town" cannot go from ${from} to ${to}`,
          );
          expect(level.state).toBe(LevelStateNumber[from]);
          seen.refused++;
        }
      }
    expect(seen).toEqual({ taken: 16, refused: 33 });
  });

  test('never proposes an edge that it refuses, whatever it is in', () => {
    const flags = [false, true];
    let moves = 0;
    for (const state of Object.values(LevelState))
      for (let bits = 0; bits < 256; bits++) {
        const on = (bit: number): boolean => flags[(bits >> bit) & 1]!;
        const level = makeLevel({ state, wanted: on(0), isReleased: on(1), isRetried: on(2) });
        level.intent.isHidden = on(3);
        level.intent.waits = on(4);
        level.failure = on(5) ? 'cells' : null;
        level.inserted = on(6) ? 2 : on(7) ? 1 : 0;
        level.pinned = on(7) ? 2 : 0;
        const next = nextLevelState(level, { isReady: on(7), mayLeave: on(6) });
        if (next === state) continue;
        moves++;
        enterLevelState(level, next);
      }
    expect(moves).toBeGreaterThan(500);
  });

  test('stays for as long as it must, and no longer', () => {
    const level = makeLevel({ state: LevelState.Active, inserted: 2, pinned: 2 });
    expect(nextLevelState(level, { isReady: true, mayLeave: false })).toBe(LevelState.Active);
    expect(nextLevelState(level, { isReady: true, mayLeave: true })).toBe(LevelState.Unloading);
  });
});

describe('what a level needs', () => {
  test('may not come to need the level itself; the message names the way', () => {
    const intents = new LevelIntents();
    intents.setDependencies('a', ['b', 'c']);
    intents.setDependencies('b', ['c']);
    expect(() => intents.setDependencies('c', ['a'])).toThrow(
      'level "c" cannot depend on "a", which needs it: "c" → "a" → "b" → "c"',
    );
    expect(intents.of('c').dependencies).toEqual([]);
    expect(() => intents.setDependencies('a', ['a'])).toThrow('"a" → "a"');
    expect(intents.of('a').dependencies).toEqual(['b', 'c']);
  });
});
