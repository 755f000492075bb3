/** Names in a catalog: UTF-8 end to end, found through a table of starts. */
import { assert } from '../../base/assert.ts';
import type { CatalogTables } from './format.ts';

const decoder = new TextDecoder();

type Names = Pick<CatalogTables, 'text' | 'stringStarts'> & { counts: { strings: number } };

/** The name with this index. Throws when there is none. */
export function stringAt(catalog: Names, index: number): string {
  const count = catalog.counts.strings;
  assert(index >= 0 && index < count, `catalog name ${index} does not exist, there are ${count}`);
  const { text, stringStarts } = catalog;
  return decoder.decode(text.subarray(stringStarts[index]!, stringStarts[index + 1]!));
}
