/** Files kept whole, within a bound: what makes a server without range support bearable. */
import type { Bytes } from '../source.ts';

export interface WholeFiles {
  readonly capacityBytes: number;
  /** The file, or its download that is under way. */
  get(file: string): Promise<Bytes> | undefined;
  /** Whether the file turned out to be larger than all that may be kept. */
  isTooLarge(file: string): boolean;
  /** Keeps a download of `bytes` bytes; those not used for longest make room. Failures are forgotten. */
  add(file: string, bytes: number, download: Promise<Bytes>): Promise<Bytes>;
  markTooLarge(file: string): void;
  /** The file has turned out to be damaged: the next read downloads it again. */
  forget(file: string): void;
}

export function createWholeFiles(capacityBytes: number): WholeFiles {
  /** In order of use. */
  const files = new Map<string, { bytes: number; download: Promise<Bytes> }>();
  const tooLarge = new Set<string>();
  const makeRoom = (): void => {
    let total = 0;
    for (const { bytes } of files.values()) total += bytes;
    for (const [name, { bytes }] of files) {
      if (total <= capacityBytes) return;
      files.delete(name);
      total -= bytes;
    }
  };
  return {
    capacityBytes,
    isTooLarge: (file) => tooLarge.has(file),
    markTooLarge: (file) => void tooLarge.add(file),
    forget: (file) => void files.delete(file),
    get(file) {
      const entry = files.get(file);
      if (!entry) return undefined;
      files.delete(file);
      files.set(file, entry);
      return entry.download;
    },
    add(file, bytes, download) {
      const entry = { bytes, download };
      files.set(file, entry);
      makeRoom();
      download.then(
        (whole) => {
          // A server that compresses has announced fewer bytes than came.
          entry.bytes = whole.length;
          makeRoom();
        },
        () => {
          if (files.get(file) === entry) files.delete(file);
        },
      );
      return download;
    },
  };
}
