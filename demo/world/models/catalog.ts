/** Every model of the world by name, and the groups that planting and building draw from. */
import type { Rgb } from '../paint/canvas.ts';
import type { FoliageStyle } from '../paint/foliage.ts';
import type { MasonryStyle } from '../paint/masonry.ts';
import type { Vector3 } from '../types.ts';
import { broadleaf } from './broadleaf.ts';
import { conifer } from './conifer.ts';
import { type HouseShape, house, houseReach } from './house.ts';
import { room, TAVERN_ROOM, table } from './interior.ts';
import { church, keep, lighthouse, townWall, windmill } from './landmarks.ts';
import type { Builder } from './model.ts';
import { deadTree, palm } from './palm.ts';
import { barrels, boat, cart, fence, haystack, pier, stall, well } from './props.ts';
import { type RockShape, rock } from './rock.ts';
import { bush, clump } from './undergrowth.ts';

export interface ModelEntry {
  name: string;
  /** What it is placed as: `oak`, `pine`, `boulder`, `house`, … */
  group: string;
  build: Builder;
  /** Side of the texture, texels. */
  texels: number;
  /** Half plan that must stay free, meters along x and z (buildings). */
  reach?: [number, number];
  /** Part of the reduced world. */
  small: boolean;
}

const leaves = (
  bark: FoliageStyle['bark'],
  leaf: Rgb,
  shape: [kind: number, length: number, width: number],
  count: number,
  layout: FoliageStyle['layout'] = 'cluster',
): FoliageStyle => ({
  bark,
  leaf,
  shape: { kind: shape[0], length: shape[1], width: shape[2] },
  count,
  layout,
});

const FURROWED: FoliageStyle['bark'] = { kind: 'furrowed', color: [150, 126, 100] };
const GRAY_BARK: FoliageStyle['bark'] = { kind: 'furrowed', color: [142, 134, 122] };
const RED_BARK: FoliageStyle['bark'] = { kind: 'plates', color: [164, 108, 72] };
const BIRCH_BARK: FoliageStyle['bark'] = { kind: 'birch', color: [226, 222, 212] };
const PALM_BARK: FoliageStyle['bark'] = { kind: 'rings', color: [160, 136, 104] };
const DEAD_BARK: FoliageStyle['bark'] = { kind: 'furrowed', color: [176, 168, 156] };

/** Entries of one group, numbered from 1. `small` says whether the first is in the reduced world. */
function entries(
  group: string,
  variants: readonly Builder[],
  options: { texels: number; small: boolean },
): ModelEntry[] {
  return variants.map((build, i) => ({
    name: `${group}-${i + 1}`,
    group,
    build,
    texels: options.texels,
    small: i === 0 && options.small,
  }));
}

/** Groups of trees of which the reduced world has one. */
const SMALL_TREES: ReadonlySet<string> = new Set(['oak', 'spruce', 'bare']);

