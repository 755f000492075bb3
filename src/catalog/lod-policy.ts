/**
 * What a game may say about the choice of LODs: how it is measured, for all assets and for layers
 * of them, and within which limits. Says nothing about rows: `lod-rules.ts` writes them.
 */
import { assert, assertNumber, describe } from '../base/assert.ts';
import { MAX_LODS } from '../base/limits.ts';
import { LevelLimits } from './level-limits.ts';
import { type LodLimits, NO_LIMITS } from './lod-limits.ts';
import { bothLimits, limitsKey } from './quality-limits.ts';

/**
 * What decides when the next coarser LOD is good enough: its error on screen, the size of the
 * object on screen, or the distance alone.
 */
export type LodMode = 'error' | 'size' | 'distance';

/** How LODs are chosen. Where `mode` is missing, the list that is given names it. */
export interface LodMeasure {
  mode?: LodMode;
  /**
   * For `size`: diameter of the bounding sphere (pixels) below which LOD 1, 2, … is good enough;
   * one to four, falling. LODs beyond the list are never asked for.
   */
  sizesPixels?: readonly number[];
  /**
   * For `distance`: from where LOD 1, 2, … is good enough (meters from the model's origin, at scale
   * 1: an instance twice as large changes twice as far away); one to four, rising. LODs beyond the
   * list are never asked for.
   */
  distancesMeters?: readonly number[];
}

/** A named group of assets with a measure and limits of its own. */
export interface LayerOptions extends LodMeasure, LodLimits {
  /** Names of its assets, or what says of a name whether it belongs. */
  assets: readonly string[] | ((name: string) => boolean);
}

/** Every setting of the choice of LODs. */
export interface LodOptions extends LodMeasure {
  /** A LOD gets coarser only when its distance is passed by this factor. */
  hysteresis?: number;
  /** It gets finer only when the distance is fallen short of by this factor; 1 is at once. */
  finerHysteresis?: number;
  /** The error bias under memory or frame pressure never exceeds this; 1 turns it off. */
  maxBias?: number;
  /**
   * What a frame should take (milliseconds). While frames take longer, detail falls little by little;
   * it comes back when they do not. Default: `Infinity`, frame time is not looked at.
   */
  targetFrameMs?: number;
  /**
   * What the last frame took (milliseconds), for games that can tell better than by the time step
   * given to `update`: a display's refresh hides how much room there is, a GPU timer does not.
   * Asked once an `update`; a result that is no number counts for nothing. When it throws, that is told
   * (`listenerFailed`), and the time step counts from then on.
   */
  frameMs?: () => number;
}

export const LOD_DEFAULTS: Required<Omit<LodOptions, 'frameMs'>> = {
  mode: 'error',
  sizesPixels: [400, 200, 100, 50],
  distancesMeters: [30, 60, 120, 240],
  hysteresis: 1.1,
  finerHysteresis: 1,
  maxBias: 8,
  targetFrameMs: Number.POSITIVE_INFINITY,
};

/** A measure and limits with nothing left open. */
export interface LodRule extends Required<LodMeasure>, Required<LodLimits> {}

const MODES: readonly string[] = ['error', 'size', 'distance'];

/** All rules of a world. `version` is raised whenever one changed. */
export class LodPolicy {
  readonly general: LodRule;
  readonly layers: Map<string, LayerOptions> = new Map();
  readonly levels: LevelLimits = new LevelLimits();
  /** Of all, by quality; null while there is none. */
  quality: Readonly<Required<LodLimits>> | null = null;
  readonly maxBias: number;
  version = 0;

  constructor(options: LodOptions) {
    const given = { ...LOD_DEFAULTS, ...options };
    this.maxBias = given.maxBias;
    this.general = ruleOf(options, { ...LOD_DEFAULTS, ...NO_LIMITS });
    if (!this.isPlain) this.version = 1;
  }

  /** True while every asset follows its errors, without limits. */
  get isPlain(): boolean {
    const isRuled = this.layers.size > 0 || this.levels.sets.length > 0 || this.quality !== null;
    return this.general.mode === 'error' && !isRuled;
  }

  /** Defines a layer anew, or with null forgets it. */
  setLayer(name: string, layer: LayerOptions | null): void {
    // What is defined last decides, also when it is defined again.
    this.layers.delete(name);
    if (layer) this.layers.set(name, layer);
    this.version++;
  }

  /** Limits a level, by name, or with null no longer. */
  setLevel(name: string, limits: LodLimits | null): void {
    this.levels.set(name, limits);
    this.version++;
  }

  /** Qualities of all and of levels, beside what else limits them (see `LevelLimits`). */
  setQualities(
    quality: Readonly<Required<LodLimits>> | null,
    levels: ReadonlyMap<string, Readonly<Required<LodLimits>>>,
    likely: readonly Readonly<Required<LodLimits>>[],
  ): void {
    const isSame =
      quality === this.quality ||
      (quality !== null && this.quality !== null && limitsKey(quality) === limitsKey(this.quality));
    this.quality = quality;
    if (this.levels.setQualities(quality, levels, likely) || !isSame) this.version++;
  }

  /** Factor on the error that is good enough for the ground. */
  get groundScale(): number {
    return this.quality?.errorScale ?? 1;
  }

  /** The rule for an asset: that of the layer defined last that has it, else the general one. */
  ruleFor(name: string): LodRule {
    let found: LayerOptions | undefined;
    for (const layer of this.layers.values()) if (hasAsset(layer, name)) found = layer;
    const rule = found ? ruleOf(found, this.general) : this.general;
    return this.quality ? { ...rule, ...bothLimits(rule, this.quality) } : rule;
  }
}

