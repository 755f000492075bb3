import { expect, test } from 'vitest';
import { type ChromiumMachine, findChromium } from '../support/chromium.ts';

/** A pretended machine: `starts` are the paths that answer `--version`, `stubs` exist and do not. */
function machine(options: {
  starts?: string[];
  stubs?: string[];
  env?: Record<string, string>;
  isRoot?: boolean;
  isDebian?: boolean;
  /** What installing makes startable. */
  aptGives?: string;
  downloadGives?: string;
}): ChromiumMachine & { log: string[] } {
  const starts = new Set(options.starts);
  const log: string[] = [];
  return {
    log,
    env: { PATH: '/bin:/usr/bin', ...options.env },
    isRoot: options.isRoot ?? false,
    isDebian: options.isDebian ?? true,
    exists: (path) => starts.has(path) || (options.stubs ?? []).includes(path),
    run(command, args) {
      log.push([command, ...args].join(' '));
      if (command === 'apt-get') {
        if (args[0] === 'install' && options.aptGives) starts.add(options.aptGives);
        return { status: options.aptGives ? 0 : 100, said: 'E: no such package' };
      }
      if (command === 'npx') {
        if (options.downloadGives) starts.add(options.downloadGives);
        return { status: options.downloadGives ? 0 : 1, said: 'Error: no route' };
      }
      if (starts.has(command)) return { status: 0, said: 'Chromium 156.0.0.1' };
      return { status: 1, said: 'this is a stub' };
    },
    playwrightPath: () => '/cache/chrome',
    say: () => undefined,
  };
}

test('CHROMIUM_PATH wins over what is on PATH', () => {
  const env = { CHROMIUM_PATH: '/opt/mine' };
  expect(findChromium(machine({ env, starts: ['/opt/mine', '/bin/chromium'] }))).toBe('/opt/mine');
});

test('a CHROMIUM_PATH that does not start is an error, not a reason to look further', () => {
  const env = { CHROMIUM_PATH: '/opt/mine' };
  expect(() => findChromium(machine({ env, starts: ['/bin/chromium'] }))).toThrow(
    'CHROMIUM_PATH is "/opt/mine", which does not start; expected a Chromium executable',
  );
});

test('a stub on PATH is passed over for a name that starts', () => {
  const found = machine({ stubs: ['/bin/chromium'], starts: ['/usr/bin/google-chrome'] });
  expect(findChromium(found)).toBe('/usr/bin/google-chrome');
});

test("playwright's browser is used before anything is installed", () => {
  const found = machine({ starts: ['/cache/chrome'], isRoot: true, aptGives: '/usr/bin/chromium' });
  expect(findChromium(found)).toBe('/cache/chrome');
  expect(found.log.filter((line) => line.startsWith('apt-get'))).toEqual([]);
});

test('root on Debian installs with apt before trying a download', () => {
  const bare = machine({
    isRoot: true,
    aptGives: '/usr/bin/chromium',
    downloadGives: '/cache/chrome',
  });
  expect(findChromium(bare)).toBe('/usr/bin/chromium');
  expect(bare.log).toContain('apt-get install -y --no-install-recommends chromium');
  expect(bare.log.filter((line) => line.startsWith('npx'))).toEqual([]);
});

test('without root the download is next', () => {
  const bare = machine({ downloadGives: '/cache/chrome' });
  expect(findChromium(bare)).toBe('/cache/chrome');
  expect(bare.log.filter((line) => line.startsWith('apt-get'))).toEqual([]);
});

test('the last error lists what every step said', () => {
  const bare = machine({ isRoot: true, stubs: ['/bin/chrome'] });
  expect(() => findChromium(bare)).toThrow(
    /set CHROMIUM_PATH[\s\S]*\/bin\/chrome does not start: this is a stub[\s\S]*\/cache\/chrome[\s\S]*apt-get install chromium: exit code 100[\s\S]*npx playwright-core install chromium: exit code 1/,
  );
});
