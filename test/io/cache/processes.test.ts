/** Processes that share a folder: one killed in mid-write, two at once, one after another. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSystemClock } from '../../../src/base/clock.ts';
import { createRandom } from '../../../src/base/random.ts';
import { CacheStore, MIN_QUOTA_BYTES } from '../../../src/io/cache/cache-store.ts';
import { folderStore } from '../../../src/io/cache/folder-store.ts';
import { fileKey } from '../../../src/io/cache/key.ts';
import { findNodeFs, openNodeFiles } from '../../../src/io/cache/node-files.ts';

const KILLS = 30;
/** Enough to see the damage that the control does. */
/** On a busy machine a kill may miss the gap: the control ends with the first that hits it. */
const CONTROL_KILLS = 40;
const built = new URL('../../../dist/src/io/', import.meta.url).href;

let folder = '';
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'farfield-kill-'));
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a module; `next` gives its lines one by one, null after the last. */
function run(program: string): { child: ChildProcess; next: () => Promise<string | null> } {
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    child,
    async next() {
      const { value, done } = await lines.next();
      return done ? null : value;
    },
  };
}

/** The bytes of entry `name`: told by its name alone, so that anybody can check them. */
function bytesOf(name: number): Uint8Array<ArrayBuffer> {
  const size = 200 + ((name * 7919) % 15_000);
  return Uint8Array.from({ length: size }, (_, i) => name * 31 + i * 7 + (i >> 8));
}

/** Puts entries for ever, says after each commit how far it is. */
const FILL = (from: number, isReversed: boolean): string => `
import { writeSync } from 'node:fs';
import { CacheStore } from '${built}cache/cache-store.js';
import { fileKey } from '${built}cache/key.js';
import { findNodeFs, openNodeFiles } from '${built}cache/node-files.js';
${bytesOf.toString()}
const lock = { path: '', isHeld: () => true, release() {} };
const files = openNodeFiles(findNodeFs(), ${JSON.stringify(folder)}, lock);
if (${isReversed}) {
  // The control: data is written only when the index has been.
  const late = [];
  const { pack, journals } = files;
  files.pack = Object.create(pack, {
    size: { get: () => pack.size },
    writeAt: { value: (bytes, at) => void late.push([bytes.slice(), at]) },
  });
  files.journals = journals.map((journal) => Object.create(journal, {
    size: { get: () => journal.size },
    flush: { value() {
      journal.flush();
      // Long beside the wait before a kill: nearly every kill falls into the gap.
      const until = performance.now() + 30;
      while (performance.now() < until);
      for (const [bytes, at] of late.splice(0)) pack.writeAt(bytes, at);
    } },
  }));
}
const store = new CacheStore(files, { quotaBytes: ${MIN_QUOTA_BYTES} });
for (let name = ${from}; ; name++) {
  store.put(fileKey('kill', String(name)), bytesOf(name));
  if (name % 3 !== 0) continue;
  store.commit();
  writeSync(1, name + '\\n');
}`;

interface Findings {
  opened: number;
  entries: number;
  wrong: number;
  damaged: number;
  /** Times that one of the last few entries committed before the kill was missing. */
  lost: number;
}

async function killAgainAndAgain(kills: number, isReversed: boolean): Promise<Findings> {
  const found: Findings = { opened: 0, entries: 0, wrong: 0, damaged: 0, lost: 0 };
  const random = createRandom(11);
  const clock = createSystemClock();
  const nobody = { path: '', isHeld: () => true, release: () => undefined };
  let from = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { child, next } = run(FILL(from, isReversed));
    const enough = 3 + Math.floor(random() * (isReversed ? 3 : 20));
    let committed = -1;
    for (let line = 0; line < enough; line++) committed = Number(await next());
    await new Promise<void>((done) => void clock.after(random() * 8, done));
    child.kill('SIGKILL');
    for (let line = await next(); line !== null; line = await next()) committed = Number(line);
    const store = new CacheStore(openNodeFiles(findNodeFs()!, folder, nobody), {
      quotaBytes: MIN_QUOTA_BYTES,
    });
    found.opened += store.failure === '' ? 1 : 0;
    const last = committed + 40;
    for (let name = Math.max(0, committed - 80); name <= last; name++) {
      const bytes = store.get(fileKey('kill', String(name)));
      if (bytes) found.entries++;
      if (bytes && Buffer.compare(bytes, bytesOf(name)) !== 0) found.wrong++;
      if (!bytes && name <= committed && name > committed - 6) found.lost++;
    }
    found.damaged += store.stats().damaged;
    store.close();
    from = last + 1;
    if (isReversed && found.damaged > 0) break;
  }
  return found;
}

