/**
 * Everything a system may reach: the tables, the ports, and what one system leaves for the next.
 * One per bitECS world.
 */
import type { World } from 'bitecs';
import type { Clock } from '../base/clock.ts';
import type { Pace } from '../base/pace.ts';
import type { Random } from '../base/random.ts';
import type { AssetTable } from '../catalog/assets.ts';
import type { Eyes } from '../catalog/cell-lods.ts';
import type { CellTable } from '../catalog/cells.ts';
import type { FrameBias } from '../catalog/frame-bias.ts';
import type { LodPolicy } from '../catalog/lod-policy.ts';
import type { OcclusionTable } from '../catalog/occlusion.ts';
import type { PlacementEntities } from '../catalog/placement-entities.ts';
import type { ShowList } from '../catalog/show-list.ts';
import type { SlotTable } from '../catalog/slots.ts';
import type { ComponentSet } from '../components/index.ts';
import type { PayloadContent } from '../io/content.ts';
import type { RegisteredKind } from '../io/custom-kinds.ts';
import type { Decoder } from '../io/decoder.ts';
import type { IoEngine } from '../io/engine.ts';
import type { AvailabilityEvent } from '../io/fetches.ts';
import type { Mailbox } from '../io/mailbox.ts';
import type { IoWorker } from '../io/worker/io-worker.ts';
import type { DataLayers } from '../level/data-layers.ts';
import type { GridIntent, StreamGrid } from '../level/grids.ts';
import type { LevelIntents } from '../level/level-intents.ts';
import type { Level } from '../level/level-machine.ts';
import type { QualityState } from '../level/quality-state.ts';
import type { Budget } from '../memory/budget/budget.ts';
import type { MemoryStates } from '../memory/budget/memory-state.ts';
import type { LoadLimit } from '../memory/load-limit.ts';
import type { PayloadTable } from '../memory/payloads.ts';
import type { Eviction } from '../memory/policies/eviction.ts';
import type { UploadAllowance } from '../memory/upload-allowance.ts';
import type { DeviceMemoryEvent, View } from '../memory/view.ts';
import type { ResolvedOptions } from '../options.ts';
import type { AnnouncedPoses, Announcement } from '../spatial/announced.ts';
import type { ScoreView } from '../spatial/expected-error.ts';
import type { ItemList, LooseOctree } from '../spatial/octree.ts';
import type { Prediction } from '../spatial/prediction-options.ts';
import type { SphereSet } from '../spatial/prefetch-shape.ts';
import type { FrameStats } from '../telemetry/counters.ts';
import type { EventBus } from '../telemetry/events.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { TerrainTable } from '../terrain/quadtree.ts';
import type { Loading } from './loading.ts';
import type {
  Activation,
  Candidates,
  Culling,
  EntityColumns,
  Hold,
  LayerShift,
  LodScaleState,
  OpenedWorld,
  Refusal,
  Scoring,
  StreamQueries,
  Sweep,
  Tracked,
  Waiter,
} from './records.ts';
import type { Travel } from './travel.ts';
import type { VolumeTracking } from './volume-tracking.ts';

