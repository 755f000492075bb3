/** The inside of a tavern: one room with hearth, bar and beams, and a table to put into it. */
import { createMesh, type Mesh } from '../mesh/mesh.ts';
import { beam, blob, box, lathe, wall } from '../mesh/shapes.ts';
import { DOOR, type MasonryStyle, paintMasonry, STONE, WALL, WOOD } from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import { type Builder, between, type ModelInput } from './model.ts';

/** Meters: along x, along z, from floor to ceiling; the opening in the middle of the wall at +z. */
export interface RoomShape {
  width: number;
  depth: number;
  height: number;
  doorWidth: number;
  doorHeight: number;
}

/** Fits into the walls of `tavern-1`, whose door is in the middle of the wall at +z. */
export const TAVERN_ROOM: RoomShape = {
  width: 14.4,
  depth: 8.5,
  height: 2.55,
  doorWidth: 1.3,
  doorHeight: 2.1,
};

const UP: Vector3 = [0, 1, 0];
const CELL = 1.6;
const EMBER: Vector3 = [1, 0.5, 0.16];

function furniture(
  style: MasonryStyle,
  make: (mesh: Mesh, random: ModelInput['random']) => void,
): Builder {
  return (input) => {
    const mesh = createMesh();
    make(mesh, input.random);
    const canvas = paintMasonry(input.texels, style, input.seed);
    const material = { roughness: 0.9, cutOut: false, normalScale: 1 };
    return { mesh, canvas, material, normalMap: true };
  };
}

/** Its floor is at y = 0; all faces look inward. */
export function room(shape: RoomShape, style: MasonryStyle): Builder {
  return furniture(style, (mesh, random) => {
    shell(mesh, shape);
    doorway(mesh, shape);
    ceilingBeams(mesh, shape);
    hearth(mesh, shape, random);
    bar(mesh, shape, random);
  });
}

function shell(mesh: Mesh, { width, depth, height }: RoomShape): void {
  const [w, d] = [width / 2, depth / 2];
  const across = { width: depth, height, cell: CELL };
  wall(mesh, [w, 0, -d], [0, 0, 1], UP, across, WALL, [0.7, 0.9]);
  wall(mesh, [-w, 0, d], [0, 0, -1], UP, across, WALL, [0.7, 0.9]);
  wall(mesh, [-w, 0, -d], [1, 0, 0], UP, { ...across, width }, WALL, [0.7, 0.9]);
  const flat = { width, height: depth, cell: CELL };
  wall(mesh, [-w, 0, d], [1, 0, 0], [0, 0, -1], flat, WOOD, [0.75, 0.7]);
  wall(mesh, [-w, height, -d], [1, 0, 0], [0, 0, 1], flat, WALL, [0.6, 0.6]);
}

/** The front wall around its opening. */
function doorway(mesh: Mesh, shape: RoomShape): void {
  const { width, depth, height, doorWidth, doorHeight } = shape;
  const [w, d] = [width / 2, depth / 2];
  const side = { width: (width - doorWidth) / 2, height, cell: CELL };
  wall(mesh, [w, 0, d], [-1, 0, 0], UP, side, WALL, [0.7, 0.9]);
  wall(mesh, [-doorWidth / 2, 0, d], [-1, 0, 0], UP, side, WALL, [0.7, 0.9]);
  const above = { width: doorWidth, height: height - doorHeight, cell: CELL };
  wall(mesh, [doorWidth / 2, doorHeight, d], [-1, 0, 0], UP, above, WALL, [0.85, 0.9]);
  for (const x of [-doorWidth / 2, doorWidth / 2])
    beam(mesh, [x, 0, d], [x, doorHeight, d], [0.16, 0.2], WOOD, 0.8);
  box(mesh, [0, doorHeight, d], [doorWidth + 0.3, 0.18, 0.24], WOOD, { shade: 0.8 });
}

function ceilingBeams(mesh: Mesh, { width, depth, height }: RoomShape): void {
  const count = Math.round(width / 1.7);
  for (let k = 0; k <= count; k++) {
    const x = (k / count - 0.5) * (width - 0.2);
    const ends: [Vector3, Vector3] = [
      [x, height - 0.1, -depth / 2],
      [x, height - 0.1, depth / 2],
    ];
    beam(mesh, ...ends, [0.2, 0.2], WOOD, 0.75);
  }
}

