/**
 * Opening in the smallest turns there are: a frame after every step. Whatever the game does between
 * any two of them, what holds at the end of a frame holds, and what was broken off leaves nothing.
 */
import { addComponent, addEntity, removeComponent, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { type Clock, createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { createRandom } from '../../src/base/random.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createSimulation, drainMicrotasks, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({
  placements: 3000,
  assets: 6,
  extentMeters: 600,
  finestBytes: 3000,
  terrainDepth: 2,
  levels: [{ name: 'town', center: [0, 0, 0], radius: 90 }],
});
const beside = makeSyntheticWorld({ seed: 5, placements: 500, assets: 3, extentMeters: 300 });
const besideFiles = Object.fromEntries(
  Object.entries(beside.files).map(([name, bytes]) => [`beside/${name}`, bytes]),
);

/** Time goes on with every look at it: a turn is over after one step. */
function createTickingClock(): { clock: Clock; manual: ManualClock } {
  const manual = createManualClock();
  let looks = 0;
  const clock: Clock = {
    now: () => manual.now() + ++looks * 0.15,
    after: (delayMs, callback) => manual.after(delayMs, callback),
  };
  return { clock, manual };
}

interface Game {
  simulation: Simulation;
  frame(): Promise<void>;
  /** As much time as a frame takes, without one. */
  passTime(): Promise<void>;
  opening: { error?: Error; isDone: boolean };
  open(): void;
}

function createGame(): Game {
  const { clock, manual } = createTickingClock();
  const simulation = createSimulation(world, {
    streaming: {
      clock,
      source: memorySource({ ...world.files, ...besideFiles }),
      budgetBytes: world.residentBytes * 4,
      openMsPerFrame: 0.1,
      activateRadiusMeters: 40,
    },
  });
  simulation.look(0, 12, 0, 0);
  const opening: Game['opening'] = { isDone: true };
  const passTime = async (): Promise<void> => {
    manual.advance(33);
    await drainMicrotasks();
  };
  return {
    simulation,
    opening,
    open() {
      opening.isDone = false;
      delete opening.error;
      simulation.streaming
        .open(world.path)
        .catch((error: Error) => {
          opening.error = error;
        })
        .finally(() => {
          opening.isDone = true;
        });
    },
    async frame() {
      await simulation.step();
      simulation.streaming.checkInvariants();
      await passTime();
    },
    passTime,
  };
}

async function openWhole(game: Game, between: () => void = () => undefined): Promise<number> {
  game.open();
  let frames = 0;
  for (; !game.opening.isDone; frames++) {
    between();
    await game.frame();
  }
  expect(game.opening.error).toBeUndefined();
  return frames;
}

/** What is shown of placements and tiles, when all has come. */
async function shownAtRest(game: Game): Promise<[number, number][]> {
  const { streaming, view } = game.simulation;
  let quiet = 0;
  for (let frames = 0; quiet < 15 && frames < 2000; frames++) {
    await game.frame();
    const { payloadsPending, payloadsStaged } = streaming.stats();
    quiet = payloadsPending + payloadsStaged === 0 ? quiet + 1 : 0;
  }
  expect(view.problems).toEqual([]);
  return [...view.shown].filter(([slot]) => slot > 4096).sort((a, b) => a[0] - b[0]);
}

async function calmly(): Promise<{ frames: number; shown: [number, number][] }> {
  const game = createGame();
  const frames = await openWhole(game);
  const shown = await shownAtRest(game);
  expect(game.simulation.streaming.stats().openSlices).toBeGreaterThan(frames / 2);
  await game.simulation.streaming.dispose();
  return { frames, shown };
}

const expected = calmly();

describe('an opening with a frame after every step', () => {
  it('has so many steps, and shows something in the end', async () => {
    const { frames, shown } = await expected;
    expect(frames).toBeGreaterThan(100);
    expect(shown.length).toBeGreaterThan(100);
  });

  it('can be broken off after any, and begun anew on what is left of the tables', async () => {
    const { frames, shown } = await expected;
    const game = createGame();
    const { streaming, view } = game.simulation;
    streaming.setLevelLod('town', { finestLod: 1 });
    for (let after = 0; after < frames; after += 3) {
      game.open();
      for (let frame = 0; frame < after; frame++) await game.frame();
      streaming.close(world.path);
      if (game.opening.isDone) {
        // Tables that are long enough already need no steps to grow.
        expect(after).toBeGreaterThan(frames * 0.6);
        await game.frame();
        break;
      }
      await game.frame();
      expect(game.opening.error?.message).toMatch(/it was closed while it was being opened/);
      const { payloads, placements, usedBytes, levels } = streaming.stats();
      expect({ payloads, placements, usedBytes, levels, after }).toEqual({
        payloads: 0,
        placements: 0,
        usedBytes: 0,
        levels: {},
        after,
      });
      expect(view.shown.size + view.uploaded.size).toBe(0);
    }
    streaming.setLevelLod('town', null);
    await openWhole(game);
    expect(await shownAtRest(game)).toEqual(shown);
    await streaming.dispose();
  });

  it('is disposed of after any', async () => {
    const { frames } = await expected;
    for (let after = 0; after < frames; after += 23) {
      const game = createGame();
      game.open();
      for (let frame = 0; frame < after; frame++) await game.frame();
      await game.simulation.streaming.dispose();
      await game.passTime();
      expect(game.opening.error?.message).toMatch(/disposed while it was being opened/);
      expect(game.simulation.view.shown.size + game.simulation.view.uploaded.size).toBe(0);
    }
  });

  it('leaves the game what it adds, moves, takes away and opens beside', async () => {
    const { shown } = await expected;
    for (const seed of [1, 2]) {
      const game = createGame();
      const { ecs, streaming, view } = game.simulation;
      const warnings: string[] = [];
      streaming.on('warning', ({ message }) => warnings.push(message));
      const { StreamRequest, Transform } = streaming.components;
      const random = createRandom(seed);
      const entities: number[] = [];
      const asset = world.assetNames[0]!;
      let besideIsOpen = false;
      let frame = 0;
      await openWhole(game, () => {
        const [x, z] = [(random() - 0.5) * 60, (random() - 0.5) * 60 - 40];
        const entity = addEntity(ecs);
        addComponent(ecs, entity, set(Transform, { position: [x, 0, z] }));
        addComponent(ecs, entity, set(StreamRequest, { asset }));
        entities.push(entity);
        const other = entities[Math.floor(random() * entities.length)]!;
        Transform.position[other * 3] = (random() - 0.5) * 60;
        const what = random();
        if (what < 0.3) {
          removeEntity(ecs, other);
          entities.splice(entities.indexOf(other), 1);
        } else if (what < 0.4) removeComponent(ecs, other, StreamRequest);
        else if (what < 0.5) addComponent(ecs, other, set(StreamRequest, { asset }));
        if (frame++ === 40 * seed)
          void streaming.open('beside/world.json').then(() => {
            besideIsOpen = true;
          });
      });
      while (!besideIsOpen) await game.frame();
      const now = new Map(await shownAtRest(game));
      expect(entities.length).toBeGreaterThan(20);
      const requesting = streaming.stats().entitiesRequesting;
      expect(requesting).toBeGreaterThan(20);
      expect([...view.shown.keys()].filter((slot) => slot <= 4096).length).toBeGreaterThan(5);
      for (const entity of entities) removeEntity(ecs, entity);
      // The tables may hold the other world first: by place, not by row, they agree.
      expect(now.size).toBeGreaterThan(shown.length);
      expect(warnings).toHaveLength(3);
      await streaming.dispose();
    }
  });
});
