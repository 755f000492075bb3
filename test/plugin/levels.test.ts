/** Levels as a game sees them: loads of its own, what is shown when, budgets, failures, observers. */
import { addComponent, addEntity, getComponent, observe, onSet, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { readDirectory } from '../../src/io/bundle/read-directory.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { LEVEL_STATE_NAMES } from '../../src/level/level-machine.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({
  placements: 900,
  assets: 8,
  extentMeters: 600,
  cellMeters: 25,
  finestBytes: 6000,
  levels: [
    { name: 'house', center: [0, 0, 0], radius: 60 },
    { name: 'cellar', center: [200, 0, 0], radius: 60 },
    { name: 'mine', center: [0, 0, 200], radius: 60 },
  ],
  // Everything stands in a level.
  scatter: (random, xs, zs) => {
    for (let i = 0; i < xs.length; i++) {
      const at = [0, 200, 0][i % 3]!;
      xs[i] = at + (random() - 0.5) * 70;
      zs[i] = (i % 3 === 2 ? 200 : 0) + (random() - 0.5) * 70;
    }
  },
});

interface Game extends Simulation {
  /** `house: unloaded > loading`, as events told it. */
  told: string[];
  state(name: string): string;
}

async function begin(
  options: Parameters<typeof createSimulation>[1] = {},
  world = synthetic,
): Promise<Game> {
  const simulation = createSimulation(world, {
    ...options,
    streaming: { budgetBytes: synthetic.residentBytes * 2, ...options.streaming },
  });
  const told: string[] = [];
  const { streaming } = simulation;
  streaming.on('levelStateChanged', ({ level, from, to }) =>
    told.push(`${level}: ${from} > ${to}`),
  );
  await openSynthetic(simulation, world);
  return { ...simulation, told, state: (name) => streaming.levelStatus(name).state };
}

async function until(game: Game, holds: () => boolean, limit = 300): Promise<void> {
  for (let i = 0; i < limit && !holds(); i++) {
    await game.step();
    game.streaming.checkInvariants();
  }
  expect(holds()).toBe(true);
}

describe('a level that the game loads', () => {
  it('comes without a volume, tells when it is there, and leaves nothing when it goes', async () => {
    const game = await begin();
    const { streaming } = game;
    await game.settle();
    const before = streaming.stats().usedBytes;
    const request = streaming.loadLevel('house');
    let isReady = false;
    void request.ready.then(() => {
      isReady = true;
    });
    expect(streaming.levelStatus('house')).toMatchObject({ state: 'unloaded', wanted: 'high' });
    await until(game, () => isReady);
    const { baseBytes, ...status } = streaming.levelStatus('house');
    const { cells } = status;
    expect(status).toEqual({
      state: 'active',
      wanted: 'high',
      progress: 1,
      cells,
      cellsShown: cells,
      failedAssets: [],
      error: '',
    });
    expect(baseBytes).toBeGreaterThan(0);
    expect(cells).toBeGreaterThan(0);
    request.release();
    request.release();
    await until(game, () => game.state('house') === 'unloaded');
    await game.settle();
    expect(streaming.stats().usedBytes).toBe(before);
    expect(game.view.shown.size).toBe(0);
    expect(game.told).toEqual([
      'house: unloaded > loading',
      'house: loading > loaded',
      'house: loaded > active',
      'house: active > unloading',
      'house: unloading > unloaded',
    ]);
    expect(game.view.problems).toEqual([]);
    await streaming.dispose();
    expect(game.view.uploaded.size).toBe(0);
  });

  it('may be cancelled half-way: pins, reservations and bytes are as before', async () => {
    const game = await begin({ bandwidthBytesPerSecond: 20_000 });
    const { streaming } = game;
    const before = streaming.stats();
    const request = streaming.loadLevel('house');
    await until(game, () => streaming.levelStatus('house').progress > 0.2);
    expect(game.state('house')).toBe('loading');
    request.release();
    await expect(request.ready).rejects.toThrow('level "house": it was unloaded');
    await until(game, () => game.state('house') === 'unloaded');
    await game.settle();
    const { usedBytes, reservedBytes, payloadsPending, payloadsStaged } = streaming.stats();
    expect({ usedBytes, reservedBytes, payloadsPending, payloadsStaged }).toEqual({
      usedBytes: before.usedBytes,
      reservedBytes: 0,
      payloadsPending: 0,
      payloadsStaged: 0,
    });
    expect(game.told.at(-2)).toBe('house: loading > unloading');
    await streaming.dispose();
  });

  it('is put in slice by slice, or in one frame where that is to block', async () => {
    const framesToShow = async (blocking: boolean): Promise<number> => {
      const game = await begin({ streaming: { levels: { stepsPerFrame: 2 } } });
      const { streaming } = game;
      streaming.loadLevel('house', { activate: false });
      await until(game, () => game.state('house') === 'loaded');
      await game.settle();
      expect(streaming.levelStatus('house').cells).toBeGreaterThan(6);
      streaming.activateLevel('house', { blocking });
      game.look(0, 2, 60, 0);
      let frames = 0;
      for (; game.view.shown.size === 0; frames++) {
        await game.step();
        streaming.checkInvariants();
      }
      expect(game.state('house')).toBe('active');
      await streaming.dispose();
      return frames;
    };
    expect(await framesToShow(true)).toBe(1);
    expect(await framesToShow(false)).toBeGreaterThan(3);
  });

  it('waits to be shown, hides in memory, and shows again without loading', async () => {
    const game = await begin();
    const { streaming } = game;
    const { ready } = streaming.loadLevel('house', { activate: false });
    await until(game, () => game.state('house') === 'loaded');
    await ready;
    for (let i = 0; i < 20; i++) await game.step();
    expect(streaming.levelStatus('house')).toMatchObject({ state: 'loaded', cellsShown: 0 });
    expect(game.view.shown.size).toBe(0);
    streaming.activateLevel('house');
    game.look(0, 2, 60, 0);
    await until(game, () => game.state('house') === 'active');
    await game.settle();
    const { size } = game.view.shown;
    expect(size).toBeGreaterThan(0);
    streaming.hideLevel('house');
    await until(game, () => game.state('house') === 'hidden');
    await game.step();
    expect(game.view.shown.size).toBe(0);
    const loaded = streaming.levelStatus('house').progress;
    streaming.showLevel('house');
    await until(game, () => game.state('house') === 'active', 4);
    expect(loaded).toBe(1);
    await game.settle();
    expect(game.view.shown.size).toBe(size);
    await streaming.dispose();
  });

  it('stays for its minimum, whoever wants it no more', async () => {
    const game = await begin({ streaming: { levels: { residenceSeconds: 2 } } });
    const { streaming, clock } = game;
    const { release, ready } = streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'active');
    await ready;
    const startMs = clock.now();
    release();
    await until(game, () => game.state('house') !== 'active');
    expect((clock.now() - startMs) / 1000).toBeGreaterThan(1.8);
    expect((clock.now() - startMs) / 1000).toBeLessThan(2.2);
    await streaming.dispose();
  });

  it('is put in a few cells a frame, and not active before the last', async () => {
    const game = await begin({ streaming: { levels: { stepsPerFrame: 2 } } });
    const { streaming } = game;
    streaming.loadLevel('house');
    const shown: number[] = [];
    await until(game, () => {
      const { state, cellsShown, cells } = streaming.levelStatus('house');
      if (cellsShown > (shown.at(-1) ?? 0)) shown.push(cellsShown);
      expect(state === 'active').toBe(state === 'active' && cellsShown === cells);
      return state === 'active';
    });
    expect(shown.length).toBeGreaterThan(2);
    for (let i = 1; i < shown.length; i++) expect(shown[i]! - shown[i - 1]!).toBeLessThanOrEqual(2);
    await streaming.dispose();
  });

  it('has a name of its own: a world with one of the same name is refused, until the other closes', async () => {
    const { streaming } = await begin();
    const { placements, payloads } = streaming.stats();
    const files = Object.entries(synthetic.files).map(([name, bytes]) => [`b/${name}`, bytes]);
    const source = memorySource(Object.fromEntries(files));
    await expect(streaming.open('b/world.json', { source })).rejects.toThrow(
      /b\/world.json has a level "[^"]+", which the opened world "[^"]+" has too; expected levels of/,
    );
    expect(streaming.stats()).toMatchObject({ placements, payloads });
    streaming.checkInvariants();
    streaming.close(synthetic.path);
    await streaming.open('b/world.json', { source });
    await streaming.dispose();
  });

  it('may be asked for before its world is open', async () => {
    const simulation = createSimulation(synthetic, {
      streaming: { budgetBytes: synthetic.residentBytes * 2 },
    });
    const { streaming } = simulation;
    const { ready } = streaming.loadLevel('mine');
    await openSynthetic(simulation, synthetic);
    await simulation.settle();
    await ready;
    expect(streaming.levels()['mine']).toBe('active');
    streaming.close(synthetic.path);
    const again = streaming.loadLevel('mine');
    await streaming.dispose();
    await expect(again.ready).rejects.toThrow('disposed');
  });
});

