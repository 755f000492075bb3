/**
 * Detail in five steps, from ultra to minimal: what each means in figures, and which of them is right
 * at a distance, with so much memory free and frames of such a length. Says nothing about LODs of
 * assets: `catalog/quality-limits.ts` does.
 */
import { assert, assertNumber, describe } from '../base/assert.ts';

export type DetailName = 'ultra' | 'high' | 'medium' | 'low' | 'minimal';

/** Finest first. */
export const DETAIL_NAMES: readonly DetailName[] = ['ultra', 'high', 'medium', 'low', 'minimal'];

/** What a detail means. All shares are of the best, 1. */
export interface QualityValues {
  /** Side of the finest textures that are used: 0.5 leaves out LODs with finer ones than LOD 1 has. */
  textureQuality: number;
  /** 0.5 tolerates twice the error: LODs change half as far away. */
  meshQuality: number;
  /** Beyond this nothing placed is shown or asked for (meters, at scale 1). */
  drawDistanceMeters: number;
  /** Share of an asset's LODs, the finest ones, that cast shadows; 0: none does. */
  shadowQuality: number;
}

/** How details are chosen. Lists have one figure per detail, finest first. */
export interface QualityOptions {
  /** In place of the default values, by detail. */
  values?: Readonly<Partial<Record<DetailName, Partial<QualityValues>>>>;
  /** Up to where a level has that detail (meters), rising; beyond the last it has the last. */
  lodDistancesMeters?: readonly number[];
  /** Share of the budget that must be free for that detail, falling to 0. */
  freeShares?: readonly number[];
  /** What a frame should take, and what it must not exceed (milliseconds). */
  frameTargetsMs?: readonly [number, number];
  /** Lowers detail by frame time, memory and distance, and brings it back. Default: false. */
  autoAdjust?: boolean;
  /** Thresholds must be passed by this factor before a detail is left. */
  hysteresis?: number;
}

export type QualitySettings = Required<Omit<QualityOptions, 'values' | 'autoAdjust'>>;

export const QUALITY_DEFAULTS: QualitySettings = {
  lodDistancesMeters: [1000, 2000, 4000, 8000, 16_000],
  freeShares: [0.2, 0.15, 0.1, 0.05, 0],
  frameTargetsMs: [16.67, 33.33],
  hysteresis: 1.15,
};

export const QUALITY_VALUES: readonly Readonly<QualityValues>[] = [
  { textureQuality: 1, meshQuality: 1, drawDistanceMeters: 10_000, shadowQuality: 1 },
  { textureQuality: 0.8, meshQuality: 0.95, drawDistanceMeters: 8000, shadowQuality: 0.8 },
  { textureQuality: 0.6, meshQuality: 0.85, drawDistanceMeters: 6000, shadowQuality: 0.6 },
  { textureQuality: 0.4, meshQuality: 0.7, drawDistanceMeters: 4000, shadowQuality: 0.3 },
  { textureQuality: 0.2, meshQuality: 0.5, drawDistanceMeters: 2000, shadowQuality: 0 },
];

const COARSEST = DETAIL_NAMES.length - 1;

/** Frames must be shorter than this share of the target before a finer detail is advised. */
const FAST = 0.7;

/** No detail so far: no hysteresis. */
export const NO_DETAIL = -1;

/** The detail for a distance (meters), held on to by hysteresis. */
export function detailAt(
  { lodDistancesMeters, hysteresis }: QualitySettings,
  current: number,
  distanceMeters: number,
): number {
  let detail = 0;
  while (detail < COARSEST) {
    const isKept = current !== NO_DETAIL && detail >= current;
    if (distanceMeters <= lodDistancesMeters[detail]! * (isKept ? hysteresis : 1)) break;
    detail++;
  }
  return detail;
}

