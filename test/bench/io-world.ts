/** A small cooked world on disk for the tests of the io benchmark. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IoOptions } from '../../bench/io/io.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

export interface WorldFolder {
  folder: string;
  remove(): void;
}

/** 150 payloads of up to 64 KiB: a second at 20 Mbit/s. */
export function writeSmallWorld(): WorldFolder {
  const folder = mkdtempSync(join(tmpdir(), 'farfield-bench-test-'));
  const { files } = makeSyntheticWorld({
    seed: 3,
    assets: 30,
    placements: 600,
    finestBytes: 65536,
  });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A second or so of measuring. */
export const TINY: IoOptions = {
  hosts: ['node'],
  latencies: [5],
  mbits: [20],
  payloads: 40,
  maxKib: 128,
  rounds: 1,
  systems: ['farfield', 'farfield + decode', 'promise-all', '3d-tiles-renderer'],
  parts: ['load', 'critical'],
  quick: false,
  seed: 1,
};