describe('levels that need others', () => {
  it('come after them, keep them, and count what both place once', async () => {
    const game = await begin();
    const { streaming } = game;
    const alone = streaming.levelStatus('cellar').baseBytes;
    streaming.setLevel('house', { dependencies: ['cellar'] });
    const own = streaming.levelStatus('house').baseBytes;
    streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'active' && game.state('cellar') === 'active');
    const order = game.told.filter((line) => line.endsWith('> loaded'));
    expect(order).toEqual(['cellar: loading > loaded', 'house: loading > loaded']);
    // All assets stand in both: what the cellar pays for the house does not.
    expect(own).toBe(alone);
    expect(streaming.levelStatus('house').baseBytes).toBe(0);
    expect(streaming.levelStatus('cellar').wanted).toBe('high');
    streaming.unloadLevel('house');
    await until(game, () => game.state('cellar') === 'unloaded');
    const gone = game.told.filter((line) => line.endsWith('> unloaded'));
    expect(gone).toEqual(['house: unloading > unloaded', 'cellar: unloading > unloaded']);
    await streaming.dispose();
  });

  it('refuse a cycle, and changes while they are there', async () => {
    const game = await begin();
    const { streaming } = game;
    streaming.setLevel('house', { dependencies: ['cellar'] });
    streaming.setLevel('cellar', { dependencies: ['mine'] });
    expect(() => streaming.setLevel('mine', { dependencies: ['house'] })).toThrow(
      'level "mine" cannot depend on "house", which needs it: "mine" → "house" → "cellar" → "mine"',
    );
    streaming.loadLevel('house');
    await game.step();
    expect(() => streaming.setLevel('house', { budget: 'x' })).toThrow(
      'setLevel("house"): dependencies and budget can change only while it is unloaded or failed; it is loading',
    );
    await streaming.dispose();
  });

  it('fail with what they need, and come when that is retried', async () => {
    const game = await begin();
    const { streaming } = game;
    const messages: string[] = [];
    streaming.on('levelFailed', ({ message }) => messages.push(message));
    streaming.setLevel('house', { dependencies: ['cellar'] });
    streaming.setLevel('cellar', { budget: 'cellars' });
    streaming.loadLevel('cellar');
    const { ready } = streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'failed');
    await expect(ready).rejects.toThrow('level "house" needs level "cellar", which failed');
    expect(messages[0]).toBe(
      'level "cellar" takes memory budget "cellars", which does not exist; createMemoryBudget',
    );
    streaming.createMemoryBudget('rooms', synthetic.residentBytes / 2);
    streaming.setLevel('cellar', { budget: 'rooms' });
    streaming.retryLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(game.state('cellar')).toBe('active');
    await streaming.dispose();
  });
});

