/** Small records that systems leave for each other: what the world's lists and maps hold. */
import type { Query } from 'bitecs';
import type { IndexedHeap } from '../base/heap.ts';
import type { Mount } from '../catalog/mount.ts';
import type { UrgencyClass } from '../memory/payloads.ts';
import type { Places } from '../memory/places.ts';
import type { ScorerTable } from '../memory/scorer-table.ts';
import type { FedPoses } from '../spatial/fed-poses.ts';
import type { LookAround } from '../spatial/look-around.ts';
import type { Motion } from '../spatial/motion-state.ts';
import type { ItemList } from '../spatial/octree.ts';

/** At most this many viewpoints are served (split screen for four, and as many again on a server). */
export const MAX_VIEWPOINTS = 16;

/** A world opened from a bundle. */
export interface OpenedWorld {
  name: string;
  /** Path given to `open`. */
  path: string;
  /** Min x, y, z, max x, y, z (meters). */
  bounds: readonly number[];
  source: number;
  /** Says that nothing more will be read for it. */
  endReading: () => void;
  /** Ends its opening; null once all of it is there. */
  opening: AbortController | null;
  mount: Mount;
  firstFile: number;
  fileCount: number;
  /** What stands in the open, by data layer; of a world that is not admitted yet some are missing. */
  groups: OpenGroup[];
  isAdmitted: boolean;
  /** Slices of its placements that cannot be read, and what reads them again. */
  lostSlices: Set<number>;
  readLost: () => void;
  /** Rows of `levels` that belong to it. */
  levels: number[];
}

/** What stands in the open without a layer, in one layer, or while that is off; proxies apart. */
export interface OpenGroup {
  /** As `DataLayers.shows` takes it. */
  layer: number;
  isProxy: boolean;
  assets: number[];
  /** Its layer is there: its assets count as placed in the open. */
  isIn: boolean;
  /** The coarsest LODs of so many are kept: of all, where with all others they are small enough. */
  kept: number;
}

/** Cells of one layer of one world. */
export interface LayerShift {
  opened: OpenedWorld;
  /** Row of the layer. */
  layer: number;
  /** Those that are there while it is on, then those that are there while it is off. */
  cells: Int32Array;
  plainCount: number;
  /** The first so many are as they are while the layer is on, the others as while it is off. */
  done: number;
}

/** Live queries of the game's world; read `dense`, never iterate while changing structure. */
export interface StreamQueries {
  requests: Query;
  pinned: Query;
  volumes: Query;
  viewpoints: Query;
  budgets: Query;
  levels: Query;
  screens: Query;
}

/** What is kept of one viewpoint between frames. */
export interface Tracked {
  motion: Motion;
  /** What the game foretold of it; null when it never did. */
  fed: FedPoses | null;
  /** How it looks around, if that is learned. */
  look: LookAround | null;
  /** Set while its columns hold a pose that is none. */
  isInvalid: boolean;
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

/** When and where the view last did not fit the budget. */
export interface Refusal {
  /** Expected visible error that the last plan left for want of memory (share of the picture). */
  gain: number;
  /** Error bias when it was last raised. */
  bias: number;
  /** Camera travel at that time (meters). */
  odometer: number;
  budgetBytes: number;
  /** Clock time (ms), and how long to wait before that bias is tried again. */
  atMs: number;
  waitMs: number;
}

/** What LOD thresholds and limits were last computed for. */
export interface LodScaleState {
  /** Tolerated error with its bias (pixels). */
  errorPx: number;
  /** Each eye's factor. */
  lenses: Float64Array;
  /** Version of the rules, and the tolerated error that went into them (pixels, without bias). */
  ruleVersion: number;
  rulePixels: number;
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
  /** 1 when its slot must be read anew, though it may stand where it stood; 2 when it is no place. */
  unread: Uint8Array;
  /** LOD bits this entity pins. */
  pinMasks: Uint8Array;
  seenFrames: Uint32Array;
  /** Sweep that last gathered the entity. */
  sweeps: Uint32Array;
}

/** The running pass over placements that should exist as entities, or what the last one saw. */
export interface Activation {
  isRunning: boolean;
  /** An entity went without the streaming's doing: another pass is due. */
  isDue: boolean;
  /** The capacity is used up. */
  isFull: boolean;
  eyes: Float64Array;
  eyeCount: number;
  treeVersion: number;
  /** Next of the entities to look at, downwards. */
  nextEntity: number;
  /** Cells to look through, by nearness. */
  readonly cells: IndexedHeap;
  /** Slots of the nearest cell that have been looked at. */
  nextSlot: number;
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
  /** How many of the last were taken out, because they had left a moment ago. */
  held: number;
}

/** What a scorer other than `value` works with. */
export interface Scoring {
  table: ScorerTable;
  readonly places: Places;
  /** While a scorer of the game is asked. */
  isRunning: boolean;
  /** It failed, and that was told. */
  hasFailed: boolean;
}

/** What the visible lists were found with: while none of it changes they stay as they are. */
export interface Culling {
  planes: Float64Array;
  eyeCount: number;
  cellVersion: number;
  entityVersion: number;
  /** Frames in which cells and entities were last culled: the marks of what is in view. */
  cellFrame: number;
  entityFrame: number;
  /** Camera travel and selection version when the cells in view were last evaluated. */
  odometer: number;
  selectionVersion: number;
  /** Set when every cell in view shows what it should but for changes of residency. */
  isShown: boolean;
}

/** The running sweep over everything near or in view that may want more detail. */
export interface Sweep {
  number: number;
  cells: ItemList;
  entities: ItemList;
  nextCell: number;
  nextEntity: number;
  /** Placements, far runs and entities scored by it so far. */
  scored: number;
  /** Cells per frame that finish the sweep in a tenth of a second. */
  stride: number;
  running: boolean;
  /** Infinity: something has changed that is not compared, the next sweep begins when it can. */
  sinceSeconds: number;
  /** What the last sweep read (see `sweep-inputs`), `inputCount` numbers of it. */
  inputs: Float64Array;
  inputCount: number;
  /** Sum of the counters of residency when demand was last published. */
  residency: number;
  /** How long nothing has been scored for want of a change. */
  restSeconds: number;
}
