/**
 * How well what is loaded is chosen: the plugin flies seeded paths through seeded worlds on a virtual
 * link and clock, a referee outside of it measures what was wrong on the screen, and a clairvoyant and
 * the orders that other libraries use fly the same.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { describeConditions, writeJson } from '../lib/json.ts';
import { listOf, parseCount, parseSeed } from '../lib/options.ts';
import { ablationTable, flyAblations } from './ablations.ts';
import { flyControls } from './controls.ts';
import { controlLines, evictionTable, flyEviction, judgeEviction } from './eviction.ts';
import { isReferenceName } from './flight.ts';
import { geomean, judge } from './gates.ts';
import { flyAll } from './measure.ts';
import { PATH_KINDS, type PathKind } from './path.ts';
import { REFERENCE_NAMES, type ReferenceName } from './references/references.ts';
import { makeRow, printReferences, printRows, verdictLines } from './report.ts';
import { SCENARIO_DEFAULTS, type Scenario, YARDSTICKS } from './scenario.ts';
import { DEFAULT_SUBJECT, SUBJECT_NAMES } from './subjects.ts';
import { compareCells } from './verify.ts';
import { writeTable } from './write-table.ts';

interface FlythroughOptions {
  scenario?: string[];
  seed?: number;
  bandwidthScale?: number;
  memoryScale?: number;
  latencyMs?: number;
  concurrency?: number;
  announceS?: number;
  subject: string;
  only?: string[];
  repeats: boolean;
  fresh?: true;
  controls?: true;
  verify?: true;
  ablations?: true | string;
  eviction?: true | string;
  json?: string;
}

/** Adds `flythrough` to the bench command line. */
export function addFlythroughCommand(program: Command): void {
  program
    .command('flythrough')
    .description('error on seeded flights, by that of a clairvoyant and of other orders')
    .option('--scenario <name>', `Y1 to Y8, Y3a, or ${PATH_KINDS.join(', ')}; repeatable`, collect)
    .option('--seed <n>', 'of world and path (default: 1)', parseSeed)
    .option('--bandwidth-scale <x>', 'by the rate at which the flight needs bytes', parsePositive)
    .option('--memory-scale <x>', 'by the bytes of what is seen at once', parsePositive)
    .option('--latency-ms <ms>', 'of each request (default: 60)', parseNotNegative)
    .option('--concurrency <n>', 'requests at once (default: 8)', parseCount)
    .option('--announce-s <s>', 'announce jumps this long before', parseNotNegative)
    .option('--subject <name>', `what is tested: ${SUBJECT_NAMES.join(', ')}`, DEFAULT_SUBJECT)
    .option('--only <names>', `the subject and/or ${REFERENCE_NAMES.join(', ')}`, listOf(String))
    .option('--no-repeats', 'do not fly the subject twice more to compare traces')
    .option('--fresh', 'fly the references again though their figures are kept')
    .option('--controls', 'fly what must fail, and see whether it does')
    .option('--verify', 'compare all references on the yardsticks with the stored table')
    .option(
      '--ablations [file]',
      'the plugin without each ingredient; puts the table into a document',
    )
    .option('--eviction [file]', 'the plugin with each eviction policy; as --ablations')
    .option('--json <file>', 'write the figures as JSON')
    .action(async (options: FlythroughOptions) => {
      if (options.controls) await runControls(options);
      else if (options.verify) await runVerify();
      else if (options.ablations) await runAblations(options.ablations, options.json);
      else if (options.eviction) await runEviction(options.eviction, options.json);
      else await runFlythrough(options);
    });
}

async function runFlythrough(options: FlythroughOptions): Promise<void> {
  const scenarios = scenariosOf(options);
  const { references, subject } = systemsOf(options);
  const flown = await flyAll(
    {
      scenarios,
      references,
      subject,
      repeats: options.repeats,
      fresh: options.fresh ?? false,
    },
    progress(scenarios.length),
  );
  if (references.length > 0) {
    process.stdout.write('\nerror % of the references\n');
    printReferences(scenarios, flown);
  }
  if (subject === null) return;
  const rows = scenarios.map((scenario, i) => makeRow(scenario, flown[i]!));
  process.stdout.write(`\n${subject}\n`);
  printRows(rows);
  const isComplete = GATED_BY.every((name) => references.includes(name));
  const gates = isComplete ? judge(rows) : [];
  for (const line of verdictLines(gates)) process.stdout.write(`${line}\n`);
  if (!isComplete) process.stdout.write(`no gates: they need ${GATED_BY.join(', ')}\n`);
  const steady = rows.filter(({ kind }) => kind !== 'teleport');
  const [geomeanRatioToOracle = null] = geomean(steady.map((row) => row.ratioToOracle));
  const [geomeanRatioToImprovedOracle = null] = geomean(
    steady.map((row) => row.ratioToImprovedOracle),
  );
  process.stdout.write(
    `error ÷ the improved oracle, geometric mean: ${geomeanRatioToImprovedOracle?.toFixed(3)}\n`,
  );
  if (!options.json) return;
  const conditions = { bench: 'flythrough', ...describeConditions(options.seed ?? 1), subject };
  const means = { geomeanRatioToOracle, geomeanRatioToImprovedOracle };
  writeJson({ ...conditions, scenarios: rows, ...means, gates }, options.json);
}

