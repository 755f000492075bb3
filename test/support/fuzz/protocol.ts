/** What the program that fuzzes and its thread say to each other. */
import type { LineCoverage } from './coverage.ts';
import type { FuzzCounts } from './fuzz.ts';

export interface FuzzOrder {
  cases: number;
  seed: number;
  /** One subject alone, or one of the controls. */
  only: string | null;
  /** Shared: number of the case that runs. The thread says the subject's name beforehand. */
  progress: Int32Array;
}

export interface FuzzReport extends FuzzCounts {
  name: string;
  files: readonly string[];
  /** By file; null where it was never loaded. */
  lines: [string, LineCoverage | null][];
}
