/**
 * Planting: each kind of thing has a spacing, a wish for a place (0 to 1), and a total; the wish is
 * scaled so that about that many stand in the end. Points are jittered cells, so that two of one
 * kind are never on top of each other.
 */
import { between, pick } from '../models/model.ts';
import { clamp, fbm2, type Noise2, noise2, randomOf, smoothstep } from '../noise.ts';
import { fieldAt } from '../terrain/biomes.ts';
import { heightAt, normalAt, sampleGrid } from '../terrain/height-field.ts';
import { isFree } from './footprints.ts';
import type { Land } from './land.ts';
import { plant } from './season.ts';
import { chooseTree } from './species.ts';
import type { Spot } from './spot.ts';
import { leaning, turned } from './table.ts';

interface Kind {
  name: string;
  spacing: number;
  total: number;
  /** Meters kept free of buildings, and of the middle of roads. */
  margin: number;
  road: number;
  wish: (spot: Spot) => number;
  choose: (spot: Spot, random: () => number) => string;
  scale: [number, number];
  /** Share of the slope that it leans by, and meters that it is sunk. */
  lean?: number;
  sink?: number;
  seabed?: boolean;
}

const meadow = (s: Spot): number =>
  (1 - s.forest) * (s.crop < 0 ? 1 : 0) * smoothstep(2.2, 4, s.height);
const dryLand = (s: Spot): number => smoothstep(1.4, 2.4, s.height);

const KINDS: readonly Kind[] = [
  {
    name: 'tree',
    spacing: 5.2,
    total: 112000,
    margin: 2,
    road: 5,
    scale: [0.72, 1.25],
    sink: 0.05,
    wish: (s) => s.forest ** 1.3 + 0.012 * meadow(s) * (s.height < 300 && s.slope < 0.8 ? 1 : 0),
    choose: chooseTree,
  },
  {
    name: 'palm',
    spacing: 9,
    total: 2200,
    margin: 2,
    road: 5,
    scale: [0.8, 1.2],
    wish: (s) =>
      s.z > 200 && s.cliff < 0.2
        ? smoothstep(1.2, 2, s.height) *
          (1 - smoothstep(5, 9, s.height)) *
          (1 - smoothstep(60, 95, s.coast)) *
          s.grove
        : 0,
    choose: (_s, r) => pick(r, ['palm-1', 'palm-2', 'palm-3']),
  },
  {
    name: 'bush',
    spacing: 6,
    total: 34000,
    margin: 1.5,
    road: 4.4,
    scale: [0.6, 1.3],
    sink: 0.1,
    wish: (s) =>
      dryLand(s) *
      (1 - smoothstep(0.8, 1.1, s.slope)) *
      (1 - smoothstep(300, 380, s.height)) *
      (s.crop < 0 ? 1 : 0) *
      (0.12 + s.forest * (1 - s.forest) * 3 + 0.5 * smoothstep(0.55, 0.75, s.patch)),
    choose: chooseBush,
  },
  {
    name: 'fern',
    spacing: 6,
    total: 22000,
    margin: 1,
    road: 4,
    scale: [0.7, 1.4],
    wish: (s) => s.forest * smoothstep(0.35, 0.6, s.moisture),
    choose: () => 'fern-1',
  },
  {
    name: 'grass',
    spacing: 5.5,
    total: 42000,
    margin: 0.8,
    road: 3.6,
    scale: [0.7, 1.3],
    lean: 0.7,
    wish: (s) =>
      meadow(s) *
      (1 - smoothstep(0.6, 0.9, s.slope)) *
      (1 - smoothstep(320, 380, s.height)) *
      (0.3 + s.patch),
    choose: (s, r) => (s.moisture + r() * 0.3 > 0.6 ? 'grass-1' : 'grass-2'),
  },
  {
    name: 'flower',
    spacing: 4.5,
    total: 24000,
    margin: 0.8,
    road: 3.6,
    scale: [0.7, 1.3],
    lean: 0.7,
    wish: (s) =>
      meadow(s) *
      (1 - smoothstep(0.5, 0.8, s.slope)) *
      (1 - smoothstep(250, 330, s.height)) *
      smoothstep(0.58, 0.75, s.patch),
    choose: (s) => (s.grove < 0.4 ? 'flower-1' : s.grove < 0.62 ? 'flower-2' : 'flower-3'),
  },
  {
    name: 'wheat',
    spacing: 2.3,
    total: 9000,
    margin: 1,
    road: 4,
    scale: [0.85, 1.1],
    lean: 0.8,
    wish: (s) => (s.crop === 0 && s.slope < 0.3 ? 1 : 0),
    choose: () => 'wheat-1',
  },
  {
    name: 'reed',
    spacing: 4,
    total: 4200,
    margin: 1,
    road: 4,
    scale: [0.7, 1.2],
    wish: (s) =>
      s.cliff < 0.2
        ? smoothstep(-0.7, -0.2, s.height) *
          (1 - smoothstep(0.6, 1.2, s.height)) *
          smoothstep(0.5, 0.7, s.patch)
        : 0,
    choose: () => 'reed-1',
    seabed: true,
  },
  {
    name: 'boulder',
    spacing: 9,
    total: 15000,
    margin: 2,
    road: 4.5,
    scale: [0.4, 1.5],
    lean: 0.6,
    sink: 0.16,
    wish: (s) =>
      dryLand(s) *
      (0.05 +
        smoothstep(0.45, 0.95, s.slope) * (0.3 + s.openness * 0.4) +
        0.3 * smoothstep(0.7, 0.85, s.patch)) *
      (s.crop < 0 ? 1 : 0),
    choose: (_s, r) => pick(r, ['boulder-1', 'boulder-2', 'boulder-3', 'slab-2']),
  },
  {
    name: 'crag',
    spacing: 26,
    total: 1500,
    margin: 4,
    road: 9,
    scale: [0.7, 1.8],
    lean: 0.5,
    sink: 1.2,
    wish: (s) =>
      smoothstep(0.7, 1.1, s.slope) *
        (0.2 + smoothstep(0.5, 0.8, s.openness)) *
        smoothstep(20, 160, s.height) +
      0.15 * s.cliff * (s.coast > 4 && s.coast < 30 ? 1 : 0),
    choose: (_s, r) => pick(r, ['crag-1', 'crag-2', 'crag-3', 'slab-1']),
  },
  {
    name: 'pebble',
    spacing: 6,
    total: 9000,
    margin: 1,
    road: 4,
    scale: [0.4, 1.6],
    lean: 0.8,
    sink: 0.05,
    wish: (s) =>
      s.coast > -12 && s.coast < 60 && s.height > -1.5 && s.height < 4
        ? 0.15 + smoothstep(0.6, 0.8, s.patch)
        : 0,
    choose: (_s, r) => pick(r, ['pebble-1', 'pebble-1', 'boulder-3', 'slab-2']),
    seabed: true,
  },
  {
    name: 'stack',
    spacing: 34,
    total: 130,
    margin: 4,
    road: 20,
    scale: [0.5, 1.3],
    sink: 1,
    wish: (s) => (s.coast < -14 && s.coast > -80 ? s.cliff * (s.height < -2 ? 1 : 0) : 0),
    choose: () => 'stack-1',
    seabed: true,
  },
];

