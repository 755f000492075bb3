/** Small things of villages and shores: well, stall, fence, boats, pier, cart, barrels, hay. */
import { createMesh, type Mesh, quad, triangle, vertex } from '../mesh/mesh.ts';
import { beam, blob, bow, box, lathe, tube } from '../mesh/shapes.ts';
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
import { CLOTH } from './landmarks.ts';
import { type Builder, between, type ModelInput } from './model.ts';
import { ridgeRoof } from './roof.ts';

function prop(style: MasonryStyle, make: (mesh: Mesh, input: ModelInput) => void): Builder {
  return (input) => {
    const mesh = createMesh();
    make(mesh, input);
    const canvas = paintMasonry(input.texels, style, input.seed);
    return {
      mesh,
      canvas,
      material: { roughness: 0.9, cutOut: false, normalScale: 1 },
      normalMap: true,
    };
  };
}

export function well(style: MasonryStyle): Builder {
  return prop(style, (mesh, { random }) => {
    for (let row = 0; row < 4; row++) {
      for (let k = 0; k < 18; k++) {
        const a = ((k + (row % 2) / 2) / 18) * Math.PI * 2;
        const axes: [Vector3, Vector3, Vector3] = [
          [-Math.sin(a), 0, -Math.cos(a)],
          [0, 1, 0],
          [Math.cos(a), 0, -Math.sin(a)],
        ];
        const at: Vector3 = [Math.cos(a) * 1.25, 0.02 + row * 0.27, -Math.sin(a) * 1.25];
        box(mesh, at, [0.42, 0.26, 0.34], STONE, { axes, shade: 0.75 + 0.25 * random() });
      }
    }
    for (const x of [-1.2, 1.2]) beam(mesh, [x, 0, 0], [x, 3, 0], [0.18, 0.18], WOOD);
    tube(mesh, bow([-1.2, 1.9, 0], [1.2, 1.9, 0], [0, 0, 0], 8), {
      sides: 10,
      region: WOOD,
      radius: () => 0.13,
    });
    lathe(
      mesh,
      [0.2, 1, 0],
      [
        [0.01, 0],
        [0.2, 0],
        [0.25, 0.42],
        [0.22, 0.42],
        [0.18, 0.05],
      ],
      { sides: 14, region: DOOR, around: 2, cell: 0.6 },
    );
    beam(mesh, [0.2, 1.4, 0], [0.2, 1.9, 0], [0.03, 0.03], WOOD);
    ridgeRoof(
      mesh,
      { width: 2.6, depth: 2.2, eave: 2.7, pitch: 0.8, overhang: 0.3, tile: 0.2 },
      random,
    );
  });
}

export function stall(style: MasonryStyle, cloth: number): Builder {
  return prop(style, (mesh, { random }) => {
    for (const x of [-1.5, 1.5]) {
      beam(mesh, [x, 0, 0.9], [x, 2.2, 0.9], [0.1, 0.1], WOOD);
      beam(mesh, [x, 0, -0.9], [x, 2.8, -0.9], [0.1, 0.1], WOOD);
    }
    box(mesh, [0, 0.9, 0.5], [3, 0.08, 1], WOOD);
    box(mesh, [0, 0.45, 0.9], [3, 0.85, 0.06], DOOR);
    awning(mesh, CLOTH[cloth]!);
    for (let k = 0; k < 46; k++) {
      const at: Vector3 = [between(random, -1.3, 1.3), 1.02, between(random, 0.15, 0.85)];
      const tint = CLOTH[k % 4]!;
      blob(
        mesh,
        3,
        WALL,
        (d) => [at[0] + d[0] * 0.1, at[1] + d[1] * 0.1, at[2] + d[2] * 0.1],
        () => tint,
      );
    }
  });
}