describe('a level with a memory budget', () => {
  it('is refused where it does not fit, takes its bytes where it does, and gives them back', async () => {
    const game = await begin();
    const { streaming } = game;
    const need = streaming.levelStatus('house').baseBytes;
    const budget = streaming.createMemoryBudget('interiors', need - 1);
    streaming.setLevel('house', { budget: 'interiors' });
    const failed: object[] = [];
    streaming.on('levelFailed', (event) => failed.push(event));
    streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'failed');
    const message =
      `level "house" needs ${need} bytes of memory budget "interiors", of whose ${need - 1} bytes ` +
      `${need - 1} are free; raise its bytes, or unload another level of it, and retryLevel`;
    expect(failed).toEqual([{ level: 'house', reason: 'budget', message }]);
    expect(streaming.levelStatus('house').error).toBe(message);
    expect(budget.usedBytes).toBe(0);
    budget.bytes = need + 50;
    streaming.retryLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(budget.usedBytes).toBe(need);
    expect(() => budget.allocate(51)).toThrow('so 50 are free');
    expect(() => budget.release(1)).toThrow('0 are in use');
    // Payloads pay for the level; the budget only sets their bytes aside: nothing counts twice.
    const { residentBytes, usedBytes, overheadBytes } = streaming.stats();
    expect(usedBytes - overheadBytes).toBe(residentBytes);
    expect(streaming.stats().poolBytes.levels).toBe(0);
    streaming.unloadLevel('house');
    await until(game, () => game.state('house') === 'unloaded');
    expect(budget.usedBytes).toBe(0);
    budget.dispose();
    await streaming.dispose();
  });
});

