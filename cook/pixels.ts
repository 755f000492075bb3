/** Pixels in memory: RGBA, 8 bits, rows from the top; and the few things done to them by hand. */

export interface Pixels {
  width: number;
  height: number;
  /** `width * height * 4` bytes. */
  data: Uint8Array;
}

const LINEAR_STEPS = 4095;
const toLinear = Float32Array.from({ length: 256 }, (_, i) => {
  const c = i / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
});
const fromLinear = Uint8Array.from({ length: LINEAR_STEPS + 1 }, (_, i) => {
  const c = i / LINEAR_STEPS;
  return Math.round((c <= 0.0031308 ? c * 12.92 : 1.055 * c ** (1 / 2.4) - 0.055) * 255);
});

/** Light of an sRGB code, 0 to 1. */
export function lightOf(code: number): number {
  return toLinear[code]!;
}

/** The sRGB code of light; what is outside of 0 to 1 is as dark or bright as it gets. */
export function codeOf(light: number): number {
  return fromLinear[Math.round(Math.min(1, Math.max(0, light)) * LINEAR_STEPS)]!;
}

export interface HalveOptions {
  /** Average light, not sRGB codes. */
  isSrgb: boolean;
  /** Weigh color by alpha, so that what is cut out does not bleed into what is not. */
  isAlphaWeighted: boolean;
}

/** Half the size by averaging 2 x 2 pixels, as mip levels are made; never below one pixel. */
export function halve(source: Pixels, options: HalveOptions): Pixels {
  const width = Math.max(1, source.width >> 1);
  const height = Math.max(1, source.height >> 1);
  const data = new Uint8Array(width * height * 4);
  const right = source.width > 1 ? 4 : 0;
  const below = source.height > 1 ? source.width * 4 : 0;
  const average = options.isAlphaWeighted ? averageByAlpha : averagePlain;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * (below ? 2 : 1) * source.width + x * (right ? 2 : 1)) * 4;
      average(source.data, at, right, below, options.isSrgb, data, (y * width + x) * 4);
    }
  return { width, height, data };
}

function averagePlain(
  from: Uint8Array,
  at: number,
  right: number,
  below: number,
  isSrgb: boolean,
  to: Uint8Array,
  target: number,
): void {
  for (let c = 0; c < 4; c++) {
    const p = at + c;
    const [a, b, d, e] = [from[p]!, from[p + right]!, from[p + below]!, from[p + right + below]!];
    if (isSrgb && c < 3) {
      const light = toLinear[a]! + toLinear[b]! + toLinear[d]! + toLinear[e]!;
      to[target + c] = fromLinear[Math.round((light / 4) * LINEAR_STEPS)]!;
    } else to[target + c] = (a + b + d + e + 2) >> 2;
  }
}

/** Pixels that are fully transparent together keep the plain average of their colors. */
function averageByAlpha(
  from: Uint8Array,
  at: number,
  right: number,
  below: number,
  isSrgb: boolean,
  to: Uint8Array,
  target: number,
): void {
  averagePlain(from, at, right, below, isSrgb, to, target);
  const corners = [at, at + right, at + below, at + right + below];
  const alpha = corners.reduce((sum, corner) => sum + from[corner + 3]!, 0);
  if (alpha === 0 || alpha === 4 * 255) return;
  for (let c = 0; c < 3; c++) {
    let sum = 0;
    for (const corner of corners) {
      const code = from[corner + c]!;
      sum += (isSrgb ? toLinear[code]! : code / 255) * from[corner + 3]!;
    }
    const mean = sum / alpha;
    to[target + c] = isSrgb ? fromLinear[Math.round(mean * LINEAR_STEPS)]! : Math.round(mean * 255);
  }
}

/** Whether every pixel is the same. */
export function isUniform({ data }: Pixels): boolean {
  const words = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
  for (let i = 1; i < words.length; i++) if (words[i] !== words[0]) return false;
  return true;
}

/** Whether any pixel is not fully opaque. */
export function hasAlpha({ data }: Pixels): boolean {
  for (let i = 3; i < data.length; i += 4) if (data[i]! < 255) return true;
  return false;
}

/** Mean of one channel, 0 to 1. */
export function channelMean({ data }: Pixels, channel: number): number {
  let sum = 0;
  for (let i = channel; i < data.length; i += 4) sum += data[i]!;
  return sum / (data.length / 4) / 255;
}

/** The same pixels without alpha: three bytes each. */
export function withoutAlpha({ data }: Pixels): Uint8Array {
  const out = new Uint8Array((data.length / 4) * 3);
  for (let i = 0, to = 0; i < data.length; i += 4) {
    out[to++] = data[i]!;
    out[to++] = data[i + 1]!;
    out[to++] = data[i + 2]!;
  }
  return out;
}

/** Pixels of three bytes each with an alpha of 255. */
export function withAlpha(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array((rgb.length / 3) * 4).fill(255);
  for (let i = 0, from = 0; i < out.length; i += 4) {
    out[i] = rgb[from++]!;
    out[i + 1] = rgb[from++]!;
    out[i + 2] = rgb[from++]!;
  }
  return out;
}
