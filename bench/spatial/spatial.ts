/**
 * What finding things costs: our octree beside flatbush, brute force and an octree of objects, on
 * the same boxes and questions, every answer checked against brute force.
 */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { collectCounts, parseCount, parseSeed } from '../lib/options.ts';
import { createBruteForce } from './brute-force.ts';
import { createOctree } from './farfield.ts';
import { createFlatbush } from './flatbush.ts';
import { measureSpatial, type SpatialRun } from './measure.ts';
import { createNaiveOctree } from './naive-octree.ts';
import type { SpatialSubject } from './subject.ts';

interface SpatialOptions {
  items?: number[];
  moves: number;
  queries: number;
  rounds: number;
  seed: number;
  json?: string;
}

export const SUBJECTS: readonly (() => SpatialSubject)[] = [
  createOctree,
  createFlatbush,
  createNaiveOctree,
  createBruteForce,
];

/** Adds `spatial` to the bench command line. */
export function addSpatialCommand(program: Command): void {
  program
    .command('spatial')
    .description('insert, move, radius and frustum: our octree, flatbush, objects, brute force')
    .option('--items <counts...>', 'boxes to index (default: 100000 1000000)', collectCounts)
    .option('--moves <n>', 'moves of each kind', parseCount, 10_000)
    .option('--queries <n>', 'questions of each kind', parseCount, 100)
    .option('--rounds <n>', 'rounds of all questions; the best counts', parseCount, 5)
    .option('--seed <n>', 'of the scene', parseSeed, 1)
    .option('--json <file>', 'write the figures as JSON')
    .action(({ items = [100_000, 1_000_000], json, ...options }: SpatialOptions) => {
      const runs = items.flatMap((count) => {
        const measured = measureSpatial(SUBJECTS, { count, ...options });
        printRuns(measured);
        return measured;
      });
      if (json) writeJson({ bench: 'spatial', ...describeConditions(options.seed), runs }, json);
    });
}

function printRuns(runs: readonly SpatialRun[]): void {
  console.log(`\n${runs[0]!.items.toLocaleString('en')} boxes; every set checked`);
  console.table(
    runs.map(({ items: _, queries, queriesAfterMoves, ...run }) => ({
      ...run,
      ...Object.fromEntries(
        queries.flatMap((row, i) => [
          [`${row.query}, µs (${row.hits})`, row.microseconds],
          [`${row.query}, µs, moved`, queriesAfterMoves[i]!.microseconds],
        ]),
      ),
    })),
  );
}