describe('a level whose asset fails', () => {
  it('shows without it, and says so', async () => {
    const { payloadOffsets } = synthetic.catalog;
    const at = payloadOffsets[4]!;
    const decide = ({ file, start, end }: { file: string; start: number; end: number }) =>
      file === 'pack.ffp' && start <= at && at < end ? ('notFound' as const) : undefined;
    const game = await begin({ faults: { decide } });
    const { streaming } = game;
    const degraded: object[] = [];
    streaming.on('levelDegraded', (event) => degraded.push(event));
    streaming.on('assetFailed', () => undefined);
    streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(degraded).toEqual([
      { level: 'house', assets: streaming.levelStatus('house').failedAssets },
    ]);
    expect(streaming.levelStatus('house').failedAssets).toContain('asset-0');
    await streaming.dispose();
  });
});

describe('a level whose placements cannot be read', () => {
  /** A world of its own, and what damages the placements of its house, or mends them. */
  function damaged() {
    const files = { ...synthetic.files };
    const bytes = files['catalog.ffc']!.slice();
    files['catalog.ffc'] = bytes;
    const directory = drain(readDirectory(bytes));
    const cell = directory.cellLevels.indexOf(directory.levelNames.length - 3);
    const slice = directory.sliceCells.findIndex(
      (first, i) => first <= cell && cell < directory.sliceCells[i + 1]!,
    );
    const at = directory.directoryBytes + directory.sliceStarts[slice]! + 40;
    const flip = (): void => {
      bytes[at] = bytes[at]! ^ 255;
    };
    flip();
    return { world: { ...synthetic, files }, flip };
  }

  it('fails without the others, is read again when it is retried, and comes when it is whole', async () => {
    const { world, flip } = damaged();
    const game = await begin({}, world);
    const { streaming } = game;
    const failed: object[] = [];
    streaming.on('levelFailed', ({ level, reason }) => failed.push({ level, reason }));
    streaming.loadLevel('mine');
    const { ready } = streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'failed' && game.state('mine') === 'active');
    await expect(ready).rejects.toThrow('level "house" has placements that cannot be read');
    const once = [{ level: 'house', reason: 'cells' }];
    expect(failed).toEqual(once);
    streaming.retryLevel('house');
    await until(game, () => failed.length > 1);
    expect(game.state('house')).toBe('failed');
    expect(failed).toEqual([...once, ...once]);
    flip();
    streaming.retryLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(streaming.levelStatus('house')).toMatchObject({ error: '', progress: 1 });
    game.look(0, 2, 60, 0);
    await game.settle();
    expect(game.view.shown.size).toBeGreaterThan(0);
    expect(streaming.placementsIn({ center: [0, 0, 0], radius: 50 }).count).toBeGreaterThan(100);
    await streaming.dispose();
  });

  it('may be closed while they are read again', async () => {
    const { world } = damaged();
    const game = await begin({}, world);
    const { streaming, link } = game;
    streaming.on('levelFailed', () => undefined);
    const warnings: object[] = [];
    streaming.on('warning', (warning) => warnings.push(warning));
    streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'failed');
    link.latencySeconds = 2;
    streaming.retryLevel('house');
    await game.step();
    streaming.close(world.path);
    for (let i = 0; i < 90; i++) await game.step();
    streaming.checkInvariants();
    expect({ ...streaming.levels() }).toEqual({});
    expect(streaming.stats().usedBytes).toBe(0);
    expect(warnings).toEqual([]);
    await streaming.dispose();
  });
});

