/** The shapes that models are made of: boxes, tiled walls, swept tubes, turned profiles, blobs. */
import type { Vector3 } from '../types.ts';
import {
  add,
  blend,
  cross,
  frame,
  type Mesh,
  normalize,
  quad,
  type Region,
  subtract,
  times,
  triangle,
  vertex,
} from './mesh.ts';

/** Brightness, or linear color, that multiplies the texture. */
export type Shade = number | Vector3;

export function dim(shade: Shade, factor: number): Shade {
  return typeof shade === 'number' ? shade * factor : times(shade, factor);
}

/** A box with one region of texture on every side; `turn` about y, `pitch` about its own x. */
export function box(
  mesh: Mesh,
  center: Vector3,
  size: Vector3,
  region: Region,
  options: { axes?: [Vector3, Vector3, Vector3]; shade?: Shade } = {},
): void {
  const axes = options.axes ?? [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ];
  const shade = options.shade ?? 1;
  const half = [0, 1, 2].map((k) => times(axes[k]!, size[k]! / 2)) as [Vector3, Vector3, Vector3];
  for (let k = 0; k < 3; k++) {
    for (const sign of [1, -1]) {
      const out = times(half[k]!, sign);
      // The texture's v runs along the box's y axis, so that grain follows a beam.
      const up = k === 1 ? times(half[2], -1) : half[1];
      const right = times(k === 0 ? half[2] : half[0], k === 0 ? -sign : sign);
      const corner = (r: number, u: number): Vector3 =>
        add(add(center, out), add(times(right, r), times(up, u)));
      const low = k === 1 && sign < 0 ? dim(shade, 0.6) : shade;
      quad(mesh, [corner(-1, -1), corner(1, -1), corner(1, 1), corner(-1, 1)], region, low);
    }
  }
}

/** A beam of square section from a to b. Its texture runs along it. */
export function beam(
  mesh: Mesh,
  a: Vector3,
  b: Vector3,
  size: [number, number],
  region: Region,
  shade: Shade = 1,
): void {
  const along = subtract(b, a);
  const length = Math.hypot(...along);
  const y = normalize(along);
  const [x, z] = frame(y);
  box(mesh, blend(a, b, 0.5), [size[0], length, size[1]], region, { axes: [x, y, z], shade });
}

/**
 * A wall of `width` × `height` from its lower left corner, cut into pieces no larger than `cell`
 * meters, each showing as much of the region as it is large. Darker at the foot.
 */
export function wall(
  mesh: Mesh,
  origin: Vector3,
  right: Vector3,
  up: Vector3,
  size: { width: number; height: number; cell: number },
  region: Region,
  shade: [number, number] = [1, 1],
): void {
  const { width, height, cell } = size;
  if (width < 1e-3 || height < 1e-3) return;
  const columns = Math.ceil(width / cell - 1e-6);
  const rows = Math.ceil(height / cell - 1e-6);
  const [u0, v0, u1, v1] = region;
  for (let row = 0; row < rows; row++) {
    const low = row * cell;
    const high = Math.min(height, low + cell);
    for (let column = 0; column < columns; column++) {
      const left = column * cell;
      const end = Math.min(width, left + cell);
      const at = (x: number, y: number): Vector3 => add(origin, add(times(right, x), times(up, y)));
      const u = u0 + ((u1 - u0) * (end - left)) / cell;
      const v = v1 - ((v1 - v0) * (high - low)) / cell;
      const a = shade[0] + ((shade[1] - shade[0]) * low) / height;
      const b = shade[0] + ((shade[1] - shade[0]) * high) / height;
      quad(
        mesh,
        [at(left, low), at(end, low), at(end, high), at(left, high)],
        [u0, v, u, v1],
        [a, a, b, b],
      );
    }
  }
}

export interface TubeOptions {
  /** Radius at each point of the path. */
  radius: (t: number) => number;
  sides: number;
  region: Region;
  /** Times the texture repeats along the tube, mirrored so that it never leaves the region. */
  repeats?: number;
  shade?: (t: number) => number;
  /** Bumps on the surface: offset in radii by angle and position. */
  bump?: (angle: number, t: number) => number;
}

/** A tube along a path, open at both ends unless the radius goes to zero there. */
export function tube(mesh: Mesh, path: readonly Vector3[], options: TubeOptions): void {
  const { sides, region, repeats = 1 } = options;
  const [u0, v0, u1, v1] = region;
  let [side] = frame(normalize(subtract(path[1]!, path[0]!)));
  const rows: number[] = [];
  for (let i = 0; i < path.length; i++) {
    const t = i / (path.length - 1);
    const before = path[Math.max(0, i - 1)]!;
    const after = path[Math.min(path.length - 1, i + 1)]!;
    const along = normalize(subtract(after, before));
    const across = normalize(cross(along, side));
    side = normalize(cross(across, along));
    const radius = options.radius(t);
    const fold = (t * repeats) % 2;
    const v = v1 + (v0 - v1) * (fold > 1 ? 2 - fold : fold);
    const shade = options.shade?.(t) ?? 1;
    for (let k = 0; k <= sides; k++) {
      const angle = (k / sides) * Math.PI * 2;
      const out = add(times(side, Math.cos(angle)), times(across, Math.sin(angle)));
      const reach = radius * (1 + (options.bump?.(angle, t) ?? 0));
      const at = vertex(
        mesh,
        add(path[i]!, times(out, reach)),
        out,
        u0 + ((u1 - u0) * k) / sides,
        v,
        shade,
      );
      if (k === 0) rows.push(at);
    }
  }
  for (let i = 0; i + 1 < rows.length; i++) {
    for (let k = 0; k < sides; k++) {
      const a = rows[i]! + k;
      const b = rows[i + 1]! + k;
      triangle(mesh, a, a + 1, b);
      triangle(mesh, a + 1, b + 1, b);
    }
  }
}