function broadTrees(): ModelEntry[] {
  const out: ModelEntry[] = [];
  const grow = (group: string, variants: Builder[]): void => {
    out.push(...entries(group, variants, { texels: 1024, small: SMALL_TREES.has(group) }));
  };
  const oak = (leaf: Rgb, height: [number, number]): Builder =>
    broadleaf({
      height,
      spread: 0.46,
      crownFoot: 0.24,
      trunkRadius: 0.5,
      lobes: 18,
      cards: 40,
      cardSize: 2.1,
      lobe: 0.42,
      lobeHeight: 0.8,
      style: leaves(FURROWED, leaf, [2, 62, 36], 150),
    });
  grow('oak', [
    oak([92, 118, 44], [13, 14]),
    oak([104, 122, 42], [15, 16]),
    oak([82, 108, 44], [11, 12]),
  ]);
  const beech = (leaf: Rgb, height: [number, number]): Builder =>
    broadleaf({
      height,
      spread: 0.31,
      crownFoot: 0.2,
      trunkRadius: 0.42,
      lobes: 20,
      cards: 36,
      cardSize: 2,
      lobe: 0.46,
      lobeHeight: 1,
      style: leaves(GRAY_BARK, leaf, [0, 50, 32], 190),
    });
  grow('beech', [
    beech([98, 130, 48], [18, 19]),
    beech([112, 136, 52], [20, 22]),
    beech([86, 120, 52], [16, 17]),
  ]);
  const maple = (leaf: Rgb, height: [number, number]): Builder =>
    broadleaf({
      height,
      spread: 0.4,
      crownFoot: 0.26,
      trunkRadius: 0.38,
      lobes: 17,
      cards: 40,
      cardSize: 1.9,
      lobe: 0.44,
      lobeHeight: 0.9,
      style: leaves(FURROWED, leaf, [2, 70, 56], 110),
    });
  grow('maple', [maple([128, 132, 44], [12, 13]), maple([176, 112, 38], [11, 12])]);
  const birch = (leaf: Rgb, height: [number, number]): Builder =>
    broadleaf({
      height,
      spread: 0.2,
      crownFoot: 0.3,
      trunkRadius: 0.2,
      lobes: 20,
      cards: 34,
      cardSize: 1.5,
      lobe: 0.5,
      lobeHeight: 1.2,
      style: leaves(BIRCH_BARK, leaf, [0, 34, 24], 230),
    });
  grow('birch', [
    birch([132, 152, 62], [14, 15]),
    birch([150, 154, 58], [16, 17]),
    birch([122, 144, 66], [11, 12]),
  ]);
  return out;
}

function otherTrees(): ModelEntry[] {
  const out: ModelEntry[] = [];
  const grow = (group: string, variants: Builder[]): void => {
    out.push(...entries(group, variants, { texels: 1024, small: SMALL_TREES.has(group) }));
  };
  const needle = (leaf: Rgb): FoliageStyle => leaves(FURROWED, leaf, [3, 20, 4.2], 0, 'spray');
  const spruce = (leaf: Rgb, height: [number, number], spread: number): Builder =>
    conifer({
      height,
      spread,
      foot: 0.07,
      trunkRadius: 0.34,
      whorls: 30,
      branches: 11,
      droop: 0.32,
      taper: 0.92,
      style: needle(leaf),
    });
  grow('spruce', [
    spruce([58, 84, 50], [21, 22], 0.17),
    spruce([50, 78, 52], [25, 27], 0.15),
    spruce([64, 90, 50], [15, 16], 0.2),
  ]);
  const fir = (leaf: Rgb, height: [number, number], spread: number): Builder =>
    conifer({
      height,
      spread,
      foot: 0.05,
      trunkRadius: 0.3,
      whorls: 34,
      branches: 10,
      droop: 0.12,
      taper: 0.75,
      style: needle(leaf),
    });
  grow('fir', [fir([66, 94, 70], [15, 16], 0.17), fir([72, 100, 84], [11, 12], 0.2)]);
  const pine = (leaf: Rgb, height: [number, number]): Builder =>
    broadleaf({
      height,
      spread: 0.26,
      crownFoot: 0.52,
      trunkRadius: 0.3,
      lobes: 14,
      cards: 46,
      cardSize: 1.7,
      lobe: 0.46,
      lobeHeight: 0.55,
      style: { ...leaves(RED_BARK, leaf, [3, 30, 4.5], 0, 'spray') },
    });
  grow('pine', [
    pine([78, 104, 58], [16, 17]),
    pine([70, 98, 60], [19, 20]),
    pine([88, 110, 56], [12, 13]),
  ]);
  const frond = (leaf: Rgb): FoliageStyle => leaves(PALM_BARK, leaf, [0, 50, 16], 0, 'frond');
  grow('palm', [
    palm([9, 10], frond([98, 132, 54])),
    palm([12, 13], frond([108, 136, 52])),
    palm([6, 7], frond([92, 134, 62])),
  ]);
  const bare = leaves(DEAD_BARK, [120, 108, 84], [0, 30, 12], 30);
  grow('dead', [deadTree([11, 12], bare), deadTree([8, 9], bare)]);
  // What stands in the place of oaks, beeches, maples and birches in winter.
  const leafless = leaves(GRAY_BARK, [120, 108, 84], [0, 30, 12], 30);
  grow('bare', [deadTree([13, 13.5], leafless), deadTree([12.5, 13], leafless)]);
  return out;
}

