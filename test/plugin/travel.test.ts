/** Travel on a simulated link: what is there on arrival, how it ends otherwise, and what it leaves behind. */
import { getAllEntities, hasComponent } from 'bitecs';
import { describe, expect, it } from 'vitest';
import type { TravelOptions, TravelResult } from '../../src/index.ts';
import { createSimulation, type Simulation } from '../support/simulation.ts';
import { beginTravelGame, FAR_AWAY, travelWorld } from '../support/travel-world.ts';

const PLACE = [FAR_AWAY, 2, 120] as const;
const AWAY = { position: PLACE, direction: [0, 0, -1] } as const;

interface Ended {
  result: TravelResult | null;
  error: Error | null;
}

/** Begins to travel and notes how it ends. */
function travel(game: Simulation, options: TravelOptions = {}, pose: object = AWAY): Ended {
  const ended: Ended = { result: null, error: null };
  game.streaming.travelTo(pose as typeof AWAY, options).then(
    (result) => {
      ended.result = result;
    },
    (error: unknown) => {
      ended.error = error as Error;
    },
  );
  return ended;
}

async function until(game: Simulation, holds: () => boolean, limit = 3000): Promise<void> {
  for (let frames = 0; frames < limit && !holds(); frames++) {
    await game.step();
    if (frames % 20 === 0) game.streaming.checkInvariants();
  }
  expect(holds()).toBe(true);
}

/** Until all is there where the camera stands, some of it coarse. */
async function arrive(game: Simulation): Promise<void> {
  await game.step();
  await until(game, () => game.streaming.levels()['home'] === 'active');
  await until(game, () => game.streaming.stats().holes === 0);
}

/** As from a file of which nothing can be read between some bytes. */
const broken = (at: number) => ({
  decide: ({ file, start, end }: { file: string; start: number; end: number }) =>
    file === 'pack.ffp' && start <= at && at < end ? ('notFound' as const) : undefined,
});

describe('travel', () => {
  it.each(['levels', 'complete', 'settled'] as const)(
    'until %s: the first frame there shows it',
    async (readiness) => {
      const game = await beginTravelGame();
      const { streaming, clock } = game;
      await arrive(game);
      const left: number[] = [];
      streaming.on('volumeLeft', ({ entity }) => left.push(entity));
      const startMs = clock.now();
      const before = streaming.stats().fetchedBytes;
      const states: string[] = [];
      streaming.on('loadingProgress', ({ state, progress }) => states.push(`${state} ${progress}`));
      const ended = travel(game, { until: readiness });
      await until(game, () => ended.result !== null);
      const result = ended.result!;
      expect(states.at(-1)).toBe('ready 1');
      expect(result).toMatchObject({ reached: readiness, failures: [], hadScreen: true });
      expect(result.waitedMs).toBeCloseTo(clock.now() - startMs - 1000 / 30, 0);
      expect(result.fetchedBytes).toBeGreaterThan(0);
      expect(result.fetchedBytes).toBeLessThanOrEqual(streaming.stats().fetchedBytes - before);
      // Something is hidden: a cut of the camera has that forgotten.
      streaming.setOcclusion(
        [streaming.placementsIn({ center: [0, 0, 0], radius: 50 }).slots[0]!],
        [200],
      );
      expect(streaming.stats().occludedSlots).toBe(1);
      game.look(...PLACE, 0);
      await game.step();
      const { holes, levels, occludedSlots } = streaming.stats();
      expect(levels['away']).toBe('active');
      expect(occludedSlots).toBe(0);
      if (readiness === 'levels') expect(holes).toBeLessThanOrEqual(result.holes);
      else expect({ holes, said: result.holes }).toEqual({ holes: 0, said: 0 });
      // The volumes there were never left; the one where it came from is.
      for (let i = 0; i < 10; i++) await game.step();
      expect(left).toEqual([game.volumes[0]]);
      expect(streaming.loadingScreens()).toEqual([]);
      expect(streaming.stats().holes).toBeLessThanOrEqual(result.holes);
      await streaming.dispose();
    },
  );

  it('without it there are holes, and the level is not there', async () => {
    const game = await beginTravelGame();
    await arrive(game);
    game.look(...PLACE, 0);
    await game.step();
    const { holes, levels } = game.streaming.stats();
    expect(holes).toBeGreaterThan(100);
    expect(levels['away']).not.toBe('active');
    await game.streaming.dispose();
  });

  it('has no screen when it is quick, and leaves the game’s world as it was', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 });
    const { streaming, ecs } = game;
    await arrive(game);
    const entities = [...getAllEntities(ecs)];
    const ended = travel(game, { until: 'levels' });
    expect(getAllEntities(ecs)).toHaveLength(entities.length + 1);
    await until(game, () => ended.result !== null);
    expect(ended.result).toMatchObject({ hadScreen: false });
    game.look(...PLACE, 0);
    for (let i = 0; i < 4; i++) await game.step();
    expect([...getAllEntities(ecs)].sort()).toEqual(entities.sort());
    await streaming.dispose();
  });

  it('shows what it is told to, for as long as it is told to', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 });
    const { streaming } = game;
    await arrive(game);
    const ended = travel(game, {
      screenAfterSeconds: 0,
      screen: { title: 'Away', minimumSeconds: 1.5 },
    });
    await until(game, () => streaming.loadingScreens().length > 0);
    const [screen] = streaming.loadingScreens();
    await game.step();
    expect(streaming.loadingStatus(screen!)).toMatchObject({ title: 'Away', state: 'waiting' });
    await until(game, () => ended.result !== null);
    expect(ended.result!.waitedMs).toBeGreaterThan(1500);
    expect(ended.result!.waitedMs).toBeLessThan(1800);
    // It covers the picture until the camera is there.
    expect(streaming.loadingStatus(screen!)).toMatchObject({ state: 'ready', progress: 1 });
    game.look(...PLACE, 0);
    await game.step();
    expect(streaming.loadingScreens()).toEqual([]);
    await streaming.dispose();
  });

  it('that nobody follows is over after two seconds', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 });
    const { streaming, ecs } = game;
    await arrive(game);
    const count = getAllEntities(ecs).length;
    const ended = travel(game);
    await until(game, () => ended.result !== null);
    for (let i = 0; i < 55; i++) await game.step();
    expect(streaming.levels()['away']).toBe('active');
    for (let i = 0; i < 10; i++) await game.step();
    expect(getAllEntities(ecs)).toHaveLength(count);
    await until(game, () => streaming.levels()['away'] === 'unloaded');
    await streaming.dispose();
  });
});

