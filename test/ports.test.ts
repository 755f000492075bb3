/** Time and chance only from their ports; each ban with a snippet that must be reported. */
import { describe, expect, test } from 'vitest';
import { findPortBypasses } from './rules/ports.ts';
import { readSources } from './rules/source-text.ts';

test('src takes time and chance from its ports', () => {
  const sources = readSources('src');
  expect(sources.size).toBeGreaterThan(40);
  expect(findPortBypasses(sources)).toEqual([]);
});

describe('reported', () => {
  test.each([
    ['const t = Date.now();', 'Date.now'],
    ['const t = Date\n  .now();', 'Date.now'],
    ['const t = new Date().getTime();', 'new Date'],
    ['const t = performance.now();', 'performance'],
    ['const { now } = performance;', 'performance'],
    ['const t = globalThis.performance.now();', 'globalThis timers'],
    ['const r = Math.random();', 'Math.random'],
    ['const r = crypto.getRandomValues(bytes);', 'crypto'],
    ['setTimeout(done, 10);', 'setTimeout'],
    ['const wait = setTimeout;', 'setTimeout'],
    ['globalThis.setTimeout(done, 10);', 'globalThis timers'],
    ['setInterval(tick, 10);', 'setInterval'],
    ['requestAnimationFrame(draw);', 'requestAnimationFrame'],
    ['fetch(url, { signal: AbortSignal.timeout(5) });', 'AbortSignal.timeout'],
    ['const line = `at $' + '{Date.now()}`;', 'Date.now'],
  ])('%s', (source, name) => {
    expect(findPortBypasses(new Map([['src/systems/a.ts', source]]))).toEqual([
      `src/systems/a.ts:1: ${name}; take it from base/clock.ts or base/random.ts`,
    ]);
  });
});

test('the line is the line of the use', () => {
  const source = '// Date.now is banned\n\nconst t = Date.now();\n';
  expect(findPortBypasses(new Map([['src/io/a.ts', source]]))[0]).toMatch(/^src\/io\/a\.ts:3:/);
});

describe('not reported', () => {
  test.each([
    ['src/systems/a.ts', '/* Math.random() */ const a = clock.now(); // setTimeout'],
    ['src/systems/a.ts', `throw new Error('call performance.now yourself');`],
    ['src/systems/a.ts', 'clock.setTimeout(done, 10); stats.performance.now();'],
    ['src/base/clock.ts', 'performance.now(); setTimeout(done, 1);'],
    ['src/io/worker/a.ts', 'performance.now();'],
    ['src/render/a.ts', 'performance.now();'],
    ['cook/a.ts', 'Date.now();'],
  ])('%s: %s', (path, source) => {
    expect(findPortBypasses(new Map([[path, source]]))).toEqual([]);
  });
});
