/**
 * Saving and restoring what a game wants. Property: of random games, what is saved, sent through JSON
 * and restored in a fresh world is saved again the same, and has the same levels come to be shown.
 * Controls: something left out of the saved is noticed by both.
 */
import { addComponent, addEntity, getAllEntities, observe, onAdd, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import type { StreamingSnapshot } from '../../src/index.ts';
import { DETAIL_NAMES } from '../../src/level/quality.ts';
import { TIER_NAMES } from '../../src/memory/policies/tiers.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const synthetic = makeSyntheticWorld({
  placements: 240,
  assets: 6,
  extentMeters: 1200,
  cellMeters: 60,
  finestBytes: 600,
  levels: NAMES.map((name, i) => ({ name, center: [i * 180 - 450, 0, 0], radius: 80 })),
});

function begin(): Simulation {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: 1e9,
    latencySeconds: 0.001,
    streaming: { activateRadiusMeters: 0, budgetBytes: synthetic.residentBytes * 3 },
  });
  for (const name of ['warning', 'levelFailed', 'invalidData'] as const)
    simulation.streaming.on(name, () => undefined);
  simulation.look(0, 2, 0, 0);
  return simulation;
}

const pick = <T>(random: Random, list: readonly T[]): T =>
  list[Math.floor(random() * list.length)]!;
const some = (random: Random, share: number): string[] => NAMES.filter(() => random() < share);
const place = (random: Random): number[] => [
  random() * 1200 - 600,
  random() * 10,
  random() * 200 - 100,
];

/** Whatever a game may say, in any order. */
function play({ ecs, streaming }: Simulation, random: Random): void {
  const { StreamingVolume, StreamRequest, Transform, Pinned } = streaming.components;
  streaming.defineOutline('quay', [
    [0, 0],
    [60, 0],
    [60, random() * 50 + 10],
    [0, 40],
  ]);
  for (const layer of ['winter', 'night']) if (random() < 0.5) streaming.setDataLayer(layer, true);
  for (let i = 0; i < 6; i++) {
    const entity = addEntity(ecs);
    if (random() < 0.2) {
      removeEntity(ecs, entity);
      continue;
    }
    const shape = pick(random, ['sphere', 'box', 'orientedBox', 'capsule', 'prism'] as const);
    const loadDistance = random() * 200;
    const data = {
      shape,
      center: place(random),
      radius: 1 + random() * 80,
      size: [10 + random() * 90, 50, 50],
      outline: shape === 'prism' ? 'quay' : '',
      loadDistance,
      ...(random() < 0.3 && { unloadDistance: loadDistance * 2 }),
      level: pick(random, NAMES),
      levels: some(random, 0.2),
      priority: pick(random, ['critical', 'high', 'normal', 'low', 'background'] as const),
      active: random() < 0.9,
      layer: random() < 0.2 ? 'winter' : '',
    };
    addComponent(ecs, entity, set(StreamingVolume, data));
  }
  for (let i = 0; i < 4; i++) {
    const entity = addEntity(ecs);
    const finite = random() < 0.5 ? { maxDistanceMeters: random() * 900, deadlineSeconds: 3 } : {};
    const asset = pick(random, synthetic.assetNames);
    addComponent(ecs, entity, set(StreamRequest, { asset, importance: random() * 3, ...finite }));
    if (random() < 0.7) addComponent(ecs, entity, set(Transform, { position: place(random) }));
    if (random() < 0.5) addComponent(ecs, entity, set(Pinned, { lod: pick(random, [0, 3, 255]) }));
  }
  NAMES.forEach((name, i) => {
    const dependencies = NAMES.slice(i + 1).filter(() => random() < 0.15);
    if (random() < 0.4) streaming.setLevel(name, { dependencies, activate: random() < 0.7 });
    if (random() < 0.3) streaming.loadLevel(name, { priority: pick(random, ['high', 'low']) });
    if (random() < 0.15) streaming.hideLevel(name);
    if (random() < 0.2) streaming.setLevelQuality(name, pick(random, DETAIL_NAMES));
  });
  if (random() < 0.5) streaming.setQuality(pick(random, DETAIL_NAMES));
  // No world has it; before any is open, one may.
  if (streaming.stats().payloads === 0)
    streaming.setGrid('meadow', { rangeMeters: 200, active: random() < 0.5 });
  streaming.setTier([pick(random, synthetic.assetNames)], pick(random, TIER_NAMES));
  streaming.requestAsset(pick(random, synthetic.assetNames), Math.floor(random() * 5), 'low');
  if (random() < 0.5) streaming.pinAssets([pick(random, synthetic.assetNames)]);
}