/** The detail for a share of the budget that is free, held on to by hysteresis. */
export function detailWith(
  { freeShares, hysteresis }: QualitySettings,
  current: number,
  freeShare: number,
): number {
  let detail = 0;
  while (detail < COARSEST) {
    const isFiner = current !== NO_DETAIL && detail < current;
    if (freeShare >= freeShares[detail]! * (isFiner ? hysteresis : 1)) break;
    detail++;
  }
  return detail;
}

/** One or two steps from the current detail by what frames take, or none within the band. */
export function detailFor(
  { frameTargetsMs, hysteresis }: QualitySettings,
  current: number,
  frameMs: number,
): number {
  const [target, limit] = frameTargetsMs;
  const from = Math.max(0, current);
  if (frameMs > limit * hysteresis) return Math.min(COARSEST, from + 2);
  if (frameMs > target * hysteresis) return Math.min(COARSEST, from + 1);
  return frameMs < target * FAST ? Math.max(0, from - 1) : from;
}

/** Refuses options that cannot work, naming option, value and what was expected. */
export function checkQualityOptions(options: QualityOptions): void {
  const name = 'installStreaming: quality';
  assert(
    typeof options === 'object' && options !== null,
    `${name} must be an object, got ${describe(options)}`,
  );
  const known = ['values', 'autoAdjust', ...Object.keys(QUALITY_DEFAULTS)];
  for (const key of Object.keys(options))
    assert(known.includes(key), `${name}: unknown "${key}"; expected one of ${known.join(', ')}`);
  const { lodDistancesMeters, freeShares, frameTargetsMs, hysteresis } = {
    ...QUALITY_DEFAULTS,
    ...options,
  };
  checkList(`${name}.lodDistancesMeters`, lodDistancesMeters, 5, 1);
  checkList(`${name}.freeShares`, freeShares, 5, -1);
  assert(
    freeShares[0]! < 1 && freeShares[COARSEST] === 0,
    `${name}.freeShares must be below 1 and end with 0, got ${describe(freeShares)}`,
  );
  checkList(`${name}.frameTargetsMs`, frameTargetsMs, 2, 1);
  assertNumber(`${name}.hysteresis`, hysteresis, 1, 2);
  for (const [detail, values] of Object.entries(options.values ?? {})) {
    checkDetail(`${name}.values`, detail);
    checkValues(`${name}.values.${detail}`, values);
  }
}

/** @param way 1 for rising, -1 for falling */
function checkList(name: string, list: readonly number[], length: number, way: number): void {
  const good =
    Array.isArray(list) &&
    list.length === length &&
    list.every((value) => Number.isFinite(value) && value >= 0) &&
    list.every((value, i) => i === 0 || (value - list[i - 1]!) * way > 0);
  const word = way > 0 ? 'rising' : 'falling';
  assert(good, `${name} must be ${length} numbers from 0 on, ${word}, got ${describe(list)}`);
}

/** Refuses what is no detail. */
export function checkDetail(call: string, name: unknown): asserts name is DetailName {
  assert(
    DETAIL_NAMES.includes(name as DetailName),
    `${call}: expected one of ${DETAIL_NAMES.join(', ')}, got ${describe(name)}`,
  );
}

const RANGES: Readonly<Record<keyof QualityValues, readonly [number, number]>> = {
  textureQuality: [0.01, 1],
  meshQuality: [0.01, 1],
  drawDistanceMeters: [1, 1e9],
  shadowQuality: [0, 1],
};

export function checkValues(call: string, values: Partial<QualityValues>): void {
  assert(
    typeof values === 'object' && values !== null,
    `${call}: expected an object, got ${describe(values)}`,
  );
  for (const [key, value] of Object.entries(values)) {
    const range = RANGES[key as keyof QualityValues];
    const keys = Object.keys(RANGES).join(', ');
    assert(range, `${call}: unknown "${key}"; expected one of ${keys}`);
    assertNumber(`${call}: ${key}`, value, ...range);
  }
}
