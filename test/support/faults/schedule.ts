/**
 * A seeded schedule: a link, faults, outages, mirrors, crashes, and tickets that come, change and go
 * while all that happens. Everything is drawn from the seed; the books are checked at its end.
 */
import { ErrorCode } from '../../../src/base/errors.ts';
import { createRandom, type Random } from '../../../src/base/random.ts';
import type { IoOptions } from '../../../src/io/engine-options.ts';
import type { Source } from '../../../src/io/source.ts';
import { createBreaker } from '../../../src/io/sources/breaker.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { mirrored } from '../../../src/io/sources/mirrors.ts';
import { type SimulatedSource, simulatedSource } from '../../../src/io/sources/simulated.ts';
import type { FaultCounts, SimulatedFaults } from '../../../src/io/sources/simulated-faults.ts';
import { createOutages, type Outage } from '../../../src/io/sources/simulated-outages.ts';
import { SIMULATED_PROFILES } from '../../../src/io/sources/simulated-profiles.ts';
import type { EventClock } from './event-clock.ts';
import {
  type BenchSetup,
  crashingDecoder,
  createFaultBench,
  type FaultBench,
} from './fault-bench.ts';
import { type Packs, ticketOf } from './packs.ts';

export interface ScheduleRun {
  problems: string[];
  /** Faults that took effect. */
  faults: FaultCounts & { crash: number };
  /** Completions by code. */
  codes: Map<number, number>;
  tickets: number;
  log: readonly string[];
}

const FRAMES = 24;
const FRAME_MS = 40;

/** @param spoil replaces parts of the bench, for negative controls */
export async function runSchedule(
  seed: number,
  packs: Packs,
  spoil: Partial<BenchSetup> = {},
): Promise<ScheduleRun> {
  const random = createRandom(seed);
  const sources: SimulatedSource[] = [];
  const crashRate = random() < 0.3 ? random() * 0.3 : 0;
  const crashes = { count: 0, isFatal: () => random() < crashRate };
  const bench = createFaultBench({
    packs,
    random,
    makeSource: (clock) => drawSource(clock, random, packs, sources),
    options: drawOptions(random),
    wrapDecoder: (decoder) => crashingDecoder(decoder, crashes, ErrorCode.WorkerCrash),
    ...spoil,
  });
  const tickets = await play(bench, random, packs);
  const isDisposed = random() < 0.15;
  if (isDisposed) await bench.engine.dispose();
  await bench.settle();
  // What was aborted may take its time to say so.
  await bench.pass(2000);
  const problems = bench.findProblems();
  await bench.engine.dispose();
  const faults = { crash: crashes.count } as ScheduleRun['faults'];
  for (const { faultCounts } of sources)
    for (const [key, count] of Object.entries(faultCounts))
      faults[key as 'stall'] = (faults[key as 'stall'] ?? 0) + count;
  const codes = new Map<number, number>();
  for (const { code } of bench.books.completions) codes.set(code, (codes.get(code) ?? 0) + 1);
  return { problems, faults, codes, tickets, log: bench.books.log };
}

/** Tickets that come, change and go, frame by frame. Returns how many came. */
async function play(bench: FaultBench, random: Random, packs: Packs): Promise<number> {
  const { engine } = bench;
  let epoch = 0;
  for (let frame = 0; frame < FRAMES; frame++) {
    for (let i = 0; i < 4; i++) {
      const payload = Math.floor(random() * packs.payloads.length);
      const priority = random() * 10;
      const critical = random() < 0.1;
      if (!engine.has(payload))
        bench.submit(ticketOf(packs, payload, { epoch: ++epoch, priority, critical }));
      else if (random() < 0.3) engine.cancel(payload);
      else engine.reprioritize(payload, priority, critical);
    }
    await bench.pass(FRAME_MS * random() * 2);
  }
  return epoch;
}

function drawOptions(random: Random): IoOptions {
  return {
    maxInFlight: 1 + Math.floor(random() * 12),
    attempts: 1 + Math.floor(random() * 4),
    backoffBaseMs: 20 + random() * 300,
    stallTimeoutMs: 500 + random() * 3000,
    maxPendingDecodes: 1 + Math.floor(random() * 16),
    maxUndecodedBytes: 20_000 + random() * 1e6,
    unavailablePatienceMs: random() * 6000,
    ...(random() < 0.3 && { abortBytes: random() * 50_000 }),
  };
}

/** One link, or two or three of them as mirrors. */
function drawSource(
  clock: EventClock,
  random: Random,
  packs: Packs,
  sources: SimulatedSource[],
): Source {
  const profiles = Object.values(SIMULATED_PROFILES);
  const outages = drawOutages(random);
  const make = (): Source => {
    const link = { ...profiles[Math.floor(random() * profiles.length)]! };
    const source = simulatedSource(memorySource(packs.files), {
      clock,
      random,
      link,
      faults: drawFaults(random),
      connectTimeoutMs: 300 + random() * 2000,
      ...(random() < 0.7 && { stallTimeoutMs: 300 + random() * 2000 }),
      connectivity: createOutages(clock, outages),
      ...(random() < 0.5 && { breaker: createBreaker(clock, random, { failures: 3 }) }),
    });
    sources.push(source);
    return source;
  };
  const count = random() < 0.3 ? 2 + Math.floor(random() * 2) : 1;
  if (count === 1) return make();
  return mirrored(Array.from({ length: count }, make), { clock, random });
}

function drawFaults(random: Random): SimulatedFaults {
  const rate = (): number => (random() < 0.4 ? random() ** 2 * 0.5 : 0);
  return {
    failureRate: rate(),
    stallRate: rate(),
    corruptRate: rate(),
    shortReadRate: rate(),
    resetRate: rate(),
    connectStallRate: rate(),
    serverErrorRate: rate(),
    notFoundRate: rate() / 4,
    wrongRangeRate: rate(),
    wholeFileRate: rate(),
    retryAfterMs: random() < 0.5 ? random() * 1500 : 0,
    ...(random() < 0.2 && { changed: { 'merged.ffp': random() < 0.5 ? 'once' : 'always' } }),
  };
}

function drawOutages(random: Random): Outage[] {
  const outages: Outage[] = [];
  let atMs = random() * 1000;
  while (random() < 0.4) {
    const endMs = atMs + 1 + random() * 4000;
    outages.push({ startMs: atMs, endMs });
    atMs = endMs + 1 + random() * 1000;
  }
  return outages;
}
