/** Makes the tables and ports of a world. Nothing is opened, nothing runs. */
import type { World } from 'bitecs';
import { createSystemClock } from '../base/clock.ts';
import { IndexedHeap } from '../base/heap.ts';
import { Pace } from '../base/pace.ts';
import { createRandom } from '../base/random.ts';
import { AssetTable } from '../catalog/assets.ts';
import { CellTable } from '../catalog/cells.ts';
import { FrameBias } from '../catalog/frame-bias.ts';
import { LOD_DEFAULTS, LodPolicy } from '../catalog/lod-policy.ts';
import { OcclusionTable } from '../catalog/occlusion.ts';
import { PlacementEntities } from '../catalog/placement-entities.ts';
import { ShowList } from '../catalog/show-list.ts';
import { SlotTable } from '../catalog/slots.ts';
import type { ComponentSet } from '../components/index.ts';
import type { PayloadContent } from '../io/content.ts';
import { checkKinds } from '../io/custom-kinds.ts';
import type { Decoder } from '../io/decoder.ts';
import { createIoEngine } from '../io/engine.ts';
import type { AvailabilityEvent } from '../io/fetches.ts';
import { createMailbox } from '../io/mailbox.ts';
import { createIoWorker, type IoWorker } from '../io/worker/io-worker.ts';
import { createWorkerPool } from '../io/worker/pool.ts';
import { DataLayers } from '../level/data-layers.ts';
import { LevelIntents } from '../level/level-intents.ts';
import { QualityState } from '../level/quality-state.ts';
import { Budget } from '../memory/budget/budget.ts';
import { createMemoryStates } from '../memory/budget/memory-state.ts';
import { LoadLimit, resolveThrottle } from '../memory/load-limit.ts';
import { PayloadTable } from '../memory/payloads.ts';
import { Places } from '../memory/places.ts';
import { resolveEviction } from '../memory/policies/choice.ts';
import { Eviction } from '../memory/policies/eviction.ts';
import { ScorerTable } from '../memory/scorer-table.ts';
import { UploadAllowance } from '../memory/upload-allowance.ts';
import type { DeviceMemoryEvent } from '../memory/view.ts';
import type { ResolvedOptions } from '../options.ts';
import { createAnnouncedPoses, MAX_ANNOUNCED_POSES } from '../spatial/announced.ts';
import { createPoseSet } from '../spatial/expected-error.ts';
import { FRUSTUM_STRIDE } from '../spatial/frustum.ts';
import { createItemList, LooseOctree } from '../spatial/octree.ts';
import { MAX_HORIZONS, resolvePrediction } from '../spatial/prediction-options.ts';
import { createSphereSet, PREFETCH_SPHERES } from '../spatial/prefetch-shape.ts';
import { createStats } from '../telemetry/counters.ts';
import { EventBus } from '../telemetry/events.ts';
import { Metrics } from '../telemetry/metrics.ts';
import { TerrainTable } from '../terrain/quadtree.ts';
import { createLoading } from './loading.ts';
import {
  type Activation,
  type Culling,
  type EntityColumns,
  type Hold,
  MAX_VIEWPOINTS,
  type StreamQueries,
  type Sweep,
  type Waiter,
} from './records.ts';
import type { StreamWorld } from './stream-world.ts';
import { createVolumeTracking } from './volume-tracking.ts';

/** Half the edge of the octrees' root cube (meters); what lies outside is kept at the root. */
const WORLD_HALF_SIZE_METERS = 65_536;

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
    unread: new Uint8Array(rows),
    pinMasks: new Uint8Array(rows),
    seenFrames: new Uint32Array(rows),
    sweeps: new Uint32Array(rows),
  };
}

function createDecoder(options: ResolvedOptions, events: EventBus): Decoder {
  if (options.decoder) return options.decoder;
  const { workerCount, createWorker, workerUrl, dracoWasmUrl, basisWasmUrl, kinds } = options;
  const { completions } = options;
  return createWorkerPool({
    ...(completions && { completions }),
    onWarning: (message) => events.emit('warning', { message }),
    ...(workerCount !== undefined && { workerCount }),
    ...(createWorker && { createWorker }),
    ...(workerUrl !== undefined && { workerUrl }),
    ...(dracoWasmUrl !== undefined && { dracoWasmUrl }),
    ...(basisWasmUrl !== undefined && { basisWasmUrl }),
    ...(kinds && { kinds }),
  });
}

