/**
 * `npm run test:soak:browser`: lap after lap of autopilot and teleports over the island in headless
 * Chromium. At the end of each lap, at one of a few places in turn, garbage is collected and what is
 * left is counted: a page that leaks has more of it with every lap.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { reasonOf } from '../../src/base/errors.ts';
import { launchBrowser, openPage } from '../../test/support/browser.ts';
import { islandWorld } from './island-world.ts';
import { serveDemo } from './serve.ts';
import { judgeSoak, type SoakSample, summarizeSoak } from './soak-judge.ts';
import { flyLap, REST_PLACES, SOAK_SCRIPTS, sampleLap } from './soak-laps.ts';

interface SoakOptions {
  minutes: number;
  leak?: boolean;
  json?: string;
}

interface TimedSample extends SoakSample {
  /** Since the first lap began. */
  seconds: number;
}

const WIDTH = 320;
const HEIGHT = 180;
/** For a lap that hangs, and for cooking's end. */
const SPARE_MS = 300_000;

async function soak({ minutes, leak = false, json }: SoakOptions): Promise<string[]> {
  const island = await islandWorld();
  const server = await serveDemo({
    worlds: { island: island.folder },
    port: 0,
    isWatching: false,
  });
  const watchdogMs = minutes * 60_000 + SPARE_MS;
  const browser = await launchBrowser({ watchdogMs });
  try {
    const query = new URLSearchParams({
      stepped: '1',
      size: `${WIDTH}x${HEIGHT}`,
      hud: '0',
      speed: '120',
    });
    const opened = await openPage(browser, {
      url: `${server.origin}/?${query}`,
      viewport: { width: WIDTH, height: HEIGHT },
      timeoutMs: watchdogMs,
      initScripts: SOAK_SCRIPTS,
    });
    const samples: TimedSample[] = [];
    const startMs = Date.now();
    for (let lap = 0; Date.now() - startMs < minutes * 60_000; lap++) {
      await flyLap(opened, lap, leak);
      const sample = await sampleLap(opened, lap);
      samples.push({ seconds: (Date.now() - startMs) / 1000, ...sample });
      print(lineOf(lap, samples.at(-1)!));
    }
    const quarters = summarizeSoak(samples, REST_PLACES);
    const problems = [...judgeSoak(quarters), ...opened.problems];
    if (json) {
      mkdirSync(dirname(json), { recursive: true });
      const report = { minutes, leak, laps: samples.length, quarters, problems, samples };
      writeFileSync(json, `${JSON.stringify(report, null, 2)}\n`);
    }
    for (const { name, second, last, growthPercent } of quarters)
      print(`${name}: ${round(second)} → ${round(last)} (${growthPercent.toFixed(2)} %)`);
    return problems;
  } finally {
    await browser.close();
    await server.close();
  }
}

function lineOf(lap: number, sample: TimedSample): string {
  const { seconds, heapBytes, counts } = sample;
  const rest = Object.entries(counts).map(([name, count]) => `${name} ${count}`);
  return `lap ${lap + 1}, ${seconds.toFixed(0)} s: heap ${(heapBytes / 1e6).toFixed(2)} MB, ${rest.join(', ')}`;
}

function round(value: number): string {
  return value >= 1e5 ? value.toFixed(0) : value.toFixed(1);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('expected a number above 0');
}

const command = new Command('test:soak:browser')
  .description('Flies the demo for a long time and looks for leaks.')
  .option('--minutes <number>', 'how long to fly', positiveNumber, 20)
  .option('--leak', 'leak on purpose: the soak has to notice')
  .option('--json <file>', 'where the figures go')
  .action(async (options: SoakOptions) => {
    try {
      const problems = await soak({
        ...options,
        ...(options.json && { json: resolve(options.json) }),
      });
      for (const problem of problems) process.stderr.write(`soak: ${problem}\n`);
      process.exit(problems.length > 0 ? 1 : 0);
    } catch (error) {
      process.stderr.write(`soak: ${reasonOf(error)}\n`);
      process.exit(1);
    }
  });
await command.parseAsync();