function bushes(): ModelEntry[] {
  const out: ModelEntry[] = [];
  const add = (group: string, variants: Builder[], texels: number): void => {
    out.push(...entries(group, variants, { texels, small: group === 'bush' }));
  };
  const shrub = (style: FoliageStyle, radius: number, height: number): Builder =>
    bush({ radius, height, lobes: 7, cards: 44, style });
  const green = (leaf: Rgb): FoliageStyle => leaves(FURROWED, leaf, [0, 46, 28], 150);
  const bloom = (leaf: Rgb, color: Rgb): FoliageStyle => ({
    ...green(leaf),
    blossom: { color, count: 26, radius: 17 },
  });
  add(
    'bush',
    [
      shrub(green([84, 112, 46]), 1.5, 0.55),
      shrub(green([106, 122, 52]), 1.1, 0.6),
      shrub(green([72, 100, 50]), 2, 0.5),
    ],
    1024,
  );
  add(
    'blossom',
    [
      shrub(bloom([86, 116, 56], [214, 120, 160]), 1.2, 0.65),
      shrub(bloom([80, 112, 60], [232, 224, 236]), 1.4, 0.6),
    ],
    1024,
  );
  add('gorse', [shrub(bloom([88, 104, 48], [226, 190, 50]), 1.2, 0.5)], 1024);
  add('juniper', [shrub(leaves(FURROWED, [74, 96, 70], [3, 22, 5], 0, 'spray'), 0.8, 1.1)], 1024);
  return out;
}

function herbs(): ModelEntry[] {
  const out: ModelEntry[] = [];
  const add = (group: string, variants: Builder[], texels: number): void => {
    out.push(...entries(group, variants, { texels, small: group === 'bush' }));
  };
  const tuftOf = (
    leaf: Rgb,
    width: number,
    count: number,
    blossom?: FoliageStyle['blossom'],
  ): FoliageStyle => {
    const base = leaves(FURROWED, leaf, [3, 330, width], count, 'tuft');
    return blossom === undefined ? base : { ...base, blossom };
  };
  const grass = (style: FoliageStyle, height: number, radius: number, lean = 0.25): Builder =>
    clump({ radius, height, cards: 46, lean, style });
  add(
    'grass',
    [
      grass(tuftOf([116, 134, 58], 11, 90), 0.75, 1.3),
      grass(tuftOf([156, 150, 82], 9, 90), 0.95, 1.1),
    ],
    512,
  );
  add(
    'flower',
    [
      grass(
        tuftOf([104, 128, 56], 8, 50, { color: [216, 58, 40], count: 12, radius: 24 }),
        0.65,
        1.4,
      ),
      grass(
        tuftOf([104, 130, 60], 8, 50, { color: [240, 236, 226], count: 16, radius: 20 }),
        0.55,
        1.4,
      ),
      grass(
        tuftOf([110, 128, 76], 7, 40, { color: [134, 104, 196], count: 30, radius: 14 }),
        0.7,
        1.2,
      ),
    ],
    512,
  );
  add(
    'fern',
    [
      clump({
        radius: 0.5,
        height: 1.1,
        cards: 28,
        lean: 1.2,
        style: leaves(FURROWED, [84, 122, 50], [0, 50, 16], 0, 'frond'),
      }),
    ],
    512,
  );
  add('reed', [grass(tuftOf([140, 142, 82], 12, 60), 1.9, 1.2, 0.12)], 512);
  add('wheat', [grass(tuftOf([206, 174, 92], 8, 120), 0.95, 1.8, 0.15)], 512);
  return out;
}

