/**
 * The arena beside first fit, a buddy allocator and `BatchedMesh`: speed, fragmentation, whether
 * what there is room for is served, and what is moved for it.
 */
import { median } from '../lib/stats.ts';
import type { Allocator } from './allocators/allocator.ts';
import { createBatchedMesh } from './allocators/batched-mesh.ts';
import { createBuddy } from './allocators/buddy.ts';
import { createFarfield } from './allocators/farfield.ts';
import { createFarfieldBytes } from './allocators/farfield-bytes.ts';
import { createFirstFit } from './allocators/first-fit.ts';
import { createSizeClasses } from './allocators/size-classes.ts';
import { OPERATIONS_PER_FRAME, type ReplayResult, replay, timeOperations } from './arena-replay.ts';
import {
  createTrace,
  PAYLOAD_SIZES,
  SIXTEENTH_SIZES,
  type Sizes,
  SMALL_SIZES,
  type Trace,
} from './arena-trace.ts';

const MIB: number = 2 ** 20;

export interface ArenaOptions {
  operations: number;
  quick?: boolean;
  seed: number;
}

/** One allocator on one trace. */
export interface ArenaRow extends ReplayResult {
  allocator: string;
  capacityBytes: number;
  occupancy: number;
  operations: number;
  sizes: Sizes;
  operationsPerFrame: number;
  maxBytesPerFrame: number;
  calmFragmentation: number | null;
  /** Allocations, frees and moves; where there are bytes, filling and copying them too. */
  operationsPerS: number;
  /** null: there are no bytes in this run. */
  corruptRanges: number | null;
}

/** What is measured: how to make a subject, anew for each round. */
interface Subject {
  create: () => Allocator;
  maxBytesPerFrame?: number;
  calmFragmentation?: number;
}

interface Scale {
  capacityBytes: number;
  sizes?: Sizes;
  occupancy: number;
  operations: number;
}

export function measureArenaSection(
  options: ArenaOptions,
  tell: (what: string) => void,
): ArenaRow[] {
  const rows = measureArena(options, tell);
  printRows(rows);
  return rows;
}

export function measureArena(options: ArenaOptions, tell: (what: string) => void): ArenaRow[] {
  const { operations, quick = false, seed } = options;
  const large = { capacityBytes: 4096 * MIB, occupancy: 0.9, operations };
  const middle = { ...large, capacityBytes: 2048 * MIB };
  const full = { ...large, capacityBytes: 1024 * MIB, occupancy: 0.97 };
  const sixteenth = {
    capacityBytes: 256 * MIB,
    occupancy: 0.9,
    operations: quick ? 7000 : 20_000,
    sizes: SIXTEENTH_SIZES,
  };
  // It takes 90,000 small ranges to fill this.
  const small = {
    ...large,
    capacityBytes: 64 * MIB,
    sizes: SMALL_SIZES,
    operations: Math.max(operations, 200_000),
  };
  const fewer = Math.min(operations, 200_000);
  return [
    ...measureOffsets({ ...large, seed, rounds: 3 }, compared(large), tell),
    ...measureOffsets(
      { ...middle, seed, rounds: 1 },
      [farfield(middle, 8, 0.15, 'farfield, 2 GiB')],
      tell,
    ),
    ...measureOffsets({ ...full, seed, rounds: 1 }, onDemand(full), tell),
    ...measureOffsets({ ...large, operations: fewer, seed, rounds: 1 }, budgets(large), tell),
    ...measureOffsets({ ...middle, operations: fewer, seed, rounds: 1 }, budgets(middle), tell),
    ...measureOffsets({ ...small, seed, rounds: 3 }, forSmall(small), tell),
    ...measureBytes(sixteenth, seed, tell),
  ];
}

function compared(scale: Scale): Subject[] {
  return [
    { create: () => createFirstFit(scale.capacityBytes) },
    { create: () => createBuddy(scale.capacityBytes) },
    farfield(scale, 0, 0, 'farfield, nothing moves'),
    farfield(scale, 8, 1, 'farfield, on demand'),
    farfield(scale, 8),
  ];
}

/** What the moves cost by the bytes they may copy, and by the fragmentation that is calm. */
function budgets(scale: Scale): Subject[] {
  return [
    ...[1, 2, 4, 8, 16].map((mib) => farfield(scale, mib, 0.2, `farfield, ${mib} MiB a frame`)),
    ...[0.1, 0.15, 0.3].map((calm) => farfield(scale, 8, calm, `farfield, calm at ${calm}`)),
  ];
}

/** So full that a large request is often refused: whether it is served in time. */
function onDemand(scale: Scale): Subject[] {
  return [
    { create: () => createFirstFit(scale.capacityBytes) },
    farfield(scale, 0, 0, 'farfield, nothing moves'),
    farfield(scale, 8, 1, 'farfield, on demand'),
  ];
}

