/**
 * One texture for a whole building: wall, roof, wood, stone, window, door. Colors differ from
 * building to building; the places of the parts do not.
 */
import { createRandom, type Random } from '../../../src/base/random.ts';
import type { Region } from '../mesh/mesh.ts';
import { noiseTile, smoothstep, tileAt } from '../noise.ts';
import { type Area, type Canvas, createCanvas, dot, type Rgb, vary } from './canvas.ts';

export interface MasonryStyle {
  wall: { kind: 'plaster' | 'stone' | 'planks' | 'brick'; color: Rgb };
  roof: { kind: 'clay' | 'slate' | 'thatch' | 'shingle'; color: Rgb };
  wood: Rgb;
  stone: Rgb;
  door: Rgb;
}

const inset = (x: number, y: number, width: number, height: number): Region => [
  x + 0.003,
  y + 0.003,
  x + width - 0.003,
  y + height - 0.003,
];

export const WALL: Region = inset(0, 0, 0.5, 0.5);
export const ROOF: Region = inset(0.5, 0, 0.5, 0.5);
export const WOOD: Region = inset(0, 0.5, 0.25, 0.5);
export const STONE: Region = inset(0.25, 0.5, 0.5, 0.5);
export const WINDOW: Region = inset(0.75, 0.5, 0.25, 0.25);
export const DOOR: Region = inset(0.75, 0.75, 0.25, 0.25);

export function paintMasonry(size: number, style: MasonryStyle, seed: number): Canvas {
  const canvas = createCanvas(size, style.wall.color, 255);
  const random = createRandom(seed);
  const half = size / 2;
  const quarter = size / 4;
  const shift = Math.floor(random() * 512);
  const wallArea: Area = [0, 0, half, half];
  if (style.wall.kind === 'plaster') paintPlaster(canvas, wallArea, style.wall.color, shift);
  else if (style.wall.kind === 'planks') paintPlanks(canvas, wallArea, style.wall.color, 12, shift);
  else {
    const courses = style.wall.kind === 'brick' ? 22 : 9;
    paintBlocks(canvas, wallArea, style.wall.color, { courses, ratio: 2.1, random });
  }
  paintRoof(canvas, [half, 0, half, half], style.roof, shift);
  paintPlanks(canvas, [0, half, quarter, half], style.wood, 1, shift + 77);
  paintBlocks(canvas, [quarter, half, half, half], style.stone, { courses: 7, ratio: 1.7, random });
  paintWindow(canvas, [half + quarter, half, quarter, quarter], style.wood);
  paintPlanks(
    canvas,
    [half + quarter, half + quarter, quarter, quarter],
    style.door,
    5,
    shift + 31,
  );
  return canvas;
}

function eachTexel(area: Area, visit: (x: number, y: number, u: number, v: number) => void): void {
  for (let y = 0; y < area[3]; y++) {
    for (let x = 0; x < area[2]; x++) visit(area[0] + x, area[1] + y, x / area[2], y / area[3]);
  }
}

function paintPlaster(canvas: Canvas, area: Area, color: Rgb, shift: number): void {
  const wide = noiseTile(4);
  const middle = noiseTile(16);
  const fine = noiseTile(64);
  eachTexel(area, (x, y, _u, v) => {
    const stain = tileAt(wide, x + shift, y);
    const streak = tileAt(middle, x + shift, y >> 3);
    const grain = tileAt(fine, x, y + shift);
    const crack = smoothstep(0, 0.018, Math.abs(tileAt(wide, y, x + shift) - 0.42));
    const foot = 1 - 0.16 * smoothstep(0.72, 1, v + (stain - 0.5) * 0.3);
    const tone =
      (0.86 + 0.1 * stain + 0.1 * streak + 0.1 * (grain - 0.5)) * foot * (0.84 + 0.16 * crack);
    dot(canvas, x, y, color, tone, grain * 2.2 + stain * 4 + crack * 2);
  });
}

/** Boards along v; one board makes plain timber. */
function paintPlanks(canvas: Canvas, area: Area, color: Rgb, boards: number, shift: number): void {
  const long = noiseTile(16);
  const fine = noiseTile(64);
  eachTexel(area, (x, y, u) => {
    const board = Math.floor(u * boards);
    const within = u * boards - board;
    const edge = boards === 1 ? 1 : smoothstep(0, 0.06, Math.min(within, 1 - within));
    const base = board * 61 + shift;
    const grain = tileAt(long, x * 3 + base, (y >> 3) + base);
    const fiber = tileAt(fine, x * 2 + base, (y >> 2) + base);
    const tint = 0.86 + 0.22 * tileAt(fine, board * 37 + shift, 11);
    const tone = (0.55 + 0.36 * grain + 0.28 * fiber) * tint * (0.45 + 0.55 * edge);
    dot(canvas, x, y, color, tone, fiber * 2.5 + grain * 2 + edge * 6);
  });
}