async function frames(game: Simulation, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await game.step();
}

/** As saved, but for ids: entities are known by their place. */
function withoutIds(saved: StreamingSnapshot): object {
  return { ...saved, entities: saved.entities.map(({ components }) => components) };
}

const sent = (saved: StreamingSnapshot): StreamingSnapshot => JSON.parse(JSON.stringify(saved));

/** Saves a random game, restores it in a fresh world, and says what differs. */
async function roundTrip(
  seed: number,
  spoil: (saved: StreamingSnapshot) => void = () => undefined,
): Promise<{ isSame: boolean; before: object; after: object }> {
  const random = createRandom(seed);
  const first = begin();
  const isOpenBefore = random() < 0.5;
  if (isOpenBefore) await openSynthetic(first, synthetic);
  play(first, random);
  if (!isOpenBefore) await openSynthetic(first, synthetic);
  await frames(first, 12);
  for (const name of NAMES)
    if (random() < 0.3 && first.streaming.levelStatus(name).wanted)
      first.streaming.activateLevel(name);
  const saved = first.streaming.snapshot();
  const transported = sent(saved);
  spoil(transported);
  const second = begin();
  // Before its world is open, or after.
  if (random() < 0.5) await openSynthetic(second, synthetic);
  const { entities } = second.streaming.restore(transported);
  expect([...entities.keys()]).toEqual(transported.entities.map(({ id }) => id));
  if (second.streaming.stats().payloads === 0) await openSynthetic(second, synthetic);
  const again = second.streaming.snapshot();
  await frames(first, 12);
  await frames(second, 24);
  second.streaming.checkInvariants();
  const result = {
    isSame: JSON.stringify(withoutIds(saved)) === JSON.stringify(withoutIds(again)),
    before: { ...first.streaming.levels() },
    after: { ...second.streaming.levels() },
  };
  await first.streaming.dispose();
  await second.streaming.dispose();
  return result;
}

