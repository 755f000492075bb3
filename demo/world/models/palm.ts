/** Palms: a leaning ringed trunk, arching fronds, nuts. And trees that died standing. */
import { add, createMesh, type Mesh, normalize, subtract, times } from '../mesh/mesh.ts';
import { blob, bow, tube } from '../mesh/shapes.ts';
import { BARK, CARDS, DENSE, type FoliageStyle, paintFoliage } from '../paint/foliage.ts';
import type { Vector3 } from '../types.ts';
import { card } from './crown.ts';
import { type Builder, between, LEAF_MATERIAL, type ModelInput, pick } from './model.ts';

export function palm(height: [number, number], style: FoliageStyle): Builder {
  return (input) => ({
    mesh: growPalm(height, input),
    canvas: paintFoliage(input.texels, style, input.seed),
    material: LEAF_MATERIAL,
    normalMap: true,
  });
}

function growPalm(range: [number, number], { random }: ModelInput): Mesh {
  const mesh = createMesh();
  const height = between(random, ...range);
  const turn = random() * Math.PI * 2;
  const lean = height * between(random, 0.12, 0.32);
  const top: Vector3 = [Math.cos(turn) * lean, height, Math.sin(turn) * lean];
  const sag: Vector3 = [-Math.cos(turn) * lean * 0.5, 0, -Math.sin(turn) * lean * 0.5];
  tube(mesh, bow([0, -0.4, 0], top, sag, 60), {
    sides: 12,
    region: BARK,
    repeats: 5,
    radius: (t) => (0.2 + 0.16 * Math.exp(-t * 14) - 0.05 * t) * (1 + 0.07 * ((t * 60) % 2)),
    shade: (t) => 0.85 - 0.25 * t,
  });
  const fronds = 30;
  for (let k = 0; k < fronds; k++) {
    const age = k / fronds;
    const around = k * 2.399963;
    const rise = 1.25 - age * 1.75;
    const along = normalize([Math.cos(around), rise, Math.sin(around)]);
    const length = height * 0.3 * between(random, 0.85, 1.1) + 1.4;
    card(mesh, {
      root: top,
      along,
      up: [0, 1, 0],
      length,
      width: length * 0.42,
      region: pick(random, CARDS),
      rows: 9,
      droop: 0.35 + 0.3 * (1 - age),
      fold: -0.14,
      normalAt: (p) => normalize(add(subtract(p, top), [0, length * 0.9, 0])),
      shadeAt: (_p, s) => (0.6 + 0.4 * s) * (1 - 0.25 * age),
    });
  }
  const heart = (d: Vector3): Vector3 => add(top, [d[0] * 0.45, d[1] * 0.6, d[2] * 0.45]);
  blob(mesh, 4, DENSE, heart, () => 0.5);
  for (let k = 0; k < 7; k++) {
    const angle = (k / 7) * Math.PI * 2;
    const at = add(top, [Math.cos(angle) * 0.36, -0.25, Math.sin(angle) * 0.36]);
    blob(
      mesh,
      4,
      BARK,
      (d) => add(at, times(d, 0.16)),
      () => 0.55,
    );
  }
  return mesh;
}

export function deadTree(height: [number, number], style: FoliageStyle): Builder {
  return (input) => {
    const mesh = createMesh();
    const tall = between(input.random, ...height);
    const top: Vector3 = [between(input.random, -1, 1), tall * 0.75, between(input.random, -1, 1)];
    fork(mesh, {
      from: [0, -0.3, 0],
      to: top,
      radius: tall * 0.035,
      depth: 0,
      random: input.random,
    });
    const canvas = paintFoliage(input.texels, style, input.seed);
    return { mesh, canvas, material: { roughness: 0.95, cutOut: false }, normalMap: true };
  };
}

interface ForkInput {
  from: Vector3;
  to: Vector3;
  radius: number;
  depth: number;
  random: () => number;
}

/** A branch and, along it, smaller ones. */
function fork(mesh: Mesh, input: ForkInput): void {
  const { from, to, radius, depth, random } = input;
  const span = subtract(to, from);
  const length = Math.hypot(...span);
  const bend: Vector3 = [
    between(random, -0.2, 0.2) * length,
    0,
    between(random, -0.2, 0.2) * length,
  ];
  const sides = [12, 8, 6, 4][depth]!;
  const path = bow(from, to, bend, [18, 9, 6, 4][depth]!);
  tube(mesh, path, {
    sides,
    region: BARK,
    repeats: Math.max(1, Math.round(length / 2)),
    radius: (t) => radius * (1 - 0.82 * t + (depth === 0 ? 0.7 * Math.exp(-t * 14) : 0)),
    bump: (angle, t) => 0.1 * Math.cos(angle * 3 + t * 8),
    shade: () => 0.95,
  });
  if (depth === 3) return;
  const children = [9, 5, 4][depth]!;
  for (let k = 0; k < children; k++) {
    const t = between(random, depth === 0 ? 0.35 : 0.25, 0.97);
    const start = path[Math.round(t * (path.length - 1))]!;
    const [a, b] = [random() * Math.PI * 2, between(random, 0.2, 1)];
    const out = normalize(add(normalize(span), [Math.cos(a) * 1.1, b * 0.5, Math.sin(a) * 1.1]));
    const reach = length * between(random, 0.3, 0.55);
    const next = { from: start, to: add(start, times(out, reach)), random, depth: depth + 1 };
    fork(mesh, { ...next, radius: radius * (1 - 0.6 * t) * 0.55 });
  }
}
