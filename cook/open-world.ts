/** A cooked world on disk, opened for looking at: head, catalog, and what to call each payload. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reasonOf } from '../src/base/errors.ts';
import { MAX_LODS } from '../src/base/limits.ts';
import { stringAt } from '../src/io/bundle/catalog-names.ts';
import type { Catalog, WorldHead } from '../src/io/bundle/format.ts';
import { parseHead } from '../src/io/bundle/read-head.ts';
import { CookError } from './errors.ts';

/** Throws `CookError` that names the file when there is no world or its head is damaged. */
export async function openHead(folder: string): Promise<WorldHead> {
  const path = join(folder, 'world.json');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await readFile(path));
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new CookError(
      isMissing
        ? `${folder} is not a cooked world: it has no world.json; cook one with farfield cook … --out ${folder}`
        : `${path} cannot be read: ${reasonOf(error)}`,
    );
  }
  try {
    return parseHead(text);
  } catch (error) {
    throw new CookError(`${path}: ${reasonOf(error)}`);
  }
}

/** What to call each payload in messages: `tree-oak LOD 2`, `terrain tile 17`. */
export function payloadLabels(catalog: Catalog): string[] {
  const { counts, assetLodCounts, assetPayloads, assetNames, terrainPayloads } = catalog;
  const labels = Array.from({ length: counts.payloads }, (_, i) => `payload ${i}`);
  for (let asset = 0; asset < counts.assets; asset++)
    for (let lod = 0; lod < Math.min(MAX_LODS, assetLodCounts[asset]!); lod++)
      labels[assetPayloads[asset]! + lod] = `${stringAt(catalog, assetNames[asset]!)} LOD ${lod}`;
  for (let tile = 0; tile < counts.terrain; tile++)
    labels[terrainPayloads[tile]!] = `terrain tile ${tile}`;
  return labels;
}
