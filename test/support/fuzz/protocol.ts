/** What the program that fuzzes and its thread say to each other. */
import type { LineCoverage } from './coverage.ts';
import type { FuzzCounts } from './fuzz.ts';

export interface FuzzOrder {
  cases: number;
  seed: number;
  /** One subject alone. */
  only: string | null;
  /** Shared: index of the subject, number of the case that runs. */
  progress: Int32Array;
}

export interface FuzzReport extends FuzzCounts {
  name: string;
  files: readonly string[];
  /** By file; null where it was never loaded. */
  lines: [string, LineCoverage | null][];
}
