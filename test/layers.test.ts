/**
 * The direction of imports between rooms, over every file, and over snippets that must be reported:
 * a rule that cannot fail would prove nothing.
 */
import { describe, expect, test } from 'vitest';
import { findBrokenImports, findImports } from './rules/imports.ts';
import { readSources } from './rules/source-text.ts';

test('every file imports its own room and earlier ones only', () => {
  const sources = readSources('src', 'cook', 'demo', 'bench', 'test/support');
  expect(sources.size).toBeGreaterThan(40);
  expect(findBrokenImports(sources)).toEqual([]);
});

describe('reported', () => {
  const cases: [string, string, string, RegExp][] = [
    [
      'a later room',
      'src/io/a.ts',
      `import { run } from '../systems/run.ts';`,
      /io must not import systems/,
    ],
    [
      'a sibling of equal rank',
      'src/io/a.ts',
      `import { b } from '../memory/b.ts';`,
      /io must not import memory/,
    ],
    [
      'a later room by type',
      'src/io/a.ts',
      `import type { B } from '../memory/b.ts';`,
      /io must not import memory/,
    ],
    ['a re-export', 'src/base/a.ts', `export * from '../io/b.ts';`, /base must not import io/],
    [
      'an import for its effects',
      'src/base/a.ts',
      `import '../io/b.ts';`,
      /base must not import io/,
    ],
    [
      'an import over several lines',
      'src/base/a.ts',
      `import {\n  one,\n  two,\n} from '../io/b.ts';`,
      /a\.ts:1: base must not import io/,
    ],
    [
      'a dynamic import',
      'src/base/a.ts',
      `const b = await import('../io/b.ts');`,
      /base must not import io/,
    ],
    ['a computed import', 'src/io/a.ts', `const b = await import(name);`, /not a literal/],
    [
      'a template import',
      'src/io/a.ts',
      'const b = await import(`../$' + '{name}.ts`);',
      /not a literal/,
    ],
    [
      'a worker address',
      'src/base/a.ts',
      `new Worker(new URL('../io/b.worker.js', import.meta.url))`,
      /base must not import io/,
    ],
    [
      'index importing render',
      'src/index.ts',
      `export { x } from './render/index.ts';`,
      /index\.ts must not import render/,
    ],
    [
      'three outside render',
      'src/systems/a.ts',
      `import { Vector3 } from 'three';`,
      /systems must not import the package "three"/,
    ],
    [
      'a deep path of three',
      'src/plugin.ts',
      `import { x } from 'three/webgpu';`,
      /must not import the package "three"/,
    ],
    [
      'bitecs outside its rooms',
      'src/io/a.ts',
      `import { query } from 'bitecs';`,
      /io must not import the package "bitecs"/,
    ],
    [
      'a value of bitecs in components',
      'src/components/a.ts',
      `import { observe } from 'bitecs';`,
      /types only/,
    ],
    [
      'an inline type of bitecs in components',
      'src/components/a.ts',
      `import { type World } from 'bitecs';`,
      /types only/,
    ],
    [
      'an unknown package',
      'src/io/a.ts',
      `import left from '@left/pad/deep';`,
      /the package "@left\/pad"/,
    ],
    ['an unknown room', 'src/misc/a.ts', `export const a = 1;`, /"misc" is no room/],
    [
      'src importing the cook',
      'src/io/a.ts',
      `import { cook } from '../../cook/index.ts';`,
      /src must not import cook/,
    ],
    [
      'src importing a test tool',
      'src/io/a.ts',
      `import { b } from '../../test/support/b.ts';`,
      /src must not import test/,
    ],
    [
      'the cook importing a test',
      'cook/a.ts',
      `import { b } from '../test/support/b.ts';`,
      /cook must not import test/,
    ],
    [
      'the cook importing the frame',
      'cook/a.ts',
      `import { b } from '../src/systems/b.ts';`,
      /cook must not import src\/systems/,
    ],
    [
      'the demo page importing a tool',
      'demo/app/a.ts',
      `import { b } from '../tools/b.ts';`,
      /demo\/app must not import demo\/tools/,
    ],
    [
      'the demo page using Node',
      'demo/app/a.ts',
      `import { open } from 'node:fs';`,
      /in the browser/,
    ],
    ['node: in a browser file', 'src/io/a.ts', `import { open } from 'node:fs';`, /uses node:fs/],
  ];
  test.each(cases)('%s', (_name, path, source, expected) => {
    const broken = findBrokenImports(new Map([[path, source]]));
    expect(broken).toHaveLength(1);
    expect(broken[0]).toMatch(expected);
  });

  test('a file that uses Node and is reached from elsewhere too', () => {
    const node = `import { open } from 'node:fs';`;
    const entry = `export { a } from './sources/file.ts';`;
    const good = new Map([
      ['src/io/node.ts', entry],
      ['src/io/sources/file.ts', `import './disk.ts';`],
      ['src/io/sources/disk.ts', node],
    ]);
    expect(findBrokenImports(good)).toEqual([]);
    const leaky = new Map([...good, ['src/io/index.ts', `export { a } from './sources/file.ts';`]]);
    expect(findBrokenImports(leaky)).toEqual([
      'src/io/sources/disk.ts:1: uses node:fs, but src/io/index.ts is not imported by src/io/node.ts',
    ]);
    const reExported = new Map([...good, ['src/io/index.ts', `export * from './node.ts';`]]);
    expect(findBrokenImports(reExported)).toEqual([
      'src/io/sources/disk.ts:1: uses node:fs, but src/io/index.ts imports src/io/node.ts',
    ]);
  });

  test('a file that does not exist', () => {
    const sources = new Map([
      ['src/io/a.ts', `import { b } from './b.ts';`],
      ['src/io/c.ts', ''],
    ]);
    expect(findBrokenImports(sources)).toEqual([
      'src/io/a.ts:1: imports src/io/b.ts, which does not exist',
    ]);
  });
});

describe('not reported', () => {
  const cases: [string, string, string][] = [
    ['an earlier room', 'src/systems/a.ts', `import { b } from '../memory/b.ts';`],
    ['its own room', 'src/io/worker/a.ts', `import { b } from '../source.ts';`],
    [
      'types of bitecs in components',
      'src/components/a.ts',
      `import type { World } from 'bitecs';`,
    ],
    ['three in render', 'src/render/a.ts', `import { Mesh } from 'three';`],
    [
      'an import in a comment',
      'src/base/a.ts',
      `// import { b } from '../io/b.ts'\n/* import 'three' */`,
    ],
    ['an address in a string', 'src/base/a.ts', `const a = 'http://x'; const b = "//";`],
  ];
  test.each(cases)('%s', (_name, path, source) => {
    expect(findBrokenImports(new Map([[path, source]]))).toEqual([]);
  });
});

test('imports are found with their lines and kinds', () => {
  const source = `// header\nimport type { A } from './a.ts';\nexport type { B } from './b.ts';\nimport c, { d } from 'e';\n`;
  expect(findImports(source)).toEqual([
    { specifier: './a.ts', isType: true, line: 2 },
    { specifier: './b.ts', isType: true, line: 3 },
    { specifier: 'e', isType: false, line: 4 },
  ]);
});
