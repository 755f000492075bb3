/**
 * One texture for a whole plant: a strip of bark, two cut-out sprays of leaves, and a field of
 * dense leaves for the hull inside the crown, which keeps the silhouette when cards are dropped.
 */
import { createRandom, type Random } from '../../../src/base/random.ts';
import type { Region } from '../mesh/mesh.ts';
import { noiseTile, tileAt } from '../noise.ts';
import {
  type Area,
  type Canvas,
  createCanvas,
  dot,
  type LeafShape,
  leaf,
  type Rgb,
  twig,
  vary,
} from './canvas.ts';

export interface FoliageStyle {
  bark: { kind: 'furrowed' | 'birch' | 'plates' | 'rings'; color: Rgb };
  leaf: Rgb;
  shape: LeafShape;
  /** Leaves of a spray. */
  count: number;
  /** cluster: a bunch of leaves; spray: a branch with needles; frond: one feathered leaf. */
  layout: 'cluster' | 'spray' | 'frond' | 'tuft';
  blossom?: { color: Rgb; count: number; radius: number };
}

export const BARK: Region = [0.004, 0.004, 0.246, 0.996];
export const CARDS: readonly Region[] = [
  [0.254, 0.004, 0.621, 0.496],
  [0.629, 0.004, 0.996, 0.496],
];
export const DENSE: Region = [0.258, 0.508, 0.992, 0.992];

/** Paints the sheet of a plant, `size`² texels (a power of two). */
export function paintFoliage(size: number, style: FoliageStyle, seed: number): Canvas {
  const random = createRandom(seed);
  const under: Rgb = [style.leaf[0] * 0.8, style.leaf[1] * 0.8, style.leaf[2] * 0.8];
  const canvas = createCanvas(size, under, 0);
  const unit = size / 1024;
  const scale = (area: Area): Area => area.map((v) => Math.round(v * unit)) as unknown as Area;
  paintBark(canvas, scale([0, 0, 256, 1024]), style.bark, Math.floor(random() * 512));
  for (const area of [scale([258, 2, 380, 508]), scale([642, 2, 380, 508])]) {
    paintSpray(canvas, area, style, random, unit);
  }
  paintDense(canvas, scale([256, 512, 768, 512]), style, random, unit);
  return canvas;
}

function paintBark(canvas: Canvas, area: Area, bark: FoliageStyle['bark'], shift: number): void {
  const long = noiseTile(16);
  const fine = noiseTile(64);
  const wide = 512 / area[2];
  for (let y = 0; y < area[3]; y++) {
    for (let x = 0; x < area[2]; x++) {
      const u = x * wide;
      const v = (y * 1024) / area[3];
      const grain = tileAt(fine, u + shift, v);
      let tone = 0.75;
      let relief = 0;
      if (bark.kind === 'furrowed' || bark.kind === 'plates') {
        const stretch = bark.kind === 'furrowed' ? 0.16 : 0.45;
        const ridge = Math.abs(
          tileAt(long, u * 1 + tileAt(long, u, v * 0.3) * 30 + shift, v * stretch) - 0.5,
        );
        const crack = Math.min(1, ridge * 5);
        tone = 0.42 + 0.5 * crack + 0.3 * (grain - 0.5);
        relief = crack * 5 + grain * 1.5;
      } else if (bark.kind === 'birch') {
        const dash = tileAt(long, u * 0.4 + shift, v * 1.6);
        const mark = dash > 0.66 ? 0.3 : 1;
        tone = (0.9 + 0.2 * (grain - 0.5)) * mark;
        relief = mark < 1 ? 0 : 2 + grain;
      } else {
        const ring = Math.sin(v * 0.16 + tileAt(long, u, v * 0.2) * 2);
        tone = 0.7 + 0.22 * ring + 0.35 * (grain - 0.5);
        relief = ring * 3 + grain;
      }
      dot(canvas, area[0] + x, area[1] + y, bark.color, tone, relief);
    }
  }
}

