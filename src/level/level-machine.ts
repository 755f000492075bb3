/**
 * The states of a level and the legal ways between them. Pure: what a transition means for cells
 * and pins is the business of the systems.
 *
 *     unloaded → loading → loaded ⇄ active        loading, loaded, active, hidden → unloading
 *         ↑         ↓         ⇅                   unloading → loading, loaded (wanted again)
 *         ├───── failed     hidden                loading → failed → loading (retried)
 *         └───────────────────────── unloading
 *
 * `active` says that all of its cells are in, `hidden` that none is; in between it is `loaded`.
 */
import { assert } from '../base/assert.ts';
import { hashName } from '../base/hash.ts';
import type { NamedBudget } from '../memory/budget/named-budget.ts';
import type { LevelIntent } from './level-intents.ts';

export const LevelState = {
  Unloaded: 0,
  Loading: 1,
  Loaded: 2,
  Active: 3,
  Unloading: 4,
  Hidden: 5,
  Failed: 6,
} as const;
export type LevelState = (typeof LevelState)[keyof typeof LevelState];

/** The states as words, each with its number. */
export const LevelStateNumber = {
  unloaded: 0,
  loading: 1,
  loaded: 2,
  active: 3,
  unloading: 4,
  hidden: 5,
  failed: 6,
} as const;
export type LevelStateName = keyof typeof LevelStateNumber;
export const LEVEL_STATE_NAMES = Object.keys(LevelStateNumber) as readonly LevelStateName[];

/** Row: from, entry: to. */
const LEGAL: readonly (readonly LevelState[])[] = [
  [LevelState.Loading],
  [LevelState.Loaded, LevelState.Unloading, LevelState.Failed],
  [LevelState.Active, LevelState.Hidden, LevelState.Unloading],
  [LevelState.Loaded, LevelState.Unloading],
  [LevelState.Unloaded, LevelState.Loading, LevelState.Loaded],
  [LevelState.Loaded, LevelState.Unloading],
  [LevelState.Loading, LevelState.Unloaded],
];

/** Why a level failed: it has no room, one it needs failed, or its placements cannot be read. */
export type LevelFailure = 'budget' | 'dependency' | 'cells';

/** In which data layers the assets of a level stand: those of asset i are values[starts[i] … starts[i + 1]). */
export interface LayeredAssets {
  /** No value at all: it stands where there is no layer, too. */
  starts: Uint32Array;
  /** As `DataLayers.shows` takes them. */
  values: Uint16Array;
}

/** A level of an opened world. */
export interface Level {
  name: string;
  /** Row in the world's list; -1 = in none yet. */
  row: number;
  /** Hash of the name. */
  readonly id: number;
  state: LevelState;
  /** Who wants it: see `level-wants`. */
  readonly wants: Uint32Array;
  /** Those that are not at rest as nobody's: it joins when it is wanted (see `level-wants`). */
  roster: Level[] | null;
  isListed: boolean;
  /** Whether anybody wants it, as of the last `advance-levels`. */
  wanted: boolean;
  /** Weight of the most urgent want; multiplies the worth of what it holds. */
  priority: number;
  /** Row of the asset table's `lodSets` that its cells follow; 0 or nothing is the general one. */
  lodSet?: number;
  /** Its cells. The first `inserted` are in the tree, but for those of layers that are not there. */
  cells: number[];
  inserted: number;
  /** Its cells are shown, and what stands in for it is not: all at once. */
  isShown: boolean;
  /** Assets it places. */
  assets: number[];
  /** In which layers each stands; null = nothing of it is of a layer. */
  layered: LayeredAssets | null;
  /** 1 for each asset that stands in a layer that is there, or in none; null = all. */
  needed: Uint8Array | null;
  /** Version of the layers that `needed` follows. */
  layersSeen: number;
  /** 1 for each asset whose coarsest LOD it holds, so many as `pinned`; null while it is unloaded. */
  held: Uint8Array | null;
  pinned: number;
  /** So many assets are held if they must be, and are not if not. */
  aligned: number;
  /** Cells in the open that stand in for it while it is not active. */
  proxies: readonly number[];
  /** Payloads of those that it holds until they show what it no longer does. */
  heldProxies: number[];
  /** So many assets have been seen resident or failed, and cells placed, since it began to load. */
  ready: number;
  placed: number;
  /** What the game wants of it, by name. */
  readonly intent: LevelIntent;
  /** Levels that it needs, and the priority it wants them with; -1 = not now. */
  links: Level[];
  passedOn: number;
  /** `activateLevel` was called since it began to load. */
  isReleased: boolean;
  /** It is to be shown in one frame, whatever that takes, as soon as it is loaded. */
  isBlocking: boolean;
  /** Clock time of becoming loaded (ms). */
  loadedMs: number;
  /** What it took of its named budget, and which that was. */
  budget: NamedBudget | null;
  budgetBytes: number;
  /** Slices of its placements that could not be read. */
  lostSlices: number;
  /** Why it failed, or is about to. */
  failure: LevelFailure | null;
  error: string;
  isRetried: boolean;
  /** Its world was closed. */
  isGone: boolean;
}

