/** Rocks: a ball cut by planes, layered and worn, with paint of the same stone. */
import { createRandom } from '../../../src/base/random.ts';
import { createMesh, dot as inner, normalize, times } from '../mesh/mesh.ts';
import { blob } from '../mesh/shapes.ts';
import { clamp, fbm3, noise3, noiseTile, smoothstep, tileAt } from '../noise.ts';
import { createCanvas, dot, type Rgb } from '../paint/canvas.ts';
import type { Vector3 } from '../types.ts';
import { type Builder, between } from './model.ts';

export interface RockShape {
  /** Half extents, meters. */
  size: Vector3;
  color: Rgb;
  /** Tint of the upper side, multiplies the paint: moss, lichen or bleached stone. */
  moss: Vector3;
  /** 0 rounded to 1 chiseled. */
  cuts: number;
  /** Strength of the layers. */
  strata: number;
  /** Share of the height that stands above the ground. */
  above: number;
}

export function rock(shape: RockShape): Builder {
  return ({ random, seed, texels }) => {
    const mesh = createMesh();
    const noise = noise3(seed, 'rock');
    const planes: { n: Vector3; d: number }[] = [];
    for (let k = 0; k < 16; k++) {
      const n = normalize([random() - 0.5, random() - 0.45, random() - 0.5]);
      planes.push({ n, d: between(random, 0.72, 0.98) });
    }
    const lift = shape.size[1] * (shape.above * 2 - 1);
    const surface = (d: Vector3): Vector3 => {
      let reach = 1.06;
      for (const plane of planes) {
        const facing = inner(plane.n, d);
        if (facing > 0.2) reach = Math.min(reach, plane.d / facing);
      }
      reach = 1 + (reach - 1) * shape.cuts;
      reach += 0.1 * fbm3(noise, d[0] * 2.2, d[1] * 2.2, d[2] * 2.2, 3);
      reach += 0.035 * fbm3(noise, d[0] * 9, d[1] * 9, d[2] * 9, 2);
      const layer = Math.sin(d[1] * 11 + 2 * noise(d[0], d[1], d[2]));
      reach += shape.strata * 0.035 * clamp(layer * 3, -1, 1);
      const p = times(d, reach);
      return [p[0] * shape.size[0], p[1] * shape.size[1] + lift, p[2] * shape.size[2]];
    };
    const shade = (d: Vector3, p: Vector3): Vector3 => {
      const foot = 0.55 + 0.45 * smoothstep(-0.1, shape.size[1] * 0.7, p[1]);
      const patch = noise(d[0] * 3, d[1] * 3, d[2] * 3) * 0.35;
      const moss = smoothstep(0.35, 0.85, d[1] + patch);
      const tint = (k: number): number => foot * (1 + (shape.moss[k]! - 1) * moss);
      return [tint(0), tint(1), tint(2)];
    };
    blob(mesh, 22, [0.002, 0.002, 0.998, 0.998], surface, shade);
    return {
      mesh,
      canvas: paintStone(texels, shape, seed),
      material: { roughness: 0.92, cutOut: false, normalScale: 1 },
      normalMap: true,
    };
  };
}

function paintStone(size: number, shape: RockShape, seed: number) {
  const canvas = createCanvas(size, shape.color, 255);
  const random = createRandom(seed);
  const [sx, sy] = [Math.floor(random() * 512), Math.floor(random() * 512)];
  const coarse = noiseTile(4);
  const middle = noiseTile(16);
  const fine = noiseTile(64);
  const scale = 512 / size;
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const u = Math.floor(x * scale) + sx;
      const v = Math.floor(y * scale) + sy;
      const large = tileAt(coarse, u, v);
      const patch = tileAt(middle, u, v);
      const grain = tileAt(fine, x + sx, y + sy);
      const warp = large * 40 + patch * 12;
      const layer = Math.sin((y * scale + warp) * 0.16) * shape.strata;
      const crack = smoothstep(0, 0.05, Math.abs(tileAt(coarse, v + 90, u + 40) - 0.5));
      const tone = (0.72 + 0.3 * patch + 0.3 * (grain - 0.5) + 0.13 * layer) * (0.6 + 0.4 * crack);
      const relief = patch * 9 + grain * 3.4 + layer * 4 + crack * 5;
      const warm = 1 + (large - 0.5) * 0.22;
      const color: Rgb = [shape.color[0] * warm, shape.color[1], shape.color[2] / warm];
      dot(canvas, x, y, color, tone, relief);
    }
  }
  return canvas;
}
