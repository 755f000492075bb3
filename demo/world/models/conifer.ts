/** Spruces and firs: whorls of drooping branches around a spire, a ragged cone of green inside. */
import { createMesh, type Mesh, normalize } from '../mesh/mesh.ts';
import { bow, lathe, tube } from '../mesh/shapes.ts';
import { BARK, CARDS, DENSE, type FoliageStyle, paintFoliage } from '../paint/foliage.ts';
import type { Vector3 } from '../types.ts';
import { card } from './crown.ts';
import { type Builder, between, LEAF_MATERIAL, type ModelInput, pick } from './model.ts';

export interface ConiferShape {
  height: [number, number];
  /** Longest branch over the height. */
  spread: number;
  /** Height of the lowest branches, share of the height. */
  foot: number;
  trunkRadius: number;
  whorls: number;
  branches: number;
  /** Share of a branch's length that its tip hangs. */
  droop: number;
  /** How the branch length falls toward the top: 1 is a cone, less is rounder. */
  taper: number;
  style: FoliageStyle;
}

export function conifer(shape: ConiferShape): Builder {
  return (input) => ({
    mesh: growConifer(shape, input),
    canvas: paintFoliage(input.texels, shape.style, input.seed),
    material: LEAF_MATERIAL,
    normalMap: true,
  });
}

function growConifer(shape: ConiferShape, { random }: ModelInput): Mesh {
  const mesh = createMesh();
  const height = between(random, ...shape.height);
  const trunk = bow(
    [0, -0.4, 0],
    [between(random, -0.3, 0.3), height * 0.97, 0],
    [0.2, 0, 0.2],
    12,
  );
  tube(mesh, trunk, {
    sides: 10,
    region: BARK,
    repeats: Math.round(height / 2.5),
    radius: (t) => shape.trunkRadius * (1 - 0.95 * t + 0.6 * Math.exp(-t * 22)),
    shade: () => 0.7,
  });
  const reachAt = (t: number): number =>
    height * shape.spread * Math.max(0.03, (1 - t) ** shape.taper) * (t < 0.08 ? 0.8 + t * 2.5 : 1);
  hull(mesh, height, shape, reachAt);
  for (let whorl = 0; whorl < shape.whorls; whorl++) {
    const t = whorl / (shape.whorls - 1);
    const y = height * (shape.foot + (0.985 - shape.foot) * t ** 0.72);
    const count = Math.max(4, Math.round(shape.branches * (1 - 0.5 * t)));
    for (let k = 0; k < count; k++) {
      const turn = ((k + between(random, -0.3, 0.3)) / count) * Math.PI * 2 + whorl * 2.4;
      branch(mesh, {
        t,
        y: y + between(random, -0.2, 0.2),
        turn,
        reach: reachAt(t),
        shape,
        random,
        height,
      });
    }
  }
  return mesh;
}

interface BranchInput {
  t: number;
  y: number;
  turn: number;
  reach: number;
  height: number;
  shape: ConiferShape;
  random: () => number;
}

function branch(mesh: Mesh, input: BranchInput): void {
  const { t, y, turn, shape, random } = input;
  const length = input.reach * between(random, 0.85, 1.15) + 0.35;
  const lift = -0.3 + 0.55 * t;
  const out: Vector3 = [Math.cos(turn), lift, Math.sin(turn)];
  const roll = between(random, -0.5, 0.5);
  const up: Vector3 = [-Math.sin(turn) * roll, 1, Math.cos(turn) * roll];
  card(mesh, {
    root: [0, y, 0],
    along: out,
    up,
    length,
    width: Math.max(0.8, length * 0.8),
    region: pick(random, CARDS),
    rows: 3,
    droop: shape.droop * (1 - 0.7 * t),
    fold: 0.16,
    normalAt: (p) => normalize([p[0] * 1.1, length * 0.9 + (p[1] - y) * 0.4, p[2] * 1.1]),
    shadeAt: (_p, s) => 0.5 + 0.5 * s ** 0.8,
  });
}

/** A skirted cone well inside the branches. */
function hull(
  mesh: Mesh,
  height: number,
  shape: ConiferShape,
  reachAt: (t: number) => number,
): void {
  const profile: [number, number][] = [[0.01, height * (shape.foot + 0.02)]];
  const rings = 9;
  for (let k = 0; k < rings; k++) {
    const t = k / rings;
    const y = height * (shape.foot + (0.97 - shape.foot) * t);
    profile.push(
      [reachAt(t) * (0.68 - 0.3 * t), y],
      [reachAt(t) * (0.46 - 0.22 * t), y + (height / rings) * 0.4],
    );
  }
  profile.push([0.02, height * 0.97]);
  lathe(mesh, [0, 0, 0], profile, {
    sides: 12,
    region: DENSE,
    around: 3,
    cell: height / 4,
    shade: () => 0.9,
  });
}
