/** Placement files (CSV, JSON, GeoJSON) as tables; every complaint names the file and the row. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';
import { projectPoints } from './geojson.ts';
import { LayerList } from './layers.ts';
import { didYouMean, type NamedPlacements } from './table.ts';

/** One placement as a file states it: numbers may still be text. */
export type Row = Record<string, unknown>;

/** A row and what to call it in messages, e.g. `line 12`. */
export interface NamedRow {
  where: string;
  row: Row;
}

const FIELDS = new Set([
  ...['asset', 'x', 'y', 'z', 'yaw', 'qx', 'qy', 'qz', 'qw', 'scale', 'level', 'layer'],
]);

/** Throws `CookError` naming file and row when an asset is unknown or a number is none. */
export async function readPlacements(
  file: string,
  assetNames: readonly string[],
): Promise<NamedPlacements> {
  return toTable(file, await readRows(file), assetNames);
}

async function readRows(file: string): Promise<NamedRow[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new CookError(`placements ${file} cannot be read: ${reasonOf(error)}`);
  }
  if (extname(file).toLowerCase() === '.csv') return readCsv(file, text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CookError(
      `placements ${file} is neither CSV nor JSON (${reasonOf(error)}); expected a .csv with a ` +
        'header line, a .json array of objects or a .geojson of points',
    );
  }
  if (Array.isArray(value))
    return value.map((row: unknown, i) => ({ where: `entry ${i + 1}`, row: asRow(file, row, i) }));
  return projectPoints(file, value);
}

function asRow(file: string, value: unknown, i: number): Row {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Row;
  throw new CookError(`placements ${file} entry ${i + 1} is not an object`);
}

function readCsv(file: string, text: string): NamedRow[] {
  let records: { record: Row; info: { lines: number } }[];
  try {
    records = parse(text, {
      columns: true,
      trim: true,
      bom: true,
      info: true,
      skip_empty_lines: true,
    }) as never;
  } catch (error) {
    throw new CookError(`placements ${file} is not valid CSV: ${reasonOf(error)}`);
  }
  const header = Object.keys(records[0]?.record ?? {});
  for (const name of header)
    if (!FIELDS.has(name)) {
      const near = didYouMean(name, [...FIELDS]);
      throw new CookError(
        `placements ${file} line 1: unknown column "${name}"${near ? `, did you mean "${near}"?` : ''}; ` +
          `expected ${[...FIELDS].join(', ')}`,
      );
    }
  return records.map(({ record, info }) => ({ where: `line ${info.lines}`, row: record }));
}

function toTable(file: string, rows: NamedRow[], assetNames: readonly string[]): NamedPlacements {
  const count = rows.length;
  const known = new Map(assetNames.map((name, i) => [name, i]));
  const table = {
    assetNames: [...assetNames],
    assets: new Uint32Array(count),
    positions: new Float64Array(count * 3),
    rotations: new Float32Array(count * 4),
    scales: new Float32Array(count),
  };
  const levelNames: (string | null)[] = [];
  const layers = new Int16Array(count).fill(-1);
  const layerNames: string[] = [];
  rows.forEach(({ where, row }, i) => {
    const at = `placements ${file} ${where}`;
    table.assets[i] = assetOf(at, row['asset'], known, assetNames);
    table.positions[i * 3] = numberOf(at, row, 'x', null);
    table.positions[i * 3 + 1] = numberOf(at, row, 'y', Number.NaN);
    table.positions[i * 3 + 2] = numberOf(at, row, 'z', null);
    table.rotations.set(rotationOf(at, row), i * 4);
    const scale = numberOf(at, row, 'scale', 1);
    if (scale <= 0) throw new CookError(`${at}: scale is ${scale}, expected above 0`);
    table.scales[i] = scale;
    const level = row['level'];
    levelNames.push(isBlank(level) ? null : String(level));
    if (!isBlank(row['layer'])) layers[i] = layerOf(at, row['layer'], layerNames);
  });
  if (layerNames.length > 0) Object.assign(table, { layers, layerNames });
  return { table, levelNames: levelNames.some((name) => name !== null) ? levelNames : null };
}

function assetOf(
  at: string,
  value: unknown,
  known: ReadonlyMap<string, number>,
  names: readonly string[],
): number {
  const index = known.get(String(value));
  if (index !== undefined && typeof value === 'string') return index;
  if (isBlank(value)) throw new CookError(`${at} names no asset; expected a column "asset"`);
  const near = didYouMean(String(value), names);
  const hint = near ? `did you mean "${near}"?` : `known are: ${names.slice(0, 12).join(', ')}`;
  throw new CookError(`${at}: unknown asset "${String(value)}"; ${hint}`);
}

/** Index of the layer, which is added where it is new. Misspelled ones are checked here, by row. */
function layerOf(at: string, value: unknown, names: string[]): number {
  const text = String(value);
  new LayerList().pack(text, at);
  const known = names.indexOf(text);
  return known >= 0 ? known : names.push(text) - 1;
}

function isBlank(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

/** @param missing value to take when the field is absent; null makes it an error */
function numberOf(at: string, row: Row, name: string, missing: number | null): number {
  const value = row[name];
  if (isBlank(value)) {
    if (missing !== null) return missing;
    throw new CookError(`${at}: ${name} is missing, expected a number`);
  }
  const number = typeof value === 'number' ? value : Number(value);
  if (Number.isFinite(number)) return number;
  throw new CookError(`${at}: ${name} is ${JSON.stringify(value)}, expected a number`);
}

/** `yaw` is degrees about +y; a quaternion takes its place where one is given. */
function rotationOf(at: string, row: Row): [number, number, number, number] {
  if (isBlank(row['qw']) && isBlank(row['qx']) && isBlank(row['qy']) && isBlank(row['qz'])) {
    const half = (numberOf(at, row, 'yaw', 0) * Math.PI) / 360;
    return [0, Math.sin(half), 0, Math.cos(half)];
  }
  const part = (name: string): number => numberOf(at, row, name, null);
  const rotation: [number, number, number, number] = [
    part('qx'),
    part('qy'),
    part('qz'),
    part('qw'),
  ];
  if (Math.hypot(...rotation) > 1e-6) return rotation;
  throw new CookError(`${at}: the quaternion qx, qy, qz, qw is all zeros`);
}
