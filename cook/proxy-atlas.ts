/**
 * One small picture of all surfaces of a proxy. Each color has a square of 4 x 4 texels and is
 * sampled at its center; each tile lies in a square of twice its side, with half a repeat of it
 * around, so that neither filtering nor the first mips mix in a neighbor, and so that the mean of
 * the square, which later mips come to, is the mean of the tile. All squares are powers of two and
 * laid in Morton order, largest first: they fit without gaps, and a mip never cuts through one.
 */
import type { MeshPart } from './model.ts';
import type { Pixels } from './pixels.ts';
import type { Rgb } from './proxy-light.ts';
import type { ProxySurface } from './proxy-surface.ts';

/** Where a surface is: colors at a point, tiles from a corner on (uv). */
export interface AtlasPlace {
  color: [number, number];
  tile: { u: number; v: number; size: number } | null;
}

export interface ProxyAtlas {
  pixels: Pixels;
  /** By row of the surfaces. */
  places: AtlasPlace[];
}

/** Longest side (pixels). */
const MAX_SIDE = 256;

const COLOR_SIDE = 4;

interface Square {
  side: number;
  /** Color, or the tile. */
  content: Rgb | Pixels;
  x: number;
  y: number;
}

/**
 * The atlas of what some parts show, and of nothing else. Tiles and, where even colors are too many
 * for the largest side, colors are made coarser to fit.
 *
 * @param parts `material` is a row of `surfaces`
 * @param mostTexels a side of a tile
 * @returns places by row of `surfaces`; of rows that no part shows there are none
 */
export function layAtlas(
  surfaces: readonly ProxySurface[],
  parts: readonly MeshPart[],
  mostTexels: number,
): ProxyAtlas {
  const rows = [...new Set(parts.map(({ material }) => material))];
  const tiled = new Set(parts.filter(({ uvs }) => uvs).map(({ material }) => material));
  const shown = rows.map((row): ProxySurface => {
    const surface = surfaces[row]!;
    return tiled.has(row) ? surface : { ...surface, tile: null };
  });
  const { pixels, places } = layAll(shown, mostTexels);
  const byRow: AtlasPlace[] = [];
  rows.forEach((row, i) => {
    byRow[row] = places[i]!;
  });
  return { pixels, places: byRow };
}

function layAll(surfaces: readonly ProxySurface[], mostTexels: number): ProxyAtlas {
  for (let limit = mostTexels; ; limit /= 2) {
    const layout = squaresOf(surfaces, limit);
    const texels = layout.squares.reduce((sum, { side }) => sum + side ** 2, 0);
    const side = 2 ** Math.ceil(Math.log2(Math.sqrt(texels)));
    if (side <= MAX_SIDE) return draw(layout, Math.max(COLOR_SIDE, side));
  }
}

interface Layout {
  squares: Square[];
  colorOf: Square[];
  tileOf: (Square | null)[];
}

/** @param limit longest side of a tile; below one texel, colors share squares ever more */
function squaresOf(surfaces: readonly ProxySurface[], limit: number): Layout {
  const bits = limit >= 1 ? 8 : Math.max(1, 5 + Math.log2(limit));
  const colors = new Map<string, Square>();
  const squares: Square[] = [];
  const add = (side: number, content: Rgb | Pixels): Square => {
    const square = { side, content, x: 0, y: 0 };
    squares.push(square);
    return square;
  };
  const colorOf = surfaces.map(({ color }) => {
    const step = 2 ** (8 - bits);
    const rounded = color.map((v) => Math.min(255, Math.round(v / step) * step)) as Rgb;
    const key = rounded.join();
    const square = colors.get(key) ?? add(COLOR_SIDE, rounded);
    colors.set(key, square);
    return square;
  });
  const tileOf = surfaces.map(({ tile }) => {
    const side = Math.min(limit, tile?.width ?? 0);
    return tile && side >= 2 ? add(side * 2, shrink(tile, side)) : null;
  });
  return { squares, colorOf, tileOf };
}

/** Every so many-th texel is enough: it happens where there are more materials than texels. */
function shrink(tile: Pixels, side: number): Pixels {
  const step = tile.width / side;
  if (step === 1) return tile;
  const data = new Uint8Array(side * side * 4);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const from = (y * step * tile.width + x * step) * 4;
      data.set(tile.data.subarray(from, from + 4), (y * side + x) * 4);
    }
  return { width: side, height: side, data };
}

function draw({ squares, colorOf, tileOf }: Layout, side: number): ProxyAtlas {
  const pixels = { width: side, height: side, data: new Uint8Array(side * side * 4).fill(255) };
  let texel = 0;
  // Array sort is stable: squares of one size stay in the order of their surfaces.
  for (const square of [...squares].sort((a, b) => b.side - a.side)) {
    [square.x, square.y] = [evenBits(texel), evenBits(texel >>> 1)];
    texel += square.side ** 2;
    paint(pixels, square);
  }
  const places = colorOf.map((color, row): AtlasPlace => {
    const tile = tileOf[row]!;
    const center = color.side / 2;
    return {
      color: [(color.x + center) / side, (color.y + center) / side],
      tile: tile && { u: tile.x / side, v: tile.y / side, size: tile.side / side },
    };
  });
  return { pixels, places };
}

/** Every second bit, from the lowest on: one coordinate of a Morton code. */
function evenBits(code: number): number {
  let value = 0;
  for (let bit = 0; bit < 16; bit++) value |= ((code >>> (2 * bit)) & 1) << bit;
  return value;
}

function paint(pixels: Pixels, { side, content, x, y }: Square): void {
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++) {
      const at = ((y + row) * pixels.width + x + column) * 4;
      if (Array.isArray(content)) {
        pixels.data.set(content, at);
        continue;
      }
      // The tile begins a quarter of the square in, and goes on around itself.
      const { width, data } = content;
      const wrap = (i: number): number => (i - side / 4 + width) % width;
      const from = (wrap(row) * width + wrap(column)) * 4;
      pixels.data.set(data.subarray(from, from + 4), at);
    }
}
