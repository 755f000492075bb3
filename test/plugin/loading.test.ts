/** Loading screens on a simulated link: what they tell, when they are ready, what fails and comes back. */
import { addComponent, addEntity, getComponent, removeEntity, set, setComponent } from 'bitecs';
import { describe, expect, it } from 'vitest';
import type { ComponentData } from '../../src/components/index.ts';
import type { StreamingEvents } from '../../src/telemetry/events.ts';
import type { Simulation } from '../support/simulation.ts';
import { beginTravelGame, travelWorld } from '../support/travel-world.ts';

type ViewName = NonNullable<ComponentData<'LoadingScreen'>['view']>;

type Told = StreamingEvents['loadingProgress'];

function addScreen(game: Simulation, data: ComponentData<'LoadingScreen'>): number {
  const entity = addEntity(game.ecs);
  addComponent(game.ecs, entity, set(game.streaming.components.LoadingScreen, data));
  return entity;
}

function hear(game: Simulation): Told[] {
  const told: Told[] = [];
  game.streaming.on('loadingProgress', (event) => told.push(event));
  return told;
}

async function until(game: Simulation, holds: () => boolean, limit = 3000): Promise<number> {
  let frames = 0;
  for (; frames < limit && !holds(); frames++) await game.step();
  expect(holds()).toBe(true);
  return frames;
}

const stateOf = (game: Simulation, entity: number): string =>
  game.streaming.loadingStatus(entity).state;