function paintSpray(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  const wood: Rgb = [82, 64, 44];
  const rootX = area[0] + area[2] / 2;
  const rootY = area[1] + area[3] - 2;
  if (style.layout === 'spray') paintNeedles(canvas, area, style, random, unit);
  else if (style.layout === 'frond') paintFrond(canvas, area, style, random, unit);
  else if (style.layout === 'tuft') paintTuft(canvas, area, style, random, unit);
  else {
    for (let k = 0; k < 7; k++) {
      const angle = -Math.PI / 2 + (k / 6 - 0.5) * 2.2;
      const reach = area[3] * (0.45 + 0.3 * random());
      const line = {
        x: rootX,
        y: rootY,
        toX: rootX + Math.cos(angle) * reach * 0.8,
        toY: rootY + Math.sin(angle) * reach,
        width: 5 * unit,
      };
      twig(canvas, area, line, wood);
    }
    for (let k = 0; k < style.count; k++) {
      const round = Math.sqrt(random());
      const turn = random() * Math.PI * 2;
      const x = rootX + Math.cos(turn) * round * area[2] * 0.37;
      const y = area[1] + area[3] * 0.5 + Math.sin(turn) * round * area[3] * 0.38;
      const angle = Math.atan2(y - rootY, x - rootX) + (random() - 0.5) * 2.2;
      const depth = k / style.count;
      paintLeaf(canvas, area, style, random, { x, y, angle, depth, unit });
    }
  }
  paintBlossom(canvas, area, style, random, unit);
}

interface LeafSpot {
  x: number;
  y: number;
  angle: number;
  /** 0 at the back, 1 in front. */
  depth: number;
  unit: number;
}

function paintLeaf(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  spot: LeafSpot,
): void {
  const size = spot.unit * (0.75 + 0.5 * random());
  const shape = {
    kind: style.shape.kind,
    length: style.shape.length * size,
    width: style.shape.width * size,
  };
  const at = {
    x: spot.x,
    y: spot.y,
    angle: spot.angle,
    tone: 0.55 + 0.55 * spot.depth,
    relief: spot.depth * 8,
  };
  leaf(canvas, area, at, shape, vary(style.leaf, random, 0.16));
}

/** A fir branch: a stem, side twigs, needles on all of them. */
function paintNeedles(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  const wood: Rgb = [74, 56, 38];
  const rootX = area[0] + area[2] / 2;
  const rootY = area[1] + area[3] - 2;
  const top = area[1] + 8 * unit;
  for (let k = 0; k < 22; k++) {
    const t = k / 21;
    const side = k % 2 === 0 ? 1 : -1;
    const y = rootY + (top - rootY) * (0.04 + 0.94 * t);
    const reach =
      area[2] * 0.5 * (0.35 + 0.65 * Math.sin(Math.PI * (0.22 + 0.7 * t))) * (1 - 0.55 * t);
    const angle = -Math.PI / 2 + side * (1.05 - 0.35 * t);
    const toX = rootX + Math.cos(angle) * reach * 1.15;
    const toY = y + Math.sin(angle) * reach;
    const line = { x: rootX, y, toX, toY, width: 3 * unit };
    twig(canvas, area, line, wood);
    const needles = Math.ceil(reach / (4 * unit));
    for (let j = 0; j < needles; j++) {
      const s = j / needles;
      for (const lean of [-0.75, 0.75]) {
        const spot = {
          x: rootX + (toX - rootX) * s,
          y: y + (toY - y) * s,
          angle: angle + lean + (random() - 0.5) * 0.5,
          depth: 0.3 + 0.7 * random() * (0.4 + 0.6 * s),
          unit,
        };
        paintLeaf(canvas, area, style, random, spot);
      }
    }
  }
  twig(canvas, area, { x: rootX, y: rootY, toX: rootX, toY: top, width: 6 * unit }, wood);
}

