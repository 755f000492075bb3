import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { LevelState } from '../../src/level/level-machine.ts';
import { addWant } from '../../src/level/level-wants.ts';
import { type LevelWorld, makeLevelWorld } from '../support/level-world.ts';

const CELLS = 200;

/** Two levels of many cells that share no asset. */
function makeLevels(): LevelWorld {
  return makeLevelWorld(
    [
      { cells: CELLS, assets: [0] },
      { cells: CELLS, assets: [1] },
    ],
    2,
  );
}

function frame(made: LevelWorld): void {
  made.frame(createRandom(1), { arrives: 1, fails: 0 });
}

/** Frames until a level is active, and the most that one of them put in. */
function activate(made: LevelWorld): { frames: number; most: number } {
  const level = made.levels[0]!;
  addWant(level, 2);
  let most = 0;
  for (let frames = 1; frames < 500; frames++) {
    const before = level.inserted;
    frame(made);
    most = Math.max(most, level.inserted - before);
    if (level.state === LevelState.Active) return { frames, most };
  }
  return { frames: 500, most };
}

describe('the work of levels', () => {
  test('is no more than so many steps a frame, and as many as that', () => {
    const made = makeLevels();
    made.world.options.levels.stepsPerFrame = 40;
    const { frames, most } = activate(made);
    expect(most).toBe(40);
    expect(frames).toBeGreaterThanOrEqual(CELLS / 40);
    expect(frames).toBeLessThan(CELLS / 40 + 8);
  });

  test('ends once it has taken its time', () => {
    const made = makeLevels();
    const { options, clock } = made.world;
    Object.assign(options.levels, { stepsPerFrame: 1e6, msPerFrame: 1 });
    // Each look at the clock finds it 0.4 ms later: the third is too late.
    const now = clock.now.bind(clock);
    let looks = 0;
    Object.assign(made.world.clock, { now: () => now() + looks++ * 0.4 });
    const { frames, most } = activate(made);
    expect(most).toBeGreaterThan(4);
    expect(most).toBeLessThanOrEqual(16);
    expect(frames).toBeGreaterThan(4);
    // Control: with time enough all goes in at once.
    const free = makeLevels();
    free.world.options.levels.stepsPerFrame = 1e6;
    expect(activate(free).most).toBe(CELLS);
  });

  test('begins with what leaves, then goes by priority', () => {
    const made = makeLevels();
    const [first, second] = made.levels as [LevelWorld['levels'][0], LevelWorld['levels'][0]];
    made.world.options.levels.stepsPerFrame = 50;
    addWant(first, 3);
    addWant(second, 0);
    while (second.inserted === 0) frame(made);
    expect(first.inserted).toBe(0);
    while (second.state !== LevelState.Active) frame(made);
    const held = first.inserted;
    expect(held).toBeLessThan(CELLS);
    second.wants.fill(0);
    frame(made);
    expect(second.state).toBe(LevelState.Unloading);
    expect(second.inserted).toBe(CELLS - 50);
    expect(first.inserted).toBe(held);
  });
});
