/** Roofs of real tiles: every tile is a bent plate with a lip, over a solid slab that remains when
 * the tiles are simplified away. */
import type { Random } from '../../../src/base/random.ts';
import {
  add,
  cross,
  type Mesh,
  normalize,
  quad,
  type Region,
  times,
  triangle,
  vertex,
} from '../mesh/mesh.ts';
import { box, type Shade } from '../mesh/shapes.ts';
import { ROOF, WOOD } from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import { between } from './model.ts';

export interface RoofSide {
  /** Left end of the eave, seen from outside. */
  origin: Vector3;
  /** Unit vectors along the eave and up the slope. */
  right: Vector3;
  up: Vector3;
  width: number;
  length: number;
  /** Width of a tile, meters. */
  tile: number;
}

/** One slope: slab and tiles. */
export function roofSide(mesh: Mesh, side: RoofSide, random: Random): void {
  const { origin, right, up, width, length } = side;
  const out = cross(right, up);
  const middle = add(origin, add(times(right, width / 2), times(up, length / 2)));
  box(mesh, add(middle, times(out, -0.07)), [width, length, 0.14], ROOF, {
    axes: [right, up, out],
    shade: 0.8,
  });
  const eave = add(origin, add(times(right, width / 2), times(out, -0.12)));
  box(mesh, eave, [width, 0.16, 0.2], WOOD, { axes: [right, up, out], shade: 0.7 });
  const rows = Math.max(4, Math.round(length / (side.tile * 1.25)));
  const columns = Math.max(4, Math.round(width / side.tile));
  const rise = length / rows;
  const span = width / columns;
  for (let row = 0; row < rows; row++) {
    const shift = row % 2 === 0 ? 0 : span / 2;
    for (let column = 0; column < columns; column++) {
      const left = Math.min(column * span + shift, width - span * 0.5);
      const end = Math.min(width, left + span * 0.97);
      const low = row * rise + between(random, -0.02, 0.02);
      const at = (x: number, y: number, h: number): Vector3 =>
        add(origin, add(add(times(right, x), times(up, y)), times(out, h)));
      plate(mesh, at, { left, end, low, high: low + rise * 1.25 }, out, random);
    }
  }
}

type Locate = (x: number, y: number, h: number) => Vector3;

function plate(
  mesh: Mesh,
  at: Locate,
  span: { left: number; end: number; low: number; high: number },
  out: Vector3,
  random: Random,
): void {
  const { left, end, low, high } = span;
  const region = patchOf(random);
  const tone = between(random, 0.74, 1);
  const lip = 0.075 + random() * 0.025;
  const middle = (left + end) / 2;
  const [u0, v0, u1, v1] = region;
  const tilt = normalize(
    add(out, times(normalize(add(at(1, 0, 0), times(at(0, 0, 0), -1))), 0.25)),
  );
  const tiltLeft = normalize(
    add(out, times(normalize(add(at(1, 0, 0), times(at(0, 0, 0), -1))), -0.25)),
  );
  const a = vertex(mesh, at(left, low, lip), tiltLeft, u0, v1, tone);
  vertex(mesh, at(middle, low - 0.02, lip + 0.045), out, (u0 + u1) / 2, v1, tone);
  vertex(mesh, at(end, low, lip), tilt, u1, v1, tone);
  vertex(mesh, at(left, high, 0.01), tiltLeft, u0, v0, tone * 0.8);
  vertex(mesh, at(middle, high, 0.05), out, (u0 + u1) / 2, v0, tone * 0.8);
  vertex(mesh, at(end, high, 0.01), tilt, u1, v0, tone * 0.8);
  for (const [p, q, r] of [
    [0, 1, 4],
    [0, 4, 3],
    [1, 2, 5],
    [1, 5, 4],
  ] as const) {
    triangle(mesh, a + p, a + q, a + r);
  }
  quad(
    mesh,
    [at(left, low, 0), at(end, low, 0), at(end, low, lip), at(left, low, lip)],
    region,
    tone * 0.6,
  );
}

/** A small random patch of the roof paint. */
function patchOf(random: Random): Region {
  const u = ROOF[0] + random() * (ROOF[2] - ROOF[0]) * 0.8;
  const v = ROOF[1] + random() * (ROOF[3] - ROOF[1]) * 0.8;
  const size = (ROOF[2] - ROOF[0]) * 0.2;
  return [u, v, u + size, v + size];
}

/** Both slopes of a ridge roof along x, with ridge tiles. Overhangs the walls. */
export function ridgeRoof(
  mesh: Mesh,
  plan: {
    width: number;
    depth: number;
    eave: number;
    pitch: number;
    overhang: number;
    tile: number;
  },
  random: Random,
): number {
  const { width, depth, eave, pitch, overhang, tile } = plan;
  const run = depth / 2 + overhang;
  const drop = overhang * pitch;
  const length = Math.hypot(run, run * pitch);
  const full = width + overhang * 2;
  const up = run / length;
  const low = eave - drop;
  const top = low + run * pitch;
  const common = { width: full, length, tile };
  roofSide(
    mesh,
    { ...common, origin: [-full / 2, low, run], right: [1, 0, 0], up: [0, up * pitch, -up] },
    random,
  );
  roofSide(
    mesh,
    { ...common, origin: [full / 2, low, -run], right: [-1, 0, 0], up: [0, up * pitch, up] },
    random,
  );
  const caps = Math.round(full / 0.45);
  for (let k = 0; k < caps; k++) {
    const x = -full / 2 + ((k + 0.5) / caps) * full;
    const shade = between(random, 0.7, 1);
    const axes: [Vector3, Vector3, Vector3] = [
      [1, 0, 0],
      [0, Math.SQRT1_2, Math.SQRT1_2],
      [0, -Math.SQRT1_2, Math.SQRT1_2],
    ];
    box(mesh, [x, top + 0.02, 0], [(full / caps) * 1.04, 0.2, 0.2], patchOf(random), {
      axes,
      shade,
    });
  }
  return top;
}

/** A round pointed roof of tiles. */
export function coneRoof(
  mesh: Mesh,
  plan: {
    center: Vector3;
    radius: number;
    height: number;
    rows: number;
    sides: number;
    tint?: Vector3;
  },
  random: Random,
): void {
  const { center, radius, height, rows, sides } = plan;
  for (let row = 0; row < rows; row++) {
    const t0 = row / rows;
    const t1 = Math.min(1, (row + 1.2) / rows);
    for (let k = 0; k < sides; k++) {
      const a0 = ((k + (row % 2) * 0.5) / sides) * Math.PI * 2;
      const a1 = a0 + (Math.PI * 2) / sides;
      const tone = between(random, 0.72, 1);
      const shade: Shade = plan.tint === undefined ? tone : times(plan.tint, tone);
      const at = (a: number, t: number, lift: number): Vector3 => {
        const r = radius * (1 - t) + lift;
        return [
          center[0] + Math.cos(a) * r,
          center[1] + height * t + lift * 0.3,
          center[2] - Math.sin(a) * r,
        ];
      };
      const region = patchOf(random);
      quad(
        mesh,
        [at(a0, t0, 0.1), at(a1, t0, 0.1), at(a1, t1, 0.015), at(a0, t1, 0.015)],
        region,
        shade,
      );
      quad(
        mesh,
        [at(a0, t0, -0.02), at(a1, t0, -0.02), at(a1, t0, 0.1), at(a0, t0, 0.1)],
        region,
        tone * 0.5,
      );
    }
  }
}
