/** The io benchmark's own machinery in Node, on a small world: what it reports and what it refuses. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { totalBytes } from '../../bench/io/client/payload-ref.ts';
import { listDemand } from '../../bench/io/demand.ts';
import { addIoCommand, measureIo } from '../../bench/io/io.ts';
import { measureProfiles } from '../../bench/io/profiles.ts';
import { judgeIo } from '../../bench/io/report.ts';
import { readWorldFiles } from '../../bench/io/world-payloads.ts';
import { crc32 } from '../../src/base/crc32.ts';
import { repositoryRoot } from '../support/page-server.ts';
import { TINY, type WorldFolder, writeSmallWorld } from './io-world.ts';

let world: WorldFolder;
beforeAll(() => {
  world = writeSmallWorld();
});
afterAll(() => world.remove());

describe('the payloads to load', () => {
  test('are what a flight asks for: the same for a seed, each once, with its true bytes', async () => {
    const files = readWorldFiles(world.folder);
    const list = await listDemand(files, { seed: 1, count: 60 });
    expect(new Set(list.map(({ payload }) => payload)).size).toBe(60);
    expect(await listDemand(files, { seed: 1, count: 60 })).toEqual(list);
    expect(await listDemand(files, { seed: 2, count: 60 })).not.toEqual(list);
    for (const { file, start, end, checksum } of list)
      expect(crc32(files.files[file]!.subarray(start, end))).toBe(checksum);
    const small = await listDemand(files, { seed: 1, count: 1000, maxBytes: 2000 });
    expect(small.length).toBeGreaterThan(20);
    expect(Math.max(...small.map(({ start, end }) => end - start))).toBeLessThanOrEqual(2000);
  });
});

describe('measureIo', () => {
  test('reports every system beside a bound that no system can beat', async () => {
    const { report } = await measureIo(world.folder, TINY);
    expect(report.runs.map(({ system }) => system)).toEqual(TINY.systems);
    const list = await listDemand(readWorldFiles(world.folder), { seed: 1, count: 40 });
    for (const run of report.runs) {
      expect(run).toMatchObject({ host: 'node', latencyMs: 5, mbitPerS: 20, payloads: 40 });
      expect(run.payloadBytes).toBe(totalBytes(list));
      expect(run.bytesFetched).toBeGreaterThanOrEqual(run.payloadBytes);
      expect(run.requests).toBeGreaterThan(0);
      expect(run.requests).toBeLessThanOrEqual(40);
      expect(run.ratioToBound).toBeCloseTo(run.milliseconds / run.boundMs, 2);
      // The cap holds whatever the machine does: less time than this would be a lie.
      expect(run.milliseconds).toBeGreaterThan(((run.payloadBytes * 8) / 20e6) * 1000 * 0.97);
      expect(run.measuredMbitPerS).toBeLessThan(20 * 1.03);
    }
    expect(report.runs.find(({ system }) => system === 'promise-all')!.requests).toBe(40);
    expect(report.criticalBehindQueueMs).toBe(report.critical[0]!.milliseconds);
    for (const run of report.critical) {
      expect(run.milliseconds).toBeGreaterThan(run.latencyMs);
      expect(run.boundMs).toBeGreaterThan(2 * run.latencyMs);
      expect(run.rounds).toBe(5);
    }
    expect(report.verdicts.length).toBe(report.critical.length);
  });

  test('refuses a system that skips payloads', async () => {
    const options = { ...TINY, systems: ['skips payloads' as const], parts: ['load' as const] };
    await expect(measureIo(world.folder, options)).rejects.toThrow(
      'skips payloads did not bring what it was asked for: 40 of 40 payloads did not come',
    );
  });

  test('plays simulated devices the same way twice, and merging spares a disk its seeks', async () => {
    const cooked = readWorldFiles(world.folder);
    const { files } = cooked;
    const payloads = await listDemand(cooked, { seed: 1, count: 80 });
    const runs = await measureProfiles(files, payloads, ['hdd', '4g']);
    expect(await measureProfiles(files, payloads, ['hdd', '4g'])).toEqual(runs);
    const [merged, apart] = runs;
    expect([merged!.system, apart!.system]).toEqual(['farfield', 'farfield, no merging']);
    expect(merged!.seeks).toBeLessThan(apart!.seeks);
    expect(merged!.requests).toBeLessThan(apart!.requests);
    expect(apart!.requests).toBe(payloads.length);
    for (const { milliseconds, boundMs } of runs)
      expect(milliseconds).toBeGreaterThan(boundMs * 0.99);
  });

  test('judges each target by its own cell', async () => {
    const base = {
      ...{ part: 'load' as const, host: 'chromium', latencyMs: 40, mbitPerS: 20, payloads: 500 },
      ...{ payloadBytes: 1e7, boundMs: 4000, requests: 40, bytesFetched: 1e7, requestsOpen: 6 },
      ...{ tenthMs: 1, halfMs: 2, measuredMbitPerS: 20, rounds: [] },
    };
    const small = { ...base, part: 'small' as const, latencyMs: 120, boundMs: 500 };
    const verdicts = judgeIo({
      runs: [
        { ...base, system: 'farfield', milliseconds: 4400, ratioToBound: 1.1 },
        { ...base, system: 'promise-all', milliseconds: 8000, ratioToBound: 2 },
        { ...base, host: 'node', system: 'farfield', milliseconds: 4800, ratioToBound: 1.2 },
        { ...small, system: 'farfield', milliseconds: 1000, ratioToBound: 2 },
        { ...small, system: 'promise-all', milliseconds: 2900, ratioToBound: 5.8 },
      ],
      critical: [],
    });
    expect(verdicts.map((line) => line.slice(0, 30))).toEqual([
      'kept:   chromium, 40 ms, 20 Mb',
      'MISSED: node, 40 ms, 20 Mbit/s',
      'MISSED: chromium, 120 ms, 20 M',
    ]);
    expect(judgeIo({ runs: [], critical: [] })).toEqual([
      'not measured: no cell that has a target',
    ]);
  });
});

describe('npm run bench -- io', () => {
  test('writes JSON and a trace, and ends well even where a target is missed', () => {
    const json = join(world.folder, 'out/io.json');
    const trace = join(world.folder, 'trace.txt');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...[join(repositoryRoot, 'dist/bench/cli.js'), 'io', '--quick', '--hosts', 'node'],
        ...['--parts', 'load', '--systems', 'farfield,promise-all', '--world', world.folder],
        ...['--json', json, '--trace', trace],
      ],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/(kept: {2}|MISSED:) node, 40 ms, 20 Mbit\/s/);
    const report = JSON.parse(readFileSync(json, 'utf8'));
    expect(report).toMatchObject({ bench: 'io', seed: 1, criticalBehindQueueMs: null });
    expect(report.runs[0]).toMatchObject({ system: 'farfield', latencyMs: 40, mbitPerS: 20 });
    expect(readFileSync(trace, 'utf8')).toMatch(/## promise-all: node, 40 ms, 20 Mbit\/s/);
  });

  test('says what is wrong with an option', async () => {
    // Not one process each: to load all benchmarks takes a second.
    const run = async (...options: string[]): Promise<void> => {
      const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
      addIoCommand(program);
      program.commands[0]!.exitOverride().configureOutput({ writeErr: () => undefined });
      await program.parseAsync(['io', ...options], { from: 'user' });
    };
    await expect(run('--hosts', 'safari')).rejects.toThrow(
      /expected some of node, chromium, got "safari"/,
    );
    await expect(run('--latencies', '-3')).rejects.toThrow(/expected numbers from 0 up, got "-3"/);
    await expect(run('--world', '/nowhere')).rejects.toThrow(
      /--world \/nowhere: there is no world.json/,
    );
  });
});
