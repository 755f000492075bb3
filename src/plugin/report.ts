/** What the streaming tells about itself: a snapshot of figures. */
import { MAX_LODS } from '../base/limits.ts';
import { MIXED } from '../catalog/cells.ts';
import type { ResidencyClass } from '../components/residency.ts';
import type { IoStats } from '../io/io-stats.ts';
import { LEVEL_STATE_NAMES } from '../level/level-machine.ts';
import { URGENCY_NAMES } from '../memory/payloads.ts';
import { loadsNow } from '../systems/adapt-load.ts';
import { errorBiasOf } from '../systems/error-bias.ts';
import type { RingSummary } from '../telemetry/ring.ts';
import type { StreamWorld } from '../world.ts';
import { type MemoryReport, reportMemory } from './memory-report.ts';

/** A number for each urgency class. */
export type ClassCounts = Record<keyof typeof ResidencyClass, number>;

/** Figures of the last frame and totals since install. A new object each call. */
export interface StreamingStats extends MemoryReport {
  frame: number;
  /** Factor on the tolerated errors, under memory or frame pressure. */
  errorBias: number;
  /** What frame pressure alone asks for. */
  frameBias: number;
  placements: number;
  /** Bytes of all tables that hold placements, cells and their tree. */
  tableBytes: number;
  /** Opening of worlds: longest time without a pause (ms on the clock), and how many there were. */
  openMaxSliceMs: number;
  openSlices: number;
  shown: number;
  holes: number;
  entitiesRequesting: number;
  entitiesMaterialized: number;
  /** Entities and components added to your world and taken from it in the last frame. */
  structuralOps: number;
  visibleCells: number;
  evaluatedCells: number;
  visitedNodes: number;
  showChanges: number;
  payloads: number;
  payloadsResident: number;
  payloadsPending: number;
  /** What is with io, by urgency class. */
  pendingByClass: ClassCounts;
  payloadsStaged: number;
  candidates: number;
  /** Candidates by urgency class, as of the last gathering. */
  candidatesByClass: ClassCounts;
  refused: number;
  /** Slots that carry an occlusion weight. */
  occludedSlots: number;
  requestsInFlight: number;
  requestsQueued: number;
  /** Requests that may be in flight, look-ahead included, and the share of uploads: frame time decides. */
  loadLimit: number;
  loadShare: number;
  bandwidthBytesPerSecond: number;
  latencySeconds: number;
  payloadsLoaded: number;
  payloadsEvicted: number;
  payloadsFailed: number;
  cancelled: number;
  fetchedBytes: number;
  /** Encoded bytes fetched and decoded for content that left before the view ever wanted it. */
  unshownBytes: number;
  /** What the I/O engine counts: requests, bytes, latency, retries, cache, workers. */
  io: IoStats;
  overBudgetFrames: number;
  levels: Record<string, string>;
  beginMs: RingSummary;
  updateMs: RingSummary;
  commitMs: RingSummary;
}

export function reportStats(world: StreamWorld): StreamingStats {
  const { stats, io } = world;
  return {
    frame: world.frame,
    ...reportMemory(world),
    errorBias: errorBiasOf(world),
    frameBias: world.frameBias.bias,
    placements: world.slots.count - world.slots.entitySlots - world.terrain.count,
    openMaxSliceMs: world.pace.maxTurnMs,
    openSlices: world.pace.turns,
    tableBytes: tableBytes(world),
    shown: stats.shownSlots,
    holes: stats.holes,
    entitiesRequesting: world.queries.requests.dense.length,
    entitiesMaterialized: world.materialized.count,
    structuralOps: stats.structuralOps,
    visibleCells: stats.visibleCells,
    evaluatedCells: stats.evaluatedCells,
    visitedNodes: stats.visitedNodes,
    showChanges: stats.showChanges,
    payloads: world.payloads.count,
    payloadsResident: world.contents.size,
    payloadsPending: world.pending.size,
    pendingByClass: pendingByClass(world),
    payloadsStaged: world.staged.size,
    candidates: stats.candidates,
    candidatesByClass: namedCounts(stats.candidatesByClass),
    refused: stats.refused,
    occludedSlots: world.occlusion.count,
    requestsInFlight: io.inFlightCount,
    requestsQueued: io.queuedCount,
    loadLimit: loadsNow(world),
    loadShare: world.loads.share,
    bandwidthBytesPerSecond: io.link.bandwidthBytesPerSecond,
    latencySeconds: io.link.latencySeconds,
    payloadsLoaded: stats.payloadsLoaded,
    payloadsEvicted: stats.payloadsEvicted,
    payloadsFailed: stats.payloadsFailed,
    cancelled: stats.cancelled,
    fetchedBytes: io.fetchedBytes,
    unshownBytes: stats.unshownBytes,
    io: io.stats(),
    overBudgetFrames: stats.overBudgetFrames,
    levels: levelStates(world),
    beginMs: stats.beginMs.summary(),
    updateMs: stats.updateMs.summary(),
    commitMs: stats.commitMs.summary(),
  };
}

function namedCounts(counts: ArrayLike<number>): ClassCounts {
  return Object.fromEntries(URGENCY_NAMES.map((name, of) => [name, counts[of]])) as ClassCounts;
}

function pendingByClass({ pending, payloads }: StreamWorld): ClassCounts {
  const counts = URGENCY_NAMES.map(() => 0);
  for (const payload of pending) counts[payloads.columns.urgency[payload]!]!++;
  return namedCounts(counts);
}

function tableBytes({ slots, occlusion, cells, cellTree }: StreamWorld): number {
  return slots.byteLength + occlusion.byteLength + cells.byteLength + cellTree.byteLength;
}

export function levelStates(world: StreamWorld): Record<string, string> {
  const states: Record<string, string> = {};
  for (const level of world.levels) if (level) states[level.name] = LEVEL_STATE_NAMES[level.state]!;
  return states;
}

/** How many visible placements show each LOD, finest first. Walks what is in view. */
export function lodHistogram(world: StreamWorld): number[] {
  const { cells, visibleCells, slots, visibleEntities } = world;
  const counts = new Array<number>(MAX_LODS).fill(0);
  const add = (lod: number, count: number): void => {
    if (lod < MAX_LODS) counts[lod]! += count;
  };
  for (let i = 0; i < visibleCells.count; i++) {
    const cell = visibleCells.items[i]!;
    for (let run = cells.cellRuns[cell]!; run < cells.cellRuns[cell + 1]!; run++) {
      const [start, end] = [cells.runSlots[run]!, cells.runEnds[run]!];
      if (cells.runShown[run] !== MIXED) add(cells.runShown[run]!, end - start);
      else for (let slot = start; slot < end; slot++) add(slots.shownLods[slot]!, 1);
    }
  }
  for (let i = 0; i < visibleEntities.count; i++)
    add(slots.shownLods[visibleEntities.items[i]!]!, 1);
  return counts;
}
