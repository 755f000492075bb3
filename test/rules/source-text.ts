/** The source files of the project as text, with comments and strings out of the way. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Source text by path from the repository's root, with `/` between folders. */
export type Sources = Map<string, string>;

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Every TypeScript file below the folders; a folder that is absent holds none. */
export function readSources(...folders: string[]): Sources {
  const sources: Sources = new Map();
  for (const folder of folders)
    for (const name of list(join(root, folder))) {
      const path = join(folder, name).split(sep).join('/');
      if (/\.m?ts$/.test(path) && !path.endsWith('.d.ts'))
        sources.set(path, readFileSync(join(root, path), 'utf8'));
    }
  return sources;
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

const TOKENS =
  /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')|(`(?:\\.|[^`\\])*`)|(\/\/[^\n]*|\/\*[\s\S]*?\*\/)/g;

const blank = (text: string): string => text.replace(/[^\n]/g, ' ');

/** The same text, lines kept, without its comments. */
export function withoutComments(source: string): string {
  return source.replace(TOKENS, (text, _string, _template, comment) =>
    comment === undefined ? text : blank(text),
  );
}

/** The same text, lines kept, without comments and plain strings; templates stay, they hold code. */
export function codeOnly(source: string): string {
  return source.replace(TOKENS, (text, _string, template) =>
    template === undefined ? blank(text) : text,
  );
}

/** The line, counted from 1, that `index` is on. */
export function lineAt(source: string, index: number): number {
  return source.slice(0, index).split('\n').length;
}
