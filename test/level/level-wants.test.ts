/** Counts of who wants a level, against a plain list. */
import { expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { addWant, createWants, removeWant, strongestWant } from '../../src/level/level-wants.ts';

const makeLevel = () => ({ name: 'town', wants: createWants() });

test('nobody wants a new level', () => {
  expect(strongestWant(makeLevel())).toBe(-1);
});

test('the strongest is that of whoever is left, in whatever order they came and go', () => {
  const random = createRandom(11);
  const level = makeLevel();
  const list: number[] = [];
  const seen = new Set<number>();
  for (let i = 0; i < 2000; i++) {
    // Now more come than go, now the other way: nobody is left several times.
    const comes = list.length === 0 || random() < (i % 200 < 100 ? 0.6 : 0.35);
    if (comes) {
      const priority = Math.floor(random() * 5);
      list.push(priority);
      addWant(level, priority);
    } else removeWant(level, list.splice(Math.floor(random() * list.length), 1)[0]!);
    expect(strongestWant(level)).toBe(list.length === 0 ? -1 : Math.min(...list));
    seen.add(strongestWant(level));
  }
  expect([...seen].sort()).toEqual([-1, 0, 1, 2, 3, 4]);
});

test.each([-1, 5, 1.5, Number.NaN])('a priority of %s is refused', (priority) => {
  const message = `farfield: a want of level "town" must have a priority from 0 (critical) to 4 (background), got ${priority}`;
  expect(() => addWant(makeLevel(), priority)).toThrow(message);
  expect(() => removeWant(makeLevel(), priority)).toThrow(message);
});

test('a want that nobody has cannot be taken back', () => {
  const level = makeLevel();
  addWant(level, 1);
  expect(() => removeWant(level, 2)).toThrow(/level "town" has no want of priority 2/);
  removeWant(level, 1);
  expect(() => removeWant(level, 1)).toThrow(/no want of priority 1/);
});
