/**
 * How long a critical payload waits behind a queue. The bound is two latencies (its own, and one
 * for a connection that has to come free) and its own transfer time for itself and for each
 * transfer that shares the link with it.
 */
import { median, round } from '../lib/stats.ts';
import type { BenchServer } from './bench-server.ts';
import { freshRun, measureRate, setLink } from './cell.ts';
import type { PayloadRef } from './client/payload-ref.ts';
import type { Host } from './hosts.ts';
import { type LoggedRequest, openAt } from './request-log.ts';

/** One row of the report: the median over the rounds, and how many kept to their own bound. */
export interface CriticalRun {
  host: string;
  latencyMs: number;
  mbitPerS: number | null;
  queued: number;
  payloadBytes: number;
  milliseconds: number;
  boundMs: number;
  /** Requests open when it was posted. */
  openTransfers: number;
  rounds: number;
  roundsWithinBound: number;
  /** Largest share of its bound that a round took. */
  worstRatioToBound: number;
}

export interface CriticalOptions {
  host: Host;
  server: BenchServer;
  latencyMs: number;
  mbitPerS: number | null;
  queued: PayloadRef[];
  critical: PayloadRef;
  rounds: number;
  onLog?: (title: string, log: LoggedRequest[], startedMs: number) => void;
}

export async function measureCritical(options: CriticalOptions): Promise<CriticalRun> {
  const { host, server, latencyMs, mbitPerS, queued, critical, rounds, onLog } = options;
  await setLink(server, latencyMs, mbitPerS);
  const payloadBytes = critical.end - critical.start;
  const ownMs = (payloadBytes / (await measureRate(host, server, mbitPerS))) * 1000;
  const samples: { milliseconds: number; boundMs: number; open: number }[] = [];
  for (let i = 0; i < rounds; i++) {
    const run = freshRun();
    const baseUrl = `${server.origin}/run/${run}`;
    // Not always at the same moment of the reads before it.
    const afterMs = 2 * latencyMs + 60 + ((i * 97) % 240);
    const outcome = await host.loadCritical({ baseUrl, queued, critical, afterMs });
    const log = (await server.takeLog()).filter((request) => request.run === run);
    if (outcome.problems.length > 0) throw new Error(`bench: ${outcome.problems[0]}`);
    if (outcome.arrivedBefore === queued.length)
      throw new Error('bench: the queue was empty before the critical payload was posted');
    onLog?.(`critical: ${host.name}, ${latencyMs} ms, ${mbitPerS} Mbit/s`, log, outcome.postedMs);
    const open = openAt(log, outcome.postedMs).length;
    const boundMs = 2 * latencyMs + (open + 1) * ownMs;
    samples.push({ milliseconds: outcome.milliseconds, boundMs, open });
  }
  const middle = (pick: (sample: (typeof samples)[number]) => number): number =>
    round(median(samples.map(pick)));
  return {
    host: host.name,
    latencyMs,
    mbitPerS,
    queued: queued.length,
    payloadBytes,
    milliseconds: middle(({ milliseconds }) => milliseconds),
    boundMs: middle(({ boundMs }) => boundMs),
    openTransfers: middle(({ open }) => open),
    rounds,
    roundsWithinBound: samples.filter((s) => s.milliseconds <= s.boundMs).length,
    worstRatioToBound: round(Math.max(...samples.map((s) => s.milliseconds / s.boundMs))),
  };
}
