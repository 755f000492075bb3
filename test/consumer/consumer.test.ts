/**
 * The package as a stranger gets it: packed, installed into an empty game, its own command cooks a
 * world, the game is type-checked and built by a bundler that knows nothing of us, and runs.
 */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import {
  type LaunchedBrowser,
  launchBrowser,
  type OpenedPage,
  openPage,
} from '../support/browser.ts';
import { type FileServer, serveFolder } from '../support/files.ts';
import { repositoryRoot } from '../support/page-server.ts';
import { countColors, readPixels } from '../support/pixels.ts';
import { writeBall } from './models.ts';

const CODECS = ['draco', 'meshopt'] as const;
const INSTALL_TIMEOUT_MS = 240_000;

let folder: string;
let game: string;
let triangles: number;
let server: FileServer | undefined;
let launched: LaunchedBrowser | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'farfield-consumer-'));
  game = join(folder, 'game');
  cpSync(join(repositoryRoot, 'test/consumer/game'), game, { recursive: true });
  installPackage();
  triangles = await writeBall(join(folder, 'statue.glb'), 24);
  mkdirSync(join(game, 'public/worlds'), { recursive: true });
  for (const codec of CODECS) {
    const out = join(game, 'public/worlds', codec);
    run('npx', [
      '--no-install',
      'farfield',
      'cook',
      join(folder, 'statue.glb'),
      '--mesh-codec',
      codec,
      '--out',
      out,
    ]);
  }
  run('npx', ['--no-install', 'vite', 'build', '--logLevel', 'warn']);
  server = await serveFolder(join(game, 'dist'));
  launched = await launchBrowser({ executablePath: inject('chromium') });
}, INSTALL_TIMEOUT_MS);

afterAll(async () => {
  await launched?.close();
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

test('the game type-checks against the installed package', () => {
  run(process.execPath, [join(repositoryRoot, 'node_modules/typescript/bin/tsc'), '-p', game]);
});

test('the tarball holds no test, bench or demo', () => {
  const installed = join(game, 'node_modules/farfield');
  const wanted = ['CHANGELOG.md', 'LICENSE', 'README.md', 'dist', 'package.json', 'src'];
  // Dependencies that could not be shared with the game's own.
  const names = readdirSync(installed).filter((name) => name !== 'node_modules');
  expect(names.filter((name) => !wanted.includes(name))).toEqual([]);
  expect(names).toEqual(expect.arrayContaining(['LICENSE', 'dist', 'package.json', 'src']));
  expect(readdirSync(join(installed, 'dist')).toSorted()).toEqual(['cook', 'src']);
});

describe.each(CODECS)('a world cooked with %s', (codec) => {
  test('streams into the built game: resident, drawn, nothing asked for elsewhere', async () => {
    const opened = await openPage(launched!, { url: `${server!.origin}/?world=${codec}` });
    try {
      await waitForReport(opened);
      const report = (await opened.page.evaluate('globalThis.report')) as Record<string, unknown>;
      expect(report).toMatchObject({
        assets: ['statue'],
        isStatueTagged: true,
        isSameStreaming: true,
        problem: '',
      });
      expect(report['triangles']).toBe(triangles);
      expect(report['drawCalls']).toBeGreaterThan(0);
      expect(countColors(await readPixels(opened.page))).toBeGreaterThan(10);
      expect(opened.problems).toEqual([]);
      expect(opened.externalRequests).toEqual([]);
      // Page, script, worker, head, catalog and at least one pack.
      expect(opened.localRequests).toBeGreaterThanOrEqual(6);
    } finally {
      await opened.close();
    }
  });
});

/** Waits until the game reports; where it does not, the error says how far it came. */
async function waitForReport({ page, lines, problems }: OpenedPage): Promise<void> {
  try {
    await page.waitForFunction(() => 'report' in globalThis, null, { timeout: 40_000 });
  } catch (error) {
    const progress = await page.evaluate('JSON.stringify(globalThis.progress, null, 1)');
    throw new Error(`${(error as Error).message}\n${[...problems, ...lines, progress].join('\n')}`);
  }
}

/** Packs what the build left in dist and installs it as anybody would, with the peers it names. */
function installPackage(): void {
  const own = JSON.parse(readFileSync(join(repositoryRoot, 'package.json'), 'utf8'));
  const { version, devDependencies: pins } = own as {
    version: string;
    devDependencies: Record<string, string>;
  };
  run(
    'npm',
    ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder],
    repositoryRoot,
  );
  const dependencies = {
    bitecs: pins['bitecs'],
    farfield: `file:../farfield-${version}.tgz`,
    three: pins['three'],
  };
  const devDependencies = { '@types/three': pins['@types/three'], vite: pins['vite'] };
  const manifest = { name: 'game', private: true, type: 'module', dependencies, devDependencies };
  writeFileSync(join(game, 'package.json'), JSON.stringify(manifest, null, 2));
  run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error']);
}

/** Runs a command in the game's folder; what it said is in the error when it fails. */
function run(command: string, args: string[], cwd: string = game): void {
  try {
    execFileSync(command, args, { cwd, stdio: 'pipe', timeout: INSTALL_TIMEOUT_MS });
  } catch (error) {
    const { stdout, stderr, message } = error as Error & { stdout?: Buffer; stderr?: Buffer };
    throw new Error(`${message}\n${stdout ?? ''}${stderr ?? ''}`);
  }
}
