/** Buildings that one sees from afar: church, windmill, lighthouse, keep, town gate and wall. */
import { createMesh, type Mesh, times } from '../mesh/mesh.ts';
import { beam, box, lathe, type Shade, wall } from '../mesh/shapes.ts';
import {
  DOOR,
  type MasonryStyle,
  paintMasonry,
  ROOF,
  STONE,
  WALL,
  WOOD,
} from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import type { Builder, ModelInput } from './model.ts';
import { coneRoof, ridgeRoof } from './roof.ts';
import { bar, door, gable, wallFrames, window } from './wall-parts.ts';

function building(style: MasonryStyle, raise: (mesh: Mesh, input: ModelInput) => void): Builder {
  return (input) => {
    const mesh = createMesh();
    raise(mesh, input);
    const canvas = paintMasonry(input.texels, style, input.seed);
    return {
      mesh,
      canvas,
      material: { roughness: 0.88, cutOut: false, normalScale: 1 },
      normalMap: true,
    };
  };
}

/** Rings of stone that stand out of a round wall, so that its outline is not a bare circle. */
function bands(
  mesh: Mesh,
  radiusAt: (y: number) => number,
  heights: number[],
  sides: number,
): void {
  for (const y of heights) {
    const r = radiusAt(y);
    for (let k = 0; k < sides; k++) {
      const a = (k / sides) * Math.PI * 2;
      const axes = ringAxes(a);
      const at: Vector3 = [Math.cos(a) * r, y, -Math.sin(a) * r];
      box(mesh, at, [((2 * Math.PI * r) / sides) * 0.96, 0.34, 0.3], STONE, {
        axes,
        shade: 0.8 + 0.2 * ((k * 7) % 3) * 0.5,
      });
    }
  }
}

/** Axes of a thing on a circle at angle a: along the circle, up, outward. */
function ringAxes(a: number): [Vector3, Vector3, Vector3] {
  return [
    [-Math.sin(a), 0, -Math.cos(a)],
    [0, 1, 0],
    [Math.cos(a), 0, -Math.sin(a)],
  ];
}

function railing(mesh: Mesh, center: Vector3, radius: number, posts: number, height: number): void {
  for (let k = 0; k < posts; k++) {
    const a = (k / posts) * Math.PI * 2;
    const b = ((k + 1) / posts) * Math.PI * 2;
    const p = (angle: number, y: number): Vector3 => [
      center[0] + Math.cos(angle) * radius,
      center[1] + y,
      center[2] - Math.sin(angle) * radius,
    ];
    beam(mesh, p(a, 0), p(a, height), [0.09, 0.09], WOOD, 0.9);
    beam(mesh, p(a, height), p(b, height), [0.08, 0.1], WOOD);
    beam(mesh, p(a, height * 0.5), p(b, height * 0.5), [0.05, 0.06], WOOD);
  }
}

/** A round wall from y0 to y1 with courses, and windows turning up around it. */
function roundTower(
  mesh: Mesh,
  plan: {
    r0: number;
    r1: number;
    height: number;
    region: typeof WALL;
    windows: number;
    tint?: (t: number) => Shade;
  },
): void {
  const rows = Math.max(6, Math.round(plan.height / 1.1));
  const profile: [number, number][] = [[plan.r0 * 1.02, -2.5]];
  const radiusAt = (y: number): number => plan.r0 + (plan.r1 - plan.r0) * (y / plan.height) ** 0.9;
  for (let k = 0; k <= rows; k++)
    profile.push([radiusAt((k / rows) * plan.height), (k / rows) * plan.height]);
  const shade = plan.tint ?? ((t: number): Shade => 0.75 + 0.25 * Math.min(1, t * 2));
  lathe(mesh, [0, 0, 0], profile, { sides: 36, region: plan.region, around: 6, cell: 3, shade });
  bands(mesh, radiusAt, [0.2, plan.height * 0.985], 40);
  for (let k = 0; k < plan.windows; k++) {
    const y = plan.height * ((k + 0.8) / (plan.windows + 0.6));
    const a = k * 1.9;
    const [right, , out] = ringAxes(a);
    const r = radiusAt(y) - 0.03;
    const frame = { origin: [out[0] * r, 0, out[2] * r] as Vector3, right, out, width: 1 };
    window(mesh, frame, { x: 0, y, width: 0.7, height: 1.2 }, null);
  }
  const [right, , out] = ringAxes(-Math.PI / 2);
  const r = plan.r0 - 0.02;
  const front = { origin: [out[0] * r, 0, out[2] * r] as Vector3, right, out, width: 1 };
  door(mesh, front, 0, 0, 1.2, 2.2);
}

