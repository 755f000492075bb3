/** The decode benchmark on a page in Chromium: the same rows as in Node. */
import { expect, test } from 'vitest';
import { measureDecodes } from '../../bench/decode/decode.ts';

test('decodes on a page, beside the libraries called directly', async () => {
  const codecs = ['raw', 'meshopt', 'meshopt + zstd', 'draco'];
  const options = { hosts: ['chromium' as const], workers: [2], sides: [24], rounds: 1, codecs };
  const { runs, verdicts } = await measureDecodes(options);
  expect(runs.map(({ codec }) => codec)).toEqual(codecs);
  for (const run of runs) {
    expect(run).toMatchObject({ host: 'chromium', workers: 2 });
    expect(run.megabytesPerS).toBeGreaterThan(0);
    expect(run.rawLibraryMegabytesPerS).toBeGreaterThan(0);
    expect(run.rawLibraryMegabytesPerS).toBeLessThan(100_000);
    expect(run.mainThreadMicrosecondsPerCompletion).toBeGreaterThan(0);
  }
  // Only one worker beside one thread is a fair comparison.
  expect(verdicts).toEqual(['not measured: no row in one worker that has a target']);
});
