/**
 * Memory: what the arena costs and holds beside other allocators, and what the budget does on a
 * long flight and under pressure.
 */
import type { Command } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, oneOf, parseCount, parseSeed } from '../lib/options.ts';

export interface MemoryOptions {
  only: string[];
  operations: number;
  quick?: boolean;
  seed: number;
  json?: string;
}

/** Measures one part and prints it; what it returns goes into the report under its name. */
type Section = (options: MemoryOptions, tell: (what: string) => void) => object | Promise<object>;

/** Loaded when they are asked for: each brings its own half of the library along. */
const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  arena: async () => (await import('./arena.ts')).measureArenaSection,
  flight: async () => (await import('./flight.ts')).measureFlightSection,
  upload: async () => (await import('./upload.ts')).measureUploadSection,
  geometry: async () => (await import('./geometry.ts')).measureGeometrySection,
  pressure: async () => (await import('./pressure.ts')).measurePressureSection,
};

const NAMES: readonly string[] = Object.keys(SECTIONS);

/** Adds `memory` to the bench command line. */
export function addMemoryCommand(program: Command): void {
  program
    .command('memory')
    .description('the arena beside other allocators; the budget on a flight and under pressure')
    .option(
      '--only <names>',
      `some of ${NAMES.join(', ')}`,
      listOf((text) => oneOf(text, NAMES)),
      [...NAMES],
    )
    .option('--operations <n>', 'allocations and frees of the arena', parseCount, 1_000_000)
    .option('--quick', 'smaller, for a look')
    .option('--seed <n>', 'of what is drawn', parseSeed, 1)
    .option('--json <file>', 'write the figures as JSON')
    .action(runMemory);
}

async function runMemory(options: MemoryOptions): Promise<void> {
  const report: Record<string, object> = {};
  for (const name of options.only) {
    const measure = await SECTIONS[name]!();
    report[name] = await measure(options, (what) => console.log(`${name}: ${what}`));
  }
  if (options.json)
    writeJson({ bench: 'memory', ...describeConditions(options.seed), ...report }, options.json);
}