function rocks(): ModelEntry[] {
  const moss: Vector3 = [0.62, 0.8, 0.42];
  const dry: Vector3 = [1, 0.97, 0.86];
  const shapes: [string, RockShape][] = [
    [
      'boulder',
      { size: [1.6, 1.2, 1.4], color: [138, 132, 124], moss, cuts: 0.8, strata: 0, above: 0.66 },
    ],
    [
      'boulder',
      { size: [2.4, 1.6, 1.8], color: [128, 124, 118], moss, cuts: 1, strata: 0.3, above: 0.62 },
    ],
    [
      'boulder',
      { size: [1, 0.7, 0.9], color: [150, 142, 130], moss: dry, cuts: 0.6, strata: 0, above: 0.6 },
    ],
    [
      'crag',
      { size: [4.5, 5.5, 3.8], color: [132, 124, 116], moss: dry, cuts: 1, strata: 1, above: 0.7 },
    ],
    [
      'crag',
      {
        size: [6.5, 4.2, 4.4],
        color: [124, 116, 106],
        moss: dry,
        cuts: 1,
        strata: 0.8,
        above: 0.68,
      },
    ],
    [
      'crag',
      { size: [3, 6.5, 2.8], color: [140, 128, 114], moss: dry, cuts: 1, strata: 1, above: 0.76 },
    ],
    [
      'slab',
      { size: [3, 0.9, 2.3], color: [158, 136, 108], moss: dry, cuts: 0.9, strata: 1, above: 0.6 },
    ],
    [
      'slab',
      { size: [2.2, 0.7, 1.8], color: [146, 132, 116], moss, cuts: 0.9, strata: 0.8, above: 0.6 },
    ],
    [
      'stack',
      {
        size: [6, 12, 5.4],
        color: [136, 122, 104],
        moss: [0.7, 0.85, 0.5],
        cuts: 0.9,
        strata: 1,
        above: 0.8,
      },
    ],
    [
      'pebble',
      {
        size: [0.7, 0.4, 0.55],
        color: [160, 154, 146],
        moss: dry,
        cuts: 0.3,
        strata: 0,
        above: 0.6,
      },
    ],
  ];
  const seen = new Map<string, number>();
  return shapes.map(([group, shape]) => {
    const number = (seen.get(group) ?? 0) + 1;
    seen.set(group, number);
    return {
      name: `${group}-${number}`,
      group,
      build: rock(shape),
      texels: 1024,
      small: group === 'boulder' && number === 1,
    };
  });
}

const OAK_WOOD: Rgb = [104, 78, 54];
const GRAY_WOOD: Rgb = [140, 126, 108];
const RED_TILE: MasonryStyle['roof'] = { kind: 'clay', color: [168, 98, 70] };
const BROWN_TILE: MasonryStyle['roof'] = { kind: 'clay', color: [140, 98, 76] };
const SLATE: MasonryStyle['roof'] = { kind: 'slate', color: [98, 104, 114] };
const THATCH: MasonryStyle['roof'] = { kind: 'thatch', color: [176, 150, 100] };
const SHINGLE: MasonryStyle['roof'] = { kind: 'shingle', color: [128, 108, 88] };
const FIELDSTONE: Rgb = [150, 142, 128];
const SANDSTONE: Rgb = [186, 166, 130];

const paintOf = (
  kind: MasonryStyle['wall']['kind'],
  color: Rgb,
  roof: MasonryStyle['roof'],
  wood: Rgb = OAK_WOOD,
  door: Rgb = [120, 84, 56],
): MasonryStyle => ({ wall: { kind, color }, roof, wood, stone: FIELDSTONE, door });

const BASE: Omit<HouseShape, 'style'> = {
  width: 9,
  depth: 7,
  floors: 2,
  floorHeight: 2.7,
  pitch: 1.05,
  jetty: 0.25,
  timber: true,
  chimneys: 1,
  gate: false,
  shutters: [0.4, 0.55, 0.45],
  tile: 0.42,
};

