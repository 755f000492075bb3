/** The surfaces of a model for its proxies: one a material, and one with its colors by height. */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import type { BlockSurfaces } from './proxy-block.ts';
import { LightSum, type Rgb } from './proxy-light.ts';
import type { Look, Sight } from './proxy-silhouette.ts';
import { meanOf, type ProxySurface, surfaceArea, tileOf } from './proxy-surface.ts';
import { weldPart } from './weld.ts';

export interface SurfacesInput {
  materials: readonly MaterialRecord[];
  pixelsOf: (material: MaterialRecord) => Pixels | null;
  /** What is tolerated: texels need not be smaller. */
  errorMeters: number;
  sight: Sight;
}

/** What a material that nothing is seen of gets. */
const NO_COLOR: Rgb = [128, 128, 128];

/** Bands of height whose colors turned bodies show. */
const BANDS = 4;

/** Row i is material i; one more holds the colors by height, for turned bodies. */
export function describeSurfaces(
  parts: readonly MeshPart[],
  { materials, pixelsOf, errorMeters, sight }: SurfacesInput,
): ProxySurface[] {
  const surfaces = materials.map((material, row): ProxySurface => {
    const own = parts.filter((part) => part.material === row);
    const pixels = pixelsOf(material);
    const color = sight.materials.get(row)?.color ?? meanOf(material, pixels, NO_COLOR);
    const { metallic, roughness, doubleSided } = material;
    const repeatMeters = pixels ? repeatOf(own) : 0;
    const tile =
      pixels && repeatMeters > 0
        ? tileOf(material, pixels, { repeatMeters, texelMeters: errorMeters, hole: color })
        : null;
    return { color, tile, metallic, roughness, doubleSided };
  });
  const areas = parts.map(surfaceArea);
  const widest = areas.indexOf(areas.reduce((a, b) => Math.max(a, b), 0));
  const main = surfaces[parts[widest]!.material]!;
  const rows = sight.rows.length;
  const bands = Array.from({ length: BANDS }, (_, band) => {
    const from = ((BANDS - 1 - band) * rows) / BANDS;
    return sumOf(sight.rows.slice(from, from + rows / BANDS));
  });
  const color = sumOf(sight.rows).color ?? main.color;
  surfaces.push({ ...main, color, tile: bandTile(bands), doubleSided: false });
  return surfaces;
}

function sumOf(sums: readonly LightSum[]): LightSum {
  const all = new LightSum();
  for (const sum of sums) all.addAll(sum);
  return all;
}

/** Adds surfaces of one color each for what is below and above a row. */
export function addBlockSurfaces(
  surfaces: ProxySurface[],
  { rows }: Sight,
  eaves: number,
): BlockSurfaces {
  const like = surfaces.at(-1)!;
  const add = (sum: LightSum): number =>
    surfaces.push({ ...like, color: sum.color ?? like.color, tile: null }) - 1;
  return { walls: add(sumOf(rows.slice(0, eaves))), roof: add(sumOf(rows.slice(eaves))) };
}

/** Colors by height, top row first; bands where nothing is take their neighbor's. */
function bandTile(bands: readonly LightSum[]): Pixels | null {
  const colors = bands.map((band) => band.color);
  let last = colors.find((color) => color !== null);
  if (!last) return null;
  const data = new Uint8Array(BANDS * BANDS * 4).fill(255);
  colors.forEach((color, row) => {
    last = color ?? last!;
    for (let column = 0; column < BANDS; column++) data.set(last, (row * BANDS + column) * 4);
  });
  return { width: BANDS, height: BANDS, data };
}

/** Meters that one repeat of the texture takes on the surface; 0 where it is mapped to a point. */
function repeatOf(parts: readonly MeshPart[]): number {
  let unwrapped = 0;
  let surface = 0;
  for (const part of parts) {
    const { index, uvs } = part;
    if (!uvs) continue;
    for (let i = 0; i < index.length; i += 3) {
      const [a, b, c] = [index[i]! * 2, index[i + 1]! * 2, index[i + 2]! * 2];
      const [du, dv] = [uvs[b]! - uvs[a]!, uvs[b + 1]! - uvs[a + 1]!];
      const [eu, ev] = [uvs[c]! - uvs[a]!, uvs[c + 1]! - uvs[a + 1]!];
      unwrapped += Math.abs(du * ev - dv * eu) / 2;
    }
    surface += surfaceArea(part);
  }
  return unwrapped > 0 ? Math.sqrt(surface / unwrapped) : 0;
}

/** The part with the uv of its base color texture, transform applied, and nothing else of that kind. */
export function flattenUvs(part: MeshPart, { textures }: MaterialRecord): MeshPart {
  const ref = textures.baseColor;
  const uvs = ref ? (ref.uv === 1 ? part.uvs1 : part.uvs) : null;
  const flat = { ...part, uvs: uvs ? uvs.slice() : null, uvs1: null, extras: [] };
  if (!flat.uvs || !ref?.transform) return flat;
  const { offset, scale, rotation } = ref.transform;
  const [c, s] = [Math.cos(rotation), Math.sin(rotation)];
  for (let i = 0; i < flat.uvs.length; i += 2) {
    const [u, v] = [flat.uvs[i]!, flat.uvs[i + 1]!];
    flat.uvs[i] = scale[0] * (c * u + s * v) + offset[0];
    flat.uvs[i + 1] = scale[1] * (c * v - s * u) + offset[1];
  }
  return flat;
}

