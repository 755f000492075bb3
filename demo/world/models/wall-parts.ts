/** What sits in and on walls: windows with shutters, doors, timber frames, gables, chimneys. */
import type { Random } from '../../../src/base/random.ts';
import { add, cross, type Mesh, quad, type Region, times, triangle, vertex } from '../mesh/mesh.ts';
import { beam, box, type Shade } from '../mesh/shapes.ts';
import { DOOR, STONE, WALL, WINDOW, WOOD } from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import { between } from './model.ts';

/** A wall's own axes: its lower left corner seen from outside, along it, and out of it. */
export interface WallFrame {
  origin: Vector3;
  right: Vector3;
  out: Vector3;
  width: number;
}

const UP: Vector3 = [0, 1, 0];

export function onWall(frame: WallFrame, x: number, y: number, out: number): Vector3 {
  return add(frame.origin, add(times(frame.right, x), add(times(UP, y), times(frame.out, out))));
}

/** The four walls around a rectangle centered on (x, z) = (0, 0), from height y. */
export function wallFrames(width: number, depth: number, y: number): WallFrame[] {
  const w = width / 2;
  const d = depth / 2;
  return [
    { origin: [-w, y, d], right: [1, 0, 0], out: [0, 0, 1], width },
    { origin: [w, y, d], right: [0, 0, -1], out: [1, 0, 0], width: depth },
    { origin: [w, y, -d], right: [-1, 0, 0], out: [0, 0, -1], width },
    { origin: [-w, y, -d], right: [0, 0, 1], out: [-1, 0, 0], width: depth },
  ];
}

/** A box given in a wall's axes: x and y of its middle, how far out, and its size. */
export function bar(
  mesh: Mesh,
  frame: WallFrame,
  at: Vector3,
  size: Vector3,
  shade: Shade = 1,
  region: Region = WOOD,
): void {
  const axes: [Vector3, Vector3, Vector3] = [frame.right, UP, frame.out];
  box(mesh, onWall(frame, at[0], at[1], at[2]), size, region, { axes, shade });
}

/** A window around (x, y): pane, frame, sill, lintel, and shutters in the given color. */
export function window(
  mesh: Mesh,
  frame: WallFrame,
  at: { x: number; y: number; width: number; height: number },
  shutters: Vector3 | null,
): void {
  const { x, y, width, height } = at;
  const p = (dx: number, dy: number): Vector3 =>
    onWall(frame, x + dx * width, y + dy * height, 0.03);
  quad(mesh, [p(-0.5, -0.5), p(0.5, -0.5), p(0.5, 0.5), p(-0.5, 0.5)], WINDOW);
  const rim = 0.1;
  bar(mesh, frame, [x - width / 2, y, 0.05], [rim, height + rim, 0.14]);
  bar(mesh, frame, [x + width / 2, y, 0.05], [rim, height + rim, 0.14]);
  bar(mesh, frame, [x, y + height / 2, 0.06], [width + rim * 2.4, rim * 1.2, 0.18]);
  bar(mesh, frame, [x, y - height / 2, 0.1], [width + rim * 3, rim, 0.26], 1, STONE);
  bar(mesh, frame, [x, y, 0.05], [rim * 0.4, height, 0.06]);
  bar(mesh, frame, [x, y + height * 0.1, 0.05], [width, rim * 0.4, 0.06]);
  if (shutters === null) return;
  for (const side of [-1, 1]) {
    const center = x + side * (width * 0.5 + width * 0.28);
    bar(mesh, frame, [center, y, 0.07], [width * 0.46, height, 0.05], shutters, DOOR);
    for (const dy of [-0.32, 0.32]) {
      bar(
        mesh,
        frame,
        [center, y + dy * height, 0.11],
        [width * 0.42, 0.08, 0.03],
        times(shutters, 0.8),
        DOOR,
      );
    }
  }
}