describe('a loading screen', () => {
  it('tells how far a level is, never falls, and is ready when the level is shown', async () => {
    const game = await beginTravelGame();
    const { streaming } = game;
    const told = hear(game);
    const screen = addScreen(game, { title: 'Home', levels: ['home'], tips: ['one', 'two'] });
    expect(streaming.loadingScreens()).toEqual([screen]);
    await game.step();
    expect(streaming.loadingStatus(screen)).toMatchObject({
      entity: screen,
      title: 'Home',
      description: '',
      tip: 'one',
      state: 'waiting',
      errors: [],
    });
    await until(game, () => stateOf(game, screen) === 'ready');
    expect(streaming.levelStatus('home').state).toBe('active');
    expect(told.length).toBeGreaterThan(5);
    for (const [i, event] of told.entries()) {
      const before = told[i - 1];
      expect(event.progress).toBeGreaterThanOrEqual(before?.progress ?? 0);
      expect(event.entity).toBe(screen);
      expect(event.state).toBe(i < told.length - 1 ? 'waiting' : 'ready');
    }
    const last = told.at(-1)!;
    expect(last).toMatchObject({ progress: 1, secondsLeft: 0, errors: [] });
    expect(last.bytesLoaded).toBe(last.bytesTotal);
    expect(last.bytesTotal).toBeGreaterThan(0);
    // Ready, it tells nothing more.
    for (let i = 0; i < 30; i++) await game.step();
    expect(told.at(-1)).toBe(last);
    removeEntity(game.ecs, screen);
    await game.step();
    expect(streaming.loadingScreens()).toEqual([]);
    await streaming.dispose();
  });

  it('is shown for its time at least, changes tips by the clock, and tells in order of ids', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 1e9, latencySeconds: 0.001 });
    const told = hear(game);
    const screens = [0, 2].map((minimumSeconds) =>
      addScreen(game, { levels: ['home'], minimumSeconds, tips: ['a', 'b', 'c'], tipSeconds: 1 }),
    );
    const tips = new Set<string>();
    const startMs = game.clock.now();
    await until(game, () => {
      tips.add(game.streaming.loadingStatus(screens[1]!).tip);
      return stateOf(game, screens[1]!) === 'ready';
    });
    expect(game.clock.now() - startMs).toBeGreaterThan(2000);
    expect(game.clock.now() - startMs).toBeLessThan(2200);
    expect([...tips]).toEqual(['a', 'b', 'c']);
    const ready = told.filter(({ state }) => state === 'ready').map(({ entity }) => entity);
    expect(ready).toEqual(screens);
    expect(told.slice(0, 2).map(({ entity }) => entity)).toEqual(screens);
    await game.streaming.dispose();
  });

  it('waits for a first complete view: holes before it is ready, none when it is', async () => {
    const game = await beginTravelGame();
    const screen = addScreen(game, { view: 'complete' });
    let holes = 0;
    await until(game, () => {
      holes += game.streaming.stats().holes;
      return stateOf(game, screen) === 'ready';
    });
    expect(holes).toBeGreaterThan(100);
    expect(game.streaming.stats().holes).toBe(0);
    expect(game.streaming.levelStatus('home').state).toBe('active');
    await game.streaming.dispose();
  });

  it('has what shows nothing come before what only refines', async () => {
    const seconds = async (isAwaited: boolean): Promise<number> => {
      const game = await beginTravelGame({ bandwidthBytesPerSecond: 40_000 });
      if (isAwaited) addScreen(game, { view: 'complete' });
      // Nothing is in view, and nothing missing, before the first frames.
      for (let i = 0; i < 10; i++) await game.step();
      const frames = await until(game, () => game.streaming.stats().holes === 0);
      await game.streaming.dispose();
      return frames / 30;
    };
    const [awaited, alone] = [await seconds(true), await seconds(false)];
    // 2.7 against 9.9 seconds.
    expect(awaited).toBeLessThan(alone / 3);
  });

  it('waits until the view has settled: what comes after is nothing that the view needs', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 2e6 });
    const complete = addScreen(game, { view: 'complete' });
    const settled = addScreen(game, { view: 'settled' });
    await until(game, () => stateOf(game, complete) === 'ready');
    expect(stateOf(game, settled)).toBe('waiting');
    await until(game, () => stateOf(game, settled) === 'ready');
    const loaded = game.streaming.lodHistogram();
    for (let i = 0; i < 60; i++) await game.step();
    expect(game.streaming.lodHistogram()).toEqual(loaded);
    await game.streaming.dispose();
  });

  it('waits again when it is given something else, and says when time is up', async () => {
    const game = await beginTravelGame();
    const { streaming, ecs } = game;
    const { LoadingScreen } = streaming.components;
    const screen = addScreen(game, { levels: ['home'] });
    await until(game, () => stateOf(game, screen) === 'ready');
    setComponent(ecs, screen, LoadingScreen, { title: 'still ready' });
    await game.step();
    expect(stateOf(game, screen)).toBe('ready');
    // Nobody wants that level: it will not come.
    setComponent(ecs, screen, LoadingScreen, { levels: ['away'], timeoutSeconds: 1 });
    await game.step();
    expect(streaming.loadingStatus(screen)).toMatchObject({ state: 'waiting' });
    await until(game, () => stateOf(game, screen) === 'timedOut');
    expect(streaming.explain(screen)).toBe(
      'it waits for level "away", which nobody wants; loadLevel loads it, or a volume',
    );
    const request = streaming.loadLevel('away');
    await until(game, () => stateOf(game, screen) === 'ready');
    expect(getComponent(ecs, screen, LoadingScreen)).toMatchObject({ progress: 1, errors: 0 });
    request.release();
    await streaming.dispose();
  });
});