describe('LevelStatus', () => {
  it('tells observers of each state, in the order of the events', async () => {
    const game = await begin();
    const { streaming, ecs } = game;
    const { LevelStatus } = streaming.components;
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(LevelStatus, { level: 'house' }));
    const heard: string[] = [];
    observe(ecs, onSet(LevelStatus), (_: number, { state }: { state: string }) => {
      heard.push(state);
    });
    const unknown = addEntity(ecs);
    addComponent(ecs, unknown, LevelStatus);
    const request = streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(getComponent(ecs, entity, LevelStatus)).toEqual({
      level: 'house',
      state: 'active',
      progress: 1,
      shown: 1,
      failedAssets: 0,
    });
    request.release();
    await until(game, () => game.state('house') === 'unloaded');
    expect(heard).toEqual(['loading', 'loaded', 'active', 'unloading', 'unloaded']);
    expect(getComponent(ecs, entity, LevelStatus)).toMatchObject({ progress: 0, shown: 0 });
    removeEntity(ecs, entity);
    await game.step();
    await streaming.dispose();
  });

  it('goes on when an observer throws or ends the entity', async () => {
    const game = await begin();
    const { streaming, ecs } = game;
    const { LevelStatus } = streaming.components;
    const failures: unknown[] = [];
    streaming.on('listenerFailed', ({ error }) => failures.push(error));
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(LevelStatus, { level: 'house' }));
    observe(ecs, onSet(LevelStatus), (heard: number) => {
      removeEntity(ecs, heard);
      throw new RangeError('by chance');
    });
    streaming.loadLevel('house');
    await until(game, () => game.state('house') === 'active');
    expect(failures).toHaveLength(1);
    await streaming.dispose();
  });
});

describe('refused', () => {
  it('is what cannot be, with the state that was seen', async () => {
    const game = await begin();
    const { streaming } = game;
    const known = 'no opened world has a level "hose"; there are: "house", "cellar", "mine"';
    expect(() => streaming.loadLevel('hose')).toThrow(`loadLevel: ${known}`);
    expect(() => streaming.levelStatus('hose')).toThrow(`levelStatus: ${known}`);
    expect(() => streaming.hideLevel('hose')).toThrow(`hideLevel: ${known}`);
    expect(() => streaming.loadLevel('')).toThrow(
      'loadLevel: expected the name of a level, got ""',
    );
    expect(() => streaming.loadLevel('house', { priority: 'urgent' as never })).toThrow(
      'loadLevel("house"): priority: expected one of critical, high, normal, low, background, got "urgent"',
    );
    expect(() => streaming.loadLevel('house', { hidden: 1 as never })).toThrow(
      'loadLevel("house"): hidden: expected true or false, got 1',
    );
    expect(() => streaming.unloadLevel('house')).toThrow(
      'unloadLevel("house"): loadLevel did not load it; it is unloaded',
    );
    expect(() => streaming.activateLevel('house')).toThrow(
      'activateLevel("house"): it is unloaded; load it first',
    );
    expect(() => streaming.retryLevel('house')).toThrow(
      'retryLevel("house"): it is unloaded; only one that failed, or an asset of which failed, can be retried',
    );
    expect(() => streaming.setLevel('house', { budget: 3 as never })).toThrow(
      'setLevel("house"): budget: expected the name of a memory budget or null, got 3',
    );
    expect(() => streaming.setLevel('house', { dependencies: 'mine' as never })).toThrow(
      'setLevel("house"): dependencies: expected a list of names, got "mine"',
    );
    expect(() =>
      createSimulation(synthetic, { streaming: { levels: { stepsPerFrame: 0 } } }),
    ).toThrow('installStreaming: levels.stepsPerFrame must be a number from 1');
    expect(LEVEL_STATE_NAMES).toHaveLength(7);
    await streaming.dispose();
  });
});
