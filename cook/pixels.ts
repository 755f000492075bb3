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
  const from = source.data;
  const corners = [0, right, below, right + below];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = (y * (source.height > 1 ? 2 : 1) * source.width + x * (right ? 2 : 1)) * 4;
      const to = (y * width + x) * 4;
      let alpha = 0;
      for (const corner of corners) alpha += from[at + corner + 3]!;
      const useAlpha = options.isAlphaWeighted && alpha > 0;
      const total = useAlpha ? alpha : 4;
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        for (const corner of corners) {
          const code = from[at + corner + c]!;
          const value = options.isSrgb ? toLinear[code]! : code / 255;
          sum += useAlpha ? value * from[at + corner + 3]! : value;
        }
        const mean = sum / total;
        data[to + c] = options.isSrgb
          ? fromLinear[Math.round(mean * LINEAR_STEPS)]!
          : Math.round(mean * 255);
      }
      data[to + 3] = Math.round(alpha / 4);
    }
  return { width, height, data };
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