/** Striped cloth with a scalloped edge. */
function awning(mesh: Mesh, color: Vector3): void {
  const stripes = 12;
  for (let k = 0; k < stripes; k++) {
    const x0 = (k / stripes - 0.5) * 3.4;
    const x1 = ((k + 1) / stripes - 0.5) * 3.4;
    const shade: Vector3 = k % 2 === 0 ? color : [0.9, 0.88, 0.8];
    for (let row = 0; row < 5; row++) {
      const z0 = 1.2 - row * 0.44;
      const y = (z: number): number =>
        2.25 + (1.2 - z) * 0.3 - 0.12 * Math.sin(((1.2 - z) / 2.2) * Math.PI);
      quad(
        mesh,
        [
          [x0, y(z0), z0],
          [x1, y(z0), z0],
          [x1, y(z0 - 0.44), z0 - 0.44],
          [x0, y(z0 - 0.44), z0 - 0.44],
        ],
        WALL,
        shade,
      );
      quad(
        mesh,
        [
          [x0, y(z0 - 0.44) - 0.02, z0 - 0.44],
          [x1, y(z0 - 0.44) - 0.02, z0 - 0.44],
          [x1, y(z0) - 0.02, z0],
          [x0, y(z0) - 0.02, z0],
        ],
        WALL,
        [shade[0] * 0.6, shade[1] * 0.6, shade[2] * 0.6],
      );
    }
    box(mesh, [(x0 + x1) / 2, 2.12, 1.21], [x1 - x0, 0.28, 0.02], WALL, { shade });
  }
}

/** 4 m of fence along x. */
export function fence(style: MasonryStyle): Builder {
  return prop(style, (mesh, { random }) => {
    for (const y of [0.45, 0.95]) beam(mesh, [-2, y, 0], [2, y, 0], [0.09, 0.06], WOOD, 0.85);
    for (let k = 0; k < 16; k++) {
      const x = -1.9 + k * 0.2533;
      const height = between(random, 1.1, 1.3);
      beam(
        mesh,
        [x, -0.3, 0.05],
        [x + between(random, -0.03, 0.03), height, 0.05],
        [0.11, 0.035],
        WOOD,
        between(random, 0.75, 1),
      );
      lathe(
        mesh,
        [x, height, 0.05],
        [
          [0.06, 0],
          [0.01, 0.12],
        ],
        { sides: 4, region: WOOD, around: 1, cell: 1 },
      );
    }
    for (const x of [-2, 0, 2]) {
      tube(mesh, bow([x, -0.5, -0.03], [x, 1.35, -0.03], [0, 0, 0], 5), {
        sides: 8,
        region: WOOD,
        radius: (t) => 0.08 - 0.02 * t,
      });
    }
  });
}

/** A clinker boat along x: a hull of strakes, thwarts, gunwale; `mast` adds mast and sail. */
export function boat(style: MasonryStyle, length: number, tint: Vector3, mast: boolean): Builder {
  return prop(style, (mesh) => {
    const strakes = 9;
    const stations = 22;
    const half = (t: number): number =>
      length * 0.16 * Math.sin(Math.PI * Math.min(1, t * 0.88 + 0.12)) ** 0.7;
    const at = (t: number, s: number, side: number, out: number): Vector3 => {
      const depth = length * 0.11;
      const sheer = depth * (0.55 + 0.9 * (2 * t - 1) ** 2);
      const girth = Math.sin((s * Math.PI) / 2) ** 0.75;
      const y = -depth * 0.5 + (depth * 0.5 + sheer) * s ** 1.6;
      return [(t - 0.5) * length, y, side * (half(t) * girth + out)];
    };
    for (const side of [-1, 1]) {
      for (let s = 0; s < strakes; s++) {
        for (let k = 0; k < stations; k++) {
          const [t0, t1] = [k / stations, (k + 1) / stations];
          const [s0, s1] = [s / strakes, (s + 1) / strakes];
          const shade: Vector3 = s === strakes - 1 ? tint : [0.85, 0.82, 0.78];
          plank(
            mesh,
            [
              at(t0, s0, side, 0.025),
              at(t1, s0, side, 0.025),
              at(t1, s1, side, 0),
              at(t0, s1, side, 0),
            ],
            side,
            shade,
          );
        }
      }
      for (let k = 0; k < stations; k++) {
        beam(
          mesh,
          at(k / stations, 1, side, 0),
          at((k + 1) / stations, 1, side, 0),
          [0.1, 0.08],
          WOOD,
          0.8,
        );
      }
    }
    for (const t of [0.25, 0.5, 0.75]) {
      const reach = half(t) * 1.9;
      box(mesh, [(t - 0.5) * length, length * 0.03, 0], [0.32, 0.06, reach], WOOD);
    }
    beam(
      mesh,
      [-length / 2 + 0.05, -0.3, 0],
      [-length / 2 + 0.05, length * 0.17, 0],
      [0.1, 0.1],
      WOOD,
    );
    if (mast) rig(mesh, length);
  });
}

