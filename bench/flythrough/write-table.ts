/** Tables that a command measures and puts into a document, between two lines that say so. */
import { readFileSync, writeFileSync } from 'node:fs';

/** Puts the table of `--NAME` in its place in a document; throws where that has none. */
export function writeTable(name: string, table: string, file: string): void {
  const begin = `<!-- ${name}: written by \`npm run bench -- flythrough --${name}\` -->`;
  const end = `<!-- end of ${name} -->`;
  const text = readFileSync(file, 'utf8');
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from)
    throw new Error(`${file}: expected the lines ${begin} and ${end}, and the table between them`);
  writeFileSync(file, `${text.slice(0, from)}${begin}\n\n${table}\n\n${text.slice(to)}`);
}
