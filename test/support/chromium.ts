/**
 * Finds a Chromium that starts, or gets one. In this order, because each step is slower and needs
 * more rights than the one before it: `CHROMIUM_PATH`, the names on `PATH`, what playwright-core has
 * already downloaded, Debian's package manager (as root), playwright's download. A candidate counts
 * only once it has answered `--version`: some distributions ship a stub under that name.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge',
];

const VERSION_TIMEOUT_MS = 30_000;
const APT_TIMEOUT_MS = 300_000;
const DOWNLOAD_TIMEOUT_MS = 240_000;

/** What a program did: its exit status (null: it never ended by itself) and the end of what it said. */
export interface RunResult {
  status: number | null;
  said: string;
}

/** What the search may look at and do; tests replace it. */
export interface ChromiumMachine {
  env: Record<string, string | undefined>;
  isRoot: boolean;
  isDebian: boolean;
  exists(path: string): boolean;
  run(command: string, args: string[], timeoutMs: number): RunResult;
  /** Where playwright-core keeps the browser it downloads. */
  playwrightPath(): string;
  say(line: string): void;
}

/**
 * The path of a Chromium that starts. Installs one where there is none and the machine allows it.
 * Throws an error that lists what every step said.
 */
export function findChromium(machine: ChromiumMachine = thisMachine()): string {
  const given = machine.env['CHROMIUM_PATH'];
  if (given) {
    const problem = probe(machine, given);
    if (problem === null) return given;
    throw new Error(
      `CHROMIUM_PATH is "${given}", which does not start; expected a Chromium executable. ` +
        `It said: ${problem}`,
    );
  }
  const tried: string[] = [];
  for (const step of [onPath, fromPlaywright, fromApt, fromDownload]) {
    const result = step(machine);
    if ('path' in result) return result.path;
    tried.push(result.problem);
  }
  throw new Error(
    `No Chromium found. Install one, or set CHROMIUM_PATH to its executable. Tried:\n${tried
      .map((line) => `  - ${line}`)
      .join('\n')}`,
  );
}

type Step = (machine: ChromiumMachine) => { path: string } | { problem: string };

const onPath: Step = (machine) => {
  const problems: string[] = [];
  for (const name of NAMES)
    for (const folder of (machine.env['PATH'] ?? '').split(delimiter)) {
      const path = join(folder, name);
      if (folder === '' || !machine.exists(path)) continue;
      const problem = probe(machine, path);
      if (problem === null) return { path };
      problems.push(`${path} does not start: ${problem}`);
    }
  return { problem: problems.join('; ') || `PATH holds none of ${NAMES.join(', ')}` };
};

const fromPlaywright: Step = (machine) => {
  const path = machine.playwrightPath();
  if (!machine.exists(path)) return { problem: `playwright-core has none at ${path}` };
  const problem = probe(machine, path);
  return problem === null ? { path } : { problem: `${path} does not start: ${problem}` };
};

const fromApt: Step = (machine) => {
  if (!machine.isDebian) return { problem: 'apt-get: not a Debian machine' };
  if (!machine.isRoot) return { problem: 'apt-get install chromium: needs root' };
  machine.say("No Chromium on this machine: installing Debian's with apt-get …");
  const updated = machine.run('apt-get', ['update'], APT_TIMEOUT_MS);
  const installed = machine.run(
    'apt-get',
    ['install', '-y', '--no-install-recommends', 'chromium'],
    APT_TIMEOUT_MS,
  );
  const found = onPath(machine);
  if ('path' in found) return found;
  const worst = installed.status === 0 ? updated : installed;
  return { problem: `apt-get install chromium: exit code ${worst.status}: ${worst.said}` };
};

const fromDownload: Step = (machine) => {
  machine.say("No Chromium on this machine: downloading playwright's …");
  const { status, said } = machine.run(
    'npx',
    ['--no-install', 'playwright-core', 'install', 'chromium'],
    DOWNLOAD_TIMEOUT_MS,
  );
  const found = fromPlaywright(machine);
  if ('path' in found) return found;
  return { problem: `npx playwright-core install chromium: exit code ${status}: ${said}` };
};

/** Null where the executable answers, else why not. */
function probe(machine: ChromiumMachine, path: string): string | null {
  const { status, said } = machine.run(path, ['--version', '--no-sandbox'], VERSION_TIMEOUT_MS);
  return status === 0 && /\d+\.\d+/.test(said) ? null : said || `exit code ${status}`;
}

function thisMachine(): ChromiumMachine {
  return {
    env: process.env,
    isRoot: process.getuid?.() === 0,
    isDebian: existsSync('/etc/debian_version'),
    exists: existsSync,
    run(command, args, timeoutMs) {
      const result = spawnSync(command, args, {
        cwd: fileURLToPath(new URL('.', import.meta.url)),
        encoding: 'utf8',
        timeout: timeoutMs,
        killSignal: 'SIGKILL',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
      const said = [result.stdout, result.stderr, result.error?.message]
        .filter(Boolean)
        .join(' ')
        .trim();
      return { status: result.status, said: said.slice(-400) };
    },
    playwrightPath: () => chromium.executablePath(),
    say: (line) => process.stderr.write(`${line}\n`),
  };
}
