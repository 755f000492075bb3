import { describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import { readParts } from '../../src/io/parts.ts';
import type { Bytes } from '../../src/io/source.ts';
import { blobSource } from '../../src/io/sources/blob.ts';
import { makeSource } from '../../src/io/sources/make-source.ts';

const BYTES = Uint8Array.from({ length: 700_000 }, (_, i) => (i * 7) ^ (i >> 8));

async function codeOf(work: Promise<unknown>): Promise<number> {
  const error = await work.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(StreamError);
  return (error as StreamError).code;
}

/** A File as a folder picker gives it. */
function picked(path: string, bytes: Uint8Array<ArrayBuffer> = BYTES): File {
  const file = new File([bytes], path.split('/').at(-1)!);
  Object.defineProperty(file, 'webkitRelativePath', { value: path });
  return file;
}

describe('blobSource', () => {
  it('reads ranges, whole files and parts, and says what it has not', async () => {
    const source = blobSource({ file: new Blob([BYTES]) });
    for (const one of [source, makeSource(structuredClone(source.descriptor!))]) {
      expect(Buffer.compare(await one.readAll('file'), BYTES)).toBe(0);
      expect(await one.read('file', 10, 20)).toEqual(BYTES.slice(10, 20));
      expect(await one.size!('file')).toBe(BYTES.length);
      for (const size of [40, 400_000]) {
        const parts = [
          { start: 5, end: size },
          { start: size + 100, end: size + 200_000 },
        ];
        const seen: Bytes[] = [];
        const report = await readParts(one, 'file', parts, {
          onPart: (i, part) => void seen.splice(i, 1, part),
        });
        parts.forEach(({ start, end }, i) => {
          expect(Buffer.compare(seen[i]!, BYTES.subarray(start, end))).toBe(0);
        });
        expect(report.linkBytes).toBe(size + 200_000 - 5);
      }
      expect(await codeOf(one.read('file', 699_990, 700_001))).toBe(ErrorCode.ShortRead);
      expect(await codeOf(one.read('file', 5, 5))).toBe(ErrorCode.ShortRead);
      expect(await codeOf(one.readAll('missing'))).toBe(ErrorCode.NotFound);
      expect(await codeOf(one.readAll('toString'))).toBe(ErrorCode.NotFound);
      expect(await codeOf(one.read('file', 0, 9, AbortSignal.abort()))).toBe(ErrorCode.Cancelled);
    }
  });

  it('delivers the first part of a long span before the last has come', async () => {
    const source = blobSource({ file: new Blob([BYTES]) });
    const controller = new AbortController();
    const parts = [
      { start: 0, end: 1000 },
      { start: 600_000, end: 700_000 },
    ];
    const seen: number[] = [];
    const reading = readParts(
      source,
      'file',
      parts,
      {
        onPart: (i) => {
          seen.push(i);
          controller.abort();
        },
      },
      { signal: controller.signal },
    );
    expect(await codeOf(reading)).toBe(ErrorCode.Cancelled);
    expect(seen).toEqual([0]);
  });

  it('names files from the folder that holds the world', async () => {
    const source = blobSource([
      picked('downloads/island/world.json'),
      picked('downloads/island/pack-1.ffp', BYTES.slice(0, 9)),
      picked('downloads/other.txt'),
    ]);
    expect((await source.readAll('pack-1.ffp')).length).toBe(9);
    expect(await codeOf(source.readAll('other.txt'))).toBe(ErrorCode.NotFound);
  });

  it('names files from the folder that all share where there is no world', async () => {
    const source = blobSource([picked('a/b/x.bin'), picked('a/b/c/y.bin')]);
    expect((await source.readAll('x.bin')).length).toBe(BYTES.length);
    expect((await source.readAll('c/y.bin')).length).toBe(BYTES.length);
    expect((await blobSource([new File([BYTES], 'single.zip')]).readAll('single.zip')).length).toBe(
      BYTES.length,
    );
  });

  it('reports a file that can no longer be read', async () => {
    class Gone extends Blob {
      override slice(): Blob {
        const blob = new Blob([new Uint8Array(10)]);
        blob.arrayBuffer = () => Promise.reject(new Error('NotFoundError'));
        return blob;
      }
    }
    const source = blobSource({ file: new Gone([BYTES]) });
    await expect(source.read('file', 0, 10)).rejects.toThrow(/changed or removed: choose it again/);
  });
});
