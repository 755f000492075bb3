/** Opening a store: which entries the journal on disk ends with, and which space they leave free. */
import { type Extent, ExtentMap, UNIT_BYTES } from './extents.ts';
import type { Journal } from './journal.ts';
import { type IndexRecord, type KeyHash, RecordKind } from './record.ts';

export interface LoadedIndex {
  /** By time of last use, the oldest first. */
  entries: Map<KeyHash, IndexRecord>;
  extents: ExtentMap;
  /** Keys of entries that claim what they cannot have; they are not among `entries`. */
  refused: KeyHash[];
}

/** @param units size of the pack that the entries must lie in */
export function loadIndex(journal: Journal, units: number): LoadedIndex {
  const entries = new Map<KeyHash, IndexRecord>();
  journal.load((record) => {
    const entry = record.kind === RecordKind.Touch ? entries.get(record.key) : record;
    entries.delete(record.key);
    if (entry?.kind === RecordKind.Put) entries.set(record.key, entry);
  });
  const claims = [...entries.values()]
    .flatMap((entry) => entry.extents.map((extent) => ({ entry, extent })))
    .sort((a, b) => a.extent.start - b.extent.start);
  const bad = new Set([...entries.values()].filter((entry) => !isWhole(entry)));
  let end = 0;
  for (const { entry, extent } of claims) {
    const isFree = extent.start >= end && extent.start + extent.count <= units;
    if (!isFree || extent.count === 0) bad.add(entry);
    if (!bad.has(entry)) end = extent.start + extent.count;
  }
  for (const { key } of bad) entries.delete(key);
  const used: Extent[] = claims.filter(({ entry }) => !bad.has(entry)).map((one) => one.extent);
  return { entries, extents: new ExtentMap(units, used), refused: [...bad].map(({ key }) => key) };
}

function isWhole({ bytes, extents }: IndexRecord): boolean {
  const units = extents.reduce((sum, { count }) => sum + count, 0);
  return bytes > 0 && units === Math.ceil(bytes / UNIT_BYTES);
}