/** Of all levels that nothing stands in for. */
const NOTHING: readonly number[] = [];

/** A level of which nothing is there. */
export function createLevel(name: string, intent: LevelIntent, wants: Uint32Array): Level {
  return {
    name,
    row: -1,
    id: hashName(name),
    state: LevelState.Unloaded,
    wants,
    roster: null,
    isListed: false,
    wanted: false,
    priority: 0,
    cells: [],
    inserted: 0,
    isShown: false,
    assets: [],
    layered: null,
    needed: null,
    layersSeen: -1,
    held: null,
    pinned: 0,
    aligned: 0,
    proxies: NOTHING,
    heldProxies: [],
    ready: 0,
    placed: 0,
    intent,
    links: [],
    passedOn: -1,
    isReleased: false,
    isBlocking: false,
    loadedMs: 0,
    budget: null,
    budgetBytes: 0,
    lostSlices: 0,
    failure: null,
    error: '',
    isRetried: false,
    isGone: false,
  };
}

/** What the next state depends on beside the level itself. */
export interface LevelFacts {
  /** All that it needs to show is there, or will not come. */
  isReady: boolean;
  /** It has been loaded for as long as it must. */
  mayLeave: boolean;
}

/** Whether asset i of the level is to be held while it is there. */
export function isNeeded({ needed }: Level, i: number): boolean {
  return needed === null || needed[i] === 1;
}

/** Whether it is to be shown when it is loaded. */
export function mayActivate({ intent, isReleased }: Level): boolean {
  return !intent.isHidden && (!intent.waits || isReleased);
}

/** The next state, which may be the one it is in. */
export function nextLevelState(level: Level, { isReady, mayLeave }: LevelFacts): LevelState {
  const { wanted, intent, inserted, pinned } = level;
  const leaves = !wanted && mayLeave;
  switch (level.state) {
    case LevelState.Unloaded:
      return wanted ? LevelState.Loading : LevelState.Unloaded;
    case LevelState.Loading:
      if (!wanted) return LevelState.Unloading;
      if (level.failure !== null) return LevelState.Failed;
      return isReady ? LevelState.Loaded : LevelState.Loading;
    case LevelState.Loaded:
      if (leaves) return LevelState.Unloading;
      if (intent.isHidden) return inserted === 0 ? LevelState.Hidden : LevelState.Loaded;
      return mayActivate(level) && inserted === level.cells.length
        ? LevelState.Active
        : LevelState.Loaded;
    case LevelState.Active:
      if (leaves) return LevelState.Unloading;
      return intent.isHidden ? LevelState.Loaded : LevelState.Active;
    case LevelState.Hidden:
      if (leaves) return LevelState.Unloading;
      return intent.isHidden ? LevelState.Hidden : LevelState.Loaded;
    case LevelState.Unloading:
      // Pins go after the last cell: with one still in, everything is still held.
      if (wanted) return inserted > 0 ? LevelState.Loaded : LevelState.Loading;
      return inserted === 0 && pinned === 0 ? LevelState.Unloaded : LevelState.Unloading;
    default:
      if (pinned > 0) return LevelState.Failed;
      if (!wanted) return LevelState.Unloaded;
      return level.isRetried ? LevelState.Loading : LevelState.Failed;
  }
}

/** Moves the level on; refuses what the diagram does not have. */
export function enterLevelState(level: Level, next: LevelState): void {
  assert(
    LEGAL[level.state]!.includes(next),
    `level "${level.name}" cannot go from ${LEVEL_STATE_NAMES[level.state]} to ${LEVEL_STATE_NAMES[next]}`,
  );
  level.state = next;
}

/** Whether what the level needs to show is all in memory. */
export function isLoaded({ state }: Level): boolean {
  return state === LevelState.Loaded || state === LevelState.Active || state === LevelState.Hidden;
}