/** Whether size classes beat best fit where all ranges are small. */
function forSmall(scale: Scale): Subject[] {
  return [
    { create: () => createSizeClasses(scale.capacityBytes) },
    farfield(scale, 0, 0, 'farfield, nothing moves'),
    farfield(scale, 0.0625, 0.2, 'farfield, small'),
  ];
}

function farfield(
  { capacityBytes }: Scale,
  mib: number,
  calmFragmentation: number = 0.2,
  name: string = 'farfield',
): Subject {
  const maxBytesPerFrame = mib * MIB;
  const options = { name, capacityBytes, maxBytesPerFrame, calmFragmentation };
  return { create: () => createFarfield(options), maxBytesPerFrame, calmFragmentation };
}

function measureOffsets(
  { seed, rounds, ...scale }: Scale & { seed: number; rounds: number },
  subjects: readonly Subject[],
  tell: (what: string) => void,
): ArenaRow[] {
  const trace = createTrace({ ...scale, seed });
  const speeds = subjects.map((): number[] => []);
  // In turns, so that a busy spell of the machine meets them all.
  for (let round = 0; round < rounds; round++)
    for (const [i, { create }] of subjects.entries())
      speeds[i]!.push(timeOperations(trace, create()));
  return subjects.map((subject, i) => {
    const row = measureRow(scale, trace, subject, subject.create());
    tell(`${scale.capacityBytes / MIB} MiB, ${row.allocator}`);
    return { ...row, operationsPerS: median(speeds[i]!), corruptRanges: null };
  });
}

/**
 * At a sixteenth of all bytes, so that they fit into memory; speed without the comparison, content
 * in a run of its own.
 */
function measureBytes(scale: Scale, seed: number, tell: (what: string) => void): ArenaRow[] {
  const { capacityBytes } = scale;
  const trace = createTrace({ ...scale, seed });
  const maxBytesPerFrame = MIB / 2;
  const options = { capacityBytes, maxBytesPerFrame, calmFragmentation: 0.2 };
  const name = 'farfield with bytes';
  const checked = createFarfieldBytes({ ...options, name, isChecked: true });
  replay(trace, capacityBytes, checked);
  const broken = createFarfieldBytes({ ...options, name, skipEvery: 50 });
  replay(trace, capacityBytes, broken);
  if (broken.corruptRanges?.() === 0)
    throw new Error('bench: copies were left out, and the comparison of bytes did not notice');
  const subjects: Subject[] = [
    { ...options, create: () => createFarfieldBytes({ ...options, name }) },
    { create: () => createBatchedMesh(capacityBytes) },
  ];
  return subjects.map((subject) => {
    const allocator = subject.create();
    const row = measureRow(scale, trace, subject, allocator);
    tell(`${capacityBytes / MIB} MiB, ${row.allocator}`);
    const isOurs = allocator.corruptRanges !== undefined;
    return {
      ...row,
      operationsPerS: scale.operations / ((row.frames * row.frameMsMean) / 1000),
      corruptRanges: isOurs ? checked.corruptRanges!() : null,
    };
  });
}

function measureRow(
  scale: Scale,
  trace: Trace,
  subject: Subject,
  allocator: Allocator,
): Omit<ArenaRow, 'operationsPerS' | 'corruptRanges'> {
  const { capacityBytes, occupancy, operations, sizes = PAYLOAD_SIZES } = scale;
  return {
    allocator: allocator.name,
    capacityBytes,
    occupancy,
    operations,
    sizes,
    operationsPerFrame: OPERATIONS_PER_FRAME,
    maxBytesPerFrame: subject.maxBytesPerFrame ?? 0,
    calmFragmentation: subject.calmFragmentation ?? null,
    ...replay(trace, capacityBytes, allocator),
  };
}

function printRows(rows: readonly ArenaRow[]): void {
  console.table(
    rows.map((row) => ({
      allocator: row.allocator,
      MiB: row.capacityBytes / MIB,
      'MiB/frame at most': row.maxBytesPerFrame / MIB,
      calm: row.calmFragmentation,
      'ops/s': Math.round(row.operationsPerS),
      'frag max': Number(row.fragmentationMax.toFixed(3)),
      'frag mean': Number(row.fragmentationMean.toFixed(3)),
      'overhead %': Number((row.overheadMean * 100).toFixed(1)),
      refused: row.refusedWithRoom,
      failed: row.failedWithRoom,
      waited: row.longestWaitFrames,
      'moved MiB/frame': Number((row.bytesMovedPerFrame / MIB).toFixed(2)),
      'most MiB/frame': Number((row.bytesMovedPerFrameMax / MIB).toFixed(1)),
      'ms p99': Number(row.frameMsP99.toFixed(3)),
      'ms max': Number(row.frameMsMax.toFixed(1)),
      corrupt: row.corruptRanges,
    })),
  );
}