function createReader(options: ResolvedOptions, events: EventBus): IoWorker | null {
  const { ioWorker, createWorker, workerUrl } = options;
  if (!ioWorker) return null;
  return createIoWorker({
    ...(createWorker && { createWorker }),
    ...(workerUrl !== undefined && { workerUrl }),
    onWarning: (message) => events.emit('warning', { message }),
  });
}

function createPorts(options: ResolvedOptions) {
  const events = new EventBus();
  const clock = options.clock ?? createSystemClock();
  const random = createRandom(options.seed);
  const mailbox = createMailbox();
  const decoder = createDecoder(options, events);
  const availability: AvailabilityEvent[] = [];
  const io = createIoEngine({
    sources: [],
    decoder,
    clock,
    random,
    mailbox,
    options: { ...options.io, maxInFlight: options.maxInFlight },
    onAvailability: (event) => availability.push(event),
  });
  const ioWorker = createReader(options, events);
  const pace = new Pace(clock, options.openMsPerFrame);
  const uploads = new UploadAllowance(clock);
  const metrics = new Metrics(options.metrics ?? {}, clock, events);
  const bandwidth = { sinceMs: clock.now(), fetchedBytes: 0 };
  return {
    events,
    clock,
    random,
    mailbox,
    decoder,
    ioWorker,
    io,
    availability,
    pace,
    uploads,
    metrics,
    bandwidth,
  };
}

export function createStreamWorld(
  ecs: World,
  options: ResolvedOptions,
  set: ComponentSet,
  queries: StreamQueries,
): StreamWorld {
  const root = { center: [0, 0, 0] as const, halfSize: WORLD_HALF_SIZE_METERS };
  const prediction = resolvePrediction(options.prediction);
  // Fed poses may be as many as horizons can be, beside the one that is now.
  const poses = createPoseSet(MAX_VIEWPOINTS * (MAX_HORIZONS + 1) + MAX_ANNOUNCED_POSES);
  return {
    ecs,
    options,
    set,
    queries,
    ...createPorts(options),
    entities: entityColumns(set.capacity),
    kinds: checkKinds(options.kinds),
    payloads: new PayloadTable(),
    assets: new AssetTable(options.lod),
    slots: new SlotTable(set.capacity + 1),
    occlusion: new OcclusionTable(options.occlusion),
    cells: new CellTable(),
    terrain: new TerrainTable(),
    ...createLevels(set),
    ...createBudgets(options),
    stats: createStats(),
    opened: [],
    closed: [],
    opening: new Map(),
    files: [],
    // 65 km to 32 m in 11 halvings: cells of 16-60 m find a node of their own size.
    cellTree: new LooseOctree(0, { ...root, maxDepth: 11 }),
    entityTree: new LooseOctree(set.capacity + 1, { ...root, maxDepth: 11 }),
    tracked: new Map(),
    prediction,
    announcements: [],
    announcementsDropped: false,
    announced: createAnnouncedPoses(),
    prefetchSpheres: createSphereSet(MAX_VIEWPOINTS * PREFETCH_SPHERES + MAX_ANNOUNCED_POSES),
    eyes: { values: new Float64Array(MAX_VIEWPOINTS * 4), count: 0 },
    ...createDetail(options),
    lodScale: {
      errorPx: 0,
      lenses: new Float64Array(MAX_VIEWPOINTS),
      ruleVersion: 0,
      rulePixels: options.errorPixels,
    },
    score: {
      poses,
      errorPx: options.errorPixels,
      kReference: 0,
      errorScale: 1,
      maxDistanceMeters: Number.POSITIVE_INFINITY,
      screenPixels: 1920 * 1080,
      classic: options.classic,
      course: new Float64Array(3),
    },
    planes: new Float64Array(MAX_VIEWPOINTS * 24),
    ...createLists(),
    materialized: new PlacementEntities(set.capacity),
    ...createPasses(),
    scoring: {
      table: new ScorerTable(),
      places: new Places(),
      isRunning: false,
      hasFailed: false,
    },
    candidates: {
      payloads: new Int32Array(1024),
      priorities: new Float64Array(1024),
      count: 0,
      fresh: false,
      gathering: 0,
      held: 0,
    },
    plan: { payloads: new Int32Array(1024), count: 0 },
    ...createQueues(),
    view: null,
    ...initialState(),
  };
}

