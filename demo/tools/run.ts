/**
 * `npm run demo`: cooks the built-in world if it is not there, serves the demo and prints its
 * address. `--data DIR` adds a second world, made of real data; `--smoke` flies by itself instead.
 */

import { Command, InvalidArgumentError } from 'commander';
import { reasonOf } from '../../src/base/errors.ts';
import { islandWorld } from './island-world.ts';
import { createProgress } from './progress.ts';
import { serveDemo } from './serve.ts';
import { smoke } from './smoke.ts';
import { type CachedWorld, cachedWorld, worldKey } from './world-cache.ts';
import { buildDataWorld, dataKey } from './worlds/data-world.ts';

interface RunOptions {
  data?: string;
  smoke?: boolean;
  json?: string;
  port: number;
  budgetMib?: number;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value))
    throw new InvalidArgumentError('expected a number above 0');
  return value;
}

function portNumber(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65535)
    throw new InvalidArgumentError('expected a port from 0 (any) to 65535');
  return value;
}

async function makeDataWorld(data: string): Promise<CachedWorld> {
  const progress = createProgress('Real data');
  const world = await cachedWorld('data', worldKey(...(await dataKey(data))), (folder) =>
    buildDataWorld({ data, folder, onProgress: progress.update }),
  );
  progress.stop();
  return world;
}

async function run(options: RunOptions): Promise<void> {
  const { data, port, budgetMib } = options;
  if (options.smoke && !options.json) throw new Error('--smoke needs --json FILE for its report');
  const worlds: Record<string, string> = {};
  const island = await islandWorld();
  say('island', island);
  worlds['island'] = island.folder;
  if (data) {
    const real = await makeDataWorld(data);
    say('real data', real);
    worlds['data'] = real.folder;
  }
  const server = await serveDemo({ worlds, port, isWatching: !options.smoke });
  if (!options.smoke) {
    const query = budgetMib ? `budget=${budgetMib}` : '';
    print(`\n  The island: ${server.origin}/${query && `?${query}`}`);
    if (data) print(`  Real data:  ${server.origin}/?world=data${query && `&${query}`}`);
    print('\n  Ctrl+C ends.\n');
    return;
  }
  const problems = await smoke({
    server,
    world: data ? 'data' : 'island',
    budgetMebibytes: budgetMib ?? null,
    json: options.json!,
  });
  await server.close();
  print(`${options.json} written`);
  if (problems.length > 0)
    throw new Error(`the flight broke promises:\n  ${problems.join('\n  ')}`);
}

function say(name: string, { folder, isNew, seconds }: CachedWorld): void {
  if (isNew) print(`Cooked the world "${name}" in ${seconds.toFixed(1)} s into ${folder}`);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

const command = new Command('demo')
  .description('Cooks the built-in world if it is not there, and serves the demo.')
  .option('--data <folder>', 'folder of real data: adds a second world')
  .option('--smoke', 'fly a fixed path in a headless browser, write a report, and end')
  .option('--json <file>', 'where --smoke writes its report; pictures are written beside it')
  .option('--port <number>', 'port to serve on; 0 takes any', portNumber, 5173)
  .option('--budget-mib <number>', 'memory budget to start with, in MiB', positiveNumber)
  .action(async (options: RunOptions) => {
    try {
      await run(options);
      if (options.smoke) process.exit(0);
    } catch (error) {
      process.stderr.write(`demo: ${reasonOf(error)}\n`);
      process.exit(1);
    }
  });
await command.parseAsync();
