/** Which cells the io benchmark measures, and on which payloads. */
import type { SystemName } from './client/load.ts';
import type { PayloadRef } from './client/payload-ref.ts';
import { listDemand } from './demand.ts';
import type { HostName } from './hosts.ts';
import { readWorldFiles, type WorldFiles } from './world-payloads.ts';

export const PARTS = ['load', 'small', 'critical', 'profiles'] as const;
export type Part = (typeof PARTS)[number];

export interface PlanOptions {
  hosts: HostName[];
  latencies: number[];
  /** Mbit/s; 0 is no cap. */
  mbits: number[];
  payloads: number;
  maxKib: number;
  rounds: number;
  systems: SystemName[];
  parts: Part[];
  quick?: boolean;
  seed: number;
}

interface Cell {
  host: HostName;
  latencyMs: number;
  mbitPerS: number | null;
  rounds: number;
}

export type PlannedCell =
  | (Cell & { part: 'load' | 'small'; payloads: PayloadRef[]; systems: readonly SystemName[] })
  | (Cell & { part: 'critical'; queued: PayloadRef[]; critical: PayloadRef });

/** The case of many small payloads on a slow link: where requests are what costs. */
const SMALL = { latencyMs: 120, count: 200, maxBytes: 32 * 1024 };
/** The case of a critical payload behind a queue. */
const CRITICAL = {
  links: [
    [40, 20],
    [120, 20],
  ] as const,
  queued: 400,
  rounds: 5,
};
const QUICK = { payloads: 100, rounds: 1, latencies: [40], mbits: [20], small: 50, queued: 100 };

export interface Plan {
  cells: PlannedCell[];
  /** What the simulated devices hold and what is read from them; null where they are left out. */
  simulated: { files: WorldFiles['files']; payloads: PayloadRef[] } | null;
}

export async function createPlan(folder: string, given: PlanOptions): Promise<Plan> {
  const options = given.quick ? { ...given, ...QUICK } : given;
  const world = readWorldFiles(folder);
  const { seed, hosts, rounds, systems } = options;
  const demand = (count: number, maxBytes: number): Promise<PayloadRef[]> =>
    listDemand(world, { seed, count, maxBytes });
  const caps = options.mbits.map((mbit) => (mbit === 0 ? null : mbit));
  const cells: PlannedCell[] = [];
  const add = (part: Part, make: (host: HostName) => PlannedCell[]): void => {
    if (options.parts.includes(part)) for (const host of hosts) cells.push(...make(host));
  };
  const payloads = await demand(options.payloads, options.maxKib * 1024);
  add('load', (host) =>
    options.latencies.flatMap((latencyMs) =>
      caps.map((mbitPerS) => ({
        ...{ part: 'load' as const, host, latencyMs, mbitPerS, rounds },
        ...{ payloads, systems },
      })),
    ),
  );
  const smallCount = given.quick ? QUICK.small : SMALL.count;
  const small = await demand(smallCount, SMALL.maxBytes);
  add('small', (host) =>
    caps.map((mbitPerS) => ({
      ...{ part: 'small' as const, host, latencyMs: SMALL.latencyMs, mbitPerS, rounds },
      ...{ payloads: small, systems },
    })),
  );
  const queuedCount = given.quick ? QUICK.queued : CRITICAL.queued;
  const [critical, ...queued] = pickCritical(await demand(queuedCount + 1, options.maxKib * 1024));
  add('critical', (host) =>
    CRITICAL.links.map(([latencyMs, mbitPerS]) => ({
      ...{ part: 'critical' as const, host, latencyMs, mbitPerS },
      ...{ rounds: given.quick ? 1 : CRITICAL.rounds, queued, critical: critical! },
    })),
  );
  const { files } = world;
  return { cells, simulated: options.parts.includes('profiles') ? { files, payloads } : null };
}

/** A payload of middling size first, then all others in their order. */
function pickCritical(payloads: PayloadRef[]): PayloadRef[] {
  const bySize = [...payloads].sort((a, b) => a.end - a.start - (b.end - b.start));
  const critical = bySize[Math.floor(bySize.length * 0.75)]!;
  return [critical, ...payloads.filter((ref) => ref !== critical)];
}