interface BlockPlan {
  courses: number;
  /** Length of a block over its height. */
  ratio: number;
  random: Random;
}

/** Courses of cut stone or brick with mortar between, every block of its own tone. */
function paintBlocks(canvas: Canvas, area: Area, color: Rgb, plan: BlockPlan): void {
  const { courses, ratio, random } = plan;
  const middle = noiseTile(16);
  const fine = noiseTile(64);
  const perCourse = Math.round(courses / ratio);
  const tones = Array.from({ length: courses * perCourse }, () => vary(color, random, 0.16));
  const starts = Array.from({ length: courses * (perCourse + 1) }, () => (random() - 0.5) * 0.4);
  const mortar: Rgb = [150, 142, 128];
  eachTexel(area, (x, y, u, v) => {
    const wobble = (tileAt(middle, x, y) - 0.5) * 0.1;
    const course = Math.min(courses - 1, Math.floor(v * courses));
    const rise = v * courses - course;
    const along = (u * perCourse + (course % 2) * 0.5) % perCourse;
    let block = Math.floor(along);
    let within = along - block;
    const start = starts[course * (perCourse + 1) + block]! * 0.5;
    if (within < start) {
      block = (block + perCourse - 1) % perCourse;
      within = 1;
    }
    const gap = Math.min(
      rise,
      1 - rise,
      Math.min(Math.abs(within - Math.max(0, start)), 1 - within) * ratio,
    );
    const grain = tileAt(fine, x, y);
    const face = smoothstep(0.03, 0.11, gap + wobble * 0.5);
    const tone = tones[course * perCourse + block]!;
    const shade = 0.78 + 0.26 * grain + 0.2 * (tileAt(middle, x + 99, y) - 0.5);
    if (face < 0.3) dot(canvas, x, y, mortar, 0.55 + 0.3 * grain, grain);
    else dot(canvas, x, y, tone, shade * (0.6 + 0.4 * face), face * 7 + grain * 2.4);
  });
}

function paintRoof(canvas: Canvas, area: Area, roof: MasonryStyle['roof'], shift: number): void {
  const wide = noiseTile(4);
  const middle = noiseTile(16);
  const fine = noiseTile(64);
  const straw = roof.kind === 'thatch' || roof.kind === 'shingle';
  eachTexel(area, (x, y) => {
    const large = tileAt(wide, x + shift, y);
    const patch = tileAt(middle, x, y + shift);
    const grain = straw ? tileAt(fine, x * 2, (y >> 3) + shift) : tileAt(fine, x, y + shift);
    const lichen = straw ? 0 : smoothstep(0.62, 0.8, patch * 0.6 + large * 0.5);
    const tone = 0.66 + 0.3 * patch + (straw ? 0.5 : 0.28) * (grain - 0.5) + 0.16 * large;
    const color: Rgb = [
      roof.color[0] * (1 - 0.18 * lichen),
      roof.color[1] * (1 + 0.12 * lichen),
      roof.color[2] * (1 + 0.05 * lichen),
    ];
    dot(canvas, x, y, color, tone, grain * (straw ? 4 : 2) + patch * 2);
  });
}

/** Leaded panes in a frame, sky in the glass. */
function paintWindow(canvas: Canvas, area: Area, wood: Rgb): void {
  const glass: Rgb = [58, 76, 92];
  const fine = noiseTile(16);
  eachTexel(area, (x, y, u, v) => {
    const edge = Math.min(u, v, 1 - u, 1 - v);
    const cross = Math.min(Math.abs(u - 0.5), Math.abs(v - 0.42));
    if (edge < 0.07 || cross < 0.03) {
      dot(canvas, x, y, wood, 1.05 - 0.3 * tileAt(fine, x, y), 6);
      return;
    }
    const lead = Math.min(Math.abs(((u * 8) % 1) - 0.5), Math.abs(((v * 8) % 1) - 0.5));
    const tone =
      lead < 0.06 ? 0.55 : 0.7 + 0.7 * (1 - v) * (0.6 + 0.6 * tileAt(fine, x >> 4, y >> 4));
    dot(canvas, x, y, glass, tone, 0);
  });
}
