/** Levels: named shapes whose placements load and unload together. */
import { readFile } from 'node:fs/promises';
import { reasonOf } from '../src/base/errors.ts';
import { NO_LEVEL } from '../src/io/bundle/format.ts';
import { CookError } from './errors.ts';

type Vector = [number, number, number];

/** A sphere (center and radius) or a box (min and max), in meters. */
export interface LevelShape {
  name: string;
  center?: readonly number[];
  radius?: number;
  min?: readonly number[];
  max?: readonly number[];
  /**
   * A stand-in is shown while the level is not; a number is the distance from which it is seen
   * (meters, default 200).
   */
  proxy?: boolean | number;
}

/** Reads `--levels`, or checks what the programmatic call was given. Throws `CookError`. */
export async function readLevels(source: string | readonly LevelShape[]): Promise<LevelShape[]> {
  const isFile = typeof source === 'string';
  const where = isFile ? `levels ${source}` : 'levels';
  const value = isFile ? await readJson(source) : source;
  if (!Array.isArray(value)) throw new CookError(`${where} is not an array of levels`);
  const names = new Set<string>();
  const levels = value.map((entry: unknown, i) => checkLevel(`${where} entry ${i + 1}`, entry));
  for (const { name } of levels) {
    if (names.has(name)) throw new CookError(`${where}: level "${name}" is there twice`);
    names.add(name);
  }
  if (levels.length >= NO_LEVEL)
    throw new CookError(`${where} has ${levels.length} levels, expected fewer than ${NO_LEVEL}`);
  return levels;
}

async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CookError(`levels ${file} cannot be read: ${reasonOf(error)}`);
  }
}

function checkLevel(at: string, value: unknown): LevelShape {
  const fields = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  const { name, center, radius, min, max, proxy } = fields as Partial<LevelShape>;
  if (typeof name !== 'string' || name === '')
    throw new CookError(`${at} has no name; expected { "name": …, "center": […], "radius": … }`);
  const isDistance = typeof proxy === 'number' && proxy > 0 && Number.isFinite(proxy);
  if (proxy !== undefined && typeof proxy !== 'boolean' && !isDistance)
    throw new CookError(
      `${at} ("${name}"): proxy is ${JSON.stringify(proxy)}, expected true, false or the meters from ` +
        'which it is seen',
    );
  const more = proxy === undefined ? {} : { proxy };
  if (center !== undefined || radius !== undefined) {
    const isNumber = typeof radius === 'number' && Number.isFinite(radius) && radius > 0;
    if (!isNumber) throw new CookError(`${at} ("${name}"): radius must be a number above 0`);
    return { name, center: vector(`${at} ("${name}") center`, center), radius, ...more };
  }
  const low = vector(`${at} ("${name}") min`, min);
  const high = vector(`${at} ("${name}") max`, max);
  if (low.some((v, i) => v > high[i]!)) throw new CookError(`${at} ("${name}"): min is above max`);
  return { name, min: low, max: high, ...more };
}

function vector(at: string, value: unknown): Vector {
  if (Array.isArray(value) && value.length === 3 && value.every(Number.isFinite))
    return value as Vector;
  throw new CookError(`${at} is ${JSON.stringify(value)}, expected three numbers (meters)`);
}

/** First level whose shape holds the point, or `NO_LEVEL`. */
export function levelAt(levels: readonly LevelShape[], x: number, y: number, z: number): number {
  for (let i = 0; i < levels.length; i++) {
    const { center, radius, min, max } = levels[i]!;
    if (center && radius !== undefined) {
      if (Math.hypot(x - center[0]!, y - center[1]!, z - center[2]!) <= radius) return i;
    } else if (min && max) {
      const isInside =
        x >= min[0]! &&
        x <= max[0]! &&
        y >= min[1]! &&
        y <= max[1]! &&
        z >= min[2]! &&
        z <= max[2]!;
      if (isInside) return i;
    }
  }
  return NO_LEVEL;
}