/** One plank seen from both sides. */
function plank(
  mesh: Mesh,
  corners: [Vector3, Vector3, Vector3, Vector3],
  side: number,
  shade: Vector3,
): void {
  const [a, b, c, d] = corners;
  const inner: Vector3 = [shade[0] * 0.55, shade[1] * 0.55, shade[2] * 0.55];
  const outside: [Vector3, Vector3, Vector3, Vector3] = side > 0 ? [a, b, c, d] : [b, a, d, c];
  const inside: [Vector3, Vector3, Vector3, Vector3] = side > 0 ? [b, a, d, c] : [a, b, c, d];
  quad(mesh, outside, DOOR, shade);
  quad(mesh, inside, DOOR, inner);
}

function rig(mesh: Mesh, length: number): void {
  const height = length * 1.15;
  tube(mesh, bow([0.1, 0, 0], [0.1, height, 0], [0, 0, 0], 10), {
    sides: 8,
    region: WOOD,
    radius: (t) => 0.12 - 0.07 * t,
  });
  tube(mesh, bow([0.1, 1.3, 0], [length * 0.48, 1.5, 0.5], [0, 0, 0], 6), {
    sides: 6,
    region: WOOD,
    radius: () => 0.06,
  });
  const n = 12;
  for (const face of [1, -1]) {
    const base = mesh.positions.length / 3;
    for (let row = 0; row <= n; row++) {
      for (let column = 0; column <= n; column++) {
        const t = row / n;
        const s = (column / n) * (1 - t * 0.97);
        const belly = Math.sin(Math.PI * (column / n)) * Math.sin(Math.PI * (0.15 + 0.8 * t)) * 0.7;
        const p: Vector3 = [0.15 + s * length * 0.44, 1.5 + t * (height - 1.8), s * 0.5 + belly];
        vertex(
          mesh,
          p,
          [0, 0.1 * face, face],
          0.01 + (column / n) * 0.48,
          0.01 + t * 0.48,
          [0.85, 0.8, 0.68],
        );
      }
    }
    for (let row = 0; row < n; row++) {
      for (let column = 0; column < n; column++) {
        const a = base + row * (n + 1) + column;
        const [b, c, d] = [a + 1, a + n + 2, a + n + 1];
        if (face > 0) [triangle(mesh, a, b, c), triangle(mesh, a, c, d)];
        else [triangle(mesh, a, c, b), triangle(mesh, a, d, c)];
      }
    }
  }
}

/** Boards laid flat, their grain along z. */
const FLAT: [Vector3, Vector3, Vector3] = [
  [1, 0, 0],
  [0, 0, -1],
  [0, 1, 0],
];

/** 8 m of pier along x, its deck 1.6 m above the water at y = 0. */
export function pier(style: MasonryStyle): Builder {
  return prop(style, (mesh, { random }) => {
    for (let k = 0; k < 34; k++) {
      const x = -4 + (k + 0.5) * (8 / 34);
      const at: Vector3 = [x, 1.6 + random() * 0.02, between(random, -0.04, 0.04)];
      box(mesh, at, [0.215, 3, 0.07], WOOD, { axes: FLAT, shade: 0.7 + random() * 0.3 });
    }
    for (const z of [-1.1, 1.1]) beam(mesh, [-4, 1.48, z], [4, 1.48, z], [0.2, 0.2], WOOD, 0.7);
    for (const x of [-3.4, -0.8, 1.8]) {
      for (const z of [-1.3, 1.3]) {
        tube(mesh, bow([x, -7, z * 1.06], [x, 2.5, z], [0, 0, 0], 10), {
          sides: 10,
          region: WOOD,
          radius: (t) => 0.17 - 0.03 * t,
          shade: (t) => 0.45 + 0.4 * t,
        });
      }
      beam(mesh, [x, -0.5, -1.35], [x, 1.3, 1.35], [0.1, 0.1], WOOD, 0.6);
    }
  });
}