const HOUSE_PLANS: readonly [string, Partial<HouseShape>, MasonryStyle][] = [
  ['house', {}, paintOf('plaster', [226, 212, 186], RED_TILE)],
  ['house', { width: 7.5, floors: 3, jetty: 0.3 }, paintOf('plaster', [222, 196, 150], RED_TILE)],
  [
    'house',
    { width: 11, chimneys: 2, shutters: [0.65, 0.25, 0.2] },
    paintOf('plaster', [232, 224, 208], BROWN_TILE),
  ],
  [
    'house',
    { width: 8, depth: 6.4, shutters: [0.3, 0.4, 0.65] },
    paintOf('plaster', [214, 180, 148], BROWN_TILE),
  ],
  ['house', { width: 10, jetty: 0.4, pitch: 1.25 }, paintOf('plaster', [208, 206, 184], SHINGLE)],
  [
    'house',
    { width: 12, depth: 8, floors: 3, chimneys: 2 },
    paintOf('plaster', [230, 206, 170], RED_TILE),
  ],
  [
    'cottage',
    { width: 8, depth: 6, floors: 1, timber: false, jetty: 0, pitch: 1.2, tile: 0.3 },
    paintOf('stone', [168, 158, 140], THATCH),
  ],
  [
    'cottage',
    { width: 10, depth: 6.4, floors: 1, timber: false, jetty: 0, chimneys: 2, tile: 0.34 },
    paintOf('stone', [184, 168, 138], SLATE),
  ],
  [
    'cottage',
    { width: 7, depth: 6, floors: 2, timber: false, jetty: 0, tile: 0.34 },
    paintOf('plaster', [238, 234, 224], SLATE, OAK_WOOD, [70, 98, 120]),
  ],
  [
    'chalet',
    { width: 11, depth: 9, floors: 2, timber: false, pitch: 0.6, jetty: 0.35, tile: 0.44 },
    paintOf('planks', [150, 104, 66], SHINGLE),
  ],
  [
    'chalet',
    { width: 8, depth: 7.5, floors: 1, timber: false, pitch: 0.65, jetty: 0, tile: 0.36 },
    paintOf('planks', [122, 88, 60], SHINGLE),
  ],
  [
    'hut',
    {
      width: 6,
      depth: 5,
      floors: 1,
      timber: false,
      jetty: 0,
      chimneys: 0,
      shutters: [0.25, 0.45, 0.6],
      tile: 0.26,
    },
    paintOf('planks', [150, 166, 172], SHINGLE, GRAY_WOOD),
  ],
  [
    'hut',
    { width: 7.5, depth: 5.5, floors: 1, timber: false, jetty: 0, shutters: null, tile: 0.28 },
    paintOf('planks', [178, 112, 92], SLATE, GRAY_WOOD),
  ],
  [
    'barn',
    {
      width: 16,
      depth: 9,
      floors: 1,
      floorHeight: 4,
      timber: false,
      jetty: 0,
      chimneys: 0,
      gate: true,
      shutters: null,
      tile: 0.5,
    },
    paintOf('planks', [142, 100, 74], BROWN_TILE),
  ],
  [
    'barn',
    {
      width: 13,
      depth: 8,
      floors: 1,
      floorHeight: 3.6,
      timber: true,
      jetty: 0,
      chimneys: 0,
      gate: true,
      shutters: null,
      tile: 0.46,
    },
    paintOf('brick', [168, 104, 80], THATCH),
  ],
  [
    'tavern',
    { width: 15, depth: 9, floors: 2, jetty: 0.4, chimneys: 2, shutters: [0.7, 0.55, 0.2] },
    paintOf('plaster', [236, 222, 190], RED_TILE),
  ],
  [
    'hall',
    {
      width: 17,
      depth: 10,
      floors: 3,
      floorHeight: 3.1,
      timber: false,
      jetty: 0,
      chimneys: 2,
      shutters: null,
      tile: 0.5,
    },
    paintOf('stone', [196, 178, 146], SLATE),
  ],
];
function houses(): ModelEntry[] {
  const seen = new Map<string, number>();
  return HOUSE_PLANS.map(([group, change, style]) => {
    const number = (seen.get(group) ?? 0) + 1;
    seen.set(group, number);
    const shape: HouseShape = { ...BASE, ...change, style };
    const small = (group === 'house' && number === 1) || group === 'tavern';
    return {
      name: `${group}-${number}`,
      group,
      build: house(shape),
      texels: 1024,
      reach: houseReach(shape),
      small,
    };
  });
}

