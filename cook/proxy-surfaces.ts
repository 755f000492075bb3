/** The surfaces of a model for its proxies: one a material, and one with its colors by height. */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import type { Frame } from './proxy-silhouette.ts';
import {
  LightSum,
  type ProxySurface,
  type Rgb,
  samplePoints,
  surfaceArea,
  tileOf,
} from './proxy-surface.ts';
import { weldPart } from './weld.ts';

export interface SurfacesInput {
  materials: readonly MaterialRecord[];
  pixelsOf: (material: MaterialRecord) => Pixels | null;
  /** What is tolerated: texels need not be smaller. */
  errorMeters: number;
  frame: Frame;
}

/** Bands of height whose colors the last surface shows. */
const BANDS = 4;

/** What a material that nothing is seen of gets. */
const NO_COLOR: Rgb = [128, 128, 128];

/** Row i is material i; one more holds the colors by height, for turned bodies. */
export function describeSurfaces(
  parts: readonly MeshPart[],
  { materials, pixelsOf, errorMeters, frame }: SurfacesInput,
): ProxySurface[] {
  const areas = parts.map(surfaceArea);
  const totalArea = areas.reduce((sum, area) => sum + area, 0);
  const bands = Array.from({ length: BANDS }, () => new LightSum());
  const whole = new LightSum();
  const bandMeters = (frame.maxY - frame.minY) / BANDS;
  const surfaces = materials.map((material, row): ProxySurface => {
    const own = parts.filter((part) => part.material === row);
    const pixels = pixelsOf(material);
    const mean = new LightSum();
    samplePoints(own, { material, pixels, totalArea }, ({ vertexLight, y, ...sample }) => {
      mean.add(sample);
      const light = sample.light.map((v, c) => v * vertexLight[c]!) as Rgb;
      const band = bandMeters > 0 ? Math.floor((frame.maxY - y) / bandMeters) : 0;
      bands[Math.min(BANDS - 1, Math.max(0, band))]!.add({ ...sample, light });
      whole.add({ ...sample, light });
    });
    const color = mean.color ?? NO_COLOR;
    const { metallic, roughness, doubleSided } = material;
    const repeatMeters = pixels ? repeatOf(own) : 0;
    const tile =
      pixels && repeatMeters > 0
        ? tileOf(material, pixels, { repeatMeters, texelMeters: errorMeters, hole: color })
        : null;
    return { color, tile, metallic, roughness, doubleSided };
  });
  const widest = areas.indexOf(areas.reduce((a, b) => Math.max(a, b), 0));
  const main = surfaces[parts[widest]!.material]!;
  const color = whole.color ?? NO_COLOR;
  surfaces.push({ ...main, color, tile: bandTile(bands), doubleSided: false });
  return surfaces;
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

/**
 * Splits a part into what shows its surface's tile, each triangle moved by whole repeats to where
 * the tile is, and what takes the mean color, because it repeats the texture more than once.
 */
export function tileUvs(part: MeshPart, { tile }: ProxySurface): MeshPart[] {
  const { uvs, index } = part;
  if (!tile || !uvs) return [weldPart({ ...part, uvs: null })];
  const tiled: number[] = [];
  const plain: number[] = [];
  const moved: number[] = [];
  for (let i = 0; i < index.length; i += 3) {
    const corners = [index[i]!, index[i + 1]!, index[i + 2]!];
    const shift = [0, 1].map((c) => {
      const values = corners.map((v) => uvs[v * 2 + c]!);
      const [low, high] = [Math.min(...values), Math.max(...values)];
      const whole = Math.floor((low + high) / 2);
      return low - whole >= FROM && high - whole <= TO ? whole : null;
    });
    const [u, v] = [shift[0]!, shift[1]!];
    if (u === null || v === null) plain.push(...corners);
    else
      for (const corner of corners) {
        tiled.push(corner);
        moved.push(uvs[corner * 2]! - u, uvs[corner * 2 + 1]! - v);
      }
  }
  const parts: MeshPart[] = [];
  if (tiled.length > 0) parts.push(pickCorners(part, tiled, Float32Array.from(moved)));
  if (plain.length > 0) parts.push(pickCorners(part, plain, null));
  return parts.filter(({ index: kept }) => kept.length > 0);
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
