/**
 * A block with a roof for what stands upright along the axes of its model: of houses, simplification
 * to a few triangles leaves shards. Walls as wide and deep as the model below its eaves is on the
 * average, a roof from there to what its top is, each in the color that is seen there.
 */
import type { MeshPart } from './model.ts';
import type { Extent, Frame, Sight } from './proxy-silhouette.ts';

/** Surfaces that its parts show. */
export interface BlockSurfaces {
  walls: number;
  roof: number;
}

/** Rows of the model's height at which it is this share of its largest cross-section are walls. */
const WALL_SHARE = 0.8;

/** First row of the roof: the one above the highest that is nearly as large as any. */
export function eavesOf({ alongX, alongZ }: Sight): number {
  const sections = alongX.map(({ width }, row) => width * alongZ[row]!.width);
  const most = Math.max(...sections);
  let eaves = 0;
  sections.forEach((section, row) => {
    if (section >= most * WALL_SHARE) eaves = row + 1;
  });
  return eaves;
}

interface Rectangle {
  y: number;
  x: Extent;
  z: Extent;
}

/** @returns parts for walls and roof; with a flat top where nothing is above the eaves */
export function blockOf(
  sight: Sight,
  { minY, maxY }: Frame,
  eaves: number,
  surfaces: BlockSurfaces,
): MeshPart[] {
  const rows = sight.widths.length;
  const at = (row: number): number => minY + (row / rows) * (maxY - minY);
  const slice = (from: number, to: number, y: number): Rectangle => ({
    y,
    x: meanOf(sight.alongX.slice(from, to)),
    z: meanOf(sight.alongZ.slice(from, to)),
  });
  const foot = slice(0, eaves, minY);
  const body = { ...foot, y: at(eaves) };
  const walls = new Faces(surfaces.walls);
  walls.around(foot, body);
  const roof = new Faces(surfaces.roof);
  const top = eaves < rows ? topOf(body, slice(...middleRows(eaves, rows), maxY)) : body;
  if (top !== body) roof.around(body, top);
  roof.cover(top);
  return [walls.part, roof.part].filter(({ index }) => index.length > 0);
}

/** About half-way up the roof: the topmost rows are chimneys and weathercocks. */
function middleRows(eaves: number, rows: number): [number, number] {
  const height = rows - eaves;
  const from = eaves + Math.floor(height * 0.35);
  return [from, Math.max(from + 1, eaves + Math.ceil(height * 0.65))];
}

/** Straight on from the eaves through the middle of the roof: a ridge where one side ends. */
function topOf({ x, z }: Rectangle, middle: Rectangle): Rectangle {
  const reach = (low: Extent, high: Extent): Extent => ({
    middle: high.middle,
    width: Math.max(0, 2 * high.width - low.width),
  });
  return { y: middle.y, x: reach(x, middle.x), z: reach(z, middle.z) };
}

function meanOf(extents: readonly Extent[]): Extent {
  const seen = extents.filter(({ width }) => width > 0);
  const mean = (pick: (extent: Extent) => number): number =>
    seen.reduce((sum, extent) => sum + pick(extent), 0) / Math.max(1, seen.length);
  return { middle: mean(({ middle }) => middle), width: mean(({ width }) => width) };
}

/** Quads with flat normals. */
class Faces {
  readonly #surface: number;
  readonly #positions: number[] = [];
  readonly #normals: number[] = [];
  readonly #index: number[] = [];

  constructor(surface: number) {
    this.#surface = surface;
  }

  around(low: Rectangle, high: Rectangle): void {
    const [a, b] = [cornersOf(low), cornersOf(high)];
    for (let side = 0; side < 4; side++) {
      const next = (side + 1) % 4;
      this.#quad([a[side]!, b[side]!, b[next]!, a[next]!]);
    }
  }

  cover(rectangle: Rectangle): void {
    const [a, b, c, d] = cornersOf(rectangle);
    this.#quad([a!, d!, c!, b!]);
  }

  #quad(corners: readonly (readonly number[])[]): void {
    const [a, , c] = corners;
    const [b, d] = [corners[1]!, corners[3]!];
    // The diagonals give the normal even where two corners meet in a ridge.
    const u = c!.map((v, k) => v - a![k]!);
    const v = d.map((value, k) => value - b[k]!);
    const n = [
      u[1]! * v[2]! - u[2]! * v[1]!,
      u[2]! * v[0]! - u[0]! * v[2]!,
      u[0]! * v[1]! - u[1]! * v[0]!,
    ];
    const length = Math.hypot(...n);
    if (length === 0) return;
    const first = this.#positions.length / 3;
    for (const corner of corners) {
      this.#positions.push(...corner);
      this.#normals.push(...n.map((value) => value / length));
    }
    this.#index.push(first, first + 1, first + 2, first, first + 2, first + 3);
  }

  get part(): MeshPart {
    return {
      material: this.#surface,
      positions: Float32Array.from(this.#positions),
      normals: Float32Array.from(this.#normals),
      uvs: null,
      uvs1: null,
      colors: null,
      extras: [],
      index: Uint32Array.from(this.#index),
    };
  }
}

/** From the corner of least x and z on, toward greater x. */
function cornersOf({ y, x, z }: Rectangle): number[][] {
  const [left, right] = [x.middle - x.width / 2, x.middle + x.width / 2];
  const [near, far] = [z.middle - z.width / 2, z.middle + z.width / 2];
  return [
    [left, y, near],
    [right, y, near],
    [right, y, far],
    [left, y, far],
  ];
}
