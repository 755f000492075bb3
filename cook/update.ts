/** What a cook changes in a world that was there before: what its players have to fetch again. */
import type { FileRecord } from '../src/io/bundle/format.ts';

export interface UpdateReport {
  /** Packs and catalog that stay as they are, by name and byte. */
  keptFiles: number;
  keptBytes: number;
  /** Packs and catalog that are new or whose content, hence name, changed. */
  newFiles: number;
  newBytes: number;
  /** Packs and catalogs that the world does not name any more; they are gone. */
  removedFiles: number;
}

/**
 * @param earlier all files of the world before
 * @param kept those that were taken over
 * @param files packs and catalog of the world now
 */
export function compareFiles(
  earlier: ReadonlySet<string>,
  kept: ReadonlySet<string>,
  files: readonly FileRecord[],
): UpdateReport {
  const report = { keptFiles: 0, keptBytes: 0, newFiles: 0, newBytes: 0, removedFiles: 0 };
  for (const { file, bytes } of files)
    if (kept.has(file)) {
      report.keptFiles++;
      report.keptBytes += bytes;
    } else {
      report.newFiles++;
      report.newBytes += bytes;
    }
  const names = new Set(files.map(({ file }) => file));
  for (const file of earlier) if (/\.ff[pc]$/.test(file) && !names.has(file)) report.removedFiles++;
  return report;
}