/** A fireplace in the wall at −x, with embers. */
function hearth(mesh: Mesh, { width, height }: RoomShape, random: () => number): void {
  const x = -width / 2 + 0.45;
  for (const z of [-1.15, 1.15]) box(mesh, [x, 0.75, z], [0.9, 1.5, 0.5], STONE, { shade: 0.8 });
  box(mesh, [x, 1.6, 0], [1, 0.24, 2.9], STONE, { shade: 0.9 });
  box(mesh, [x - 0.05, 1.7 + (height - 1.7) / 2, 0], [0.8, height - 1.7, 1.6], STONE, {
    shade: 0.7,
  });
  box(mesh, [x + 0.2, 0.06, 0], [1.3, 0.12, 2.6], STONE, { shade: 0.6 });
  for (let k = 0; k < 3; k++) {
    const z = -0.4 + k * 0.4;
    beam(mesh, [x - 0.3, 0.22, z], [x + 0.35, 0.3, z + 0.15], [0.16, 0.16], WOOD, 0.4);
  }
  for (let k = 0; k < 9; k++) {
    const at: Vector3 = [x + between(random, -0.3, 0.3), 0.24, between(random, -0.6, 0.6)];
    const size = between(random, 0.07, 0.16);
    blob(
      mesh,
      3,
      WALL,
      (to) => [at[0] + to[0] * size, at[1] + to[1] * size * 1.8, at[2] + to[2] * size],
      () => EMBER,
    );
  }
}

/** A counter along the wall at +x, and shelves with jugs behind it. */
function bar(mesh: Mesh, { width, depth }: RoomShape, random: () => number): void {
  const x = width / 2;
  const length = depth * 0.62;
  box(mesh, [x - 1.7, 0.5, -0.6], [0.5, 1, length], DOOR, { shade: 0.85 });
  box(mesh, [x - 1.7, 1.03, -0.6], [0.72, 0.07, length + 0.2], WOOD);
  for (const y of [1.1, 1.6, 2.1]) {
    box(mesh, [x - 0.16, y, -0.6], [0.3, 0.05, length], WOOD, { shade: 0.8 });
    for (let k = 0; k < 11; k++)
      jug(mesh, [x - 0.17, y + 0.03, -0.6 + (k / 10 - 0.5) * (length - 0.3)], random);
  }
}

function jug(mesh: Mesh, foot: Vector3, random: () => number): void {
  const tall = between(random, 0.16, 0.3);
  const wide = between(random, 0.05, 0.09);
  const profile: [number, number][] = [
    [wide * 0.7, 0],
    [wide, tall * 0.4],
    [wide * 0.45, tall * 0.8],
    [wide * 0.55, tall],
  ];
  const tint: Vector3 = [between(random, 0.4, 0.9), between(random, 0.4, 0.7), 0.4];
  lathe(mesh, foot, profile, { sides: 8, region: WALL, around: 1, cell: 0.4, shade: () => tint });
}

/** A trestle table with two benches and what stands on it. */
export function table(style: MasonryStyle): Builder {
  return furniture(style, (mesh, random) => {
    box(mesh, [0, 0.76, 0], [2, 0.07, 0.85], WOOD);
    for (const x of [-0.8, 0.8]) {
      box(mesh, [x, 0.38, 0], [0.09, 0.72, 0.6], WOOD, { shade: 0.8 });
      for (const z of [-0.75, 0.75])
        box(mesh, [x, 0.22, z], [0.08, 0.44, 0.26], WOOD, { shade: 0.8 });
    }
    for (const z of [-0.75, 0.75]) box(mesh, [0, 0.46, z], [1.9, 0.06, 0.32], WOOD, { shade: 0.9 });
    for (let k = 0; k < 6; k++)
      jug(mesh, [between(random, -0.85, 0.85), 0.8, between(random, -0.32, 0.32)], random);
  });
}