describe('it ends', () => {
  it('with what failed: a level by default, unless it is told to go on', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 5e6 });
    const { streaming } = game;
    streaming.on('levelFailed', () => undefined);
    streaming.createMemoryBudget('inside', 1000);
    streaming.setLevel('away', { budget: 'inside' });
    const refused = travel(game);
    await until(game, () => refused.error !== null);
    expect(refused.error!.message).toMatch(
      /^farfield: travelTo: level "away" failed: level "away" needs \d+ bytes of memory budget "inside"/,
    );
    const ended = travel(game, { onFailure: 'continue' });
    await until(game, () => ended.result !== null);
    expect(ended.result!.failures).toMatchObject([{ kind: 'level', name: 'away', blocks: true }]);
    expect(ended.result!.holes).toBe(0);
    await streaming.dispose();
  });

  it('when a level is there after all, if it is told to wait', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 5e6 });
    const { streaming } = game;
    streaming.on('levelFailed', () => undefined);
    const budget = streaming.createMemoryBudget('inside', 1000);
    streaming.setLevel('away', { budget: 'inside' });
    const ended = travel(game, { onFailure: 'wait', screenAfterSeconds: 0 });
    const stateOf = (): string =>
      streaming.loadingScreens().map((one) => streaming.loadingStatus(one).state)[0] ?? '';
    await until(game, () => stateOf() === 'failed');
    for (let i = 0; i < 30; i++) await game.step();
    budget.dispose();
    streaming.createMemoryBudget('inside', streaming.levelStatus('away').baseBytes);
    streaming.retryLoading(streaming.loadingScreens()[0]!);
    await until(game, () => ended.result !== null);
    expect(ended.result).toMatchObject({ failures: [], holes: 0 });
    await streaming.dispose();
  });

  it('with the assets that failed: it is shown without them', async () => {
    const { payloadOffsets, assetLodCounts } = travelWorld.catalog;
    // All LODs of an asset that stands there.
    const [first, second] = assetLodCounts;
    const offsets = [...payloadOffsets.slice(first!, first! + second!)];
    const decide = (read: { file: string; start: number; end: number }) =>
      offsets.map((at) => broken(at).decide(read)).find((fault) => fault);
    const game = await beginTravelGame({ faults: { decide }, bandwidthBytesPerSecond: 5e6 });
    game.streaming.on('assetFailed', () => undefined);
    game.streaming.on('levelDegraded', () => undefined);
    const ended = travel(game);
    await until(game, () => ended.result !== null);
    expect(ended.result!.failures).toMatchObject([
      { kind: 'asset', name: 'asset-1', blocks: false },
    ]);
    game.look(...PLACE, 0);
    await game.step();
    expect(game.streaming.stats().holes).toBe(ended.result!.holes);
    await game.streaming.dispose();
  });

  it('when time is up, when it is aborted, superseded, or the streaming is disposed', async () => {
    const game = await beginTravelGame();
    const { streaming, ecs } = game;
    game.link.bandwidthBytesPerSecond = 5000;
    const count = getAllEntities(ecs).length;
    const late = travel(game, { timeoutSeconds: 1 });
    await until(game, () => late.error !== null);
    expect(late.error!.message).toMatch(
      /^farfield: travelTo: after 1 s \d+ of \d+ bytes are there, \d+ things and \d+ holes are left$/,
    );
    const ending = new AbortController();
    const aborted = travel(game, { signal: ending.signal, screenAfterSeconds: 0 });
    await until(game, () => streaming.loadingScreens().length > 0);
    ending.abort(new Error('changed my mind'));
    await game.step();
    expect(aborted.error!.message).toBe('changed my mind');
    expect(streaming.loadingScreens()).toEqual([]);
    expect(travel(game, { signal: ending.signal })).toMatchObject({ result: null });
    const first = travel(game);
    const second = travel(game);
    await game.step();
    expect(first.error!.message).toBe('farfield: travelTo: a later travelTo took its place');
    await game.step();
    // Of all of these one viewpoint is left.
    expect(getAllEntities(ecs)).toHaveLength(count + 1);
    await streaming.dispose();
    expect(second.error!.message).toBe('farfield: the streaming was disposed');
    expect(getAllEntities(ecs)).toHaveLength(count);
    await expect(streaming.travelTo(AWAY)).rejects.toThrow('was disposed');
  });

  it('when the game removes its viewpoint', async () => {
    const game = await beginTravelGame();
    const { streaming } = game;
    const ended = travel(game);
    await game.step();
    const { Viewpoint } = streaming.components;
    const [own] = getAllEntities(game.ecs).filter(
      (entity) => entity !== game.viewpoint && hasComponent(game.ecs, entity, Viewpoint),
    );
    streaming.removeViewpoint(own!);
    await game.step();
    expect(ended.error!.message).toBe(
      'farfield: travelTo: the entity of its viewpoint was removed',
    );
    await streaming.dispose();
  });
});

