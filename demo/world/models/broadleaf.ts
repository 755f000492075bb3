/** Broad trees: a trunk with root flare, limbs to every lobe of the crown, lobes of leaves. */
import { add, blend, createMesh, type Mesh, times } from '../mesh/mesh.ts';
import { bow, tube } from '../mesh/shapes.ts';
import { BARK, type FoliageStyle, paintFoliage } from '../paint/foliage.ts';
import type { Vector3 } from '../types.ts';
import { tuft } from './crown.ts';
import { type Builder, between, LEAF_MATERIAL, type ModelInput } from './model.ts';

export interface BroadleafShape {
  /** Meters, lower and upper bound. */
  height: [number, number];
  /** Half width of the crown over the height. */
  spread: number;
  /** Where the crown begins, share of the height. */
  crownFoot: number;
  trunkRadius: number;
  lobes: number;
  cards: number;
  cardSize: number;
  /** Radius of a lobe over the half width of the crown. */
  lobe: number;
  /** Height of a lobe over its width. */
  lobeHeight: number;
  style: FoliageStyle;
}

export function broadleaf(shape: BroadleafShape): Builder {
  return (input) => ({
    mesh: growTree(shape, input),
    canvas: paintFoliage(input.texels, shape.style, input.seed),
    material: LEAF_MATERIAL,
    normalMap: true,
  });
}

function growTree(shape: BroadleafShape, { random }: ModelInput): Mesh {
  const mesh = createMesh();
  const height = between(random, ...shape.height);
  const foot = height * shape.crownFoot;
  const half = height * shape.spread;
  const lean: Vector3 = [
    between(random, -0.06, 0.06) * height,
    0,
    between(random, -0.06, 0.06) * height,
  ];
  const crown = {
    center: add([0, (foot + height) / 2, 0], times(lean, 0.7)) as Vector3,
    radius: [half, (height - foot) / 2, half] as Vector3,
  };
  const top = add([0, foot + (height - foot) * 0.62, 0], times(lean, 0.8));
  const trunk = bow([0, -0.4, 0], top, times(lean, 1.2), 14);
  tube(mesh, trunk, {
    sides: 12,
    region: BARK,
    repeats: Math.max(2, Math.round(height / 3)),
    radius: (t) => shape.trunkRadius * (1 - 0.72 * t + 0.75 * Math.exp(-t * 16)),
    bump: (angle, t) =>
      0.16 * Math.cos(angle * 5 + 1) * Math.exp(-t * 9) + 0.04 * Math.cos(angle * 3 + t * 9),
    shade: (t) => 0.78 - 0.3 * Math.max(0, t - 0.35),
  });
  for (let k = 0; k < shape.lobes; k++) {
    const y = 1 - (2 * (k + 0.5)) / shape.lobes;
    const turn = k * 2.399963 + between(random, -0.4, 0.4);
    const flat = Math.sqrt(1 - y * y);
    const inner = k % 4 === 3 ? 0.35 : 1 - shape.lobe * 0.85;
    const radius = half * shape.lobe * between(random, 0.85, 1.2);
    const center: Vector3 = [
      crown.center[0] + Math.cos(turn) * flat * half * inner,
      crown.center[1] + y * crown.radius[1] * (1 - shape.lobe * 0.6),
      crown.center[2] + Math.sin(turn) * flat * half * inner,
    ];
    limb(mesh, trunk, center, shape.trunkRadius, random);
    tuft(mesh, {
      center,
      radius: [radius, radius * shape.lobeHeight, radius],
      cards: shape.cards,
      cardSize: shape.cardSize,
      crown,
      hullGrid: 3,
      random,
    });
  }
  return mesh;
}

function limb(
  mesh: Mesh,
  trunk: readonly Vector3[],
  to: Vector3,
  trunkRadius: number,
  random: () => number,
): void {
  const low = Math.max(
    4,
    Math.min(trunk.length - 2, Math.round(trunk.length * between(random, 0.45, 0.85))),
  );
  const wanted = trunk[low]!;
  const start = wanted[1] > to[1] ? blend(trunk[4]!, wanted, 0.4) : wanted;
  const rise: Vector3 = [0, -Math.abs(to[1] - start[1]) * 0.3, 0];
  tube(mesh, bow(start, to, rise, 6), {
    sides: 6,
    region: BARK,
    repeats: 2,
    radius: (t) => trunkRadius * (0.42 - 0.34 * t),
    shade: () => 0.55,
  });
}
