/**
 * Everything a system may reach: the tables, the ports, and what one system leaves for the next.
 * One per bitECS world.
 */
import type { Query, World } from 'bitecs';
import { type Clock, createSystemClock } from './base/clock.ts';
import { createRandom, type Random } from './base/random.ts';
import { AssetTable } from './catalog/assets.ts';
import type { Eyes } from './catalog/cell-lods.ts';
import { CellTable } from './catalog/cells.ts';
import type { Mount } from './catalog/mount.ts';
import { ShowList } from './catalog/show-list.ts';
import { SlotTable } from './catalog/slots.ts';
import type { ComponentSet } from './components/index.ts';
import type { MeshContent } from './io/content.ts';
import type { Decoder } from './io/decoder.ts';
import { createIoEngine, type IoEngine } from './io/engine.ts';
import { createMailbox, type Mailbox } from './io/mailbox.ts';
import { createWorkerPool } from './io/worker/pool.ts';
import type { Level } from './level/level-machine.ts';
import { Budget, type MemoryState } from './memory/budget.ts';
import { PayloadTable, type UrgencyClass } from './memory/payloads.ts';
import type { View } from './memory/view.ts';
import type { ResolvedOptions } from './options.ts';
import { createPoseSet, type ScoreView } from './spatial/expected-error.ts';
import type { Motion } from './spatial/motion.ts';
import { createItemList, type ItemList, LooseOctree } from './spatial/octree.ts';
import { createStats, type FrameStats } from './telemetry/counters.ts';
import { EventBus } from './telemetry/events.ts';
import { type NodeList, TerrainTable } from './terrain/quadtree.ts';

/** Half the edge of the octrees' root cube (meters); what lies outside is kept at the root. */
const WORLD_HALF_SIZE_METERS = 65_536;

/** A world opened from a bundle. */
export interface OpenedWorld {
  name: string;
  /** Path given to `open`. */
  path: string;
  /** Min x, y, z, max x, y, z (meters). */
  bounds: readonly number[];
  source: number;
  mount: Mount;
  firstFile: number;
  fileCount: number;
  /** Rows of `levels` that belong to it. */
  levels: number[];
}

/** Live queries of the game's world; read `dense`, never iterate while changing structure. */
export interface StreamQueries {
  requests: Query;
  pinned: Query;
  volumes: Query;
  viewpoints: Query;
}

/** A pose the game has announced: a cut-scene, a teleport. */
export interface Announcement {
  eye: [number, number, number];
  direction: [number, number, number];
  /** Clock time at which it is expected (ms). */
  atMs: number;
}

/** What the game is promised when it awaits residency. */
export interface Waiter {
  /** Entity, or 0 when the asset itself is awaited. */
  entity: number;
  epoch: number;
  assetId: number;
  /** LOD that must be resident, or -1 for any. */
  lod: number;
  resolve(): void;
  reject(error: Error): void;
}

/** An asset that the game holds by name, without an entity. */
export interface Hold {
  assetId: number;
  lod: number;
  urgency: UrgencyClass;
  /** Payload pinned for it (critical and high), or -1. */
  pinned: number;
}

/** Per-entity bookkeeping of the request tier. Rows are entity ids; 0 links nowhere. */
export interface EntityColumns {
  /** Asset row, or -1 while unknown or not requested. */
  assets: Int32Array;
  next: Uint32Array;
  previous: Uint32Array;
  /** Raised by observers whenever the entity's request begins or ends. */
  epochs: Uint32Array;
  /** Epoch at admission; differs from `epochs` when the row is stale. */
  admitted: Uint32Array;
  /** Clock time of admission (ms); deadlines count from it. */
  admittedMs: Float64Array;
  /** 1 while the entity waits in `dirtyEntities`. */
  queued: Uint8Array;
  /** LOD bits this entity pins. */
  pinMasks: Uint8Array;
  seenFrames: Uint32Array;
  /** Slot of the placement an entity stands for, or -1. */
  placementSlots: Int32Array;
}

/** What `prioritize` proposes, best first after `plan` was made. */
export interface Candidates {
  payloads: Int32Array;
  priorities: Float64Array;
  count: number;
  /** Set when they were gathered anew and not planned from yet. */
  fresh: boolean;
  /** Number of the last gathering. */
  gathering: number;
}

/** The running sweep over everything near or in view that may want more detail. */
export interface Sweep {
  number: number;
  cells: ItemList;
  entities: ItemList;
  nextCell: number;
  nextEntity: number;
  /** Cells per frame that finish the sweep in a tenth of a second. */
  stride: number;
  running: boolean;
  sinceSeconds: number;
}

