/** What grows below the trees: bushes of a few lobes, and clumps of grass, fern and flowers. */
import { add, createMesh, normalize } from '../mesh/mesh.ts';
import { bow, tube } from '../mesh/shapes.ts';
import { BARK, CARDS, type FoliageStyle, paintFoliage } from '../paint/foliage.ts';
import type { Vector3 } from '../types.ts';
import { card, tuft } from './crown.ts';
import { type Builder, between, LEAF_MATERIAL, pick } from './model.ts';

export interface BushShape {
  /** Half width, meters. */
  radius: number;
  /** Height over width. */
  height: number;
  lobes: number;
  cards: number;
  style: FoliageStyle;
}

export function bush(shape: BushShape): Builder {
  return ({ random, seed, texels }) => {
    const mesh = createMesh();
    const tall = shape.radius * 2 * shape.height;
    const crown = {
      center: [0, tall * 0.45, 0] as Vector3,
      radius: [shape.radius, tall * 0.55, shape.radius] as Vector3,
    };
    for (let k = 0; k < shape.lobes; k++) {
      const turn = k * 2.399963;
      const out = k === 0 ? 0 : shape.radius * between(random, 0.35, 0.6);
      const size = shape.radius * between(random, 0.5, 0.65);
      const center: Vector3 = [
        Math.cos(turn) * out,
        tall * (k === 0 ? 0.55 : between(random, 0.28, 0.5)),
        Math.sin(turn) * out,
      ];
      tube(mesh, bow([0, -0.2, 0], center, [0, 0.1, 0], 3), {
        sides: 4,
        region: BARK,
        radius: (t) => shape.radius * (0.06 - 0.04 * t),
        shade: () => 0.5,
      });
      const height = Math.min(1.25, Math.max(0.8, shape.height));
      tuft(mesh, {
        center,
        radius: [size, size * height, size],
        cards: shape.cards,
        cardSize: shape.radius * 0.62,
        crown,
        hullGrid: 3,
        random,
      });
    }
    return {
      mesh,
      canvas: paintFoliage(texels, shape.style, seed),
      material: LEAF_MATERIAL,
      normalMap: true,
    };
  };
}

export interface ClumpShape {
  /** Half width of the clump and height of its cards, meters. */
  radius: number;
  height: number;
  cards: number;
  /** 0 upright to 1 lying: ferns lean far out. */
  lean: number;
  style: FoliageStyle;
}

export function clump(shape: ClumpShape): Builder {
  return ({ random, seed, texels }) => {
    const mesh = createMesh();
    for (let k = 0; k < shape.cards; k++) {
      const turn = k * 2.399963 + random();
      const out = shape.radius * Math.sqrt(k / shape.cards) * (1 - shape.lean * 0.8);
      const root: Vector3 = [Math.cos(turn) * out, -0.05, Math.sin(turn) * out];
      const lean = shape.lean * between(random, 0.7, 1.4);
      const facing = turn + between(random, -0.5, 0.5);
      const height = shape.height * between(random, 0.75, 1.2);
      card(mesh, {
        root,
        along: [Math.cos(facing) * lean, 1, Math.sin(facing) * lean],
        up: [-Math.cos(facing), 0.2 + lean, -Math.sin(facing)],
        length: height,
        width: height * 0.75,
        region: pick(random, CARDS),
        rows: 3,
        droop: shape.lean * 0.35,
        fold: 0.1,
        // Grass is lit like the ground it stands on.
        normalAt: (p) => normalize(add([p[0] * 0.25, 1, p[2] * 0.25], [0, 0, 0])),
        shadeAt: (_p, t) => 0.55 + 0.45 * t,
      });
    }
    return {
      mesh,
      canvas: paintFoliage(texels, shape.style, seed),
      material: LEAF_MATERIAL,
      normalMap: false,
    };
  };
}
