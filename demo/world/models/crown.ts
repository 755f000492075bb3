/**
 * Parts of plants: a leaf card, and a tuft of crown, which is a closed hull under a coat of cards.
 * Card normals lean away from the middle of the crown, which makes the whole read as one volume.
 */
import type { Random } from '../../../src/base/random.ts';
import {
  add,
  blend,
  cross,
  frame,
  type Mesh,
  normalize,
  type Region,
  subtract,
  times,
  triangle,
  vertex,
} from '../mesh/mesh.ts';
import { blob } from '../mesh/shapes.ts';
import { CARDS, DENSE } from '../paint/foliage.ts';
import type { Vector3 } from '../types.ts';
import { between, pick } from './model.ts';

export interface CardOptions {
  /** Where the stem is. */
  root: Vector3;
  /** From root to tip. */
  along: Vector3;
  /** Which way the upper side looks. */
  up: Vector3;
  length: number;
  width: number;
  region: Region;
  /** Rows along the card. */
  rows: number;
  /** Share of the length that the tip hangs down. */
  droop: number;
  /** Share of the width that the middle is raised. */
  fold: number;
  /** Normal of the shading at a point. */
  normalAt: (p: Vector3) => Vector3;
  shadeAt: (p: Vector3, t: number) => number;
}

/** How far the back of a card lies behind its front, meters. */
const BACK = 0.012;

/**
 * A folded strip of `rows` × 2 quads and, a hair behind it, its back. Both carry the same normals:
 * a double-sided material would turn them on the back, and leaves there would be black.
 */
export function card(mesh: Mesh, options: CardOptions): void {
  sheet(mesh, options, false);
  sheet(mesh, options, true);
}

function sheet(mesh: Mesh, options: CardOptions, back: boolean): void {
  const { root, length, width, region, rows, droop, fold } = options;
  const along = normalize(options.along);
  const side = normalize(cross(along, options.up));
  const up = cross(side, along);
  const [u0, v0, u1, v1] = region;
  const base = mesh.positions.length / 3;
  for (let row = 0; row <= rows; row++) {
    const t = row / rows;
    const middle = add(root, times(along, length * t));
    middle[1] -= droop * length * t * t;
    for (let column = -1; column <= 1; column++) {
      const lift = (column === 0 ? fold * width : 0) - (back ? BACK : 0);
      const p = add(middle, add(times(side, (column * width) / 2), times(up, lift)));
      const u = u0 + (u1 - u0) * (column + 1) * 0.5;
      vertex(mesh, p, options.normalAt(p), u, v1 + (v0 - v1) * t, options.shadeAt(p, t));
    }
  }
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < 2; column++) {
      const a = base + row * 3 + column;
      if (back) {
        triangle(mesh, a, a + 4, a + 1);
        triangle(mesh, a, a + 3, a + 4);
        continue;
      }
      triangle(mesh, a, a + 1, a + 4);
      triangle(mesh, a, a + 4, a + 3);
    }
  }
}

export interface TuftOptions {
  center: Vector3;
  radius: Vector3;
  cards: number;
  cardSize: number;
  /** Middle of the whole crown and its size, for shade and normals. */
  crown: { center: Vector3; radius: Vector3 };
  /** Cells along a side of each of the six grids of the hull. */
  hullGrid: number;
  random: Random;
}

/** One lobe of a crown. */
export function tuft(mesh: Mesh, options: TuftOptions): void {
  const { center, radius, crown, random } = options;
  const shadeAt = (p: Vector3): number => crownShade(p, crown);
  const normalAt = (p: Vector3): Vector3 => {
    const local = normalize(subtract(p, center));
    const whole = normalize(subtract(p, crown.center));
    return normalize(add(add(local, times(whole, 0.8)), [0, 0.55, 0]));
  };
  const phase = random() * 9;
  const hull = (d: Vector3): Vector3 => {
    const wobble =
      0.66 + 0.12 * Math.sin(d[0] * 5 + phase) * Math.cos(d[2] * 4.3 - phase + d[1] * 3);
    return add(center, [
      d[0] * radius[0] * wobble,
      d[1] * radius[1] * wobble,
      d[2] * radius[2] * wobble,
    ]);
  };
  blob(
    mesh,
    options.hullGrid,
    DENSE,
    hull,
    (_d, p) => shadeAt(p) * 0.7,
    (d) => normalAt(hull(d)),
  );
  for (let k = 0; k < options.cards; k++) {
    const y = 1 - (2 * (k + 0.5)) / options.cards;
    const turn = k * 2.399963 + random() * 0.6;
    const flat = Math.sqrt(1 - y * y);
    const out: Vector3 = [Math.cos(turn) * flat, y, Math.sin(turn) * flat];
    const size = options.cardSize * between(random, 0.8, 1.25);
    const [tangent, across] = frame(out);
    const spin = random() * Math.PI * 2;
    const around = add(times(tangent, Math.cos(spin)), times(across, Math.sin(spin)));
    const along = normalize(add(add(around, times(out, between(random, 0.35, 0.9))), [0, 0.15, 0]));
    const spot: Vector3 = [
      out[0] * radius[0] * 0.76,
      out[1] * radius[1] * 0.76,
      out[2] * radius[2] * 0.76,
    ];
    card(mesh, {
      root: subtract(add(center, spot), times(along, size * 0.4)),
      along,
      up: out,
      length: size * 1.1,
      width: size * 0.85,
      region: pick(random, CARDS),
      rows: 1,
      droop: 0.08,
      fold: 0.12,
      normalAt,
      shadeAt: (p) => shadeAt(p),
    });
  }
}

/** Dark inside and underneath, bright on the outside. */
export function crownShade(p: Vector3, crown: { center: Vector3; radius: Vector3 }): number {
  const x = (p[0] - crown.center[0]) / crown.radius[0];
  const y = (p[1] - crown.center[1]) / crown.radius[1];
  const z = (p[2] - crown.center[2]) / crown.radius[2];
  const out = Math.min(1.1, Math.hypot(x, y, z));
  const low = blend([0, 0, 0], [1, 1, 1], Math.min(1, Math.max(0, y * 0.5 + 0.5)))[0];
  return Math.min(1, 0.42 + 0.36 * out * out + 0.26 * low);
}