export interface StreamWorld {
  readonly ecs: World;
  readonly options: ResolvedOptions;
  readonly clock: Clock;
  readonly random: Random;
  readonly set: ComponentSet;
  readonly queries: StreamQueries;
  readonly entities: EntityColumns;
  /** Payload kinds of the game's own, by number. */
  readonly kinds: ReadonlyMap<number, RegisteredKind>;
  readonly payloads: PayloadTable;
  readonly assets: AssetTable;
  readonly slots: SlotTable;
  readonly occlusion: OcclusionTable;
  readonly cells: CellTable;
  readonly terrain: TerrainTable;
  readonly levels: (Level | null)[];
  /** Levels that somebody wants, or that are not unloaded. */
  readonly roster: Level[];
  /** Which of them is first in the next frame. */
  rosterTurn: number;
  /** Data layers, and cells that are being brought to follow them. */
  readonly dataLayers: DataLayers;
  readonly layerShifts: LayerShift[];
  /** Version of the layers that all of it follows, or is about to. */
  layersTaken: number;
  readonly grids: StreamGrid[];
  /** What the game has said of grids, by name. */
  readonly gridIntents: Map<string, GridIntent>;
  /** What the game wants of levels, by name. */
  readonly levelIntents: LevelIntents;
  /** The last `loadLevel` of each name. */
  readonly levelLoads: Map<string, symbol>;
  /** Raised when levels come or go. */
  levelVersion: number;
  /** Raised when the worth of a level's contents changes. */
  priorityVersion: number;
  readonly volumes: VolumeTracking;
  readonly loading: Loading;
  /** What `travelTo` has begun, and what still has entities. */
  readonly travels: Travel[];
  readonly budget: Budget;
  /** Which policy each pool goes by, and tiers. */
  readonly eviction: Eviction;
  /** What a frame may hand to the GPU, and what that has cost so far. */
  readonly uploads: UploadAllowance;
  readonly io: IoEngine;
  readonly decoder: Decoder;
  /** Reads for the sources it can make; null when all reads are done in this thread. */
  readonly ioWorker: IoWorker | null;
  readonly mailbox: Mailbox;
  /** What sources have told since the last frame. */
  readonly availability: AvailabilityEvent[];
  readonly events: EventBus;
  readonly stats: FrameStats;
  readonly metrics: Metrics;
  /** Since when the bandwidth is being measured (clock time, ms), and what had come by then. */
  readonly bandwidth: { sinceMs: number; fetchedBytes: number };
  readonly opened: OpenedWorld[];
  /** Closed worlds whose rows could not be given back yet. */
  readonly closed: OpenedWorld[];
  /** Paths whose `open` has begun and not ended, and what ends it. */
  readonly opening: Map<string, AbortController>;
  /** Resolves when a world that is being opened has taken its rows; null while none takes any. */
  reserving: Promise<void> | null;
  /** In which worlds are opened beside the frames. */
  readonly pace: Pace;
  /** Pack files of all opened worlds. */
  readonly files: { source: number; file: string }[];
  readonly cellTree: LooseOctree;
  readonly entityTree: LooseOctree;
  /** By viewpoint entity. */
  readonly tracked: Map<number, Tracked>;
  readonly prediction: Prediction;
  readonly announcements: Announcement[];
  /** Set once the game was told that it announces too much. */
  announcementsDropped: boolean;
  /** What of them is planned for in this frame. */
  readonly announced: AnnouncedPoses;
  /** Where to prefetch what is out of view. */
  readonly prefetchSpheres: SphereSet;
  readonly eyes: Eyes;
  /** What the game has said about the choice of LODs. */
  readonly lod: LodPolicy;
  /** Which detail holds. */
  readonly quality: QualityState;
  /** What thresholds were last computed for. */
  readonly lodScale: LodScaleState;
  readonly score: ScoreView;
  /** Frusta of the viewpoints, `FRUSTUM_STRIDE` numbers each, as many as `eyes`. */
  readonly planes: Float64Array;
  readonly culling: Culling;
  readonly visibleCells: ItemList;
  readonly hiddenCells: ItemList;
  readonly visibleEntities: ItemList;
  readonly hiddenEntities: ItemList;
  readonly movedEntities: ItemList;
  /** Payload each moved entity shows; as long as `movedEntities.items`. */
  movedPayloads: Int32Array;
  readonly selectedTiles: ItemList;
  readonly shownTiles: ItemList;
  readonly wantedTiles: ItemList;
  readonly shows: ShowList;
  readonly sweep: Sweep;
  readonly scoring: Scoring;
  readonly candidates: Candidates;
  /** Payloads to ask for this frame, in order; -1 marks one that memory refused. */
  readonly plan: { payloads: Int32Array; count: number };
  /** Rows that are with io. */
  readonly pending: Set<number>;
  /** Decoded content that waits for its upload. */
  readonly staged: Map<number, PayloadContent>;
  /** Content of resident rows. */
  readonly contents: Map<number, PayloadContent>;
  /** Rows evicted this frame whose GPU objects go once nothing shows them. */
  readonly releases: number[];
  readonly dirtyEntities: number[];
  /** Entities whose asset is in no opened world yet. */
  readonly unresolved: Set<number>;
  /** Entities whose request has a deadline and is not satisfied yet. */
  readonly deadlines: Set<number>;
  /** Entities whose `Residency` must be rewritten and tags reconsidered. */
  readonly residencyChanged: Set<number>;
  /** Assets whose class changed, for the entities that show them. */
  readonly reclassified: ItemList;
  readonly waiters: Set<Waiter>;
  readonly holds: Set<Hold>;
  /** Entities that stand for placements. */
  readonly materialized: PlacementEntities;
  /** Entities that stood for placements of a closed world. */
  readonly leaving: Set<number>;
  readonly activation: Activation;
  view: View<PayloadContent> | null;
  /** What the view has told of its device since the last frame. */
  readonly deviceEvents: DeviceMemoryEvent[];
  /** Nothing can be uploaded. */
  isDeviceLost: boolean;
  beforeUpdate: (() => void)[];
  frame: number;
  dtSeconds: number;
  /** Pixels per tangent ÷ tolerated pixels, of the reference viewpoint. */
  kPerPixel: number;
  /** Factor on the tolerated error under memory pressure, 1 = none. */
  errorBias: number;
  /** The same under frame pressure. */
  readonly frameBias: FrameBias;
  /** How much may be asked for and uploaded, by frame time. */
  readonly loads: LoadLimit;
  pressure: number;
  /** When the view last did not fit. */
  readonly refusal: Refusal;
  /** Raised when every cell must be evaluated again. */
  selectionVersion: number;
  /** Cells last evaluated before this version have not seen the last cut. */
  cutVersion: number;
  /** Reference camera travel (meters). */
  odometer: number;
  /** Some eye jumped, or came or went: nothing is held on to because it was shown before. */
  cut: boolean;
  /** Some view jumped, be its eye in place or not: what is wanted is found at once. */
  viewCut: boolean;
  /** Some viewpoint turns, be it in place or not. */
  isTurning: boolean;
  /** Filtered length of a frame (seconds); 0 before the first. */
  frameSeconds: number;
  /** Set when some asset's shown LODs changed. */
  assetsDirty: boolean;
  /** Set when candidates must be computed anew. */
  demandChanged: boolean;
  /** Coarsest LODs of all that stands in the open are there, and kept: they are small enough. */
  baseKept: boolean;
  /** The same of what stands in for levels. */
  proxiesKept: boolean;
  /** Bytes of what the view needs and of what is pinned, as of the last sweep. */
  viewBytes: number;
  /** Bytes of geometry in shared buffers that the same comes to. */
  viewSharedBytes: number;
  /** Bytes that pins may come to. */
  pinnedBytes: number;
  /** When what is missing in view was last weighed for that reason alone (clock time, ms). */
  reweighedMs: number;
  /** The first payload that found no room among the last frame's uploads; -1 = none. */
  refusedUpload: number;
  /** Bytes of what is kept for ever, once it has come; and of its geometry in shared buffers. */
  keptBytes: number;
  keptSharedBytes: number;
  /** Sum of the counters of residency when `LevelStatus` was last written. */
  toldResidency: number;
  /** State of the total, then of each pool and each named budget, by index into `MEMORY_STATES`. */
  readonly memoryStates: MemoryStates;
  /** When `ioSampled` was last emitted (clock time, ms). */
  ioSampledMs: number;
  disposed: boolean;
}
