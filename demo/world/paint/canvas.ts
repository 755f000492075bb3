/**
 * A texture under the brush: color with coverage, and height. The normal map is taken from the
 * height, so that light agrees with paint.
 */
import sharp from 'sharp';
import type { Random } from '../../../src/base/random.ts';

export type Rgb = readonly [number, number, number];

export interface Canvas {
  size: number;
  /** r, g, b, a per texel, sRGB. */
  pixels: Uint8Array;
  /** Relief in texels. */
  relief: Float32Array;
}

/** Texel rectangle: x, y, width, height. */
export type Area = readonly [number, number, number, number];

/** `fill` is the color under everything; `alpha` 0 makes a canvas for cut-out leaves. */
export function createCanvas(size: number, fill: Rgb, alpha: number): Canvas {
  const pixels = new Uint8Array(size * size * 4);
  for (let i = 0; i < pixels.length; i += 4) {
    pixels[i] = fill[0];
    pixels[i + 1] = fill[1];
    pixels[i + 2] = fill[2];
    pixels[i + 3] = alpha;
  }
  return { size, pixels, relief: new Float32Array(size * size) };
}

/** Sets one texel, opaque. Values outside [0, 255] are clamped. */
export function dot(
  canvas: Canvas,
  x: number,
  y: number,
  color: Rgb,
  tone: number,
  relief: number,
): void {
  const at = y * canvas.size + x;
  const p = canvas.pixels;
  p[at * 4] = Math.min(255, Math.max(0, color[0] * tone));
  p[at * 4 + 1] = Math.min(255, Math.max(0, color[1] * tone));
  p[at * 4 + 2] = Math.min(255, Math.max(0, color[2] * tone));
  p[at * 4 + 3] = 255;
  canvas.relief[at] = relief;
}

export interface LeafShape {
  length: number;
  width: number;
  /** 0 pointed oval, 1 round, 2 lobed, 3 needle. */
  kind: number;
}

/** Paints one leaf with a midrib, clipped to the area. Lit from its upper side. */
export function leaf(
  canvas: Canvas,
  area: Area,
  at: { x: number; y: number; angle: number; tone: number; relief: number },
  shape: LeafShape,
  color: Rgb,
): void {
  const { length, width, kind } = shape;
  const cos = Math.cos(at.angle);
  const sin = Math.sin(at.angle);
  // The box around a leaf that lies from (x, y) along its angle.
  const wideX = Math.abs(sin) * width * 0.5 + 1;
  const wideY = Math.abs(cos) * width * 0.5 + 1;
  const x0 = Math.max(area[0], Math.floor(at.x + Math.min(0, cos * length) - wideX));
  const x1 = Math.min(area[0] + area[2] - 1, Math.ceil(at.x + Math.max(0, cos * length) + wideX));
  const y0 = Math.max(area[1], Math.floor(at.y + Math.min(0, sin * length) - wideY));
  const y1 = Math.min(area[1] + area[3] - 1, Math.ceil(at.y + Math.max(0, sin * length) + wideY));
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) {
      const along = ((x - at.x) * cos + (y - at.y) * sin) / length;
      const across = ((y - at.y) * cos - (x - at.x) * sin) / width;
      if (along < 0 || along > 1) continue;
      const half = outline(kind, along);
      const side = Math.abs(across);
      if (side > half) continue;
      const rib = side < 0.07 ? 1.18 : 1 - 0.12 * Math.sin(along * 20 + side * 9);
      const tone = at.tone * rib * (across < 0 ? 1.06 : 0.92) * (0.86 + 0.24 * along);
      dot(canvas, x, y, color, tone, at.relief + (half - side) * 3);
    }
  }
}