function landmarks(): ModelEntry[] {
  const gray = { ...paintOf('stone', SANDSTONE, SLATE), stone: SANDSTONE };
  const white = paintOf('plaster', [240, 236, 226], RED_TILE);
  const one = (
    name: string,
    build: Builder,
    reach: [number, number],
    texels = 1024,
  ): ModelEntry => ({ name, group: name, build, texels, reach, small: name === 'fence' });
  return [
    one('church', church(gray), [13, 6]),
    one('chapel', church({ ...white, roof: SHINGLE }), [13, 6]),
    one('windmill', windmill(white), [5, 5]),
    one('lighthouse', lighthouse({ ...white, roof: RED_TILE }), [5, 5]),
    one('keep', keep(gray), [6, 6]),
    one('town-wall', townWall(gray, false), [4, 1]),
    one('town-gate', townWall(gray, true), [4, 1.5]),
    one('well', well(paintOf('plaster', [220, 210, 190], SHINGLE)), [2, 2]),
    one('stall-red', stall(paintOf('plaster', [236, 230, 218], SHINGLE), 0), [2, 1.6]),
    one('stall-blue', stall(paintOf('plaster', [236, 230, 218], SHINGLE), 1), [2, 1.6]),
    one('fence', fence(paintOf('planks', [150, 130, 104], SHINGLE, GRAY_WOOD)), [2, 0.2], 512),
    one(
      'rowboat',
      boat(
        paintOf('planks', [150, 110, 76], SHINGLE, OAK_WOOD, [178, 140, 100]),
        5,
        [0.15, 0.35, 0.5],
        false,
      ),
      [3, 1.2],
    ),
    one(
      'fishing-boat',
      boat(
        paintOf('plaster', [236, 228, 208], SHINGLE, OAK_WOOD, [206, 200, 190]),
        9,
        [0.6, 0.12, 0.1],
        true,
      ),
      [5, 2],
    ),
    one('pier', pier(paintOf('planks', [150, 130, 104], SHINGLE, GRAY_WOOD)), [4, 1.6], 512),
    one('cart', cart(paintOf('planks', [150, 120, 86], THATCH)), [2, 1.2], 512),
    one('barrels', barrels(paintOf('planks', [150, 120, 86], SHINGLE)), [1.2, 1.2], 512),
    one(
      'haystack',
      haystack(paintOf('planks', [150, 120, 86], { kind: 'thatch', color: [212, 182, 104] })),
      [1.8, 1.8],
      512,
    ),
  ];
}

/** What stands inside of houses. */
function interiors(): ModelEntry[] {
  const inside = paintOf('plaster', [216, 196, 160], SHINGLE);
  const one = (name: string, build: Builder): ModelEntry => ({
    name,
    group: name,
    build,
    texels: 1024,
    small: true,
  });
  return [one('room-1', room(TAVERN_ROOM, inside)), one('table-1', table(inside))];
}

/** All models, in name order. */
export const MODELS: readonly ModelEntry[] = [
  ...broadTrees(),
  ...otherTrees(),
  ...bushes(),
  ...herbs(),
  ...rocks(),
  ...houses(),
  ...landmarks(),
  ...interiors(),
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The models of a world size. */
export function modelsOf(size: 'full' | 'small'): ModelEntry[] {
  return MODELS.filter((model) => size === 'full' || model.small);
}