describe('what fails', () => {
  const { payloadOffsets } = travelWorld.catalog;

  it('is named: an asset that is awaited, and it comes when it is retried', async () => {
    let isBroken = true;
    const offsets = new Set(payloadOffsets.slice(0, 5));
    const decide = ({ file, start, end }: { file: string; start: number; end: number }) =>
      isBroken && file === 'pack.ffp' && [...offsets].some((at) => start <= at && at < end)
        ? ('notFound' as const)
        : undefined;
    const game = await beginTravelGame({ faults: { decide }, bandwidthBytesPerSecond: 5e6 });
    const { streaming } = game;
    streaming.on('assetFailed', () => undefined);
    const told = hear(game);
    streaming.requestAsset('asset-0', 4, 'critical');
    const screen = addScreen(game, { assets: ['asset-0'] });
    await until(game, () => stateOf(game, screen) === 'failed');
    const failure = {
      kind: 'asset',
      name: 'asset-0',
      message: 'asset-0 LOD 4: NotFound',
      blocks: true,
    };
    expect(streaming.loadingStatus(screen)).toMatchObject({ secondsLeft: -1, errors: [failure] });
    expect(told.at(-1)).toMatchObject({ state: 'failed', errors: [failure] });
    expect(streaming.explain(screen)).toBe(
      'it waits for asset "asset-0", which failed: asset-0 LOD 4: NotFound',
    );
    for (let i = 0; i < 30; i++) await game.step();
    expect(stateOf(game, screen)).toBe('failed');
    isBroken = false;
    streaming.retryLoading(screen);
    const frames = await until(game, () => stateOf(game, screen) === 'ready');
    expect(frames).toBeLessThan(60);
    expect(streaming.loadingStatus(screen).errors).toEqual([]);
    expect(streaming.explain(screen)).toBe('');
    await streaming.dispose();
  });

  it('is named: a level, which comes when it is retried', async () => {
    const game = await beginTravelGame({ bandwidthBytesPerSecond: 5e6 });
    const { streaming } = game;
    streaming.on('levelFailed', () => undefined);
    const budget = streaming.createMemoryBudget('inside', 1000);
    streaming.setLevel('away', { budget: 'inside' });
    streaming.loadLevel('away').ready.catch(() => undefined);
    const screen = addScreen(game, { levels: ['away', 'home'] });
    await until(game, () => stateOf(game, screen) === 'failed');
    expect(streaming.loadingStatus(screen).errors).toMatchObject([
      { kind: 'level', name: 'away', blocks: true },
    ]);
    expect(streaming.loadingStatus(screen).errors[0]!.message).toContain('memory budget "inside"');
    budget.dispose();
    streaming.createMemoryBudget('inside', streaming.levelStatus('away').baseBytes);
    streaming.retryLoading(screen);
    await until(game, () => stateOf(game, screen) === 'ready');
    expect(streaming.levelStatus('away').state).toBe('active');
    await streaming.dispose();
  });

  it('is a name that no world has, once all are open; before that it is waited for', async () => {
    const game = await beginTravelGame();
    const { streaming } = game;
    const screen = addScreen(game, { levels: ['hoem'], assets: ['oka'] });
    await until(game, () => stateOf(game, screen) === 'failed');
    expect(streaming.loadingStatus(screen).errors.map(({ message }) => message)).toEqual([
      'no opened world has a level "hoem"; there are: "home", "away"',
      'no opened world has an asset "oka"',
    ]);
    streaming.close(travelWorld.path);
    await game.step();
    expect(streaming.loadingStatus(screen)).toMatchObject({ state: 'waiting', secondsLeft: -1 });
    expect(() => streaming.loadingStatus(game.viewpoint)).toThrow(
      `loadingStatus: expected an entity with LoadingScreen, got ${game.viewpoint}`,
    );
    expect(() => streaming.retryLoading(0)).toThrow('retryLoading: expected an entity');
    await streaming.dispose();
  });
});

describe('the time that is left', () => {
  /** Relative error of `secondsLeft` when a quarter, half and three quarters of the time are over. */
  async function errors(bandwidth: number, latency: number, view: ViewName): Promise<number[]> {
    const game = await beginTravelGame({
      bandwidthBytesPerSecond: bandwidth,
      latencySeconds: latency,
    });
    const screen = addScreen(game, view === 'none' ? { levels: ['home'] } : { view });
    const said: [ms: number, seconds: number][] = [];
    await until(game, () => {
      const { secondsLeft, state } = game.streaming.loadingStatus(screen);
      said.push([game.clock.now(), secondsLeft]);
      return state === 'ready';
    });
    await game.streaming.dispose();
    const [startMs] = said[0]!;
    const [endMs] = said.at(-1)!;
    return [0.25, 0.5, 0.75].map((share) => {
      const [ms, seconds] = said.find(([when]) => when >= startMs + (endMs - startMs) * share)!;
      const left = (endMs - ms) / 1000;
      // Not knowing is as bad as saying nothing.
      return seconds < 0 ? 1 : Math.abs(seconds - left) / left;
    });
  }

  it('is about right on links from 10 to 80 kB/s', async () => {
    const rows: number[][] = [];
    for (const [i, bandwidth] of [10_000, 15_000, 25_000, 40_000, 80_000].entries())
      for (const view of ['complete', 'none'] as const)
        rows.push(await errors(bandwidth, [0.02, 0.05, 0.1][i % 3]!, view));
    const medians = [0, 1, 2].map((i) => {
      const sorted = rows.map((row) => row[i]!).sort((a, b) => a - b);
      return sorted[sorted.length >> 1]!;
    });
    for (const median of medians) expect(median).toBeLessThan(0.35);
  });
});