export function cart(style: MasonryStyle): Builder {
  return prop(style, (mesh) => {
    for (let k = 0; k < 7; k++)
      box(mesh, [0, 0.85, -0.6 + k * 0.2], [2.6, 0.06, 0.18], WOOD, { shade: 0.9 });
    for (const z of [-0.72, 0.72]) {
      for (const y of [1.05, 1.35]) beam(mesh, [-1.3, y, z], [1.3, y, z], [0.1, 0.06], WOOD);
      for (let k = 0; k < 7; k++)
        beam(mesh, [-1.3 + k * 0.433, 0.8, z], [-1.3 + k * 0.433, 1.5, z], [0.07, 0.07], WOOD);
      wheel(mesh, [0, 0.7, z * 1.25]);
      beam(mesh, [1.3, 0.85, z * 0.6], [3.1, 0.75, z * 0.6], [0.09, 0.09], WOOD);
    }
    blob(
      mesh,
      14,
      ROOF,
      (d) => [
        d[0] * 1.2 * (1 + 0.08 * Math.sin(d[2] * 9)),
        1.2 + d[1] * 0.7,
        d[2] * 0.65 * (1 + 0.1 * Math.sin(d[0] * 11)),
      ],
      (d) => [0.8 + 0.2 * d[1], 0.72 + 0.2 * d[1], 0.4],
    );
  });
}

function wheel(mesh: Mesh, center: Vector3): void {
  const rim: Vector3[] = [];
  for (let k = 0; k <= 28; k++) {
    const a = (k / 28) * Math.PI * 2;
    rim.push([center[0] + Math.cos(a) * 0.68, center[1] + Math.sin(a) * 0.68, center[2]]);
  }
  tube(mesh, rim, { sides: 6, region: WOOD, radius: () => 0.06 });
  for (let k = 0; k < 10; k++) {
    const a = (k / 10) * Math.PI * 2;
    beam(
      mesh,
      center,
      [center[0] + Math.cos(a) * 0.66, center[1] + Math.sin(a) * 0.66, center[2]],
      [0.05, 0.05],
      WOOD,
    );
  }
  box(mesh, center, [0.18, 0.18, 0.3], WOOD, { shade: 0.7 });
}

export function barrels(style: MasonryStyle): Builder {
  return prop(style, (mesh, { random }) => {
    const spots: Vector3[] = [
      [0, 0, 0],
      [0.85, 0, 0.15],
      [0.35, 0, 0.8],
      [0.4, 1, 0.3],
      [-0.75, 0, 0.55],
    ];
    for (const at of spots) {
      const profile: [number, number][] = [[0.01, 0.02]];
      for (let k = 0; k <= 14; k++)
        profile.push([0.32 + 0.1 * Math.sin((k / 14) * Math.PI), (k / 14) * 0.98]);
      profile.push([0.3, 0.98], [0.3, 0.93], [0.01, 0.93]);
      lathe(mesh, at, profile, {
        sides: 24,
        region: DOOR,
        around: 4,
        cell: 1,
        shade: () => 0.75 + random() * 0.02,
      });
      for (const y of [0.12, 0.32, 0.66, 0.86]) {
        const r = 0.335 + 0.1 * Math.sin(y * Math.PI);
        lathe(
          mesh,
          [at[0], at[1] + y, at[2]],
          [
            [r, -0.03],
            [r, 0.03],
          ],
          { sides: 24, region: STONE, around: 1, cell: 1, shade: () => 0.4 },
        );
      }
    }
    box(mesh, [-0.6, 0.4, -0.5], [0.8, 0.8, 0.8], DOOR);
    for (const [x, y] of [
      [-1, 0.4],
      [-0.2, 0.4],
      [-0.6, 0.02],
      [-0.6, 0.78],
    ] as const) {
      box(mesh, [x, y, -0.08], [x === -0.6 ? 0.84 : 0.1, x === -0.6 ? 0.1 : 0.84, 0.06], WOOD);
    }
  });
}

/** A round stack of hay with a pole. */
export function haystack(style: MasonryStyle): Builder {
  return prop(style, (mesh) => {
    const surface = (d: Vector3): Vector3 => {
      const wisps =
        0.05 * Math.sin(d[0] * 23 + d[1] * 9) * Math.cos(d[2] * 21) + 0.04 * Math.sin(d[1] * 30);
      const r = 1.7 * (1 + wisps) * (1 - 0.35 * Math.max(0, d[1]));
      return [d[0] * r, 1 + d[1] * (d[1] > 0 ? 1.9 : 1.2) * (1 + wisps), d[2] * r];
    };
    blob(mesh, 21, ROOF, surface, (d) => [0.8 + 0.2 * d[1], 0.76 + 0.2 * d[1], 0.6]);
    beam(mesh, [0, 2, 0], [0.05, 3.4, 0], [0.08, 0.08], WOOD);
  });
}
