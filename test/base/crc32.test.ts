import { deflateRawSync, crc32 as zlibCrc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crc32, crc32InScript, findNodeCrc32 } from '../../src/base/crc32.ts';
import { createRandom } from '../../src/base/random.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("crc32 in script and the host's own", () => {
  test('agree with zlib at every length up to 1100, and go on from each other', () => {
    const native = findNodeCrc32();
    const random = createRandom(11);
    const buffer = Uint8Array.from({ length: 1120 }, () => random() * 256);
    for (let length = 0; length <= 1100; length++) {
      const bytes = buffer.subarray(length % 16, (length % 16) + length);
      const expected = zlibCrc32(bytes);
      expect(crc32InScript(bytes), `length ${length}`).toBe(expected);
      const [first, rest] = [bytes.subarray(0, length >> 1), bytes.subarray(length >> 1)];
      expect(crc32(rest, crc32InScript(first))).toBe(expected);
      expect(crc32InScript(rest, crc32(first))).toBe(expected);
      if (native) expect(native(bytes, 0)).toBe(expected);
    }
  });
});

describe('crc32', () => {
  test.each([
    ['', 0x00000000],
    ['a', 0xe8b7be43],
    ['abc', 0x352441c2],
    ['123456789', 0xcbf43926],
    ['The quick brown fox jumps over the lazy dog', 0x414fa339],
  ])('of %j is the published value', (text, expected) => {
    expect(crc32(encode(text))).toBe(expected);
  });

  test('agrees with zlib at every length up to 300, and at every alignment', () => {
    const random = createRandom(7);
    const buffer = Uint8Array.from({ length: 320 }, () => random() * 256);
    for (let length = 0; length <= 300; length++) {
      const bytes = buffer.subarray(length % 8, (length % 8) + length);
      expect(crc32(bytes), `length ${length}`).toBe(zlibCrc32(bytes));
    }
  });

  test('goes on from a previous result wherever the bytes are cut', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(100), (bytes, at) => {
        const cut = Math.min(at, bytes.length);
        const whole = crc32(bytes.subarray(cut), crc32(bytes.subarray(0, cut)));
        return whole === crc32(bytes);
      }),
      { seed: 1 },
    );
  });

  test('sees every single flipped bit of a compressed block', () => {
    const bytes = new Uint8Array(deflateRawSync(encode('a block of a pack file '.repeat(9))));
    const expected = crc32(bytes);
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(crc32(bytes), `bit ${bit}`).not.toBe(expected);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
    }
    expect(crc32(bytes)).toBe(expected);
  });

  test('goes on from a previous result as zlib does', () => {
    const random = createRandom(8);
    const bytes = Uint8Array.from({ length: 65_536 }, () => random() * 256);
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    expect(crc32(bytes.subarray(9), 123)).toBe(zlibCrc32(bytes.subarray(9), 123));
  });
});