export function lighthouse(style: MasonryStyle): Builder {
  return building(style, (mesh, { random }) => {
    const height = 24;
    const tint = (t: number): Shade => (Math.floor(t * 7.2) % 2 === 1 ? [0.72, 0.1, 0.07] : 1);
    roundTower(mesh, { r0: 4, r1: 2.5, height, region: WALL, windows: 5, tint });
    lathe(
      mesh,
      [0, height, 0],
      [
        [2.4, -0.6],
        [3.5, 0],
        [3.5, 0.25],
        [0.1, 0.26],
      ],
      { sides: 36, region: STONE, around: 6, cell: 3 },
    );
    railing(mesh, [0, height + 0.25, 0], 3.35, 32, 1.1);
    const glass: Shade = [0.95, 0.9, 0.62];
    lathe(
      mesh,
      [0, height + 0.25, 0],
      [
        [1.7, 0],
        [1.7, 0.7],
        [1.6, 0.7],
        [1.6, 2.9],
      ],
      { sides: 24, region: WALL, around: 4, cell: 3, shade: () => glass },
    );
    for (let k = 0; k < 12; k++) {
      const a = (k / 12) * Math.PI * 2;
      const [x, z] = [Math.cos(a) * 1.66, Math.sin(a) * 1.66];
      beam(mesh, [x, height + 0.9, z], [x, height + 3.2, z], [0.12, 0.12], WOOD, 0.4);
    }
    coneRoof(
      mesh,
      {
        center: [0, height + 3.1, 0],
        radius: 2.2,
        height: 1.9,
        rows: 9,
        sides: 30,
        tint: [0.8, 0.2, 0.16],
      },
      random,
    );
    box(mesh, [0, height + 5.4, 0], [0.1, 1.2, 0.1], WOOD, { shade: 0.4 });
  });
}

export function windmill(style: MasonryStyle): Builder {
  return building(style, (mesh, { random }) => {
    const height = 11;
    roundTower(mesh, { r0: 4.2, r1: 2.9, height, region: WALL, windows: 4 });
    railing(mesh, [0, 4.2, 0], 4.9, 36, 1);
    lathe(
      mesh,
      [0, 4.1, 0],
      [
        [3.7, -0.3],
        [5, 0],
        [5, 0.14],
        [3.6, 0.15],
      ],
      { sides: 36, region: WOOD, around: 8, cell: 2 },
    );
    coneRoof(
      mesh,
      { center: [0, height, 0], radius: 3.4, height: 3.4, rows: 13, sides: 40 },
      random,
    );
    const hub: Vector3 = [0, height + 0.7, 3.9];
    beam(mesh, [0, height + 0.9, 0], [0, height + 0.6, 4.2], [0.5, 0.5], WOOD, 0.7);
    for (let k = 0; k < 4; k++) sail(mesh, hub, (k * Math.PI) / 2 + 0.4);
  });
}

/** One sail: a stock, a lattice, and cloth over half of it. */
function sail(mesh: Mesh, hub: Vector3, angle: number): void {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const at = (r: number, side: number, out = 0): Vector3 => [
    hub[0] + cos * r - sin * side,
    hub[1] + sin * r + cos * side,
    hub[2] + 0.25 + out,
  ];
  const length = 9;
  beam(mesh, at(0, 0), at(length, 0), [0.28, 0.28], WOOD, 0.8);
  beam(mesh, at(1.6, 1.7), at(length, 1.7), [0.1, 0.1], WOOD);
  const bars = 18;
  for (let k = 0; k <= bars; k++) {
    const r = 1.6 + ((length - 1.6) * k) / bars;
    beam(mesh, at(r, -0.1), at(r, 1.75), [0.07, 0.07], WOOD, 0.9);
  }
  const axes: [Vector3, Vector3, Vector3] = [
    [cos, sin, 0],
    [-sin, cos, 0],
    [0, 0, 1],
  ];
  box(mesh, at((length + 1.6) / 2, 0.88, 0.05), [length - 1.8, 1.55, 0.03], WALL, {
    axes,
    shade: [0.9, 0.86, 0.76],
  });
}

