/**
 * `npm run demo -- --smoke`: flies a fixed path in headless Chromium and writes what it saw. A run
 * that breaks a promise (a hole, a byte over budget, a failed payload, a request that left the
 * machine, a line on the console, a settled view that differs) is named and makes the command fail.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, resolve } from 'node:path';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../../test/support/browser.ts';
import { comparePixels, type Pixels, writePixels } from '../../test/support/pixels.ts';
import type { FlightFigures, PagePixels, SteppedDemo } from '../app/stepped.ts';
import type { DemoServer } from './serve.ts';

const FRAMES = 300;
const DRAW_EVERY = 30;
const DT_SECONDS = 1 / 30;
/** Fast, so that ten seconds cross villages, woods and mountains. */
const METERS_PER_SECOND = 240;
const WIDTH = 320;
const HEIGHT = 180;
const WATCHDOG_MS = 280_000;

/**
 * Budgets of the flight where the world's own would never fill: a small picture of the real towns
 * wants 20 MiB, an eighth of that world is twice as much, and then nothing would have to go.
 */
const FLIGHT_MEBIBYTES: Record<string, number> = { data: 16 };

export interface SmokeReport {
  world: string;
  frames: number;
  placements: number;
  entitiesPeak: number;
  residentBytesPeak: number;
  budgetBytes: number;
  worldBytes: number;
  overBudgetFrames: number;
  payloadsLoaded: number;
  payloadsEvicted: number;
  payloadsFailed: number;
  cancelled: number;
  bytesFetched: number;
  externalRequests: number;
  consoleErrors: number;
  /** Frames after the first complete view in which something in view had nothing to show. */
  holesFrames: number;
  /** Pixels of the settled last view that differ from the same view with everything loaded. */
  settledDiffPixels: number;
  /** The same comparison after the camera moved half a meter: must not be 0. */
  controlDiffPixels: number;
  /** Largest factor by which memory pressure raised the tolerated error. */
  errorBiasPeak: number;
  firstViewFrames: number;
  seconds: number;
}

export interface SmokeOptions {
  server: DemoServer;
  world: string;
  /** Null: the world's own. */
  budgetMebibytes: number | null;
  /** Where the report goes; pictures are written beside it. */
  json: string;
}

/** Flies, writes report and pictures, and returns the promises that were broken. */
export async function smoke(options: SmokeOptions): Promise<string[]> {
  const json = resolve(options.json);
  mkdirSync(dirname(json), { recursive: true });
  const browser = await launchBrowser({ watchdogMs: WATCHDOG_MS });
  try {
    const { report, problems, lines } = await fly(browser, options, json);
    writeFileSync(json, `${JSON.stringify({ ...report, problems }, null, 2)}\n`);
    for (const line of lines) process.stderr.write(`${line}\n`);
    return problems;
  } finally {
    await browser.close();
  }
}

async function fly(
  browser: LaunchedBrowser,
  options: SmokeOptions,
  json: string,
): Promise<{ report: SmokeReport; problems: string[]; lines: string[] }> {
  const started = Date.now();
  const opened = await openDemo(browser, options);
  const { page } = opened;
  const picture = (name: string): string => join(dirname(json), `${stem(json)}-${name}.png`);
  const view = async (name: string): Promise<Pixels> => {
    const pixels = toPixels(await call(opened, (demo) => demo.readPixels()));
    await writePixels(pixels, picture(name));
    return pixels;
  };
  const first = await call(opened, (demo) => demo.arrive());
  await view('first');
  let figures: FlightFigures = first;
  for (let part = 1; part <= FRAMES / DRAW_EVERY; part++) {
    figures = await call(
      opened,
      (demo, [frames, dtSeconds]) =>
        demo.fly({ frames: frames!, dtSeconds: dtSeconds!, drawEvery: frames!, pauseMs: 8 }),
      [DRAW_EVERY, DT_SECONDS],
    );
    await page.screenshot({ path: picture(`flight-${part}`) });
  }
  const settled = await call(opened, (demo) => demo.settle());
  const streamed = await view('settled');
  const everything = await call(opened, (demo) => demo.loadEverything());
  const complete = await view('everything');
  await call(opened, (demo) => {
    demo.game.stage.camera.position.y += 0.5;
    return demo.settle();
  });
  const moved = toPixels(await call(opened, (demo) => demo.readPixels()));
  const world = await call(opened, (demo) => demo.game.info);
  const budgetBytes = settled.stats.budgetBytes;
  const report: SmokeReport = {
    world: options.world,
    frames: FRAMES,
    placements: settled.stats.placements,
    entitiesPeak: figures.entitiesPeak,
    residentBytesPeak: settled.residentBytesPeak,
    budgetBytes,
    worldBytes: world?.residentBytes ?? 0,
    overBudgetFrames: settled.overBudgetFrames,
    payloadsLoaded: settled.stats.payloadsLoaded,
    payloadsEvicted: settled.stats.payloadsEvicted,
    payloadsFailed: everything.stats.payloadsFailed,
    cancelled: settled.stats.cancelled,
    bytesFetched: settled.stats.fetchedBytes,
    externalRequests: opened.externalRequests.length,
    consoleErrors: opened.problems.length,
    holesFrames: settled.holesFrames,
    settledDiffPixels: comparePixels(streamed, complete).count,
    controlDiffPixels: comparePixels(complete, moved).count,
    errorBiasPeak: settled.errorBiasPeak,
    firstViewFrames: first.frames,
    seconds: (Date.now() - started) / 1000,
  };
  const lines = [...opened.problems, ...opened.externalRequests];
  await opened.close();
  return { report, problems: judge(report), lines };
}