describe('a snapshot', () => {
  it('of a random game, restored in a fresh world, is the same again, and shows the same levels', async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= 16; seed++) {
      const { isSame, before, after } = await roundTrip(seed);
      expect({ seed, isSame, levels: after }).toEqual({ seed, isSame: true, levels: before });
      for (const state of Object.values(before)) seen.add(state as string);
    }
    expect([...seen].sort()).toEqual(['active', 'hidden', 'loaded', 'unloaded']);
  });

  it('from which something is left out is another, and shows other levels', async () => {
    let others = 0;
    for (let seed = 1; seed <= 4; seed++) {
      const { isSame, before, after } = await roundTrip(seed, (saved) => {
        saved.levels = [];
        saved.entities = saved.entities.filter(({ components }) => !components.StreamingVolume);
      });
      expect(isSame).toBe(false);
      if (JSON.stringify(before) !== JSON.stringify(after)) others++;
    }
    expect(others).toBeGreaterThan(2);
  });

  it('restored in the same world takes back what was said since, and hands over what it holds', async () => {
    const game = begin();
    const { streaming } = game;
    await openSynthetic(game, synthetic);
    streaming.setDataLayer('winter', true);
    streaming.setTier(['asset-1'], 'high');
    streaming.loadLevel('a');
    const held = streaming.requestAsset('asset-2', 0, 'low');
    const saved = sent(streaming.snapshot());
    expect(saved).toMatchObject({
      version: 1,
      dataLayers: ['winter'],
      tiers: { 'asset-1': 'high' },
      levels: [{ name: 'a', priority: 'high', hidden: false, activate: true }],
      holds: [{ asset: 'asset-2', lod: 0, urgency: 'low' }],
      notSaved: [],
    });
    held.release();
    streaming.setDataLayer('winter', false);
    streaming.setDataLayer('night', true);
    streaming.setTier(['asset-1'], 'normal');
    streaming.setTier(['asset-3'], 'low');
    streaming.unloadLevel('a');
    const load = streaming.loadLevel('b');
    const { requests } = streaming.restore(saved);
    await expect(load.ready).rejects.toThrow('level "b": it was unloaded');
    expect(streaming.snapshot()).toEqual(saved);
    await frames(game, 20);
    expect(streaming.levels()).toMatchObject({ a: 'active', b: 'unloaded' });
    requests[0]!.release();
    expect(streaming.snapshot().holds).toEqual([]);
    await streaming.dispose();
  });

  it('names what it cannot hold', async () => {
    const game = begin();
    const { ecs, streaming } = game;
    const { StreamingVolume, StreamRequest, Pinned } = streaming.components;
    const volume = addEntity(ecs);
    addComponent(ecs, volume, set(StreamingVolume, { level: 'a' }));
    StreamingVolume.radius[volume] = Number.NaN;
    const request = addEntity(ecs);
    addComponent(ecs, request, set(StreamRequest, { asset: 'asset-1' }));
    StreamRequest.deadlineSeconds[request] = Number.NaN;
    const pinned = addEntity(ecs);
    addComponent(ecs, pinned, Pinned);
    streaming.setVolumeCondition('open', () => true);
    streaming.setVolumeCondition(volume, () => true);
    streaming.watchVolume(volume, {});
    streaming.setLayer('all', { assets: () => true });
    streaming.createMemoryBudget('inside', 100);
    const { entities, notSaved } = streaming.snapshot();
    expect(entities).toEqual([]);
    expect(notSaved).toEqual([
      `entity ${pinned}: Pinned without a StreamRequest`,
      `entity ${volume}: StreamingVolume.radius: expected a number from 0 to 1000000000, got NaN`,
      `entity ${request}: StreamRequest.deadlineSeconds: expected a number from 0 to Infinity, got NaN`,
      'condition "open"',
      `condition of entity ${volume}`,
      `watchVolume of entity ${volume}`,
      'setLayer "all"',
      'memory budget "inside"',
    ]);
    await streaming.dispose();
  });
});

