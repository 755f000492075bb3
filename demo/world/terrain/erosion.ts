/**
 * The small scale of weathering: rain drops that carry soil downhill (gullies and fans), and
 * slopes that slide until they are no steeper than scree.
 *
 * Based on: Hans Theobald Beyer. Implementation of a method for hydraulic erosion. 2015.
 */
import { createRandom } from '../../../src/base/random.ts';

const INERTIA = 0.08;
const CAPACITY = 5;
const DEPOSIT = 0.25;
const ERODE = 0.25;
const EVAPORATE = 0.02;
const GRAVITY = 4;
const MAX_STEPS = 48;

/** Drops fall on a square of `samples`² cells whose heights are in cells, and change it in place. */
export function erodeByDrops(
  heights: Float32Array,
  samples: number,
  options: { drops: number; seed: number; lowest: number },
): void {
  const random = createRandom(options.seed);
  for (let drop = 0; drop < options.drops; drop++) {
    const x = 2 + random() * (samples - 5);
    const y = 2 + random() * (samples - 5);
    if (heights[Math.floor(y) * samples + Math.floor(x)]! < options.lowest) continue;
    fall(heights, samples, x, y, options.lowest);
  }
}

function fall(h: Float32Array, n: number, x: number, y: number, lowest: number): void {
  let dx = 0;
  let dy = 0;
  let speed = 1;
  let water = 1;
  let soil = 0;
  for (let step = 0; step < MAX_STEPS; step++) {
    const cx = Math.floor(x);
    const cy = Math.floor(y);
    const u = x - cx;
    const v = y - cy;
    const at = cy * n + cx;
    const a = h[at]!;
    const b = h[at + 1]!;
    const c = h[at + n]!;
    const d = h[at + n + 1]!;
    const slopeX = (b - a) * (1 - v) + (d - c) * v;
    const slopeY = (c - a) * (1 - u) + (d - b) * u;
    const here = a * (1 - u) * (1 - v) + b * u * (1 - v) + c * (1 - u) * v + d * u * v;
    dx = dx * INERTIA - slopeX * (1 - INERTIA);
    dy = dy * INERTIA - slopeY * (1 - INERTIA);
    const length = Math.hypot(dx, dy);
    if (length < 1e-6) break;
    x += dx / length;
    y += dy / length;
    if (x < 2 || y < 2 || x > n - 4 || y > n - 4) break;
    const drop = bilinear(h, n, x, y) - here;
    const capacity = Math.max(-drop, 0.005) * speed * water * CAPACITY;
    if (soil > capacity || drop > 0) {
      const amount = drop > 0 ? Math.min(drop, soil) : (soil - capacity) * DEPOSIT;
      soil -= amount;
      spread(h, at, n, u, v, amount);
    } else if (here > lowest) {
      const amount = Math.min((capacity - soil) * ERODE, -drop);
      soil += amount;
      scrape(h, at, n, amount);
    }
    speed = Math.sqrt(Math.max(0, speed * speed - drop * GRAVITY));
    water *= 1 - EVAPORATE;
  }
}

function bilinear(h: Float32Array, n: number, x: number, y: number): number {
  const cx = Math.floor(x);
  const cy = Math.floor(y);
  const u = x - cx;
  const v = y - cy;
  const at = cy * n + cx;
  const near = h[at]! * (1 - u) + h[at + 1]! * u;
  return near * (1 - v) + (h[at + n]! * (1 - u) + h[at + n + 1]! * u) * v;
}

function spread(
  h: Float32Array,
  at: number,
  n: number,
  u: number,
  v: number,
  amount: number,
): void {
  h[at] = h[at]! + amount * (1 - u) * (1 - v);
  h[at + 1] = h[at + 1]! + amount * u * (1 - v);
  h[at + n] = h[at + n]! + amount * (1 - u) * v;
  h[at + n + 1] = h[at + n + 1]! + amount * u * v;
}

/** Takes soil from a soft 4 × 4 brush, so that drops cut valleys instead of needles. */
function scrape(h: Float32Array, at: number, n: number, amount: number): void {
  for (let j = -1; j <= 2; j++) {
    for (let i = -1; i <= 2; i++) {
      const inner = (i === 0 || i === 1) && (j === 0 || j === 1);
      const cell = at + j * n + i;
      h[cell] = h[cell]! - amount * (inner ? 0.13 : 0.04);
    }
  }
}

/** Lets slopes steeper than `limit` (rise per cell) slide, `passes` times, in place. */
export function slide(
  heights: Float32Array,
  samples: number,
  options: { limit: number; passes: number; hard: Float32Array },
): void {
  for (let pass = 0; pass < options.passes; pass++) {
    for (let y = 1; y < samples - 1; y++) {
      for (let x = 1; x < samples - 1; x++) {
        const at = y * samples + x;
        const limit = options.limit * (1 + options.hard[at]!);
        slideTo(heights, at, at + 1, limit);
        slideTo(heights, at, at - 1, limit);
        slideTo(heights, at, at + samples, limit);
        slideTo(heights, at, at - samples, limit);
      }
    }
  }
}

function slideTo(h: Float32Array, from: number, to: number, limit: number): void {
  const over = h[from]! - h[to]! - limit;
  if (over <= 0) return;
  h[from] = h[from]! - over * 0.2;
  h[to] = h[to]! + over * 0.2;
}
