/** Which models to cook, and what they are called: the file's name without its extension. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { hashName } from '../src/base/hash.ts';
import { CookError } from './errors.ts';

export interface ModelInput {
  name: string;
  file: string;
}

const EXTENSIONS = new Set(['.glb', '.gltf']);

/**
 * Files and folders (searched to any depth) as named models, in order of name. Two files of one
 * name take their folder's name before theirs. Throws `CookError` when nothing is found, when names
 * stay equal, or when two names have the same id.
 */
export async function findModels(inputs: readonly string[]): Promise<ModelInput[]> {
  const files = new Set<string>();
  for (const input of inputs) {
    const found = await stat(input).catch(() => null);
    if (!found)
      throw new CookError(`${input} does not exist; expected a .glb, a .gltf or a folder`);
    if (found.isDirectory()) {
      const inside = await listModels(resolve(input));
      if (inside.length === 0) throw new CookError(`${input} holds no .glb and no .gltf file`);
      for (const file of inside) files.add(file);
    } else if (EXTENSIONS.has(extname(input).toLowerCase())) files.add(resolve(input));
    else throw new CookError(`${input} is neither .glb nor .gltf nor a folder`);
  }
  return nameModels([...files].sort());
}

async function listModels(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...(await listModels(path)));
    else if (EXTENSIONS.has(extname(entry.name).toLowerCase())) found.push(path);
  }
  return found;
}

function nameModels(files: readonly string[]): ModelInput[] {
  const plain = (file: string): string => basename(file, extname(file));
  const uses = new Map<string, number>();
  for (const file of files) uses.set(plain(file), (uses.get(plain(file)) ?? 0) + 1);
  const byName = new Map<string, string>();
  const byId = new Map<number, string>();
  for (const file of files) {
    const short = plain(file);
    const name = uses.get(short)! > 1 ? `${basename(dirname(file))}/${short}` : short;
    const other = byName.get(name);
    if (other)
      throw new CookError(
        `${file} and ${other} would both be called "${name}"; rename one of them`,
      );
    byName.set(name, file);
    checkId(byId, name);
  }
  return [...byName]
    .map(([name, file]) => ({ name, file }))
    .sort((a, b) => compare(a.name, b.name));
}

/** Throws when two names have one id: they could not be told apart at run time. */
export function checkId(byId: Map<number, string>, name: string): void {
  const id = hashName(name);
  const other = byId.get(id);
  if (other !== undefined && other !== name)
    throw new CookError(
      `the names "${name}" and "${other}" have the same id (${id}); rename one of the files`,
    );
  byId.set(id, name);
}

/** Throws when two assets, models or files, have one name or one id. */
export function checkNames(assets: readonly { name: string; file: string }[]): void {
  const byName = new Map<string, string>();
  const byId = new Map<number, string>();
  for (const { name, file } of assets) {
    const other = byName.get(name);
    if (other !== undefined)
      throw new CookError(`${file} and ${other} would both be called "${name}"; rename one`);
    byName.set(name, file);
    checkId(byId, name);
  }
}

/** By code units: the same order on every machine. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