/** A door with frame, steps and a small hood, its foot at height y of the wall. */
export function door(
  mesh: Mesh,
  frame: WallFrame,
  x: number,
  y: number,
  width: number,
  height: number,
): void {
  const p = (dx: number, dy: number): Vector3 =>
    onWall(frame, x + dx * width, y + dy * height, 0.04);
  quad(mesh, [p(-0.5, 0), p(0.5, 0), p(0.5, 1), p(-0.5, 1)], DOOR);
  for (const side of [-1, 1]) {
    bar(mesh, frame, [x + (side * width) / 2, y + height / 2, 0.07], [0.16, height, 0.2]);
  }
  bar(mesh, frame, [x, y + height, 0.08], [width + 0.4, 0.18, 0.24]);
  bar(mesh, frame, [x, y + height + 0.35, 0.4], [width + 0.7, 0.07, 0.9], 0.85);
  for (const side of [-1, 1]) {
    beam(
      mesh,
      onWall(frame, x + side * (width / 2 + 0.15), y + height - 0.3, 0.05),
      onWall(frame, x + side * (width / 2 + 0.15), y + height + 0.32, 0.75),
      [0.09, 0.09],
      WOOD,
    );
  }
  for (let step = 0; step < 3; step++) {
    const size: Vector3 = [width + 0.5, 0.2, 0.35 * (3 - step)];
    bar(mesh, frame, [x, y - 0.5 + step * 0.2, 0.175 * (3 - step)], size, 0.9, STONE);
  }
}

/** Posts, rails and braces on a wall of one floor. */
export function timberFrame(
  mesh: Mesh,
  frame: WallFrame,
  y: number,
  height: number,
  random: Random,
): void {
  const posts = Math.max(2, Math.round(frame.width / 1.55));
  const thick = 0.17;
  for (let k = 0; k <= posts; k++) {
    bar(
      mesh,
      frame,
      [(k / posts) * frame.width, y + height / 2, 0.02],
      [thick, height, 0.16],
      between(random, 0.8, 1),
    );
  }
  for (const level of [0.02, 0.5, 0.98]) {
    const a = onWall(frame, 0, y + height * level, 0.03);
    const b = onWall(frame, frame.width, y + height * level, 0.03);
    beam(mesh, a, b, [thick * 0.95, 0.16], WOOD, 0.95);
  }
  for (let k = 0; k < posts; k++) {
    const left = (k / posts) * frame.width;
    const right = ((k + 1) / posts) * frame.width;
    if (k !== 0 && k !== posts - 1 && random() < 0.6) continue;
    const flip = k === 0 ? 0 : k === posts - 1 ? 1 : random() < 0.5 ? 0 : 1;
    const a = onWall(frame, flip ? left : right, y, 0.02);
    const b = onWall(frame, flip ? right : left, y + height, 0.02);
    beam(mesh, a, b, [thick * 0.85, 0.12], WOOD, between(random, 0.8, 1));
  }
}

/** The triangle of wall under a ridge, over the wall of `frame`, from height y. */
export function gable(mesh: Mesh, frame: WallFrame, y: number, rise: number): void {
  const n = cross(frame.right, UP);
  const [u0, v0, u1, v1] = WALL;
  const scale = Math.min(1, rise / (frame.width * 0.5 + 0.01));
  const a = vertex(mesh, onWall(frame, 0, y, 0), n, u0, v1, 0.95);
  vertex(mesh, onWall(frame, frame.width, y, 0), n, u1, v1, 0.95);
  vertex(
    mesh,
    onWall(frame, frame.width / 2, y + rise, 0),
    n,
    (u0 + u1) / 2,
    v1 - (v1 - v0) * scale,
    0.8,
  );
  triangle(mesh, a, a + 1, a + 2);
}

/** A chimney of stone blocks with a cap and pots. */
export function chimney(mesh: Mesh, at: Vector3, height: number, width: number): void {
  const courses = Math.max(4, Math.round(height / 0.3));
  for (let k = 0; k < courses; k++) {
    const size = width * (k % 2 === 0 ? 1 : 0.96);
    box(
      mesh,
      [at[0], at[1] + ((k + 0.5) * height) / courses, at[2]],
      [size, height / courses, size],
      STONE,
      { shade: 0.85 },
    );
  }
  box(mesh, [at[0], at[1] + height + 0.06, at[2]], [width * 1.25, 0.14, width * 1.25], STONE);
  for (const side of [-1, 1]) {
    box(
      mesh,
      [at[0] + side * width * 0.25, at[1] + height + 0.3, at[2]],
      [0.24, 0.4, 0.24],
      STONE,
      { shade: 0.7 },
    );
  }
}
