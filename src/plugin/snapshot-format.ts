/**
 * What a game wants of the streaming, as plain data for `JSON.stringify`. Numbers that JSON has no word
 * for are strings. Figures of the moment (what is loaded, where cameras are) are no part of it.
 */
import type { DetailName } from '../level/quality.ts';
import type { TierName } from '../memory/policies/tiers.ts';
import type { AssetRequest } from './streaming.ts';

export const SNAPSHOT_VERSION = 1;

/** Components that are saved, with all of their fields. */
export const SAVED_COMPONENTS = [
  'StreamingVolume',
  'StreamRequest',
  'Transform',
  'Bounds',
  'Pinned',
] as const;
export type SavedComponent = (typeof SAVED_COMPONENTS)[number];

/** `Infinity` is a string. */
export type SavedValue = string | number | boolean | (string | number)[];
export type SavedFields = Record<string, SavedValue>;

export interface SavedEntity {
  /** As it was; restored, it is another. */
  id: number;
  components: Partial<Record<SavedComponent, SavedFields>>;
}

/** What the game said of a level. */
export interface SavedLevel {
  name: string;
  /** Of `loadLevel`; null: the game itself does not want it. */
  priority: string | null;
  hidden: boolean;
  /** false: loaded, it waits for `activateLevel`; `activated`: that was called. */
  activate: boolean;
  activated: boolean;
  dependencies: string[];
  budget: string | null;
}

/** What the game said of a grid; null: as it was cooked. */
export interface SavedGrid {
  name: string;
  rangeMeters: number | null;
  unloadMeters: number | null;
  active: boolean;
}

/** An asset held by `requestAsset` or `pinAssets`. */
export interface SavedHold {
  asset: string;
  lod: number;
  urgency: string;
}

export interface StreamingSnapshot {
  version: typeof SNAPSHOT_VERSION;
  entities: SavedEntity[];
  /** Corners by the name of the outline. */
  outlines: Record<string, [x: number, z: number][]>;
  /** Data layers that are on. */
  dataLayers: string[];
  grids: SavedGrid[];
  levels: SavedLevel[];
  quality: {
    detail: DetailName | null;
    auto: boolean;
    levels: Record<string, DetailName>;
  };
  tiers: Record<string, TierName>;
  holds: SavedHold[];
  /** What is wanted and cannot be said in JSON, or is none: functions, columns that make no sense. */
  notSaved: string[];
}

/** What `restore` made. */
export interface RestoredSnapshot {
  /** New entity by the id it had. */
  entities: Map<number, number>;
  /** Of the assets held, in the order of `holds`: they are the game's to release. */
  requests: AssetRequest[];
}