/** Every promise that the report breaks, as a sentence. */
export function judge(report: SmokeReport): string[] {
  const zeros: (keyof SmokeReport)[] = [
    'overBudgetFrames',
    'payloadsFailed',
    'externalRequests',
    'consoleErrors',
    'holesFrames',
    'settledDiffPixels',
  ];
  const problems = zeros
    .filter((name) => report[name] !== 0)
    .map((name) => `${name} is ${report[name]}, expected 0`);
  if (!(report.payloadsEvicted > 0)) problems.push('payloadsEvicted is 0, expected more');
  if (!(report.controlDiffPixels > 0))
    problems.push('controlDiffPixels is 0: the comparison of pictures sees nothing');
  if (report.budgetBytes * 8 > report.worldBytes)
    problems.push(
      `budgetBytes is ${report.budgetBytes}, expected at most an eighth of worldBytes ${report.worldBytes}`,
    );
  if (report.residentBytesPeak > report.budgetBytes)
    problems.push(`residentBytesPeak ${report.residentBytesPeak} is above budgetBytes`);
  return problems;
}

async function openDemo(browser: LaunchedBrowser, options: SmokeOptions): Promise<OpenedPage> {
  const query = new URLSearchParams({
    stepped: '1',
    world: options.world,
    size: `${WIDTH}x${HEIGHT}`,
    hud: '0',
    speed: `${METERS_PER_SECOND}`,
  });
  const budget = options.budgetMebibytes ?? FLIGHT_MEBIBYTES[options.world];
  if (budget !== undefined) query.set('budget', `${budget}`);
  const opened = await openPage(browser, {
    url: `${options.server.origin}/?${query}`,
    viewport: { width: WIDTH, height: HEIGHT },
    timeoutMs: WATCHDOG_MS,
  });
  await call(opened, (demo) => demo.ready);
  return opened;
}

/** Calls the page's `farfieldDemo`. The function runs in the page: it sees its arguments only. */
export function call<Result, Input>(
  { page }: OpenedPage,
  work: (demo: SteppedDemo, input: Input) => Result | Promise<Result>,
  input?: Input,
): Promise<Result> {
  return page.evaluate(
    ([source, value]) =>
      (globalThis as unknown as { farfieldDemo: Promise<SteppedDemo> }).farfieldDemo.then((demo) =>
        (new Function(`return (${source})`)() as (demo: SteppedDemo, input: unknown) => unknown)(
          demo,
          value,
        ),
      ),
    [work.toString(), input] as const,
  ) as Promise<Result>;
}

/** Rows from the top, as images are stored. */
export function toPixels({ width, height, base64 }: PagePixels): Pixels {
  const bytes = Buffer.from(base64, 'base64');
  const data = new Uint8Array(bytes.length);
  for (let row = 0; row < height; row++)
    data.set(
      bytes.subarray(row * width * 4, (row + 1) * width * 4),
      (height - 1 - row) * width * 4,
    );
  return { width, height, data };
}

function stem(path: string): string {
  const name = path.slice(dirname(path).length + 1);
  return name.slice(0, name.length - extname(name).length);
}
