/** Houses: timber-framed, plastered or of stone, one to three floors, cottages to barns. */
import { createMesh, type Mesh } from '../mesh/mesh.ts';
import { beam, box, wall } from '../mesh/shapes.ts';
import { type MasonryStyle, paintMasonry, STONE, WALL, WOOD } from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import { type Builder, between, type ModelInput } from './model.ts';
import { ridgeRoof } from './roof.ts';
import {
  bar,
  chimney,
  door,
  gable,
  onWall,
  timberFrame,
  type WallFrame,
  wallFrames,
  window,
} from './wall-parts.ts';

export interface HouseShape {
  /** Meters along the ridge and across it. */
  width: number;
  depth: number;
  floors: number;
  floorHeight: number;
  /** Rise over run of the roof. */
  pitch: number;
  /** How far each floor juts out over the one below. */
  jetty: number;
  timber: boolean;
  chimneys: number;
  /** Large gate instead of a house door. */
  gate: boolean;
  shutters: Vector3 | null;
  tile: number;
  style: MasonryStyle;
}

/** Half the plan, for keeping other things out: meters along x and z. */
export function houseReach(shape: HouseShape): [number, number] {
  return [shape.width / 2 + 0.8, shape.depth / 2 + 1];
}

export function house(shape: HouseShape): Builder {
  return (input) => ({
    mesh: raiseHouse(shape, input),
    canvas: paintMasonry(input.texels, shape.style, input.seed),
    material: { roughness: 0.88, cutOut: false, normalScale: 1 },
    normalMap: true,
  });
}

/** Foot of the walls above the ground. The foundation reaches far below, for slopes. */
const PLINTH = 0.5;

function raiseHouse(shape: HouseShape, { random }: ModelInput): Mesh {
  const mesh = createMesh();
  plinth(mesh, shape.width + 0.24, shape.depth + 0.24);
  let y = PLINTH;
  for (let floor = 0; floor < shape.floors; floor++) {
    const width = shape.width + shape.jetty * 2 * floor;
    const depth = shape.depth + shape.jetty * 2 * floor;
    raiseFloor(mesh, shape, { width, depth, y, floor, random });
    y += shape.floorHeight;
  }
  const grown = shape.jetty * 2 * (shape.floors - 1);
  const width = shape.width + grown;
  const depth = shape.depth + grown;
  const rise = (depth / 2) * shape.pitch;
  const frames = wallFrames(width, depth, 0);
  for (const side of [1, 3]) finishGable(mesh, shape, frames[side]!, y, rise);
  const plan = { width, depth, eave: y, pitch: shape.pitch, overhang: 0.55, tile: shape.tile };
  const top = ridgeRoof(mesh, plan, random);
  for (let k = 0; k < shape.chimneys; k++) {
    const x = (k === 0 ? -1 : 1) * width * between(random, 0.24, 0.34);
    chimney(mesh, [x, top - rise * 0.55, -depth * 0.12], rise * 0.55 + 1, 0.75);
  }
  return mesh;
}

/** Foundation walls from below the ground, and the ledge on them. */
function plinth(mesh: Mesh, width: number, depth: number): void {
  for (const frame of wallFrames(width, depth, -2)) {
    const size = { width: frame.width, height: 2 + PLINTH, cell: 2.5 };
    wall(mesh, frame.origin, frame.right, [0, 1, 0], size, STONE, [0.6, 0.85]);
  }
  box(mesh, [0, PLINTH - 0.05, 0], [width, 0.1, depth], STONE, { shade: 0.8 });
}

interface FloorInput {
  width: number;
  depth: number;
  y: number;
  floor: number;
  random: () => number;
}

function raiseFloor(mesh: Mesh, shape: HouseShape, input: FloorInput): void {
  const { width, depth, y, floor, random } = input;
  const frames = wallFrames(width, depth, y);
  const height = shape.floorHeight;
  const stoneFoot = floor === 0 && shape.timber;
  for (const [side, frame] of frames.entries()) {
    const region = stoneFoot && side % 2 === 1 ? STONE : WALL;
    const foot = floor === 0 ? 0.78 : 0.95;
    wall(
      mesh,
      frame.origin,
      frame.right,
      [0, 1, 0],
      { width: frame.width, height, cell: 3 },
      region,
      [foot, 1],
    );
    if (shape.timber && region === WALL) timberFrame(mesh, frame, 0, height, random);
    else corners(mesh, frame, height);
    openings(mesh, shape, frame, side, floor);
    if (floor > 0 && shape.jetty > 0) joists(mesh, frame);
  }
  if (floor > 0) box(mesh, [0, y - 0.06, 0], [width, 0.12, depth], WOOD, { shade: 0.55 });
}

/** Corner stones. */
function corners(mesh: Mesh, frame: WallFrame, height: number): void {
  const stones = Math.round(height / 0.42);
  for (let k = 0; k < stones; k++) {
    const length = k % 2 === 0 ? 0.5 : 0.32;
    bar(
      mesh,
      frame,
      [length / 2, ((k + 0.5) / stones) * height, 0.02],
      [length, (height / stones) * 0.94, 0.1],
      0.95,
      STONE,
    );
  }
}

function joists(mesh: Mesh, frame: WallFrame): void {
  const count = Math.round(frame.width / 0.7);
  for (let k = 0; k <= count; k++) {
    const x = (k / count) * frame.width;
    beam(
      mesh,
      onWall(frame, x, -0.14, -0.5),
      onWall(frame, x, -0.14, 0.12),
      [0.15, 0.18],
      WOOD,
      0.75,
    );
  }
}

function openings(
  mesh: Mesh,
  shape: HouseShape,
  frame: WallFrame,
  side: number,
  floor: number,
): void {
  const front = side === 0 && floor === 0;
  const places = Math.max(1, Math.floor(frame.width / 2.1));
  const doorAt = Math.floor(places / 2);
  for (let k = 0; k < places; k++) {
    const x = ((k + 0.5) / places) * frame.width;
    if (front && k === doorAt) {
      if (shape.gate) door(mesh, frame, x, 0, 3, shape.floorHeight * 0.92);
      else door(mesh, frame, x, 0, 1.05, 2.05);
      continue;
    }
    if (shape.gate && floor === 0 && k % 2 === 0) continue;
    const at = { x, y: shape.floorHeight * 0.55, width: 0.9, height: 1.15 };
    window(mesh, frame, at, frame.width / places > 1.9 ? shape.shutters : null);
  }
}

function finishGable(
  mesh: Mesh,
  shape: HouseShape,
  frame: WallFrame,
  y: number,
  rise: number,
): void {
  gable(mesh, frame, y, rise);
  const half = frame.width / 2;
  if (rise > 1.8)
    window(mesh, frame, { x: half, y: y + rise * 0.32, width: 0.8, height: 1 }, shape.shutters);
  if (!shape.timber) return;
  for (const s of [-1, 1]) {
    beam(
      mesh,
      onWall(frame, half + s * half, y, 0.03),
      onWall(frame, half, y + rise, 0.03),
      [0.18, 0.16],
      WOOD,
    );
    beam(
      mesh,
      onWall(frame, half + s * half * 0.5, y, 0.02),
      onWall(frame, half + s * half * 0.5, y + rise * 0.5, 0.02),
      [0.16, 0.14],
      WOOD,
    );
  }
  beam(
    mesh,
    onWall(frame, half * 0.4, y + rise * 0.6, 0.03),
    onWall(frame, half * 1.6, y + rise * 0.6, 0.03),
    [0.16, 0.15],
    WOOD,
  );
}
