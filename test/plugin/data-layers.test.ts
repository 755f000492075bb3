/** Data layers: what is of a layer that is not there is neither culled, shown, asked for nor kept. */
import { addComponent, addEntity, query, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { NO_LAYER, WHILE_OFF } from '../../src/io/bundle/format.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const SNOW = 0;
const LEAVES = WHILE_OFF;
const HOUSE_SNOW = 1;

/**
 * Around the origin: without a layer, in `winter`, in `!winter`, and a house with all of that. Each has assets
 * of its own, in this order, two each.
 */
const PARTS = [
  { layer: NO_LAYER },
  { layer: SNOW },
  { layer: LEAVES },
  { layer: NO_LAYER, level: 0 },
  { layer: SNOW, level: 0 },
  { layer: HOUSE_SNOW | WHILE_OFF, level: 0 },
];
const PLACEMENTS = 240;

const synthetic = makeSyntheticWorld({
  placements: PLACEMENTS,
  assets: PARTS.length * 2,
  extentMeters: 120,
  cellMeters: 20,
  finestBytes: 6000,
  layers: ['winter', 'night'],
  levels: [{ name: 'house', center: [0, 0, 0], radius: 0 }],
  belongs: (row) => ({ ...PARTS[row % PARTS.length]!, asset: row % (PARTS.length * 2) }),
});

interface Game extends Simulation {
  /** Placements on screen, by what they belong to: `-winter`, `house!night`. */
  seen(): Record<string, number>;
}

async function begin(world = synthetic, options: Parameters<typeof createSimulation>[1] = {}) {
  const simulation = createSimulation(world, {
    ...options,
    streaming: { budgetBytes: world.residentBytes * 4, ...options.streaming },
  });
  await openSynthetic(simulation, world);
  simulation.look(0, 2, 150, 0);
  const { catalog } = world;
  const names = ['winter', 'night'];
  const labels: string[] = [];
  for (let cell = 0; cell < catalog.counts.cells; cell++) {
    const level = catalog.cellLevels[cell] === 0 ? 'house' : '';
    const layer = catalog.cellLayers[cell]!;
    const inverted = layer & WHILE_OFF ? '!' : '+';
    const label = level + (layer === NO_LAYER ? '' : inverted + names[layer & ~WHILE_OFF]);
    for (
      let slot = catalog.runSlots[catalog.cellRuns[cell]!]!;
      slot < catalog.runSlots[catalog.cellRuns[cell + 1]!]!;
      slot++
    )
      labels[slot] = label;
  }
  const seen = (): Record<string, number> => {
    const counts: Record<string, number> = {};
    for (const slot of simulation.view.shown.keys()) {
      const label = labels[slot - 4097] ?? `slot ${slot}`;
      counts[label] = (counts[label] ?? 0) + 1;
    }
    return counts;
  };
  return { ...simulation, seen } satisfies Game;
}

async function settle(game: Game): Promise<void> {
  for (let i = 0; i < 40; i++) {
    await game.step();
    game.streaming.checkInvariants();
  }
  expect(game.view.problems).toEqual([]);
}

const ALL = PLACEMENTS / PARTS.length;

describe('a data layer', () => {
  it('shows what is of it while it is on, and what is of its opposite while it is off', async () => {
    const game = await begin();
    const { streaming } = game;
    await settle(game);
    expect(game.seen()).toEqual({ '': ALL, '!winter': ALL });
    streaming.setDataLayer('winter', true);
    // In the same frame: what it shows is there as far as others show it too.
    await settle(game);
    expect(game.seen()).toEqual({ '': ALL, '+winter': ALL });
    streaming.setDataLayer('winter', false);
    streaming.begin();
    streaming.update(1 / 30);
    streaming.commit();
    expect(game.seen()).toEqual({ '': ALL, '!winter': ALL });
    await streaming.dispose();
    expect(game.view.uploaded.size).toBe(0);
  });

  it('filters the cells of a level, which waits only for what is there', async () => {
    const game = await begin();
    const { streaming } = game;
    const states: string[] = [];
    streaming.on('levelStateChanged', ({ to }) => states.push(to));
    streaming.loadLevel('house');
    await settle(game);
    expect(game.seen()).toMatchObject({ house: ALL, 'house!night': ALL });
    expect(game.seen()['house+winter']).toBeUndefined();
    streaming.setDataLayer('winter', true);
    streaming.setDataLayer('night', true);
    await settle(game);
    expect(game.seen()).toMatchObject({ house: ALL, 'house+winter': ALL });
    expect(game.seen()['house!night']).toBeUndefined();
    // It stayed active all the while.
    expect(states).toEqual(['loading', 'loaded', 'active']);
    streaming.unloadLevel('house');
    await settle(game);
    expect(game.seen()).toEqual({ '': ALL, '+winter': ALL });
    await streaming.dispose();
  });

  it('is neither asked for nor held by anybody while it is off', async () => {
    const game = await begin();
    const { streaming } = game;
    /** Assets of which any LOD is there, by part. */
    const resident = (): boolean[] =>
      PARTS.map((_, part) => streaming.isResident(`asset-${part}`, 4));
    streaming.loadLevel('house');
    game.look(0, 2, 40, 0);
    await settle(game);
    expect(resident()).toEqual([true, false, true, true, false, true]);
    expect(streaming.levelStatus('house').progress).toBe(1);
    const without = streaming.levelStatus('house').baseBytes;
    streaming.setDataLayer('winter', true);
    expect(streaming.levelStatus('house').baseBytes).toBe(without * 1.5);
    await settle(game);
    expect(resident().slice(3)).toEqual([true, true, true]);
    expect(resident()[1]).toBe(true);
    // What only the level had a use for goes with the layer.
    streaming.setDataLayer('winter', false);
    await settle(game);
    expect(resident().slice(3)).toEqual([true, false, true]);
    expect(streaming.levelStatus('house').baseBytes).toBe(without);
    await streaming.dispose();
  });

  it('tells of itself, once for each change', async () => {
    const game = await begin();
    const { streaming } = game;
    const told: object[] = [];
    streaming.on('dataLayerChanged', (event) => told.push(event));
    expect(streaming.dataLayers()).toEqual([
      { name: 'winter', isOn: false },
      { name: 'night', isOn: false },
    ]);
    streaming.setDataLayer('winter', true);
    streaming.setDataLayer('winter', true);
    // Of no opened world: it may be of one that is opened later.
    streaming.setDataLayer('dream', true);
    await game.step();
    expect(told).toEqual([
      { layer: 'winter', isOn: true },
      { layer: 'dream', isOn: true },
    ]);
    expect(streaming.dataLayers()).toContainEqual({ name: 'dream', isOn: true });
    expect(streaming.isDataLayerOn('winter')).toBe(true);
    expect(() => streaming.setDataLayer('!winter', true)).toThrow(
      'setDataLayer: expected the name of a data layer, without "!", got "!winter"',
    );
    expect(() => streaming.setDataLayer('winter', 1 as never)).toThrow(
      'setDataLayer("winter"): expected true or false, got 1',
    );
    await streaming.dispose();
  });

  it('that was on before the world was opened is on in it', async () => {
    const simulation = createSimulation(synthetic, {
      streaming: { budgetBytes: synthetic.residentBytes * 4 },
    });
    simulation.streaming.setDataLayer('winter', true);
    await openSynthetic(simulation, synthetic);
    simulation.look(0, 2, 150, 0);
    for (let i = 0; i < 40; i++) await simulation.step();
    simulation.streaming.checkInvariants();
    expect(simulation.view.shown.size).toBe(ALL * 2);
    simulation.streaming.close('world.json');
    await openSynthetic(simulation, synthetic);
    for (let i = 0; i < 40; i++) await simulation.step();
    simulation.streaming.checkInvariants();
    expect(simulation.view.shown.size).toBe(ALL * 2);
    await simulation.streaming.dispose();
  });

  it('has no entities while it is off', async () => {
    const game = await begin(synthetic, { streaming: { activateRadiusMeters: 400 } });
    const { streaming, ecs } = game;
    const { Placement } = streaming.components;
    await settle(game);
    expect(query(ecs, [Placement])).toHaveLength(ALL * 2);
    streaming.setDataLayer('night', true);
    streaming.loadLevel('house');
    await settle(game);
    expect(query(ecs, [Placement])).toHaveLength(ALL * 3);
    streaming.setDataLayer('night', false);
    await settle(game);
    expect(query(ecs, [Placement])).toHaveLength(ALL * 4);
    await streaming.dispose();
  });

  it('lets volumes load while it is on, or with "!" while it is off', async () => {
    const game = await begin();
    const { streaming, ecs } = game;
    const { StreamingVolume } = streaming.components;
    const volume = addEntity(ecs);
    addComponent(
      ecs,
      volume,
      set(StreamingVolume, { level: 'house', radius: 500, layer: '!night' }),
    );
    await settle(game);
    expect(streaming.levels()['house']).toBe('active');
    streaming.setDataLayer('night', true);
    await settle(game);
    expect(streaming.levels()['house']).toBe('unloaded');
    await streaming.dispose();
  });
});

describe('a switch of many cells', () => {
  const many = makeSyntheticWorld({
    placements: 6000,
    assets: 6,
    extentMeters: 2000,
    cellMeters: 25,
    finestBytes: 2000,
    layers: ['winter'],
    belongs: (row) => ({ layer: [NO_LAYER, SNOW, LEAVES][row % 3]! }),
  });
  const cells = many.catalog.cellLayers.filter((layer) => layer !== NO_LAYER).length;
  const snow = many.catalog.cellLayers.filter((layer) => layer === SNOW).length;
  const PER_FRAME = 100;

  it('is spread over frames, so many cells in each, and turns round where it is', async () => {
    const game = await begin(many, { streaming: { levels: { layerCellsPerFrame: PER_FRAME } } });
    const { streaming } = game;
    await settle(game);
    const { counts } = many.catalog;
    const plain = counts.cells - cells;
    const countIn = (): number =>
      streaming.placementsIn({ min: [-1e4, -1e4, -1e4], max: [1e4, 1e4, 1e4] }).count;
    const [off, both] = [countIn(), counts.placements];
    expect(plain).toBeGreaterThan(PER_FRAME);
    streaming.setDataLayer('winter', true);
    let frames = 0;
    let most = 0;
    const sizes: number[] = [];
    for (; streaming.isDataLayerOn('winter') && frames < 1000; frames++) {
      const before = countIn();
      await game.step();
      streaming.checkInvariants();
      const now = countIn();
      if (now === before) break;
      sizes.push(now);
      most = Math.max(most, Math.abs(now - before));
    }
    expect(frames).toBe(Math.ceil(cells / PER_FRAME));
    // All of winter came before the first leaf went.
    expect(Math.max(...sizes)).toBeLessThanOrEqual(both);
    expect(Math.max(...sizes)).toBeGreaterThan(both * 0.97);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(off);
    // Half-way, and back: as many frames as it had gone.
    streaming.setDataLayer('winter', false);
    for (let i = 0; i < 3; i++) await game.step();
    streaming.setDataLayer('winter', true);
    const half = countIn();
    for (let i = 0; i < 3; i++) await game.step();
    expect(countIn()).not.toBe(half);
    const settled = countIn();
    await game.step();
    expect(countIn()).toBe(settled);
    expect(snow).toBeGreaterThan(0);
    await streaming.dispose();
  });
});
