/**
 * Put on any entity by the game: what a player waits for, and what to tell meanwhile. The plugin writes
 * there how far it is. A screen only waits; that something is loaded is said by whoever wants it.
 */
import {
  type Component,
  choiceField,
  defineComponent,
  type Field,
  nameField,
  namesField,
  numberField,
} from './schema.ts';

/** Names that one screen may list of each sort. */
export const MAX_AWAITED = 8;
export const MAX_TIPS = 16;

/** What a viewpoint must have before the screen is ready, each with all before it. */
export const ViewReadiness = { none: 0, levels: 1, complete: 2, settled: 3 } as const;
export type ViewReadinessName = keyof typeof ViewReadiness;

/** How a screen stands, as stored in `LoadingScreen.state`. */
export const LoadingStateNumber = { waiting: 0, ready: 1, failed: 2, timedOut: 3 } as const;
export type LoadingStateName = keyof typeof LoadingStateNumber;

/** Fields that say what is awaited: written anew, a screen that was ready waits again. */
export const AWAITED_FIELDS: readonly string[] = ['levels', 'assets', 'view', 'viewpoint'];

export type LoadingScreenFields = {
  /** For the player; nothing here reads them. */
  title: Field<string, Uint32Array>;
  description: Field<string, Uint32Array>;
  /** Names of the tips: `tips[eid * 16 + i]`. They take turns. */
  tips: Field<readonly string[], Uint32Array>;
  /** How long each is shown (seconds). */
  tipSeconds: Field<number, Float32Array>;
  /** Levels that must be where the game wants them, 8 at most: `levels[eid * 8 + i]`. */
  levels: Field<readonly string[], Uint32Array>;
  /** Assets of which some LOD must be resident, 8 at most: `assets[eid * 8 + i]`. */
  assets: Field<readonly string[], Uint32Array>;
  /**
   * `levels`: the levels near a viewpoint or in its view that are wanted; `complete`: and nothing in
   * view has nothing to show; `settled`: and nothing finer is on its way any more.
   */
  view: Field<ViewReadinessName, Uint8Array>;
  /** Whose view: an entity with `Viewpoint`, or 0 for all. */
  viewpoint: Field<number, Uint32Array>;
  /** It is shown for so long at least: `ready` waits for that. */
  minimumSeconds: Field<number, Float32Array>;
  /** After so long it is `timedOut`, and goes on waiting. */
  timeoutSeconds: Field<number, Float32Array>;
  /** Filled in. 0 to 1, never falling; 1 only when it is ready. */
  progress: Field<number, Float32Array>;
  /** Filled in. Encoded bytes of what is awaited, as known now, and how much of them is there. */
  bytesLoaded: Field<number, Float64Array>;
  bytesTotal: Field<number, Float64Array>;
  /** Filled in. -1: nobody can tell. */
  secondsLeft: Field<number, Float32Array>;
  state: Field<LoadingStateName, Uint8Array>;
  /** Filled in. Levels and assets of it that failed (`loadingStatus` names them). */
  errors: Field<number, Uint32Array>;
  /** Filled in. Which of `tips` to show. */
  tip: Field<number, Uint8Array>;
};

export function createLoadingScreen(capacity: number): Component<LoadingScreenFields> {
  const count = { fallback: 0, min: 0, max: Number.MAX_SAFE_INTEGER, integer: true };
  const seconds = { min: 0, max: 86_400 };
  return defineComponent('LoadingScreen', capacity, {
    title: nameField(),
    description: nameField(),
    tips: namesField(MAX_TIPS, 'tips'),
    tipSeconds: numberField(Float32Array, { fallback: 6, min: 0.1, max: 86_400 }),
    levels: namesField(MAX_AWAITED, 'names of levels'),
    assets: namesField(MAX_AWAITED, 'names of assets'),
    view: choiceField(ViewReadiness, 'none'),
    viewpoint: numberField(Uint32Array, { ...count, max: capacity }),
    minimumSeconds: numberField(Float32Array, { fallback: 0, ...seconds }),
    timeoutSeconds: numberField(Float32Array, { fallback: Number.POSITIVE_INFINITY, min: 0 }),
    progress: numberField(Float32Array, { fallback: 0, min: 0, max: 1 }),
    bytesLoaded: numberField(Float64Array, count),
    bytesTotal: numberField(Float64Array, count),
    secondsLeft: numberField(Float32Array, { fallback: -1, min: -1 }),
    state: choiceField(LoadingStateNumber, 'waiting'),
    errors: numberField(Uint32Array, { ...count, max: 0xffffffff }),
    tip: numberField(Uint8Array, { ...count, max: MAX_TIPS - 1 }),
  });
}
