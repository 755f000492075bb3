/**
 * One cell of the io benchmark: one host on one link, all systems in turn, several rounds, the
 * order turned each round. The bound is taken from the server's log: the bytes of the payloads at
 * the rate at which the server delivered one long answer in the same round, and one latency.
 */
import { median, round } from '../lib/stats.ts';
import type { BenchServer } from './bench-server.ts';
import type { SystemName } from './client/load.ts';
import { type PayloadRef, totalBytes } from './client/payload-ref.ts';
import type { Host } from './hosts.ts';
import { deliveryRate, type LoggedRequest, mostOpen } from './request-log.ts';

/** One row of the report: the median over the rounds. */
export interface IoRun {
  part: 'load' | 'small';
  host: string;
  latencyMs: number;
  /** The cap; null is none. */
  mbitPerS: number | null;
  payloads: number;
  payloadBytes: number;
  system: string;
  milliseconds: number;
  /** Bytes of the payloads by the measured rate, and one latency. */
  boundMs: number;
  ratioToBound: number;
  /** From the server's log. */
  requests: number;
  bytesFetched: number;
  /** Most requests open at one time. */
  requestsOpen: number;
  /** Milliseconds until a tenth and half of the payloads had arrived. */
  tenthMs: number;
  halfMs: number;
  /** The rate that was measured. */
  measuredMbitPerS: number;
  /** Every round. */
  rounds: number[];
}

export interface CellOptions {
  part: 'load' | 'small';
  host: Host;
  server: BenchServer;
  latencyMs: number;
  mbitPerS: number | null;
  payloads: PayloadRef[];
  systems: readonly SystemName[];
  rounds: number;
  /** Told the log of each load. */
  onLog?: (title: string, log: LoggedRequest[], startedMs: number) => void;
}

/** A capped link is measured for this long. */
const FLOOD_SECONDS = 0.6;
const UNCAPPED_FLOOD_BYTES = 48 * 1024 * 1024;

interface Sample {
  milliseconds: number;
  requests: number;
  bytesFetched: number;
  requestsOpen: number;
  tenthMs: number;
  halfMs: number;
}

let loadCount = 0;

/** A folder that no cache has seen. */
export function freshRun(): string {
  loadCount++;
  return `${process.pid}-${loadCount}`;
}

export async function measureCell(options: CellOptions): Promise<IoRun[]> {
  const { host, server, latencyMs, mbitPerS, payloads, systems, rounds } = options;
  await setLink(server, latencyMs, mbitPerS);
  const rates: number[] = [];
  const samples = new Map(systems.map((system) => [system, [] as Sample[]]));
  for (let i = 0; i < rounds; i++) {
    rates.push(await measureRate(host, server, mbitPerS));
    for (let turn = 0; turn < systems.length; turn++) {
      const system = systems[(turn + i) % systems.length]!;
      samples.get(system)!.push(await measureLoad(options, system));
    }
  }
  const rate = median(rates);
  const payloadBytes = totalBytes(payloads);
  const boundMs = (payloadBytes / rate) * 1000 + latencyMs;
  return systems.map((system) => {
    const all = samples.get(system)!;
    const middle = (pick: (sample: Sample) => number): number => round(median(all.map(pick)));
    const milliseconds = median(all.map((sample) => sample.milliseconds));
    return {
      part: options.part,
      host: host.name,
      latencyMs,
      mbitPerS,
      payloads: payloads.length,
      payloadBytes,
      system,
      milliseconds: round(milliseconds),
      boundMs: round(boundMs),
      ratioToBound: round(milliseconds / boundMs),
      requests: Math.round(median(all.map((sample) => sample.requests))),
      bytesFetched: Math.round(median(all.map((sample) => sample.bytesFetched))),
      requestsOpen: Math.round(median(all.map((sample) => sample.requestsOpen))),
      tenthMs: middle((sample) => sample.tenthMs),
      halfMs: middle((sample) => sample.halfMs),
      measuredMbitPerS: round((rate * 8) / 1e6),
      rounds: all.map((sample) => round(sample.milliseconds)),
    };
  });
}

export async function setLink(
  server: BenchServer,
  latencyMs: number,
  mbitPerS: number | null,
): Promise<void> {
  await server.set({ latencyMs, bytesPerSecond: mbitPerS === null ? null : (mbitPerS * 1e6) / 8 });
}

/** Bytes per second of one long answer, by the server's log. */
export async function measureRate(
  host: Host,
  server: BenchServer,
  mbitPerS: number | null,
): Promise<number> {
  const bytes =
    mbitPerS === null ? UNCAPPED_FLOOD_BYTES : Math.round(((mbitPerS * 1e6) / 8) * FLOOD_SECONDS);
  await server.takeLog();
  await host.flood(`${server.origin}/flood/${bytes}`);
  const [request] = await server.takeLog();
  if (!request) throw new Error('bench: the server has no record of the measuring request');
  return deliveryRate(request);
}

async function measureLoad(options: CellOptions, system: SystemName): Promise<Sample> {
  const { host, server, latencyMs, mbitPerS, payloads, onLog } = options;
  const run = freshRun();
  const outcome = await host.load({ system, baseUrl: `${server.origin}/run/${run}`, payloads });
  if (outcome.problems.length > 0)
    throw new Error(
      `bench: ${system} did not bring what it was asked for: ${outcome.problems.slice(0, 3).join('; ')}`,
    );
  const log = (await server.takeLog()).filter((request) => request.run === run);
  const link = `${host.name}, ${latencyMs} ms, ${mbitPerS ?? 'no'} Mbit/s`;
  onLog?.(`${system}: ${link}, ${payloads.length} payloads`, log, outcome.startedMs);
  const arrivals = [...outcome.arrivalsMs].sort((a, b) => a - b);
  return {
    milliseconds: outcome.milliseconds,
    requests: log.length,
    bytesFetched: log.reduce((sum, { bytes }) => sum + bytes, 0),
    requestsOpen: mostOpen(log),
    tenthMs: arrivals[Math.floor((arrivals.length - 1) * 0.1)]!,
    halfMs: arrivals[Math.floor((arrivals.length - 1) * 0.5)]!,
  };
}