/** References without which no gate is judged. */
const GATED_BY: readonly ReferenceName[] = ['oracle', 'oracleH1', 'tiles', 'classic'];

async function runControls({ fresh, json }: FlythroughOptions): Promise<void> {
  const controls = await flyControls(fresh ?? false);
  for (const { name, isCaught, detail } of controls)
    process.stdout.write(`${isCaught ? 'caught    ' : 'NOT CAUGHT'} ${name}: ${detail}\n`);
  if (json) writeJson({ bench: 'flythrough', ...describeConditions(1), controls }, json);
  if (controls.some(({ isCaught }) => !isCaught)) process.exitCode = 1;
}

async function runAblations(document: true | string, json: string | undefined): Promise<void> {
  const ablations = await flyAblations((subject) => process.stderr.write(`flown: ${subject}\n`));
  const table = ablationTable(ablations);
  process.stdout.write(`${table}\n`);
  if (document !== true) writeTable('ablations', table, document);
  if (json) writeJson({ bench: 'flythrough', ...describeConditions(1), ablations }, json);
}

async function runEviction(document: true | string, json: string | undefined): Promise<void> {
  const eviction = await flyEviction((subject) => process.stderr.write(`flown: ${subject}\n`));
  const table = evictionTable(eviction);
  process.stdout.write(`${table}\n`);
  const controls = judgeEviction(eviction);
  for (const line of controlLines(controls)) process.stdout.write(`${line}\n`);
  if (document !== true) writeTable('eviction', table, document);
  if (json) writeJson({ bench: 'flythrough', ...describeConditions(1), eviction, controls }, json);
  if (controls.some(({ isCaught }) => !isCaught)) process.exitCode = 1;
}

async function runVerify(): Promise<void> {
  const wanted = { references: REFERENCE_NAMES, subject: null, repeats: false, fresh: true };
  const tell = progress(YARDSTICKS.length);
  const flown = await flyAll({ ...wanted, scenarios: YARDSTICKS }, tell);
  printReferences(YARDSTICKS, flown);
  const { compared, differences } = compareCells(YARDSTICKS, flown);
  for (const line of differences) process.stdout.write(`${line}\n`);
  process.stdout.write(`${compared - differences.length} of ${compared} cells as stored\n`);
  if (differences.length > 0) process.exitCode = 1;
}

/** The yardsticks, or what was named, with everything that was asked for changed. */
export function scenariosOf(options: Omit<FlythroughOptions, 'subject' | 'repeats'>): Scenario[] {
  const { seed, bandwidthScale, memoryScale, latencyMs, concurrency, announceS } = options;
  const latencyS = latencyMs === undefined ? undefined : latencyMs / 1000;
  const given = { seed, bandwidthScale, memoryScale, latencyS, concurrency, announceS };
  const changes = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as Partial<Scenario>;
  const isChanged = Object.keys(changes).length > 0;
  const yardsticks = (scenarios: readonly Scenario[]): Scenario[] =>
    // A changed yardstick is none any more.
    scenarios.map((scenario) =>
      isChanged ? { ...scenario, ...changes, id: `${scenario.id}*` } : scenario,
    );
  if (!options.scenario) return yardsticks(YARDSTICKS);
  return options.scenario.flatMap((name) => {
    const known = YARDSTICKS.filter(({ id }) => id.toLowerCase() === name.toLowerCase());
    if (known.length > 0) return yardsticks(known);
    const kind = name as PathKind;
    if (PATH_KINDS.includes(kind))
      return [{ ...SCENARIO_DEFAULTS, ...changes, kind, id: `${kind}/${seed ?? 1}` }];
    throw new Error(
      `--scenario: expected one of ${YARDSTICKS.map(({ id }) => id).join(', ')}, ` +
        `${PATH_KINDS.join(', ')}; got "${name}"`,
    );
  });
}

function systemsOf({ only, subject }: FlythroughOptions): {
  references: readonly ReferenceName[];
  subject: string | null;
} {
  if (!SUBJECT_NAMES.includes(subject))
    throw new Error(`--subject: expected one of ${SUBJECT_NAMES.join(', ')}; got "${subject}"`);
  if (!only) return { references: REFERENCE_NAMES, subject };
  const unknown = only.find((name) => name !== subject && !isReferenceName(name));
  if (unknown !== undefined)
    throw new Error(
      `--only: expected some of ${[subject, ...REFERENCE_NAMES].join(', ')}; got "${unknown}"`,
    );
  return {
    references: REFERENCE_NAMES.filter((name) => only.includes(name)),
    subject: only.includes(subject) ? subject : null,
  };
}

function progress(count: number): (order: { scenario: Scenario }, done: number) => void {
  return ({ scenario }, done) =>
    process.stderr.write(`flown: ${scenario.id} (${done} of ${count})\n`);
}

function collect(name: string, names: string[] = []): string[] {
  return [...names, name];
}

function parsePositive(text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above zero.');
}

function parseNotNegative(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value >= 0) return value;
  throw new InvalidArgumentError('Expected a number, zero or more.');
}
