/** Where a benchmark's figures go: a file when asked for, always the terminal. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, resolve } from 'node:path';

/** What a figure depends on besides the code. */
export interface Conditions {
  node: string;
  cpu: string;
  cores: number;
  seed: number;
}

export function describeConditions(seed: number): Conditions {
  const all = cpus();
  return {
    node: process.versions.node,
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    seed,
  };
}

/** Writes `report` as JSON to `file`, making its folder. Throws a clear error where it cannot. */
export function writeJson(report: object, file: string): void {
  const path = resolve(file);
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new Error(`--json: cannot write ${path}: ${(error as Error).message}`);
  }
}
