/**
 * Who imports what: every way in which a module can name another one, and the rules of the rooms.
 */
import { posix } from 'node:path';
import { lineAt, type Sources, withoutComments } from './source-text.ts';

/** One module named by another. `isType` imports are gone when the program runs. */
export interface Import {
  specifier: string;
  isType: boolean;
  line: number;
}

const STATIC = /\b(import|export)\s+(type\s+)?(?:[\w$*\s{},]+?\s+from\s*)?(['"])([^'"\n]+)\3/g;
const DYNAMIC = /\bimport\s*\(\s*(['"`]?)([^'"`)]*)\1/g;
const REQUIRE = /\brequire\s*\(\s*(['"])([^'"]+)\1/g;
const WORKER = /\bnew\s+URL\s*\(\s*(['"])([^'"]+\.(?:js|ts))\1\s*,\s*import\.meta\.url/g;

/** Every module that `source` names: imports, re-exports, `import()`, `require`, worker addresses. */
export function findImports(source: string): Import[] {
  const text = withoutComments(source);
  const found: Import[] = [];
  const add = (specifier: string, index: number, isType = false): void => {
    found.push({ specifier, isType, line: lineAt(text, index) });
  };
  for (const match of text.matchAll(STATIC)) add(match[4]!, match.index, match[2] !== undefined);
  for (const match of text.matchAll(DYNAMIC)) {
    const isLiteral = match[1] !== '' && !match[2]!.includes('${');
    add(isLiteral ? match[2]! : `(computed) ${match[2]}`, match.index);
  }
  for (const match of text.matchAll(REQUIRE)) add(match[2]!, match.index);
  for (const match of text.matchAll(WORKER)) add(match[2]!.replace(/\.js$/, '.ts'), match.index);
  return found;
}

/** Rooms of src in order. A file may import its own room and any on an earlier line. */
const ROOMS: readonly (readonly string[])[] = [
  ['base'],
  ['telemetry'],
  ['spatial', 'memory', 'io'],
  ['texture', 'cluster', 'terrain', 'level'],
  ['catalog'],
  ['components'],
  ['options.ts'],
  ['world'],
  ['world.ts'],
  ['systems'],
  ['plugin'],
  ['plugin.ts'],
  ['index.ts', 'render'],
];

/** Packages src may import and who may: a whole room, or (`type`) its types alone. */
const PACKAGES: Record<string, Record<string, 'value' | 'type'>> = {
  three: { render: 'value' },
  bitecs: {
    components: 'type',
    world: 'type',
    'world.ts': 'value',
    systems: 'value',
    plugin: 'value',
    'plugin.ts': 'value',
  },
  '@loaders.gl/core': { io: 'value' },
  '@loaders.gl/draco': { io: 'value' },
  fflate: { io: 'value' },
  meshoptimizer: { io: 'value' },
  zstddec: { io: 'value' },
};

/** Folders beside src, and which of them each may import from. `test/support` is a tool, not a test. */
const FOLDERS: Record<string, readonly string[]> = {
  src: ['src'],
  cook: ['cook', 'src'],
  'test/support': ['test/support', 'src', 'cook'],
  // What runs in the browser knows nothing of Node, of the cook, or of the tools beside it.
  'demo/app': ['demo/app', 'demo/world', 'src'],
  'demo/world': ['demo/world', 'cook', 'src'],
  demo: ['demo', 'demo/app', 'demo/world', 'cook', 'src', 'test/support'],
  bench: ['bench', 'demo', 'demo/world', 'cook', 'src', 'test/support'],
  dashboard: ['dashboard', 'src'],
};

/** The cook reads and writes files: it has no use for the frame or for what draws it. */
const COOK_ROOMS = [
  'base',
  'telemetry',
  'spatial',
  'memory',
  'io',
  'terrain',
  'texture',
  'cluster',
  'level',
];

/** The entry that may use Node, and everything that only it reaches. */
const NODE_ENTRY = 'src/io/node.ts';

/** Loads modules of the game's own, whose addresses only the game knows. */
const OPEN_IMPORTER = 'src/io/codecs/custom.ts';

/** Every import that breaks a rule, as `path:line: why`. */
export function findBrokenImports(sources: Sources): string[] {
  const broken = findNodeLeaks(sources);
  for (const [path, source] of sources) {
    if (path.startsWith('src/') && rankOf(roomOf(path)) < 0)
      broken.push(`${path}:1: "${roomOf(path)}" is no room; known are ${ROOMS.flat().join(', ')}`);
    for (const one of findImports(source)) {
      // What dist holds was made from the source of the same path.
      const target = posix.join(posix.dirname(path), one.specifier).replace(/^dist\//, '');
      const problem = one.specifier.startsWith('.')
        ? judgeFile(path, target, sources)
        : judgePackage(path, one);
      if (problem) broken.push(`${path}:${one.line}: ${problem}`);
    }
  }
  return broken;
}

function judgeFile(path: string, target: string, sources: Sources): string | null {
  const from = folderOf(path);
  const to = folderOf(target);
  if (/^src\/.*\.ts$/.test(target) && sources.size > 1 && !exists(target, sources))
    return `imports ${target}, which does not exist`;
  if (from === null) return null;
  if (to === null || !FOLDERS[from]!.includes(to)) return `${from} must not import ${target}`;
  if (from === 'cook' && to === 'src' && !COOK_ROOMS.includes(roomOf(target)))
    return `cook must not import ${target}: the cook knows ${COOK_ROOMS.join(', ')} only`;
  if (from !== 'src') return null;
  const [room, targetRoom] = [roomOf(path), roomOf(target)];
  if (room === targetRoom || rankOf(targetRoom) < rankOf(room)) return null;
  return `${room} must not import ${targetRoom} (${target}): rooms import earlier ones only`;
}

function judgePackage(path: string, { specifier, isType }: Import): string | null {
  if (folderOf(path) === 'demo/app' && specifier.startsWith('node:'))
    return `demo/app runs in the browser and must not import ${specifier}`;
  if (folderOf(path) !== 'src') return null;
  if (specifier.startsWith('(computed)') && path === OPEN_IMPORTER) return null;
  if (specifier.startsWith('(computed)')) return 'import() of something that is not a literal';
  if (specifier.startsWith('node:')) return null;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const rights = PACKAGES[name]?.[roomOf(path)];
  if (rights === 'value' || (rights === 'type' && isType)) return null;
  if (rights === 'type') return `${roomOf(path)} may import types only from "${name}"`;
  return `${roomOf(path)} must not import the package "${name}"`;
}

/** `node:` below src is for the Node entry and for files that nothing else imports. */
function findNodeLeaks(sources: Sources): string[] {
  const importers = new Map<string, string[]>();
  const users: { path: string; line: number; specifier: string }[] = [];
  for (const [path, source] of sources) {
    if (!path.startsWith('src/')) continue;
    for (const { specifier, isType, line } of findImports(source)) {
      if (specifier.startsWith('node:')) users.push({ path, line, specifier });
      if (isType || !specifier.startsWith('.')) continue;
      const target = posix.join(posix.dirname(path), specifier);
      importers.set(target, [...(importers.get(target) ?? []), path]);
    }
  }
  const leaks: string[] = [];
  for (const user of users) {
    const outsider = findOutsider(user.path, importers, new Set());
    if (outsider) leaks.push(`${user.path}:${user.line}: uses ${user.specifier}, but ${outsider}`);
  }
  return leaks;
}

function findOutsider(
  path: string,
  importers: Map<string, string[]>,
  seen: Set<string>,
): string | null {
  seen.add(path);
  const above = importers.get(path) ?? [];
  if (path === NODE_ENTRY) return above.length > 0 ? `${above[0]} imports ${path}` : null;
  if (above.length === 0) return `${path} is not imported by ${NODE_ENTRY}`;
  for (const importer of above) {
    const outsider = seen.has(importer) ? null : findOutsider(importer, importers, seen);
    if (outsider) return outsider;
  }
  return null;
}

function exists(target: string, sources: Sources): boolean {
  return sources.has(target);
}

function folderOf(path: string): string | null {
  return Object.keys(FOLDERS).find((folder) => path.startsWith(`${folder}/`)) ?? null;
}

function roomOf(path: string): string {
  return path.split('/')[1] ?? '';
}

function rankOf(room: string): number {
  return ROOMS.findIndex((line) => line.includes(room));
}
