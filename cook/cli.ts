#!/usr/bin/env node
/** The `farfield` command. Every error is one message on stderr and exit code 1. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { reasonOf } from '../src/base/errors.ts';
import { COMPRESSIONS } from './compress.ts';
import { cook } from './cook.ts';
import { TEXTURE_CODECS, TEXTURE_QUALITIES } from './encode-image.ts';
import { parseFileOption, parseKindOption } from './files.ts';
import { parseGridOption } from './grids.ts';
import { formatInspection, inspect } from './inspect.ts';
import { COOK_DEFAULTS, type CookOptions } from './options.ts';
import { createProgress } from './progress.ts';
import { formatReport } from './report.ts';
import { formatBytes } from './report-text.ts';
import { verify } from './verify.ts';
import { VERSION } from './version.ts';

function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number.');
}

type CookFlags = Omit<CookOptions, 'inputs' | 'files' | 'grids' | 'onProgress'> & {
  json?: boolean;
  file?: string[];
  kind?: string[];
  grid?: string[];
};

async function runCook(
  inputs: string[],
  { json, file = [], kind = [], grid = [], ...flags }: CookFlags,
): Promise<void> {
  const kinds = new Map(kind.map(parseKindOption));
  const files = file.map((text) => parseFileOption(text, kinds));
  const grids = grid.map(parseGridOption);
  const progress = createProgress(process.stderr);
  try {
    const onProgress = progress.update.bind(progress);
    const report = await cook({ inputs, files, grids, ...flags, onProgress });
    progress.stop();
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatReport(report));
  } finally {
    progress.stop();
  }
}

async function runInspect(folder: string, { json }: { json?: boolean }): Promise<void> {
  const report = await inspect(folder);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatInspection(report));
}

async function runVerify(folder: string): Promise<void> {
  const { problems, files, payloads, bytes } = await verify(folder);
  if (problems.length > 0) throw new Error(`${folder} is damaged\n  ${problems.join('\n  ')}`);
  process.stdout.write(
    `${folder}: ${files} files, ${payloads} payloads, ${formatBytes(bytes)}: ok\n`,
  );
}

function choice(flags: string, description: string, values: readonly string[]): Option {
  return new Option(flags, description).choices([...values]);
}

function createProgram(): Command {
  const program = new Command('farfield')
    .description('Cooks source assets into worlds that can be streamed.')
    .version(VERSION)
    .showHelpAfterError('(add --help for all options)');
  program
    .command('cook')
    .description('cook models, a heightmap and placements into a world')
    .argument('[inputs...]', '.glb and .gltf files, and folders to search for them')
    .requiredOption('--out <dir>', 'folder to write')
    .option('--placements <file>', 'what stands where: .csv, .json or .geojson')
    .option('--heightmap <file>', '16-bit PNG, GeoTIFF, square 16-bit .bin or float .r32f')
    .option('--size <meters>', 'world size of the heightmap', parseNumber)
    .option('--height <meters>', 'height of its full range', parseNumber)
    .option('--height-base <meters>', 'added to every height', parseNumber)
    .option('--heightmap-color <image>', 'color of the ground')
    .option('--tile-cells <count>', 'cells a side of one terrain tile', parseNumber)
    .option(
      '--file <name=path:kind...>',
      'files of kinds of your own; :BYTES may follow, what it takes decoded',
    )
    .option('--kind <name=number...>', 'names for kinds, e.g. audio=16')
    .option('--levels <file>', 'named shapes that load together, .json')
    .option(
      '--grid <name=edge:range...>',
      'squares that load by distance (meters); :LAYER may follow, a data layer',
    )
    .option('--no-proxies', 'no stand-ins for squares that are not loaded')
    .option(
      '--proxy-triangles <count>',
      `most triangles of a stand-in (default ${COOK_DEFAULTS.proxyTriangles})`,
      parseNumber,
    )
    .addOption(
      choice('--mesh-codec <codec>', 'how meshes are packed', ['auto', 'draco', 'meshopt', 'raw']),
    )
    .option('--all-attributes', 'keep uv sets, tangents and colors that no material needs')
    .addOption(
      new Option('--compression <codec>', 'how payload blocks are packed').choices(COMPRESSIONS),
    )
    .option('--link-mbps <mbps>', 'link that auto chooses for', parseNumber)
    .option('--link-latency-ms <ms>', 'its latency', parseNumber)
    .option(
      '--texture-size <pixels>',
      `longest side of the finest textures (default ${COOK_DEFAULTS.textureSize})`,
      parseNumber,
    )
    .option(
      '--chunk-bytes <bytes>',
      `size of pack files on average (default ${COOK_DEFAULTS.chunkBytes})`,
      parseNumber,
    )
    .addOption(choice('--textures <codec>', 'what textures are packed as', TEXTURE_CODECS))
    .addOption(choice('--texture-quality <quality>', 'how KTX2 is packed', TEXTURE_QUALITIES))
    .option('--name <name>', `name of the world (default "${COOK_DEFAULTS.name}")`)
    .option('--workers <count>', 'threads (default: one per core)', parseNumber)
    .option('--json', 'print the report as JSON')
    .action(runCook);
  program
    .command('inspect')
    .description('show what a cooked world holds')
    .argument('<dir>')
    .option('--json', 'print it as JSON')
    .action(runInspect);
  program
    .command('verify')
    .description('check every byte of a cooked world')
    .argument('<dir>')
    .action(runVerify);
  return program;
}

// An interrupted cook removes its temporary folder in the exit handler, which signals alone skip.
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => process.exit(code));

createProgram()
  .parseAsync()
  .catch((error: unknown) => {
    process.stderr.write(`farfield: ${reasonOf(error).replace(/^farfield: /, '')}\n`);
    process.exitCode = 1;
  });