function chooseBush(s: Spot, random: () => number): string {
  if (s.height > 200) return pick(random, ['juniper-1', 'juniper-1', 'bush-3']);
  if (s.moisture < 0.38) return pick(random, ['gorse-1', 'gorse-1', 'juniper-1', 'bush-2']);
  return s.grove > 0.62
    ? pick(random, ['blossom-1', 'blossom-2', 'bush-1'])
    : pick(random, ['bush-1', 'bush-2', 'bush-3']);
}

/** Plants everything. `share` scales every total: 1 for the full world. */
export function scatter(land: Land, share: number): void {
  const grove = noise2(land.seed, 'grove');
  const patch = noise2(land.seed, 'patch');
  for (const kind of KINDS) scatterKind(land, kind, share, grove, patch);
}

function scatterKind(land: Land, kind: Kind, share: number, grove: Noise2, patch: Noise2): void {
  const random = randomOf(land.seed, `scatter ${kind.name}`);
  const half = land.relief.field.sizeMeters / 2 - 8;
  const spacing = kind.spacing / Math.sqrt(Math.min(1, share * 4));
  const xs: number[] = [];
  const zs: number[] = [];
  const wishes: number[] = [];
  let sum = 0;
  for (let z = -half; z < half; z += spacing) {
    for (let x = -half; x < half; x += spacing) {
      const px = x + random() * spacing * 0.85;
      const pz = z + random() * spacing * 0.85;
      const height = heightAt(land.relief.field, px, pz);
      if (height < (kind.seabed === true ? -24 : 1.2)) continue;
      const wish = kind.wish(look(land, px, pz, height, grove, patch));
      if (wish <= 0.002) continue;
      if (sampleGrid(land.relief.field, land.roads.distance, px, pz) < kind.road) continue;
      if (!isFree(land.taken, px, pz, kind.margin)) continue;
      xs.push(px);
      zs.push(pz);
      wishes.push(wish);
      sum += wish;
    }
  }
  const factor = (kind.total * share) / Math.max(1, sum);
  for (let i = 0; i < xs.length; i++) {
    if (random() >= wishes[i]! * factor) continue;
    settleOne(
      land,
      kind,
      look(land, xs[i]!, zs[i]!, heightAt(land.relief.field, xs[i]!, zs[i]!), grove, patch),
      random,
    );
  }
}

function look(
  land: Land,
  x: number,
  z: number,
  height: number,
  grove: Noise2,
  patch: Noise2,
): Spot {
  const { relief, biomes } = land;
  const at = (grid: Float32Array): number => sampleGrid(relief.field, grid, x, z);
  let crop = -1;
  for (const village of land.villages) {
    const field = fieldAt(village, x, z);
    if (field > 0) crop = Math.floor(field) - 1;
  }
  return {
    x,
    z,
    height,
    crop,
    slope: at(biomes.slope),
    moisture: at(biomes.moisture),
    forest: at(biomes.forest),
    openness: at(biomes.openness),
    coast: at(relief.coast),
    cliff: at(relief.cliffs),
    grove: clamp(0.5 + fbm2(grove, x / 170, z / 170, 2) * 0.9, 0, 1),
    patch: clamp(0.5 + fbm2(patch, x / 46, z / 46, 2) * 0.8, 0, 1),
  };
}

function settleOne(land: Land, kind: Kind, spot: Spot, random: () => number): void {
  const name = kind.choose(spot, random);
  const scale = between(random, ...kind.scale);
  const turn = random() * Math.PI * 2;
  const lean = kind.lean ?? 0;
  const rotation =
    lean > 0 ? leaning(turn, normalAt(land.relief.field, spot.x, spot.z), lean) : turned(turn);
  // A thing that leans sinks deeper where it is steep, or its lower side would hang in the air.
  const deep = (kind.sink ?? 0) * (lean > 0 ? 1 + 1.6 * spot.slope : 1);
  const y = spot.height - deep * scale;
  plant(land.out, name, [spot.x, y, spot.z], rotation, scale);
}