/** Half width of a leaf along its length, in widths. */
function outline(kind: number, t: number): number {
  if (kind === 1) return 0.5 * Math.sqrt(Math.max(0, 1 - (2 * t - 1) ** 2));
  if (kind === 2) return 0.5 * Math.sin(Math.PI * t ** 0.8) * (0.72 + 0.28 * Math.cos(t * 22));
  if (kind === 3) return 0.5 * (1 - t * 0.7);
  return 0.5 * Math.sin(Math.PI * t ** 0.75);
}

/** A straight or bent twig. */
export function twig(
  canvas: Canvas,
  area: Area,
  line: { x: number; y: number; toX: number; toY: number; width: number },
  color: Rgb,
): void {
  const steps = Math.ceil(Math.hypot(line.toX - line.x, line.toY - line.y));
  for (let i = 0; i <= steps; i++) {
    const t = i / steps;
    const half = Math.max(0.8, (line.width / 2) * (1 - 0.7 * t));
    const cx = line.x + (line.toX - line.x) * t;
    const cy = line.y + (line.toY - line.y) * t;
    for (let dy = -half; dy <= half; dy++) {
      for (let dx = -half; dx <= half; dx++) {
        const x = Math.round(cx + dx);
        const y = Math.round(cy + dy);
        if (x < area[0] || y < area[1] || x >= area[0] + area[2] || y >= area[1] + area[3])
          continue;
        dot(canvas, x, y, color, 1 - 0.3 * (dx / half), 2);
      }
    }
  }
}

/** Spreads a color by up to `amount` in tone and a third of it in hue. */
export function vary(color: Rgb, random: Random, amount: number): Rgb {
  const tone = 1 + (random() - 0.5) * 2 * amount;
  const warm = (random() - 0.5) * amount * 0.7;
  return [color[0] * tone * (1 + warm), color[1] * tone, color[2] * tone * (1 - warm)];
}

/** Tangent-space normal map (glTF: green up) of the relief, RGB. */
function normalMap(canvas: Canvas): Uint8Array {
  const n = canvas.size;
  const mask = n - 1;
  const out = new Uint8Array(n * n * 3);
  const relief = canvas.relief;
  for (let y = 0; y < n; y++) {
    const above = ((y - 1) & mask) * n;
    const below = ((y + 1) & mask) * n;
    for (let x = 0; x < n; x++) {
      const dx = (relief[y * n + ((x - 1) & mask)]! - relief[y * n + ((x + 1) & mask)]!) * 0.5;
      const dy = (relief[below + x]! - relief[above + x]!) * 0.5;
      const scale = 127.5 / Math.sqrt(dx * dx + dy * dy + 1);
      const at = (y * n + x) * 3;
      out[at] = 127.5 + dx * scale;
      out[at + 1] = 127.5 + dy * scale;
      out[at + 2] = 127.5 + scale;
    }
  }
  return out;
}

export interface PaintedTexture {
  mimeType: 'image/png' | 'image/jpeg';
  color: Uint8Array<ArrayBuffer>;
  /** JPEG, null where a surface needs none. */
  normal: Uint8Array<ArrayBuffer> | null;
}

/** Encodes the canvas. Cut-outs stay PNG; opaque color and normals are JPEG, fast and small. */
export async function encodeCanvas(
  canvas: Canvas,
  options: { cutOut: boolean; normal: boolean },
): Promise<PaintedTexture> {
  const { size } = canvas;
  const source = sharp(canvas.pixels, { raw: { width: size, height: size, channels: 4 } });
  const color = options.cutOut
    ? source.png({ compressionLevel: 2, adaptiveFiltering: false }).toBuffer()
    : source.removeAlpha().jpeg({ quality: 92 }).toBuffer();
  const normal = options.normal
    ? sharp(normalMap(canvas), { raw: { width: size, height: size, channels: 3 } })
        .jpeg({ quality: 90, chromaSubsampling: '4:4:4' })
        .toBuffer()
    : null;
  return {
    mimeType: options.cutOut ? 'image/png' : 'image/jpeg',
    color: new Uint8Array(await color),
    normal: normal === null ? null : new Uint8Array(await normal),
  };
}