function createLevels(set: ComponentSet) {
  return {
    levels: [],
    roster: [],
    rosterTurn: 0,
    dataLayers: new DataLayers(),
    layerShifts: [],
    grids: [],
    gridIntents: new Map(),
    layersTaken: 0,
    levelVersion: 0,
    priorityVersion: 0,
    levelIntents: new LevelIntents(),
    levelLoads: new Map<string, symbol>(),
    volumes: createVolumeTracking(set, MAX_VIEWPOINTS),
    loading: createLoading(),
    travels: [],
  };
}

function createBudgets({ budgetBytes, pools, eviction, policy }: ResolvedOptions) {
  const budget = new Budget(budgetBytes, pools);
  return {
    budget,
    eviction: new Eviction(resolveEviction(eviction), policy.birthCredit),
    memoryStates: createMemoryStates(),
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
    selectedTiles: createItemList(256),
    shownTiles: createItemList(256),
    wantedTiles: createItemList(256),
    reclassified: createItemList(256),
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
    scored: 0,
    stride: 1,
    running: false,
    sinceSeconds: Number.POSITIVE_INFINITY,
    inputs: new Float64Array(256),
    inputCount: 0,
    residency: 0,
    restSeconds: 0,
  };
}

function createCulling(): Culling {
  return {
    planes: new Float64Array(MAX_VIEWPOINTS * FRUSTUM_STRIDE).fill(Number.NaN),
    eyeCount: 0,
    cellVersion: -1,
    entityVersion: -1,
    cellFrame: -1,
    entityFrame: -1,
    odometer: 0,
    selectionVersion: 0,
    isShown: false,
  };
}

function createDetail({ lod = {}, quality = {}, throttle }: ResolvedOptions) {
  const { targetFrameMs, maxBias } = { ...LOD_DEFAULTS, ...lod };
  return {
    lod: new LodPolicy(lod),
    quality: new QualityState(quality),
    frameBias: new FrameBias(targetFrameMs, maxBias),
    loads: new LoadLimit(resolveThrottle(throttle), targetFrameMs),
  };
}

function createPasses() {
  return { activation: createActivation(), culling: createCulling(), sweep: createSweep() };
}

function createActivation(): Activation {
  return {
    isRunning: false,
    isDue: true,
    isFull: false,
    eyes: new Float64Array(MAX_VIEWPOINTS * 4),
    eyeCount: 0,
    treeVersion: -1,
    nextEntity: -1,
    cells: new IndexedHeap(16),
    nextSlot: 0,
  };
}

function createQueues() {
  return {
    pending: new Set<number>(),
    staged: new Map<number, PayloadContent>(),
    contents: new Map<number, PayloadContent>(),
    releases: [] as number[],
    dirtyEntities: [] as number[],
    unresolved: new Set<number>(),
    deadlines: new Set<number>(),
    residencyChanged: new Set<number>(),
    waiters: new Set<Waiter>(),
    holds: new Set<Hold>(),
    leaving: new Set<number>(),
  };
}

function initialState() {
  return {
    beforeUpdate: [] as (() => void)[],
    deviceEvents: [] as DeviceMemoryEvent[],
    isDeviceLost: false,
    reserving: null as Promise<void> | null,
    frame: 0,
    dtSeconds: 0,
    kPerPixel: 0,
    errorBias: 1,
    pressure: 0,
    refusal: { gain: 0, bias: 0, odometer: 0, budgetBytes: 0, atMs: 0, waitMs: 0 },
    selectionVersion: 1,
    cutVersion: 1,
    odometer: 0,
    cut: true,
    viewCut: true,
    isTurning: false,
    frameSeconds: 0,
    assetsDirty: false,
    demandChanged: true,
    baseKept: true,
    proxiesKept: true,
    viewBytes: 0,
    viewSharedBytes: 0,
    pinnedBytes: 0,
    keptBytes: 0,
    toldResidency: -1,
    keptSharedBytes: 0,
    refusedUpload: -1,
    reweighedMs: 0,
    ioSampledMs: Number.NEGATIVE_INFINITY,
    disposed: false,
  };
}