export function keep(style: MasonryStyle): Builder {
  return building(style, (mesh) => {
    const height = 15;
    roundTower(mesh, { r0: 4.4, r1: 4, height, region: STONE, windows: 6 });
    lathe(
      mesh,
      [0, height, 0],
      [
        [3.9, -1],
        [4.8, 0],
        [4.8, 0.9],
        [4.2, 0.9],
        [4.2, 0.1],
        [0.1, 0.1],
      ],
      { sides: 36, region: STONE, around: 6, cell: 3 },
    );
    for (let k = 0; k < 14; k++) {
      const a = (k / 14) * Math.PI * 2;
      const axes = ringAxes(a);
      const at: Vector3 = [Math.cos(a) * 4.5, height + 1.4, -Math.sin(a) * 4.5];
      for (const part of [-0.3, 0.3]) {
        box(
          mesh,
          [at[0] + axes[0][0] * part, at[1], at[2] + axes[0][2] * part],
          [0.6, 1.1, 0.6],
          STONE,
          { axes },
        );
      }
      const corbel: Vector3 = [Math.cos(a) * 4.35, height - 0.45, -Math.sin(a) * 4.35];
      box(mesh, corbel, [0.5, 0.8, 0.8], STONE, { axes, shade: 0.7 });
    }
    bands(mesh, () => 4.25, [3.5, 7, 10.5], 44);
    beam(mesh, [0, height, 0], [0, height + 6, 0], [0.14, 0.14], WOOD);
    box(mesh, [0.95, height + 5.3, 0], [1.8, 1.1, 0.04], WALL, { shade: [0.75, 0.12, 0.1] });
  });
}

export function church(style: MasonryStyle): Builder {
  return building(style, (mesh, { random }) => {
    const [width, depth, height] = [17, 9, 6.4];
    nave(mesh, width, depth, height, random);
    // The tower stands at the west end.
    const tower = createMesh();
    const [side, tall] = [5, 17];
    for (const frame of wallFrames(side, side, -1)) {
      wall(
        tower,
        frame.origin,
        frame.right,
        [0, 1, 0],
        { width: side, height: tall + 1, cell: 3 },
        WALL,
        [0.8, 1],
      );
      for (let k = 0; k < 36; k++) {
        const length = k % 2 === 0 ? 0.7 : 0.45;
        bar(tower, frame, [length / 2, 0.25 + k * 0.5, 0.03], [length, 0.47, 0.12], 0.95, STONE);
      }
      for (const y of [7, 12])
        bar(tower, frame, [side / 2, y, 0.05], [side + 0.3, 0.25, 0.3], 0.9, STONE);
      window(tower, frame, { x: side / 2, y: 15, width: 1.3, height: 2.4 }, null);
      window(tower, frame, { x: side / 2, y: 9.4, width: 0.8, height: 1.6 }, null);
    }
    coneRoof(
      tower,
      { center: [0, tall, 0], radius: side * 0.74, height: 11, rows: 24, sides: 20 },
      random,
    );
    box(tower, [0, tall + 11.6, 0], [0.12, 1.8, 0.12], WOOD, { shade: 0.4 });
    box(tower, [0, tall + 11.9, 0], [0.8, 0.12, 0.12], WOOD, { shade: 0.4 });
    for (let i = 0; i < tower.positions.length; i += 3)
      tower.positions[i] = tower.positions[i]! - width / 2 - side * 0.42;
    const base = mesh.positions.length / 3;
    mesh.positions.push(...tower.positions);
    mesh.normals.push(...tower.normals);
    mesh.uvs.push(...tower.uvs);
    mesh.colors.push(...tower.colors);
    for (const index of tower.indices) mesh.indices.push(index + base);
  });
}

