/** What may be the outline of a prism. */
import { expect, test } from 'vitest';
import { createOutline } from '../../src/spatial/outline.ts';

test('an outline keeps its corners and knows its bounds', () => {
  const { points, bounds } = createOutline('a', [
    [1, -2],
    [4, 0],
    [-3, 5],
  ]);
  expect([...points]).toEqual([1, -2, 4, 0, -3, 5]);
  expect(bounds).toEqual([-3, -2, 4, 5]);
});

const square = [
  [0, 0],
  [4, 0],
  [4, 4],
  [0, 4],
];

test.each([
  ['no list', 7 as never, 'expected a list of [x, z], got 7'],
  ['two corners', square.slice(0, 2), 'expected 3 to 256 corners, got 2'],
  ['a corner of three numbers', [...square, [0, 1, 2]], 'corner 4: expected [x, z] in meters'],
  ['a corner that is no number', [...square, [Number.NaN, 2]], 'corner 4: expected [x, z]'],
  ['a corner twice', [...square, [0, 4]], 'corners 3 and 4 are at one place'],
  ['an end where it begins', [...square, [0, 0]], 'corners 4 and 0 are at one place'],
  [
    'edges that cross',
    [
      [0, 0],
      [4, 4],
      [4, 0],
      [0, 4],
    ],
    'the edges from corners 0 and 2 cross',
  ],
  [
    'corners in a line',
    [
      [0, 0],
      [1, 1],
      [3, 3],
    ],
    'the corners lie in a line, there is no inside',
  ],
])('%s is refused', (_name, corners, message) => {
  expect(() => createOutline('quay', corners)).toThrow(
    `farfield: defineOutline("quay"): ${message}`,
  );
});