function hasAsset({ assets }: LayerOptions, name: string): boolean {
  return typeof assets === 'function' ? assets(name) : assets.includes(name);
}

function ruleOf(given: LodMeasure & LodLimits, fallback: LodRule): LodRule {
  const rule: LodRule = {
    mode: given.mode ?? fallback.mode,
    sizesPixels: given.sizesPixels ?? fallback.sizesPixels,
    distancesMeters: given.distancesMeters ?? fallback.distancesMeters,
    finestLod: given.finestLod ?? fallback.finestLod,
    coarsestLod: given.coarsestLod ?? fallback.coarsestLod,
    errorScale: given.errorScale ?? fallback.errorScale,
    maxDistanceMeters: given.maxDistanceMeters ?? fallback.maxDistanceMeters,
  };
  if (given.mode === undefined) {
    if (given.distancesMeters) rule.mode = 'distance';
    else if (given.sizesPixels) rule.mode = 'size';
  }
  return rule;
}

/** Refuses options that cannot work, naming option, value and what was expected. */
export function checkLodOptions(options: LodOptions): void {
  const name = 'installStreaming: lod';
  checkKeys(name, options, [...Object.keys(LOD_DEFAULTS), 'frameMs']);
  checkMeasure(name, options);
  const ranges: [keyof LodOptions, number, number][] = [
    ['hysteresis', 1, 2],
    ['finerHysteresis', 1, 2],
    ['maxBias', 1, 64],
  ];
  for (const [key, min, max] of ranges)
    if (options[key] !== undefined) assertNumber(`${name}.${key}`, options[key], min, max);
  const { targetFrameMs, frameMs } = options;
  if (targetFrameMs !== undefined && targetFrameMs !== Number.POSITIVE_INFINITY)
    assertNumber(`${name}.targetFrameMs`, targetFrameMs, 1, 1000);
  assert(
    frameMs === undefined || typeof frameMs === 'function',
    `${name}.frameMs must be a function, got ${describe(frameMs)}`,
  );
}

const MEASURE_KEYS = ['mode', 'sizesPixels', 'distancesMeters'];

export function checkLayer(name: string, layer: LayerOptions): void {
  const call = `setLayer("${name}")`;
  checkKeys(call, layer, ['assets', ...MEASURE_KEYS, ...Object.keys(NO_LIMITS)]);
  const { assets } = layer;
  const isList = Array.isArray(assets) && assets.every((asset) => typeof asset === 'string');
  assert(
    isList || typeof assets === 'function',
    `${call}: assets must be a list of names or a function of a name, got ${describe(assets)}`,
  );
  checkMeasure(call, layer);
  checkLimits(call, layer);
}

export function checkLevelLimits(name: string, limits: LodLimits): void {
  const call = `setLevelLod("${name}")`;
  checkKeys(call, limits, Object.keys(NO_LIMITS));
  checkLimits(call, limits);
}

function checkKeys(name: string, given: object, known: readonly string[]): void {
  assert(
    typeof given === 'object' && given !== null,
    `${name}: expected an object, got ${describe(given)}`,
  );
  for (const key of Object.keys(given))
    assert(known.includes(key), `${name}: unknown "${key}"; expected one of ${known.join(', ')}`);
}

function checkMeasure(name: string, { mode, sizesPixels, distancesMeters }: LodMeasure): void {
  assert(
    mode === undefined || MODES.includes(mode),
    `${name}: mode must be "error", "size" or "distance", got ${describe(mode)}`,
  );
  if (sizesPixels) checkList(`${name}.sizesPixels`, sizesPixels, -1);
  if (distancesMeters) checkList(`${name}.distancesMeters`, distancesMeters, 1);
}

/** @param way 1 for rising, -1 for falling */
function checkList(name: string, list: readonly number[], way: number): void {
  const word = way > 0 ? 'rising' : 'falling';
  const good =
    Array.isArray(list) &&
    list.length >= 1 &&
    list.length < MAX_LODS &&
    list.every((value) => Number.isFinite(value) && value > 0) &&
    list.every((value, i) => i === 0 || (value - list[i - 1]!) * way > 0);
  assert(
    good,
    `${name} must be 1 to ${MAX_LODS - 1} numbers above 0, ${word}, got ${describe(list)}`,
  );
}

function checkLimits(name: string, limits: LodLimits): void {
  const { finestLod, coarsestLod, errorScale, maxDistanceMeters } = limits;
  const isLod = (lod: unknown): boolean =>
    lod === undefined ||
    (Number.isInteger(lod) && (lod as number) >= 0 && (lod as number) < MAX_LODS);
  for (const [key, lod] of Object.entries({ finestLod, coarsestLod }))
    assert(
      isLod(lod),
      `${name}: ${key} must be a whole number from 0 to ${MAX_LODS - 1}, got ${describe(lod)}`,
    );
  assert(
    (finestLod ?? 0) <= (coarsestLod ?? MAX_LODS - 1),
    `${name}: finestLod ${finestLod} is coarser than coarsestLod ${coarsestLod}`,
  );
  if (errorScale !== undefined) assertNumber(`${name}: errorScale`, errorScale, 0.01, 100);
  assert(
    maxDistanceMeters === undefined || maxDistanceMeters > 0,
    `${name}: maxDistanceMeters must be > 0, got ${describe(maxDistanceMeters)}`,
  );
}