describe('restoring', () => {
  /** A good one, with something of each kind. */
  function good(): StreamingSnapshot {
    return {
      version: 1,
      entities: [
        { id: 7, components: { StreamingVolume: { level: 'a', radius: 20 } } },
        { id: 9, components: { StreamRequest: { asset: 'asset-1', deadlineSeconds: 'Infinity' } } },
      ],
      outlines: {
        quay: [
          [0, 0],
          [9, 0],
          [9, 9],
        ],
      },
      dataLayers: ['winter'],
      grids: [{ name: 'meadow', rangeMeters: 300, unloadMeters: null, active: true }],
      levels: ['a', 'b'].map((name) => ({
        name,
        priority: 'high',
        hidden: false,
        activate: true,
        activated: false,
        dependencies: [],
        budget: null,
      })),
      quality: { detail: 'low', auto: false, levels: { a: 'high' } },
      tiers: { 'asset-1': 'high' },
      holds: [{ asset: 'asset-2', lod: 1, urgency: 'low' }],
      notSaved: [],
    };
  }

  type Spoil = (saved: ReturnType<typeof good>) => unknown;
  const bad: [Spoil, string][] = [
    [(s) => Object.assign(s, { version: 2 }), 'version: expected 1, got 2'],
    [(s) => Object.assign(s, { extra: 1 }), 'snapshot: expected fields of version, entities'],
    [(s) => Object.assign(s, { entities: {} }), 'entities: expected a list, got {}'],
    [
      (s) => Object.assign(s.entities[1]!, { id: 7 }),
      'entities[1].id: expected a whole number that no',
    ],
    [
      (s) => Object.assign(s.entities[0]!.components.StreamingVolume!, { radius: 'NaN' }),
      'entities[0].components: StreamingVolume.radius: expected a number from 0 to 1000000000, got "NaN"',
    ],
    [
      (s) => Object.assign(s.entities[0]!.components.StreamingVolume!, { radius: 0 }),
      'entities[0].components: StreamingVolume: radius of a sphere: expected more than 0 meters, got 0',
    ],
    [
      (s) => Object.assign(s.entities[0]!.components, { Viewpoint: {} }),
      'entities[0].components: expected fields of StreamingVolume',
    ],
    [
      (s) => Object.assign(s.outlines, { quay: [[0, 0]] }),
      'outlines.quay: defineOutline("quay"): expected 3',
    ],
    [
      (s) => s.dataLayers.push('!night'),
      'dataLayers[1]: setDataLayer: expected the name of a data',
    ],
    [
      (s) => Object.assign(s.grids[0]!, { rangeMeters: 0 }),
      'grids[0]: setGrid: rangeMeters must be a number',
    ],
    [
      (s) => Object.assign(s.grids[0]!, { unloadMeters: 200 }),
      'grids[0]: setGrid: unloadMeters is 200, expected at least the range of 300 m',
    ],
    [(s) => s.dataLayers.push(''), 'dataLayers[1]: expected a name, got ""'],
    [
      (s) => Object.assign(s.levels[1]!, { name: 'a' }),
      'levels[1].name: expected a name that no other has',
    ],
    [
      (s) => Object.assign(s.levels[1]!, { hidden: 1 }),
      'levels[1].hidden: expected true or false, got 1',
    ],
    [
      (s) => Object.assign(s.levels[1]!, { priority: 'top' }),
      'levels[1].priority: expected one of critical',
    ],
    [
      (s) => [s.levels[0]!.dependencies.push('b'), s.levels[1]!.dependencies.push('a')],
      'levels[1].dependencies: level "b" cannot depend on "a", which needs it: "b" → "a" → "b"',
    ],
    [(s) => Object.assign(s.quality, { detail: 'best' }), 'quality.detail: expected one of ultra'],
    [
      (s) => Object.assign(s.quality.levels, { a: null }),
      'quality.levels.a: expected one of ultra',
    ],
    [(s) => Object.assign(s.tiers, { x: 3 }), 'tiers.x: expected one of low'],
    [
      (s) => Object.assign(s.holds[0]!, { lod: 9 }),
      'holds[0].lod: expected a whole number from 0 to 4, got 9',
    ],
    [
      (s) => Object.assign(s.holds[0]!, { urgency: 'now' }),
      'holds[0].urgency: expected one of critical',
    ],
  ];

  it.each(bad)(
    'what is wrong is refused by its path, and changes nothing: %#',
    async (spoil, message) => {
      const { ecs, streaming } = begin();
      const before = streaming.snapshot();
      const saved = good();
      spoil(saved);
      expect(() => streaming.restore(saved)).toThrow(`farfield: restore: ${message}`);
      expect(streaming.snapshot()).toEqual(before);
      expect(getAllEntities(ecs)).toHaveLength(1);
      streaming.restore(good());
      expect(getAllEntities(ecs)).toHaveLength(3);
      await streaming.dispose();
    },
  );

  it('goes back when an observer of the game throws half-way', async () => {
    const { ecs, streaming } = begin();
    const { StreamRequest } = streaming.components;
    const stop = observe(ecs, onAdd(StreamRequest), () => {
      throw new RangeError('by chance');
    });
    const before = streaming.snapshot();
    expect(() => streaming.restore(good())).toThrow('by chance');
    expect(streaming.snapshot()).toEqual(before);
    expect(getAllEntities(ecs)).toHaveLength(1);
    stop();
    await streaming.dispose();
  });

  it('is refused where levels are there that would need others, and where entities do not fit', async () => {
    const game = begin();
    const { streaming, ecs } = game;
    await openSynthetic(game, synthetic);
    streaming.loadLevel('a');
    await frames(game, 20);
    const saved = good();
    saved.levels[0]!.dependencies.push('b');
    expect(() => streaming.restore(saved)).toThrow(
      'restore: levels: "a" is active; its dependencies and budget can change only while',
    );
    const many = good();
    many.entities = Array.from({ length: 4200 }, (_, id) => ({ id, components: {} }));
    const count = getAllEntities(ecs).length;
    expect(() => streaming.restore(many)).toThrow(
      'restore: entities: 4200 more do not fit the capacity of 4096',
    );
    expect(getAllEntities(ecs)).toHaveLength(count);
    expect(streaming.snapshot().dataLayers).toEqual([]);
    await streaming.dispose();
    expect(() => streaming.restore(good())).toThrow('was disposed');
  });
});