describe('a process killed in mid-write', () => {
  test('many times, loses nothing it committed and leaves nothing wrong', async () => {
    const found = await killAgainAndAgain(KILLS, false);
    expect(found).toMatchObject({ opened: KILLS, wrong: 0, damaged: 0, lost: 0 });
    expect(found.entries).toBeGreaterThan(KILLS * 15);
  });

  test('leaves damage when data is written after its index, and even that is not given out', async () => {
    const found = await killAgainAndAgain(CONTROL_KILLS, true);
    expect(found.damaged).toBeGreaterThan(0);
    expect(found.wrong).toBe(0);
  });
});

/** Opens the cache in the folder, says what it was told, and holds it until its input ends. */
const HOLD = (): string => `
import { folderStore } from '${built}node.js';
import { createSystemClock } from '${built}../base/clock.js';
const access = await folderStore(${JSON.stringify(folder)}).open({
  clock: createSystemClock(),
  onWarning: (message) => console.log(message),
});
console.log(access ? 'open' : 'off');
process.stdin.resume().on('end', async () => { await access?.close(); process.exit(0); });`;

describe('two processes', () => {
  const warnings: string[] = [];
  const environment = {
    clock: createSystemClock(),
    onWarning: (message: string): void => void warnings.push(message),
  };

  test('use a folder one at a time: the second works without a cache, and says so', async () => {
    const first = run(HOLD());
    expect(await first.next()).toBe('open');
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toMatch(new RegExp(`^${first.child.pid} `));
    const second = run(HOLD());
    expect(await second.next()).toMatch(/no cache in .*another process is using it/);
    expect(await second.next()).toBe('off');
    first.child.stdin!.end();
    await new Promise((done) => first.child.once('exit', done));
    expect(await run(HOLD()).next()).toBe('open');
  });

  test('take over from one that was killed', async () => {
    const first = run(HOLD());
    expect(await first.next()).toBe('open');
    first.child.kill('SIGKILL');
    await new Promise((done) => first.child.once('exit', done));
    const access = await folderStore(folder).open(environment);
    expect(access).not.toBeNull();
    await access!.close();
    expect(warnings).toEqual([]);
  });

  test.each([
    ['nobody', '999999999 5 a\n', true],
    ['a process of an earlier start whose id this one has', `${process.pid} 5 a\n`, true],
    ['nothing readable', '', true],
    ['a living process', `${process.ppid} BIRTH a\n`, false],
  ])('judge a lock left by %s', async (_, text, isTaken) => {
    const proc = `/proc/${process.ppid}/stat`;
    const stat = existsSync(proc) ? readFileSync(proc, 'utf8') : '';
    const birth = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '?';
    writeFileSync(join(folder, 'lock'), text.replace('BIRTH', birth));
    const access = await folderStore(folder).open(environment);
    expect(access !== null).toBe(isTaken);
    await access?.close();
  });
});

describe('the threads of one process', () => {
  test('share the folder that one of them has open', async () => {
    const program = `
import { folderStore } from '${built}node.js';
import { createIoWorker } from '${built}worker/io-worker.js';
import { createServer } from 'node:http';
import { cached, httpSource } from '${built}index.js';
const bytes = new Uint8Array(5000).fill(7);
const server = createServer((request, response) => {
  response.writeHead(206, { 'content-range': 'bytes 0-4999/5000', 'content-length': 5000 });
  response.end(bytes);
}).listen(0, '127.0.0.1', async () => {
  const place = folderStore(${JSON.stringify(folder)});
  const http = httpSource('http://127.0.0.1:' + server.address().port + '/');
  const worker = createIoWorker();
  const source = worker.adopt(cached(http, place));
  await source.read('pack-0123456789abcdef.ffp', 0, 5000);
  console.log(JSON.stringify(await place.stats()));
  // In this thread the same cache answers: nothing is asked of the server.
  server.close();
  server.closeAllConnections();
  const here = cached(http, place);
  console.log((await here.read('pack-0123456789abcdef.ffp', 0, 5000))[9]);
  await here.dispose();
  console.log(await place.clear());
  console.log(JSON.stringify(await place.stats()));
  await worker.dispose();
  console.log('ended');
});`;
    const { child, next } = run(program);
    expect(JSON.parse((await next())!)).toMatchObject({ misses: 1, hits: 0 });
    expect(await next()).toBe('7');
    expect(await next()).toBe('true');
    expect(JSON.parse((await next())!)).toMatchObject({ entries: 0, hits: 1 });
    expect(await next()).toBe('ended');
    // Nothing is left that keeps the process alive, and no lock.
    await new Promise((done) => child.once('exit', done));
    expect(existsSync(join(folder, 'lock'))).toBe(false);
  });
});
