/** Parts are cut out of a read whatever the chunks it comes in, each once, each its own buffer. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { createPartCutter, readParts } from '../../src/io/parts.ts';
import type { Bytes, Part } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';

const FILE = Uint8Array.from({ length: 400 }, (_, i) => (i * 37) & 255);

const someParts = fc
  .array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 90 })), { minLength: 1, maxLength: 12 })
  .map((list) =>
    list
      .map(([start, size]): Part => ({ start, end: start + size }))
      .sort((a, b) => a.start - b.start),
  );

describe('parts', () => {
  test('arrive once, exact, as soon as their last byte is there', () => {
    fc.assert(
      fc.property(
        someParts,
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
        (parts, cuts) => {
          const got = new Map<number, Bytes>();
          let counted = 0;
          const cutter = createPartCutter(parts, {
            onPart(index, bytes) {
              expect(got.has(index)).toBe(false);
              got.set(index, bytes);
            },
            onBytes: (count) => {
              counted += count;
            },
          });
          for (let at = cutter.start, i = 0; at < cutter.end; i++) {
            const to = at + cuts[i % cuts.length]!;
            // One chunk too many, to show that what lies past the span is ignored.
            cutter.push(FILE.subarray(at, to));
            at = to;
            parts.forEach((part, index) => {
              expect(got.has(index)).toBe(part.end <= Math.min(at, cutter.end));
            });
          }
          cutter.finish('test');
          expect(counted).toBe(cutter.end - cutter.start);
          const buffers = new Set([...got.values()].map(({ buffer }) => buffer));
          expect(buffers.size).toBe(parts.length);
          parts.forEach(({ start, end }, index) => {
            expect(got.get(index)).toEqual(FILE.slice(start, end));
          });
        },
      ),
    );
  });

  test('missing bytes are a short read that says how many came', () => {
    const cutter = createPartCutter([{ start: 10, end: 20 }], { onPart: () => undefined });
    cutter.push(FILE.subarray(10, 14));
    expect(() => cutter.finish('a.ffp')).toThrow('a.ffp sent 4 bytes of range 10-19, expected 10');
  });

  test('come from a source that only reads spans', async () => {
    const parts = [
      { start: 3, end: 9 },
      { start: 5, end: 30 },
      { start: 100, end: 140 },
    ];
    const got: Bytes[] = [];
    const { readParts: _, ...plain } = memorySource({ a: FILE });
    const report = await readParts(plain, 'a', parts, {
      onPart(index, bytes) {
        got[index] = bytes;
      },
    });
    expect(got).toEqual(parts.map(({ start, end }) => FILE.slice(start, end)));
    expect(report.linkBytes).toBe(137);
  });

  test('a source that returns the wrong size is refused', async () => {
    const { readParts: _, ...plain } = memorySource({ a: FILE });
    const source = { ...plain, read: async () => new Uint8Array(50) };
    const wrong = readParts(source, 'a', [{ start: 0, end: 40 }], { onPart: () => undefined });
    await expect(wrong).rejects.toThrow(StreamError);
    await expect(wrong).rejects.toMatchObject({ code: ErrorCode.ShortRead });
  });
});
