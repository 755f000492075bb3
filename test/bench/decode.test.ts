/** The decode benchmark in Node, on a small mesh: what it reports and what it refuses. */
import { describe, expect, test } from 'vitest';
import { judgeDecodes, measureDecodes } from '../../bench/decode/decode.ts';

const TINY = { hosts: ['node' as const], workers: [1], sides: [24], rounds: 1, roundBytes: 4e5 };

describe('measureDecodes', () => {
  test('reports every mesh codec in every block codec', async () => {
    const { runs, verdicts } = await measureDecodes(TINY);
    const blocks = ['', ' + deflate', ' + lz4', ' + zstd'];
    expect(runs.map(({ codec }) => codec)).toEqual(
      ['raw', 'meshopt', 'draco'].flatMap((mesh) => blocks.map((block) => mesh + block)),
    );
    for (const run of runs) {
      expect(run).toMatchObject({ host: 'node', workers: 1 });
      const { megabytesPerS, megatrianglesPerS, rawLibraryMegabytesPerS } = run;
      const { mainThreadMicrosecondsPerCompletion, compressionRatio } = run;
      for (const figure of [megabytesPerS, megatrianglesPerS, rawLibraryMegabytesPerS])
        expect(figure).toBeGreaterThan(0);
      expect(mainThreadMicrosecondsPerCompletion).toBeGreaterThan(0);
      expect(compressionRatio).toBeCloseTo(run.decodedBytes / run.storedBytes, 1);
      expect(run.ratioToRawLibrary === null).toBe(/^raw|lz4$/.test(run.codec));
    }
    expect(verdicts.length).toBe(6);
  });

  test('names the codecs where none fits', async () => {
    await expect(measureDecodes({ ...TINY, codecs: ['gif'] })).rejects.toThrow(
      '--codecs: expected some of raw,raw + deflate',
    );
  });

  test('judges by the largest mesh in one worker', () => {
    const base = {
      ...{
        host: 'node' as const,
        codec: 'draco',
        data: 'synthetic' as const,
        mesh: 'small',
        workers: 1,
        megabytesPerS: 1,
      },
      ...{ megatrianglesPerS: 1, workerMegabytesPerS: 1, rawLibraryMegabytesPerS: 1 },
      ...{ mainThreadMicrosecondsPerCompletion: 1, storedBytes: 1, decodedBytes: 10 },
      ...{ compressionRatio: 10, ratioToRawLibrary: 0.5 },
    };
    const large = { ...base, mesh: 'large', decodedBytes: 1000 };
    expect(judgeDecodes([base, { ...large, ratioToRawLibrary: 0.91 }])).toEqual([
      'kept:   node, draco, large: 91 % of the library called directly, target >= 90 %',
    ]);
    expect(judgeDecodes([{ ...large, ratioToRawLibrary: 0.89 }])[0]).toMatch(/^MISSED: /);
    const real = { ...base, data: 'real' as const, mesh: 'statue', ratioToRawLibrary: 0.4 };
    expect(judgeDecodes([large, real])).toHaveLength(2);
    expect(judgeDecodes([large, real])[1]).toMatch(/^MISSED: node, draco, statue: 40 %/);
    expect(judgeDecodes([{ ...large, workers: 2 }])[0]).toMatch(/^not measured/);
  });
});