export interface StreamWorld {
  readonly ecs: World;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly set: ComponentSet;
  readonly queries: StreamQueries;
  readonly entities: EntityColumns;
  readonly payloads: PayloadTable;
  readonly assets: AssetTable;
  readonly slots: SlotTable;
  readonly cells: CellTable;
  readonly terrain: TerrainTable;
  readonly levels: (Level | null)[];
  readonly budget: Budget;
  readonly io: IoEngine;
  readonly decoder: Decoder;
  readonly mailbox: Mailbox;
  readonly events: EventBus;
  readonly stats: FrameStats;
  readonly opened: OpenedWorld[];
  /** Paths whose `open` has begun and not ended. */
  readonly opening: Set<string>;
  /** Pack files of all opened worlds. */
  readonly files: { source: number; file: string }[];
  readonly cellTree: LooseOctree;
  readonly entityTree: LooseOctree;
  readonly motions: Map<number, Motion>;
  readonly announcements: Announcement[];
  readonly eyes: Eyes;
  readonly score: ScoreView;
  /** Frusta of the viewpoints, `FRUSTUM_STRIDE` numbers each, as many as `eyes`. */
  readonly planes: Float64Array;
  readonly visibleCells: ItemList;
  readonly hiddenCells: ItemList;
  readonly visibleEntities: ItemList;
  readonly hiddenEntities: ItemList;
  readonly movedEntities: ItemList;
  /** Payload each moved entity shows; as long as `movedEntities.items`. */
  movedPayloads: Int32Array;
  readonly selectedTiles: NodeList;
  readonly shownTiles: NodeList;
  readonly wantedTiles: NodeList;
  readonly shows: ShowList;
  readonly sweep: Sweep;
  readonly candidates: Candidates;
  /** Payloads to ask for this frame, in order; -1 marks one that memory refused. */
  readonly plan: { payloads: Int32Array; count: number };
  /** Rows that are with io. */
  readonly pending: Set<number>;
  /** Decoded content that waits for its upload. */
  readonly staged: Map<number, MeshContent>;
  /** Content of resident rows. */
  readonly contents: Map<number, MeshContent>;
  /** Rows evicted this frame whose GPU objects go once nothing shows them. */
  readonly releases: number[];
  readonly dirtyEntities: number[];
  /** Entities whose asset is in no opened world yet. */
  readonly unresolved: Set<number>;
  /** Entities whose request has a deadline and is not satisfied yet. */
  readonly deadlines: Set<number>;
  /** Entities whose `Residency` must be rewritten and tags reconsidered. */
  readonly residencyChanged: Set<number>;
  readonly waiters: Set<Waiter>;
  readonly holds: Set<Hold>;
  /** Slot → entity of materialized placements. */
  readonly materialized: Map<number, number>;
  view: View<MeshContent> | null;
  beforeUpdate: (() => void)[];
  frame: number;
  dtSeconds: number;
  /** Pixels per tangent ÷ tolerated pixels, of the reference viewpoint. */
  kPerPixel: number;
  /** Factor on the tolerated error under memory pressure, 1 = none. */
  errorBias: number;
  pressure: number;
  /** Bias at which the view last did not fit, and the camera travel and budget at that time. */
  refusedBias: number;
  refusedOdometer: number;
  refusedBudgetBytes: number;
  /** Raised when every cell must be evaluated again. */
  selectionVersion: number;
  /** Cells last evaluated before this version have not seen the last cut. */
  cutVersion: number;
  /** Reference camera travel (meters). */
  odometer: number;
  cut: boolean;
  /** Set when some asset's shown LODs changed. */
  assetsDirty: boolean;
  /** Set when candidates must be computed anew. */
  demandChanged: boolean;
  /** Coarsest LODs of everything placed are pinned (they fit in a quarter of the budget). */
  baseKept: boolean;
  /** Bytes of what the view needs and of what is pinned, as of the last sweep. */
  viewBytes: number;
  /** Bytes that pins may come to. */
  pinnedBytes: number;
  memoryState: MemoryState;
  disposed: boolean;
}

/** At most this many viewpoints are served (split screen for four, and as many again on a server). */
export const MAX_VIEWPOINTS = 16;

function entityColumns(capacity: number): EntityColumns {
  const rows = capacity + 1;
  return {
    assets: new Int32Array(rows).fill(-1),
    next: new Uint32Array(rows),
    previous: new Uint32Array(rows),
    epochs: new Uint32Array(rows),
    admitted: new Uint32Array(rows),
    admittedMs: new Float64Array(rows),
    queued: new Uint8Array(rows),
    pinMasks: new Uint8Array(rows),
    seenFrames: new Uint32Array(rows),
    placementSlots: new Int32Array(rows).fill(-1),
  };
}

