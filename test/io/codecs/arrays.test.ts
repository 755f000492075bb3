/** The checks and conversions of decoded arrays that are written for speed, against plain ones. */
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { checkIndices } from '../../../src/io/codecs/arrays.ts';
import { fillAttribute } from '../../../src/io/codecs/quantize.ts';

describe('checkIndices', () => {
  const LENGTHS = [1, 3, 7, 8, 9, 16, 21];

  test.each([Uint16Array, Uint32Array])('finds one bad index at any place: %o', (Kind) => {
    const worst =
      Kind === Uint16Array ? [10, 65_535] : [10, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1];
    for (const length of LENGTHS)
      for (let at = 0; at < length; at++) {
        const index = new Kind(length).fill(9);
        expect(() => checkIndices(index, 10)).not.toThrow();
        for (const bad of worst) {
          index[at] = bad;
          expect(() => checkIndices(index, 10)).toThrow(
            `an index names vertex ${bad}, expected less than 10`,
          );
        }
      }
  });

  test('reads a view that begins inside its buffer', () => {
    const whole = Uint32Array.from([99, 1, 2, 3, 99]);
    expect(() => checkIndices(whole.subarray(1, 4), 4)).not.toThrow();
    expect(() => checkIndices(whole.subarray(1), 4)).toThrow('vertex 99');
  });

  test('knows that 16 bits cannot name more than 65,536 vertices', () => {
    const index = Uint16Array.of(65_535, 0, 1);
    expect(() => checkIndices(index, 65_536)).not.toThrow();
    expect(() => checkIndices(index, 65_535)).toThrow('vertex 65535');
  });
});

describe('fillAttribute', () => {
  const TARGETS = [
    ['i8', Int8Array, -127, 127],
    ['u8', Uint8Array, 0, 255],
    ['i16', Int16Array, -32_767, 32_767],
    ['u16', Uint16Array, 0, 65_535],
  ] as const;
  const random = createRandom(3);
  const odd = [0, -0, 0.5, -0.5, 1, -1, 2, -2, 1e30, -1e30, NaN, Infinity, -Infinity];

  test.each(TARGETS)('rounds floats to %s as Math.round does', (type, Kind, smallest, largest) => {
    for (const [size, itemSize] of [
      [3, 4],
      [4, 4],
      [2, 2],
      [1, 4],
    ] as const) {
      const count = 2500;
      const values = new Float32Array(count * size);
      for (let i = 0; i < values.length; i++)
        values[i] = i < odd.length ? odd[i]! : Math.round((random() * 2.4 - 1.2) * 500) / 500;
      const target = new Kind(count * itemSize);
      const header = { name: 'color', type, itemSize, normalized: true } as const;
      fillAttribute(target, header, { values, size }, null);
      const expected = new Kind(count * itemSize);
      for (let i = 0; i < expected.length; i++) {
        const component = i % itemSize;
        const value = values[Math.floor(i / itemSize) * size + component]! * largest;
        const rounded = Math.min(largest, Math.max(smallest, Math.round(value)));
        const filler = component === 3 ? largest : 0;
        expected[i] = component < size ? rounded : filler;
      }
      expect(target).toEqual(expected);
    }
  });

  test('moves positions by the offset of their axis', () => {
    const target = new Int16Array(8);
    const values = Float32Array.of(1, 2, 3, 1.5, 2.5, 3.5);
    const header = { name: 'position', type: 'i16', itemSize: 4, normalized: true } as const;
    fillAttribute(target, header, { values, size: 3 }, { offset: [1, 2, 3], factor: 10 });
    expect([...target]).toEqual([0, 0, 0, 0, 5, 5, 5, 0]);
  });

  test('copies what has the layout already, but gives no normalized value without a twin', () => {
    const values = Int8Array.of(-128, -127, 0, 127);
    const target = new Int8Array(4);
    const header = { name: 'normal', type: 'i8', itemSize: 4 } as const;
    fillAttribute(target, { ...header, normalized: true }, { values, size: 4 }, null);
    expect([...target]).toEqual([-127, -127, 0, 127]);
    fillAttribute(target, { ...header, normalized: false }, { values, size: 4 }, null);
    expect(target).toEqual(values);
    const bytes = Uint8Array.of(0, 1, 254, 255);
    const copy = new Uint8Array(4);
    const color = { name: 'color', type: 'u8', itemSize: 4, normalized: true } as const;
    fillAttribute(copy, color, { values: bytes, size: 4 }, null);
    expect(copy).toEqual(bytes);
  });
});