it('refuses what it cannot use, with a name', async () => {
  const game = createSimulation(travelWorld);
  const { streaming } = game;
  const bad: [object, TravelOptions, string][] = [
    [{}, {}, 'travelTo: position: expected 3 finite numbers, got undefined'],
    [{ position: [0, Number.NaN, 0] }, {}, 'travelTo: position: expected 3 finite numbers'],
    [{ position: PLACE, direction: [0, 0, 0] }, {}, 'travelTo: direction: expected a vector'],
    [{ position: PLACE, orientation: [0, 0, 0, 2] }, {}, 'travelTo: orientation: expected a unit'],
    [AWAY, { until: 'soon' as never }, 'travelTo: until: expected one of levels, complete'],
    [AWAY, { onFailure: 'cry' as never }, 'travelTo: onFailure: expected one of reject'],
    [AWAY, { timeoutSeconds: -1 }, 'travelTo: timeoutSeconds must be a number from 0'],
    [AWAY, { screenAfterSeconds: Number.NaN }, 'travelTo: screenAfterSeconds must be a number'],
    [AWAY, { screen: { tipSeconds: 0 } }, 'travelTo: screen: LoadingScreen.tipSeconds: expected'],
  ];
  for (const [pose, options, message] of bad)
    await expect(streaming.travelTo(pose as typeof AWAY, options)).rejects.toThrow(message);
  for (let i = 0; i < 15; i++) streaming.createViewpoint();
  await expect(streaming.travelTo(AWAY)).rejects.toThrow(
    'travelTo: there are 16 viewpoints, and 16 are served at most; remove one',
  );
  await streaming.dispose();
});