function nave(
  mesh: Mesh,
  width: number,
  depth: number,
  height: number,
  random: () => number,
): void {
  box(mesh, [0, -0.75, 0], [width + 0.4, 2.5, depth + 0.4], STONE, { shade: 0.8 });
  const frames = wallFrames(width, depth, 0.4);
  const rise = (depth / 2) * 1.15;
  for (const [side, frame] of frames.entries()) {
    wall(
      mesh,
      frame.origin,
      frame.right,
      [0, 1, 0],
      { width: frame.width, height, cell: 3 },
      WALL,
      [0.78, 1],
    );
    if (side % 2 === 1) {
      gable(mesh, frame, height, rise);
      window(mesh, frame, { x: depth / 2, y: height * 0.75, width: 1.6, height: 3.2 }, null);
      continue;
    }
    for (let k = 0; k < 5; k++) {
      const x = ((k + 0.5) / 5) * width;
      if (side === 0 && k === 4) door(mesh, frame, x, 0, 1.7, 2.9);
      else window(mesh, frame, { x, y: height * 0.55, width: 1.1, height: 3 }, null);
      bar(
        mesh,
        frame,
        [(k / 5) * width + 0.3, height * 0.42, 0.3],
        [0.6, height * 0.84, 0.7],
        0.9,
        STONE,
      );
      bar(mesh, frame, [(k / 5) * width + 0.3, height * 0.9, 0.15], [0.6, 0.5, 0.4], 0.9, ROOF);
    }
  }
  ridgeRoof(
    mesh,
    { width, depth, eave: height + 0.4, pitch: 1.15, overhang: 0.5, tile: 0.5 },
    random,
  );
}

/** A stretch of town wall, 8 m along x, with battlements; or the gate in it. */
export function townWall(style: MasonryStyle, gate: boolean): Builder {
  return building(style, (mesh, { random }) => {
    const length = 8;
    const height = gate ? 6.5 : 4;
    const stones = gate ? 15 : 13;
    for (let row = 0; row < stones; row++) {
      for (let k = 0; k < 12; k++) {
        const x = ((k + 0.5 + (row % 2) * 0.5) / 12.5 - 0.5) * length;
        const y = ((row + 0.5) / stones) * height;
        if (gate && Math.abs(x) < 1.7 && y < 3.4) continue;
        const deep = 1.1 + random() * 0.1;
        box(mesh, [x, y, 0], [(length / 12) * 0.98, (height / stones) * 0.97, deep], STONE, {
          shade: 0.7 + random() * 0.3,
        });
      }
    }
    box(mesh, [0, -1, 0], [length, 2, 1.3], STONE, { shade: 0.6 });
    if (gate) {
      for (const side of [-1, 1])
        box(mesh, [side * (length * 0.32), height / 2, 0], [length * 0.34, height, 1], STONE);
      box(mesh, [0, (3.4 + height) / 2, 0], [3.6, height - 3.4, 1], STONE);
      box(mesh, [-1.5, 1.7, 1.1], [0.14, 3.3, 1.6], DOOR);
      box(mesh, [1.5, 1.7, 1.1], [0.14, 3.3, 1.6], DOOR);
    } else box(mesh, [0, height / 2, 0], [length, height, 1], STONE);
    for (let k = 0; k < 6; k++) {
      const x = ((k + 0.5) / 6 - 0.5) * length;
      box(mesh, [x, height + 0.4, 0.4], [0.8, 0.9, 0.35], STONE, { shade: 0.95 });
      box(mesh, [x, height + 0.9, 0.4], [0.9, 0.12, 0.45], STONE, { shade: 0.85 });
    }
    if (gate)
      ridgeRoof(
        mesh,
        { width: length, depth: 2.6, eave: height + 1, pitch: 0.8, overhang: 0.5, tile: 0.4 },
        random,
      );
    else
      for (let k = 0; k < 26; k++)
        box(mesh, [(k / 25 - 0.5) * length, height + 0.04, -0.2], [0.28, 0.1, 0.9], WOOD, {
          shade: 0.8,
        });
  });
}

/** Colors for awnings and boats, linear. */
export const CLOTH: readonly Vector3[] = [
  [0.65, 0.1, 0.08],
  [0.1, 0.25, 0.5],
  [0.8, 0.6, 0.12],
  times([0.3, 0.45, 0.25], 1),
];