function createDecoder(options: ResolvedOptions): Decoder {
  if (options.decoder) return options.decoder;
  const { workerCount, createWorker, workerUrl, dracoWasmUrl } = options;
  return createWorkerPool({
    ...(workerCount !== undefined && { workerCount }),
    ...(createWorker && { createWorker }),
    ...(workerUrl !== undefined && { workerUrl }),
    ...(dracoWasmUrl !== undefined && { dracoWasmUrl }),
  });
}

function createPorts(options: ResolvedOptions) {
  const clock = options.clock ?? createSystemClock();
  const random = createRandom(options.seed);
  const mailbox = createMailbox();
  const decoder = createDecoder(options);
  const io = createIoEngine({
    sources: [],
    decoder,
    clock,
    random,
    mailbox,
    options: { maxInFlight: options.maxInFlight },
  });
  return { clock, random, mailbox, decoder, io };
}

/** Makes the tables and ports. Nothing is opened, nothing runs. */
export function createStreamWorld(
  ecs: World,
  options: ResolvedOptions,
  set: ComponentSet,
  queries: StreamQueries,
): StreamWorld {
  const root = { center: [0, 0, 0] as const, halfSize: WORLD_HALF_SIZE_METERS };
  const poses = createPoseSet(MAX_VIEWPOINTS * 4 + 8);
  return {
    ecs,
    options,
    set,
    queries,
    ...createPorts(options),
    entities: entityColumns(set.capacity),
    payloads: new PayloadTable(),
    assets: new AssetTable(),
    slots: new SlotTable(set.capacity + 1),
    cells: new CellTable(),
    terrain: new TerrainTable(),
    levels: [],
    budget: new Budget(options.budgetBytes),
    events: new EventBus(),
    stats: createStats(),
    opened: [],
    opening: new Set(),
    files: [],
    // 65 km to 32 m in 11 halvings: cells of 16-60 m find a node of their own size.
    cellTree: new LooseOctree(0, { ...root, maxDepth: 11 }),
    entityTree: new LooseOctree(set.capacity + 1, { ...root, maxDepth: 11 }),
    motions: new Map(),
    announcements: [],
    eyes: { values: new Float64Array(MAX_VIEWPOINTS * 4), count: 0 },
    score: {
      poses,
      errorPx: options.errorPixels,
      screenPixels: 1920 * 1080,
      classicRangeMeters: options.classicRangeMeters,
      course: new Float64Array(3),
    },
    planes: new Float64Array(MAX_VIEWPOINTS * 24),
    ...createLists(),
    sweep: createSweep(),
    candidates: {
      payloads: new Int32Array(1024),
      priorities: new Float64Array(1024),
      count: 0,
      fresh: false,
      gathering: 0,
    },
    plan: { payloads: new Int32Array(1024), count: 0 },
    ...createQueues(),
    view: null,
    ...initialState(),
  };
}

function createLists() {
  return {
    visibleCells: createItemList(),
    hiddenCells: createItemList(),
    visibleEntities: createItemList(),
    hiddenEntities: createItemList(),
    movedEntities: createItemList(),
    movedPayloads: new Int32Array(1024),
    selectedTiles: { nodes: new Uint32Array(256), count: 0 },
    shownTiles: { nodes: new Uint32Array(256), count: 0 },
    wantedTiles: { nodes: new Uint32Array(256), count: 0 },
    shows: new ShowList(),
  };
}

function createSweep(): Sweep {
  return {
    number: 0,
    cells: createItemList(),
    entities: createItemList(),
    nextCell: 0,
    nextEntity: 0,
    stride: 1,
    running: false,
    sinceSeconds: Number.POSITIVE_INFINITY,
  };
}

function createQueues() {
  return {
    pending: new Set<number>(),
    staged: new Map<number, MeshContent>(),
    contents: new Map<number, MeshContent>(),
    releases: [] as number[],
    dirtyEntities: [] as number[],
    unresolved: new Set<number>(),
    deadlines: new Set<number>(),
    residencyChanged: new Set<number>(),
    waiters: new Set<Waiter>(),
    holds: new Set<Hold>(),
    materialized: new Map<number, number>(),
  };
}

function initialState() {
  return {
    beforeUpdate: [] as (() => void)[],
    frame: 0,
    dtSeconds: 0,
    kPerPixel: 0,
    errorBias: 1,
    pressure: 0,
    refusedBias: 0,
    refusedOdometer: 0,
    refusedBudgetBytes: 0,
    selectionVersion: 1,
    cutVersion: 1,
    odometer: 0,
    cut: true,
    assetsDirty: false,
    demandChanged: true,
    baseKept: true,
    viewBytes: 0,
    pinnedBytes: 0,
    memoryState: 'normal' as MemoryState,
    disposed: false,
  };
}
