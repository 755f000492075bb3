/** What is kept of waiting between frames: by loading screens, and by travels. */
import type { Level } from '../level/level-machine.ts';
import { LoadingProgress } from '../level/loading-progress.ts';
import { createItemList, type ItemList } from '../spatial/octree.ts';

/** Something that failed of what is awaited. */
export interface LoadingFailure {
  kind: 'level' | 'asset';
  name: string;
  message: string;
  /** true: what is awaited will not come. false: it comes, but without this. */
  blocks: boolean;
}

/** What somebody waits for. */
export interface Awaited {
  /** Ids of names, `MAX_AWAITED` from `first` on, 0 = none. */
  levels: Uint32Array;
  assets: Uint32Array;
  first: number;
  /** `ViewReadiness`. */
  view: number;
  /** Entity of a viewpoint; 0 = all. */
  viewpoint: number;
  /** Goes on without what has failed. */
  isTolerant: boolean;
}

/** How it stands: what one look at it has found. */
export interface LoadingWork {
  /** Encoded bytes: of all, of what is neither there nor failed; what decoding those takes (ms). */
  readonly bytes: Float64Array;
  /** Levels, assets, cells, tiles that are not where they are awaited. */
  itemsLeft: number;
  /** Slots and tiles in view with nothing to show, of what has failed too. */
  holes: number;
  /** false while it is not known what there is to wait for. */
  isKnown: boolean;
  /** Whether something that failed keeps all from being ready. */
  isBlocked: boolean;
  /** Number of failures, and a sum that differs with what failed. */
  failures: number;
  failureKey: number;
  /** Where failures are listed, if anybody asks. */
  list: LoadingFailure[] | null;
}

export const TOTAL = 0;
export const LEFT = 1;
export const DECODE_MS = 2;

/** One open screen, or one travel. */
export interface Waiting {
  progress: LoadingProgress;
  /** Clock time (ms) from which it counts; since when all is there (Infinity: it is not). */
  sinceMs: number;
  thereSinceMs: number;
  thereFrames: number;
  failureKey: number;
  failures: readonly LoadingFailure[];
  isReady: boolean;
  /** Frames and clock time (ms) since when nothing was on its way to the view. */
  calmFrames: number;
  calmSinceMs: number;
  /** What was last told. */
  toldBytes: number;
  toldSeconds: number;
}

export function createWaiting(nowMs: number): Waiting {
  return {
    progress: new LoadingProgress(),
    sinceMs: nowMs,
    thereSinceMs: Number.POSITIVE_INFINITY,
    thereFrames: 0,
    failureKey: 0,
    failures: [],
    isReady: false,
    calmFrames: 0,
    calmSinceMs: Number.POSITIVE_INFINITY,
    toldBytes: -1,
    toldSeconds: -1,
  };
}

export interface Loading {
  /** Open screens by entity, and their ids in rising order. */
  readonly screens: Map<number, Waiting>;
  readonly order: number[];
  /** Set when screens have come or gone. */
  isReordered: boolean;
  /** Somebody waits for a complete view: coverage goes first. */
  isViewAwaited: boolean;
  readonly work: LoadingWork;
  /** Look that last counted a payload, and that last found it missing. */
  seen: Uint32Array;
  missing: Uint32Array;
  look: number;
  readonly cells: ItemList;
  readonly entities: ItemList;
  /** Box around all cells of a level: min x, y, z, max x, y, z. */
  readonly boxes: WeakMap<Level, Float64Array>;
}

export function createLoading(): Loading {
  return {
    screens: new Map(),
    order: [],
    isReordered: false,
    isViewAwaited: false,
    work: {
      bytes: new Float64Array(3),
      itemsLeft: 0,
      holes: 0,
      isKnown: true,
      isBlocked: false,
      failures: 0,
      failureKey: 0,
      list: null,
    },
    seen: new Uint32Array(0),
    missing: new Uint32Array(0),
    look: 0,
    cells: createItemList(256),
    entities: createItemList(64),
    boxes: new WeakMap(),
  };
}
