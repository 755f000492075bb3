/**
 * Headless Chromium for tests, the demo's smoke run and benchmarks: one set of flags under which
 * WebGL2 and WebGPU both work in software, a watchdog (a lost graphics device never answers), and a
 * record of every console message and of every request that left this machine, workers included.
 */
import { type Browser, chromium, type Page } from 'playwright-core';
import { findChromium } from './chromium.ts';
import { type PageServer, type ServePageOptions, servePage } from './page-server.ts';

/**
 * Without `--enable-gpu … --use-vulkan=swiftshader` the first WebGPU canvas kills the device and
 * the page hangs; the last two lines keep images the same on every machine.
 */
export const CHROMIUM_FLAGS: readonly string[] = [
  '--no-sandbox',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-gpu',
  '--ignore-gpu-blocklist',
  '--enable-features=Vulkan',
  '--use-vulkan=swiftshader',
  '--force-color-profile=srgb',
  '--force-device-scale-factor=1',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
];

/** Chromium's remarks about reading pixels back from its own software driver. */
const DRIVER_NOISE = [/GPU stall due to ReadPixels/, /GL Driver Message/];

export interface LaunchOptions {
  /** Default: whatever `findChromium()` finds. Tests pass `inject('chromium')`. */
  executablePath?: string;
  /** The browser is killed after this long, whatever it is doing. Default 120 s. */
  watchdogMs?: number;
  /** More command-line flags. */
  flags?: string[];
}

/** A running Chromium; `close` ends it for certain. */
export interface LaunchedBrowser {
  browser: Browser;
  /** True once the watchdog has killed it. */
  readonly isKilled: boolean;
  close(): Promise<void>;
}

/** Starts Chromium. Nothing outside localhost can be reached from it. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<LaunchedBrowser> {
  const { executablePath = findChromium(), watchdogMs = 120_000, flags = [] } = options;
  const server = await chromium.launchServer({
    executablePath,
    headless: true,
    args: [...CHROMIUM_FLAGS, ...flags],
    timeout: 60_000,
  });
  let isKilled = false;
  const watchdog = setTimeout(() => {
    isKilled = true;
    void server.kill();
  }, watchdogMs);
  const browser = await chromium.connect(server.wsEndpoint()).catch(async (error) => {
    clearTimeout(watchdog);
    await server.kill();
    throw error;
  });
  return {
    browser,
    get isKilled() {
      return isKilled;
    },
    async close() {
      clearTimeout(watchdog);
      // A wedged graphics process can keep an orderly close waiting for ever.
      await server.kill();
    },
  };
}

/** What a page has said and asked for so far; the arrays grow while it runs. */
export interface PageRecord {
  /** Console errors and warnings, uncaught errors and failed workers, less the driver's remarks. */
  problems: string[];
  /** Every console line, with its kind. */
  lines: string[];
  /** Addresses outside localhost that were asked for. */
  externalRequests: string[];
  /** Requests to localhost. */
  localRequests: number;
}

export interface OpenPageOptions extends ServePageOptions {
  /** An address that is being served already; otherwise a server is started from the other options. */
  url?: string;
  /** Path and query to open on the started server. Default `/`. */
  path?: string;
  /** Pixels. Default 320 x 180: software rendering pays by the pixel. */
  viewport?: { width: number; height: number };
  /** Sources that run in the page before its own scripts do. */
  initScripts?: string[];
  /** For every call on the page that waits. Default 60 s. */
  timeoutMs?: number;
}

export interface OpenedPage extends PageRecord {
  page: Page;
  /** The server that was started for the page, if one was. */
  server: PageServer | null;
  /** Closes the page, its browser context and its server. */
  close(): Promise<void>;
}

/** Opens a page in a context of its own, so that nothing is cached from the one before. */
export async function openPage(
  { browser }: LaunchedBrowser,
  options: OpenPageOptions,
): Promise<OpenedPage> {
  const { viewport = { width: 320, height: 180 }, timeoutMs = 60_000 } = options;
  const server = options.url === undefined ? await servePage(options) : null;
  const context = await browser.newContext({ viewport, deviceScaleFactor: 1 });
  const close = async (): Promise<void> => {
    await context.close().catch(ignoreClosed);
    await server?.close();
  };
  try {
    context.setDefaultTimeout(timeoutMs);
    for (const content of options.initScripts ?? []) await context.addInitScript({ content });
    const page = await context.newPage();
    const record = watch(page);
    await page.goto(options.url ?? `${server?.origin}${options.path ?? '/'}`);
    // Not a copy: the record goes on counting.
    return Object.assign(record, { page, server, close });
  } catch (error) {
    await close();
    throw error;
  }
}

/** Starts recording what `page` and its workers say and ask for. */
function watch(page: Page): PageRecord {
  const problems: string[] = [];
  const lines: string[] = [];
  const externalRequests: string[] = [];
  const record: PageRecord = { problems, lines, externalRequests, localRequests: 0 };
  page.on('console', (message) => {
    const line = `${message.type()}: ${message.text()}`;
    lines.push(line);
    const isProblem = message.type() === 'error' || message.type() === 'warning';
    if (isProblem && !DRIVER_NOISE.some((pattern) => pattern.test(line))) problems.push(line);
  });
  page.on('pageerror', (error) => problems.push(`uncaught: ${error.stack ?? error.message}`));
  page.on('crash', () => problems.push('the page crashed'));
  const note = (address: string): void => {
    const { protocol, hostname } = new URL(address);
    if (protocol === 'data:' || protocol === 'blob:' || protocol === 'about:') return;
    if (hostname === 'localhost' || hostname === '127.0.0.1') record.localRequests++;
    else externalRequests.push(address);
  };
  page.context().on('request', (request) => note(request.url()));
  page.on('websocket', (socket) => note(socket.url()));
  return record;
}

/** A killed browser has closed its contexts already. */
function ignoreClosed(error: unknown): void {
  if (!/closed|disconnected/i.test(String(error))) throw error;
}
