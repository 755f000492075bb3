/** The fault table: each kind of fault, once and for good, and what it must lead to. */
import { ErrorCode } from '../../../src/base/errors.ts';
import { createRandom } from '../../../src/base/random.ts';
import type { Source } from '../../../src/io/source.ts';
import { createBreaker } from '../../../src/io/sources/breaker.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { mirrored } from '../../../src/io/sources/mirrors.ts';
import { type SimulatedSource, simulatedSource } from '../../../src/io/sources/simulated.ts';
import type { SimulatedFault, SimulatedRead } from '../../../src/io/sources/simulated-faults.ts';
import { createOutages } from '../../../src/io/sources/simulated-outages.ts';
import type { EventClock } from './event-clock.ts';
import { crashingDecoder, createFaultBench } from './fault-bench.ts';
import { type Packs, type Shape, ticketOf } from './packs.ts';

const { None, Network, Timeout, NotFound, Server, ShortRead, Checksum, WorkerCrash, Unavailable } =
  ErrorCode;

export interface FaultCase {
  name: string;
  /** Whether it goes on for good, or strikes each range once. */
  lasts: boolean;
  /** What the struck tickets may end with. */
  codes: readonly number[];
  /** Part of a merged read, or of all, may come before it. */
  isPartial?: boolean;
  /** What strikes; the others are made below. */
  fault?: SimulatedFault;
  retryAfterMs?: number;
}

function pair(
  name: string,
  fault: SimulatedFault | undefined,
  code: number,
  more: { retryAfterMs?: number; onceCode?: number; isPartial?: boolean } = {},
): FaultCase[] {
  const { onceCode = None, ...rest } = more;
  const common = { name, ...(fault && { fault }), ...rest };
  return [
    { ...common, lasts: false, codes: [onceCode] },
    { ...common, lasts: true, codes: [code] },
  ];
}

export const FAULT_CASES: readonly FaultCase[] = [
  ...pair('connect timeout', 'connectStall', Timeout),
  ...pair('stall', 'stall', Timeout, { isPartial: true }),
  ...pair('connection reset', 'reset', Network, { isPartial: true }),
  ...pair('no connection', 'failure', Network),
  ...pair('500', 'serverError', Server),
  ...pair('503 + Retry-After', 'serverError', Server, { retryAfterMs: 2000 }),
  ...pair('429', 'serverError', Server, { retryAfterMs: 700 }),
  ...pair('404', 'notFound', NotFound, { onceCode: NotFound }),
  ...pair('short read', 'shortRead', ShortRead, { isPartial: true }),
  ...pair('wrong Content-Range', 'wrongRange', ShortRead),
  ...pair('200 instead of 206', 'wholeFile', None),
  ...pair('flipped bit', 'corrupt', Checksum, { isPartial: true }),
  ...pair('changed file', undefined, Checksum),
  ...pair('offline window', undefined, Unavailable, { isPartial: true }),
  // Those that opened the circuit end with what they saw, the others are refused.
  ...pair('circuit open', 'failure', Unavailable).map((one) =>
    one.lasts ? { ...one, codes: [Unavailable, Network] } : one,
  ),
  ...pair('mirror down', 'failure', Network),
  ...pair('worker crash', undefined, WorkerCrash),
];

export interface CaseRun {
  /** Times that the fault has taken effect. */
  hits: number;
  recovered: number;
  reported: number;
  problems: string[];
}

/** Brings in all payloads of one shape while one kind of fault strikes. */
export async function runCase(
  { name, lasts, codes, isPartial = false, fault, retryAfterMs = 0 }: FaultCase,
  packs: Packs,
  shape: Shape,
  seed: number,
): Promise<CaseRun> {
  const random = createRandom(seed);
  const struck = createStriker(packs, lasts);
  const sources: SimulatedSource[] = [];
  const link = { bandwidthBytesPerSecond: 4e6, latencySeconds: 0.03 };
  const crashes = { count: 0, isFatal: (payload: number) => lasts || struck.once(payload) };
  const makeOne = (clock: EventClock, isGood = false): SimulatedSource => {
    const outage = { startMs: 20, endMs: lasts ? 1e9 : 2020 };
    const source = simulatedSource(memorySource(packs.files), {
      clock,
      random,
      link,
      connectTimeoutMs: 1000,
      stallTimeoutMs: 800,
      faults: {
        retryAfterMs,
        decide: (read) => (!isGood && fault && struck.byRead(read) ? fault : 'none'),
        ...(name === 'changed file' && {
          changed: { [`${shape}.ffp`]: lasts ? ('always' as const) : ('once' as const) },
        }),
      },
      ...(name === 'offline window' && { connectivity: createOutages(clock, [outage]) }),
      ...(name === 'circuit open' && { breaker: createBreaker(clock, random, { failures: 2 }) }),
    });
    sources.push(source);
    return source;
  };
  const makeSource = (clock: EventClock): Source => {
    if (name !== 'mirror down') return makeOne(clock);
    return mirrored([makeOne(clock), makeOne(clock, !lasts)], { clock, random });
  };
  const bench = createFaultBench({
    packs,
    random,
    makeSource,
    ...(name === 'worker crash' && {
      wrapDecoder: (decoder) => crashingDecoder(decoder, crashes, WorkerCrash),
    }),
  });
  for (let payload = 0; payload < packs.payloads.length; payload++)
    if (packs.payloads[payload]!.shape === shape) bench.submit(ticketOf(packs, payload));
  await bench.settle();
  const problems = bench.findProblems();
  for (const { code, message } of bench.books.completions) {
    const isExpected = codes.includes(code) || (isPartial && code === None);
    if (!isExpected) problems.push(`a ticket ended with ${code}: ${message}`);
  }
  await bench.engine.dispose();
  const recovered = bench.books.completions.filter(({ code }) => code === None).length;
  const reported = bench.books.completions.length - recovered;
  return { hits: countHits(name, sources, crashes.count), recovered, reported, problems };
}

function countHits(name: string, sources: readonly SimulatedSource[], crashes: number): number {
  const total = (key: keyof SimulatedSource['faultCounts']): number =>
    sources.reduce((sum, { faultCounts }) => sum + faultCounts[key], 0);
  if (name === 'worker crash') return crashes;
  if (name === 'offline window') return total('outage') + total('refused');
  if (name === 'circuit open') return total('refused');
  if (name === 'changed file') return total('changed');
  const drawn = Object.entries(sources[0]!.faultCounts).filter(([key]) => key !== 'refused');
  return drawn.reduce((sum, [key]) => sum + total(key as 'stall'), 0);
}

/** Strikes a read when one of the payloads in it has not been struck yet, or always. */
function createStriker(packs: Packs, lasts: boolean) {
  const struck = new Set<number>();
  const once = (payload: number): boolean => {
    if (struck.has(payload)) return false;
    struck.add(payload);
    return true;
  };
  return {
    once,
    byRead({ file, start, end }: SimulatedRead): boolean {
      if (lasts) return true;
      const inside = [...packs.payloads.keys()].filter((payload) => {
        const other = packs.payloads[payload]!;
        return other.file === file && other.start >= start && other.end <= end;
      });
      return inside.map(once).some(Boolean);
    },
  };
}