/** A palm frond: a rib with blades down to both sides. */
function paintFrond(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  const rootX = area[0] + area[2] / 2;
  const rootY = area[1] + area[3] - 2;
  const blades = 44;
  for (let k = 0; k < blades; k++) {
    const t = k / (blades - 1);
    const y = rootY - (area[3] - 60 * unit) * (0.05 + 0.95 * t);
    for (const side of [-1, 1]) {
      const reach = area[2] * 0.5 * (0.55 + 0.45 * Math.sin(Math.PI * Math.min(1, t * 1.15)));
      const shape = { kind: 0, length: reach * (0.92 + 0.12 * random()), width: 15 * unit };
      const angle = -Math.PI / 2 + side * (1.2 - 0.75 * t) + (random() - 0.5) * 0.08;
      const at = { x: rootX, y, angle, tone: 0.72 + 0.4 * random(), relief: 4 * random() };
      leaf(canvas, area, at, shape, vary(style.leaf, random, 0.1));
    }
  }
  const rib: Rgb = [150, 150, 84];
  twig(
    canvas,
    area,
    { x: rootX, y: rootY, toX: rootX, toY: area[1] + 40 * unit, width: 11 * unit },
    rib,
  );
}

/** Blades of grass or stalks from the foot of the card. */
function paintTuft(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  for (let k = 0; k < style.count; k++) {
    const depth = k / style.count;
    const x = area[0] + area[2] * (0.12 + 0.76 * random());
    const angle = -Math.PI / 2 + (random() - 0.5) * 0.75;
    const spot = { x, y: area[1] + area[3] - 1, angle, depth, unit };
    paintLeaf(canvas, area, style, random, spot);
  }
}

function paintBlossom(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  const { blossom } = style;
  if (blossom === undefined) return;
  for (let k = 0; k < blossom.count; k++) {
    const x = area[0] + area[2] * (0.14 + 0.72 * random());
    const tall = style.layout === 'tuft' ? 0.05 + 0.4 * random() : 0.12 + 0.7 * random();
    const y = area[1] + area[3] * tall;
    const petals = 6;
    const radius = blossom.radius * unit * (0.75 + 0.5 * random());
    if (style.layout === 'tuft') {
      const foot = area[0] + area[2] / 2 + (x - area[0] - area[2] / 2) * 0.5;
      const stalk = { x: foot, y: area[1] + area[3] - 1, toX: x, toY: y, width: 4 * unit };
      twig(canvas, area, stalk, [78, 104, 44]);
    }
    for (let p = 0; p < petals; p++) {
      const angle = (p / petals) * Math.PI * 2 + random();
      const shape = { kind: 1, length: radius, width: radius * 0.75 };
      leaf(
        canvas,
        area,
        { x, y, angle, tone: 0.9 + 0.2 * random(), relief: 10 },
        shape,
        blossom.color,
      );
    }
    const heart = { kind: 1, length: radius * 0.5, width: radius * 0.5 };
    const at = { x: x - radius * 0.25, y, angle: 0, tone: 1, relief: 12 };
    leaf(canvas, area, at, heart, [226, 186, 60]);
  }
}

/** Leaves over leaves, no gaps. */
function paintDense(
  canvas: Canvas,
  area: Area,
  style: FoliageStyle,
  random: Random,
  unit: number,
): void {
  const under: Rgb = [style.leaf[0] * 0.45, style.leaf[1] * 0.45, style.leaf[2] * 0.45];
  const noise = noiseTile(64);
  for (let y = area[1]; y < area[1] + area[3]; y++) {
    for (let x = area[0]; x < area[0] + area[2]; x++) {
      dot(canvas, x, y, under, 0.7 + 0.6 * tileAt(noise, x, y), 0);
    }
  }
  const needle = style.shape.kind === 3 || style.layout === 'tuft';
  const count = needle ? 2600 : 900;
  for (let k = 0; k < count; k++) {
    const x = area[0] + random() * area[2];
    const y = area[1] + random() * area[3];
    const spot = { x, y, angle: random() * Math.PI * 2, depth: k / count, unit };
    paintLeaf(canvas, area, style, random, spot);
  }
}