/** A tile and the border around it: half a repeat on each side. */
const FROM = -0.5;
const TO = 1.5;

/** A triangle that shows fewer texels of the tile than this, along u or v, has one color. */
const FEWEST_TEXELS = 3;

/** Surface of each color that triangles have. */
export type ColorRows = (part: MeshPart, corners: readonly number[]) => number;

/**
 * Splits a part into what shows its surface's tile, each triangle moved by whole repeats to where
 * the tile is, and triangles of one color each: their own, as sheets of many trims are not told
 * apart by a mean.
 */
export function tileUvs(part: MeshPart, { tile }: ProxySurface, rowOf: ColorRows): MeshPart[] {
  const { uvs, index } = part;
  const tiled: number[] = [];
  const moved: number[] = [];
  const plain = new Map<number, number[]>();
  for (let i = 0; i < index.length; i += 3) {
    const corners = [index[i]!, index[i + 1]!, index[i + 2]!];
    const shift = tile && uvs ? shiftOf(uvs, corners, tile.width) : null;
    if (shift)
      for (const corner of corners) {
        tiled.push(corner);
        moved.push(uvs![corner * 2]! - shift[0], uvs![corner * 2 + 1]! - shift[1]);
      }
    else {
      const row = rowOf(part, corners);
      const known = plain.get(row);
      if (known) known.push(...corners);
      else plain.set(row, corners);
    }
  }
  const parts = [...plain].map(([material, corners]) =>
    pickCorners({ ...part, material }, corners, null),
  );
  if (tiled.length > 0) parts.push(pickCorners(part, tiled, Float32Array.from(moved)));
  return parts.filter(({ index: kept }) => kept.length > 0);
}

/** Whole repeats to the tile, or null where it repeats more than once or hardly shows any of it. */
function shiftOf(
  uvs: Float32Array,
  corners: readonly number[],
  texels: number,
): [number, number] | null {
  const shift: [number, number] = [0, 0];
  let most = 0;
  for (const c of [0, 1] as const) {
    const values = corners.map((v) => uvs[v * 2 + c]!);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    shift[c] = Math.floor((low + high) / 2);
    if (low - shift[c] < FROM || high - shift[c] > TO) return null;
    most = Math.max(most, high - low);
  }
  return most * texels >= FEWEST_TEXELS ? shift : null;
}

/** Points of a triangle whose mean is its color. */
const POINTS = 16;

/** Codes between two colors that are told apart. */
const COLOR_STEP = 8;

/** Based on: Roberts. The unreasonable effectiveness of quasirandom sequences. 2018. */
const STEP_U = 0.7548776662466927;
const STEP_V = 0.5698402909980532;

/** Adds a surface for each color of a triangle that is new, beside those of the materials. */
export function colorRows(surfaces: ProxySurface[], look: Look): ColorRows {
  const rows = new Map<string, number>();
  return (part, corners) => {
    const own = surfaces[part.material]!;
    const color = (triangleColor(part, corners, look) ?? own.color).map((code) =>
      Math.min(255, Math.round(code / COLOR_STEP) * COLOR_STEP),
    ) as Rgb;
    const key = `${part.material} ${color.join()}`;
    const row = rows.get(key) ?? surfaces.push({ ...own, color, tile: null }) - 1;
    rows.set(key, row);
    return row;
  };
}

function triangleColor(part: MeshPart, corners: readonly number[], look: Look): Rgb | null {
  const sum = new LightSum();
  for (let point = 0; point < POINTS; point++) {
    const [s, t] = [(0.5 + point * STEP_U) % 1, (0.5 + point * STEP_V) % 1];
    const [wb, wc] = s + t > 1 ? [1 - s, 1 - t] : [s, t];
    const [u, v] = [0, 1].map((c) => {
      const at = (k: number): number => part.uvs?.[corners[k]! * 2 + c] ?? 0;
      return at(0) * (1 - wb - wc) + at(1) * wb + at(2) * wc;
    });
    if (look.isSolid(part, u!, v!)) sum.add(look.lightAt(part, u!, v!));
  }
  return sum.color;
}

/** A part of these corners, three a triangle. */
function pickCorners(
  part: MeshPart,
  corners: readonly number[],
  uvs: Float32Array | null,
): MeshPart {
  const pick = (values: Float32Array, size: number): Float32Array =>
    Float32Array.from({ length: corners.length * size }, (_, i) => {
      return values[corners[Math.floor(i / size)]! * size + (i % size)]!;
    });
  return weldPart({
    material: part.material,
    positions: pick(part.positions, 3),
    normals: pick(part.normals, 3),
    uvs,
    uvs1: null,
    colors: part.colors && pick(part.colors, 4),
    extras: [],
    index: Uint32Array.from(corners, (_, i) => i),
  });
}
