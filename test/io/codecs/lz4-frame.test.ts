/** Files that other programs wrote in the LZ4 frame format: their blocks are ours. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import lz4js from 'lz4js';
import { expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../../src/base/limits.ts';
import { createRandom } from '../../../src/base/random.ts';
import { decodeLz4, LZ4_DAMAGED } from '../../../src/io/codecs/lz4.ts';

/**
 * Blocks of a frame. Only what the format needs to find them: checksums are passed over.
 *
 * Based on: Collet, Y. LZ4 Frame Format Description. 1.6.4. 2024.
 */
function readFrame(file: Uint8Array): { bytes: Uint8Array; isStored: boolean }[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  expect(view.getUint32(0, true)).toBe(0x184d2204);
  const flags = file[4]!;
  const hasBlockChecksums = (flags & 16) !== 0;
  expect(flags >> 6, 'version').toBe(1);
  let at = 7 + ((flags & 8) !== 0 ? 8 : 0);
  const blocks: { bytes: Uint8Array; isStored: boolean }[] = [];
  for (;;) {
    const entry = view.getUint32(at, true);
    at += 4;
    if (entry === 0) return blocks;
    const end = at + (entry & 0x7fffffff);
    blocks.push({ bytes: file.subarray(at, end), isStored: entry >= 0x80000000 });
    at = end + (hasBlockChecksums ? 4 : 0);
  }
}

function decodeFrame(file: Uint8Array, size: number): Uint8Array {
  const target = new Uint8Array(size);
  let at = 0;
  for (const { bytes, isStored } of readFrame(file)) {
    if (isStored) {
      target.set(bytes, at);
      at += bytes.length;
      continue;
    }
    const count = decodeLz4(bytes, 0, bytes.length, target, at, size);
    expect(count).not.toBe(LZ4_DAMAGED);
    at += count;
  }
  expect(at).toBe(size);
  return target;
}

/** Written by `lz4 -9 -B4` of Debian, version 1.9.4. */
const DEBIAN =
  'BCJNGGBAgk8AAADxCnRpbGUgMCBvZiB0aGUgZmFyIGZpZWxkLCAZAB8xGQAFHzIZAAUfMxkABR80GQAFHzUZAAUfNhkAAA+vAP/////////////7UGVsZCwgAAAAAA==';

const PLAIN = Buffer.from(
  Array.from({ length: 120 }, (_, i) => `tile ${i % 7} of the far field, `).join(''),
);

test('a frame of the lz4 tool decodes to what was put into it', () => {
  const file = Buffer.from(DEBIAN, 'base64');
  expect(file.length).toBeLessThan(PLAIN.length / 5);
  expect(Buffer.compare(decodeFrame(file, PLAIN.length), PLAIN)).toBe(0);
  // And not to anything else: a byte of the block changed shows.
  const broken = new Uint8Array(file);
  broken[20]! ^= 1;
  expect(Buffer.compare(decodeFrame(broken, PLAIN.length), PLAIN)).not.toBe(0);
});

test('a frame of lz4js decodes, block by block', () => {
  const random = createRandom(2);
  const plain = Uint8Array.from(
    { length: 300_000 },
    (_, i) => (i >> 4) ^ (random() < 0.05 ? 3 : 0),
  );
  expect(Buffer.compare(decodeFrame(lz4js.compress(plain), plain.length), plain)).toBe(0);
});

const hasTool = ((): boolean => {
  try {
    execFileSync('lz4', ['--version'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
})();

test.skipIf(!hasTool)(
  'frames that the lz4 tool of this machine writes decode, at every level',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'farfield-lz4-'));
    try {
      const random = createRandom(7);
      const plain = Uint8Array.from({ length: 3 * BLOCK_BYTES }, (_, i) =>
        random() < 0.2 ? random() * 256 : i >> 6,
      );
      writeFileSync(join(folder, 'plain'), plain);
      for (const level of ['-1', '-9', '-12']) {
        // Independent blocks of 64 KiB, as ours are.
        execFileSync('lz4', [level, '-f', '-q', '-B4', '-BI', '-BX', 'plain', 'packed'], {
          cwd: folder,
        });
        const file = new Uint8Array(readFileSync(join(folder, 'packed')));
        expect(readFrame(file)).toHaveLength(3);
        expect(Buffer.compare(decodeFrame(file, plain.length), plain)).toBe(0);
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