/** A point on a smooth curve from a to b that leaves along `lift`. */
export function bow(a: Vector3, b: Vector3, lift: Vector3, count: number): Vector3[] {
  const points: Vector3[] = [];
  for (let i = 0; i <= count; i++) {
    const t = i / count;
    points.push(add(blend(a, b, t), times(lift, 4 * t * (1 - t) * 0.5)));
  }
  return points;
}

/** A profile of [radius, y] turned about the y axis, with flat rings where `hard` says so. */
export function lathe(
  mesh: Mesh,
  center: Vector3,
  profile: readonly [number, number][],
  options: {
    sides: number;
    region: Region;
    /** Region widths around the circle, and meters of height that the region covers. */
    around: number;
    cell: number;
    shade?: (t: number) => Shade;
  },
): void {
  const { sides, region, around, cell } = options;
  const [u0, v0, u1, v1] = region;
  for (let i = 0; i + 1 < profile.length; i++) {
    const [r0, y0] = profile[i]!;
    const [r1, y1] = profile[i + 1]!;
    const height = Math.hypot(y1 - y0, r1 - r0);
    const share = Math.min(1, height / cell);
    const ny = (r0 - r1) / (height || 1);
    const nr = (y1 - y0) / (height || 1);
    for (let k = 0; k < sides; k++) {
      const part = ((k / sides) * around) % 1;
      const uA = u0 + (u1 - u0) * part;
      const uB = u0 + (u1 - u0) * Math.min(1, part + around / sides);
      const corner = (index: number, r: number, y: number, u: number, v: number): number => {
        // The last corner is exactly the first one, so that the ring is closed for whoever welds it.
        const angle = ((index % sides) / sides) * Math.PI * 2;
        const cos = Math.cos(angle);
        const sin = -Math.sin(angle);
        const shade = options.shade?.(i / (profile.length - 1)) ?? 1;
        const p: Vector3 = [center[0] + cos * r, center[1] + y, center[2] + sin * r];
        return vertex(mesh, p, [cos * nr, ny, sin * nr], u, v, shade);
      };
      const top = v1 - (v1 - v0) * share;
      const a = corner(k, r0, y0, uA, v1);
      const b = corner(k + 1, r0, y0, uB, v1);
      const c = corner(k + 1, r1, y1, uB, top);
      const d = corner(k, r1, y1, uA, top);
      if (r0 > 1e-4) triangle(mesh, a, b, c);
      if (r1 > 1e-4) triangle(mesh, a, c, d);
    }
  }
}

/** A sphere of six folded grids: even triangles, no poles. `place` turns a direction to a point. */
export function blob(
  mesh: Mesh,
  grid: number,
  region: Region,
  place: (direction: Vector3) => Vector3,
  shade: (direction: Vector3, point: Vector3) => number | Vector3,
  normalOf?: (direction: Vector3) => Vector3,
): void {
  const [u0, v0, u1, v1] = region;
  const axes: readonly [Vector3, Vector3, Vector3][] = [
    [
      [1, 0, 0],
      [0, 0, -1],
      [0, 1, 0],
    ],
    [
      [-1, 0, 0],
      [0, 0, 1],
      [0, 1, 0],
    ],
    [
      [0, 1, 0],
      [1, 0, 0],
      [0, 0, -1],
    ],
    [
      [0, -1, 0],
      [1, 0, 0],
      [0, 0, 1],
    ],
    [
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ],
    [
      [0, 0, -1],
      [-1, 0, 0],
      [0, 1, 0],
    ],
  ];
  for (const [out, right, up] of axes) {
    const base = mesh.positions.length / 3;
    for (let row = 0; row <= grid; row++) {
      const y = Math.tan((row / grid - 0.5) * (Math.PI / 2));
      for (let column = 0; column <= grid; column++) {
        const x = Math.tan((column / grid - 0.5) * (Math.PI / 2));
        const direction = normalize(add(out, add(times(right, x), times(up, y))));
        const point = place(direction);
        const n = normalOf?.(direction) ?? surfaceNormal(direction, place);
        const u = u0 + ((u1 - u0) * column) / grid;
        vertex(mesh, point, n, u, v1 - ((v1 - v0) * row) / grid, shade(direction, point));
      }
    }
    for (let row = 0; row < grid; row++) {
      for (let column = 0; column < grid; column++) {
        const a = base + row * (grid + 1) + column;
        const b = a + grid + 1;
        triangle(mesh, a, a + 1, b + 1);
        triangle(mesh, a, b + 1, b);
      }
    }
  }
}

/** Normal of the surface by small steps, so that the six grids meet without a seam. */
function surfaceNormal(direction: Vector3, place: (d: Vector3) => Vector3): Vector3 {
  const [side, across] = frame(direction);
  const step = 0.012;
  const p = (a: number, b: number): Vector3 =>
    place(normalize(add(direction, add(times(side, a), times(across, b)))));
  const n = cross(subtract(p(step, 0), p(-step, 0)), subtract(p(0, step), p(0, -step)));
  return normalize(n);
}
