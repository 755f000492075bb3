import { expect, describe as group, test } from 'vitest';
import { assert, assertNumber, describe } from '../../src/base/assert.ts';

group('assert', () => {
  test('passes what holds and names what does not', () => {
    expect(() => assert(1, 'never')).not.toThrow();
    expect(() => assert(0, 'expected one, got none')).toThrow('farfield: expected one, got none');
  });
});

group('assertNumber', () => {
  test.each([0, 1, -1, 1e9])('takes %d', (value) => {
    expect(() => assertNumber('x', value)).not.toThrow();
  });

  test.each([
    [Number.NaN, 'farfield: x must be a finite number, got NaN'],
    [Number.POSITIVE_INFINITY, 'farfield: x must be a finite number, got Infinity'],
    ['7', 'farfield: x must be a finite number, got "7"'],
    [undefined, 'farfield: x must be a finite number, got undefined'],
  ])('refuses %s', (value, message) => {
    expect(() => assertNumber('x', value)).toThrow(message);
  });

  test('names the range that was left', () => {
    expect(() => assertNumber('budgetBytes', -1, 1)).toThrow(
      'farfield: budgetBytes must be a number from 1 to Infinity, got -1',
    );
    expect(() => assertNumber('share', 1, 0, 1)).not.toThrow();
  });
});

group('describe', () => {
  test('is short and safe whatever it is given', () => {
    const loop: { self?: object } = {};
    loop.self = loop;
    expect(describe(loop)).toBe('an object that cannot be printed');
    expect(describe('x'.repeat(500)).length).toBeLessThan(100);
    expect(describe(Array.from({ length: 500 }, () => 1)).length).toBeLessThan(100);
    expect(describe(new Uint8Array(3))).toBe('Uint8Array(3 bytes)');
    expect(describe(null)).toBe('null');
    expect(describe(Symbol('s'))).toBe('Symbol(s)');
  });
});
