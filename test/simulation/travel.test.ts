/**
 * Strategy: a field of grid squares, each a level with a proxy, and a player who travels, changes their
 * mind, follows or stays, while screens come and go and levels are loaded and unloaded, from seeds. In
 * every frame: what is told of a screen never falls, is in order and makes sense, and invariants hold.
 * On arrival: squares around are active and nothing in view is missing. In the end: no entity is left.
 * Control: a jump without travel finds neither.
 */
import { addComponent, addEntity, getAllEntities, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { createRandom, type Random } from '../../src/base/random.ts';
import { EDGE, HALF, makeHorizonWorld, PLACES, RANGE } from '../support/horizon-world.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';

const horizon = makeHorizonWorld();
const SEEDS = 6;
const FRAMES = 240;

interface Player extends Simulation {
  random: Random;
  problems: string[];
  screens: number[];
  /** Progress told last, of screens that were not ready then. */
  told: Map<number, number>;
  ending: AbortController;
  arrivals: number;
  /** Where the camera is going to be, in so many frames. */
  follow: { x: number; z: number; frames: number } | null;
}

async function begin(seed: number): Promise<Player> {
  const game = createSimulation(horizon, {
    seed,
    bandwidthBytesPerSecond: 60_000,
    streaming: {
      budgetBytes: horizon.residentBytes * 2,
      prefetchRadiusMeters: 40,
      activateRadiusMeters: 0,
      policy: { keepsCoarsest: false },
    },
  });
  game.streaming.on('warning', () => undefined);
  game.look(-140, 2, -140, 0);
  await openSynthetic(game, horizon);
  const player: Player = {
    ...game,
    random: createRandom(seed),
    problems: [],
    screens: [],
    told: new Map(),
    ending: new AbortController(),
    arrivals: 0,
    follow: null,
  };
  listen(player);
  return player;
}

function listen({ streaming, told, problems }: Player): void {
  let last = 0;
  let frame = -1;
  streaming.on(
    'loadingProgress',
    ({ entity, progress, secondsLeft, state, bytesLoaded, bytesTotal }) => {
      const now = streaming.stats().frame;
      if (now === frame && entity <= last) problems.push(`${entity} was told after ${last}`);
      [frame, last] = [now, entity];
      if (progress < (told.get(entity) ?? 0)) problems.push(`${entity} fell to ${progress}`);
      if (!(secondsLeft >= -1 && secondsLeft < 1e5)) problems.push(`${secondsLeft} seconds left`);
      if (!(bytesLoaded >= 0 && bytesLoaded <= bytesTotal)) problems.push(`${bytesLoaded} loaded`);
      if ((state === 'ready') !== (progress === 1)) problems.push(`${state} at ${progress}`);
      if (state === 'ready') told.delete(entity);
      else told.set(entity, progress);
    },
  );
}

const squareNear = (x: number, z: number): string[] =>
  PLACES.filter(([i, j]) => {
    const outside = (at: number, square: number): number =>
      Math.max(square * EDGE - at, 0, at - (square + 1) * EDGE);
    return Math.hypot(outside(x, i), outside(z, j)) < RANGE - 1;
  }).map(([i, j]) => `hills/${i}_${j}`);

/** What is wrong where the camera has just come to. */
function checkArrival(
  { streaming, problems }: Simulation & { problems: string[] },
  x: number,
  z: number,
): void {
  const { holes, levels } = streaming.stats();
  if (holes > 0) problems.push(`${holes} holes on arrival`);
  for (const name of squareNear(x, z))
    if (levels[name] !== 'active') problems.push(`${name} is ${levels[name]} on arrival`);
}

const place = (random: Random): number => (random() * 2 - 1) * (EDGE * HALF - 10);

/** Travels, and goes there as soon as it may; or does not. */
function travel(player: Player, follows: boolean): void {
  const { random, streaming } = player;
  const [x, z] = [place(random), place(random)];
  player.ending = new AbortController();
  const until = random() < 0.5 ? 'complete' : 'settled';
  const options = { until, signal: player.ending.signal, timeoutSeconds: 20 } as const;
  const pose = { position: [x, 2, z], direction: [0, 0, -1] } as const;
  streaming.travelTo(pose, { ...options, screenAfterSeconds: random() }).then(
    (result) => {
      player.arrivals++;
      if (result.holes > 0) player.problems.push(`said ${result.holes} holes`);
      if (!follows) return;
      player.follow = { x, z, frames: random() < 0.5 ? 0 : Math.floor(random() * 40) };
    },
    () => undefined,
  );
}

/** One thing that a player or a game does. */
function act(player: Player): void {
  const { random, ecs, streaming, screens, told } = player;
  const kind = random();
  if (kind < 0.02) travel(player, random() < 0.7);
  else if (kind < 0.025) player.ending.abort(new Error('no'));
  else if (kind < 0.06) {
    const [i, j] = PLACES[Math.floor(random() * PLACES.length)]!;
    const entity = addEntity(ecs);
    const view = (['none', 'levels', 'complete', 'settled'] as const)[Math.floor(random() * 4)]!;
    const data = { view, levels: random() < 0.5 ? [`hills/${i}_${j}`] : [] };
    addComponent(ecs, entity, set(streaming.components.LoadingScreen, data));
    told.delete(entity);
    screens.push(entity);
    if (random() < 0.7) streaming.loadLevel(`hills/${i}_${j}`).ready.catch(() => undefined);
  } else if (kind < 0.09 && screens.length > 0) {
    const entity = screens.shift()!;
    removeEntity(ecs, entity);
    told.delete(entity);
  }
}

describe('travels and screens', () => {
  it('from seeds tell no nonsense, find all there on arrival, and leave nothing behind', async () => {
    let arrivals = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const player = await begin(seed);
      const { ecs, streaming, screens, told } = player;
      const entities = getAllEntities(ecs).length;
      for (let frame = 0; frame < FRAMES; frame++) {
        act(player);
        const follow = player.follow && player.follow.frames-- === 0 ? player.follow : null;
        if (follow) player.look(follow.x, 2, follow.z, 0);
        await player.step();
        if (follow) checkArrival(player, follow.x, follow.z);
        if (follow === player.follow) player.follow = null;
        // Those of travels end by themselves.
        for (const entity of told.keys())
          if (!streaming.loadingScreens().includes(entity)) told.delete(entity);
        if (frame % 8 === 0) streaming.checkInvariants();
      }
      for (const entity of screens) removeEntity(ecs, entity);
      player.ending.abort();
      for (let frame = 0; frame < 65; frame++) await player.step();
      expect({ seed, problems: player.problems }).toEqual({ seed, problems: [] });
      expect(streaming.loadingScreens()).toEqual([]);
      expect(getAllEntities(ecs)).toHaveLength(entities);
      arrivals += player.arrivals;
      await streaming.dispose();
    }
    expect(arrivals).toBeGreaterThan(SEEDS);
  });

  it('a jump without travel finds holes, and squares that are not there', async () => {
    const player = await begin(1);
    await player.settle();
    player.look(120, 2, 120, 0);
    await player.step();
    checkArrival(player, 120, 120);
    expect(player.problems.some((one) => one.includes('holes'))).toBe(true);
    expect(player.problems.some((one) => one.includes('hills/3_3 is'))).toBe(true);
    await player.streaming.dispose();
  });
});
