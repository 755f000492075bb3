/** Grids as a game sees them: what is loaded around a viewpoint, ranges, layers, closing and opening again. */
import { describe, expect, it } from 'vitest';
import {
  createLooks,
  EDGE,
  HALF,
  makeHorizonWorld,
  PLACES,
  RANGE,
} from '../support/horizon-world.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';

const synthetic = makeHorizonWorld();

async function begin(): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    streaming: { budgetBytes: synthetic.residentBytes * 2 },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(5, 3, 5, 0);
  return simulation;
}

async function frames({ step, streaming }: Simulation, count = 40): Promise<void> {
  for (let i = 0; i < count; i++) {
    await step();
    streaming.checkInvariants();
  }
}

/** Squares that are active, and those that are as near as this to the place the camera is at. */
const active = ({ streaming }: Simulation): string[] =>
  Object.entries(streaming.levels()).flatMap(([name, state]) => (state === 'active' ? [name] : []));

function near(meters: number): string[] {
  const away = (at: number): number => Math.max(at * EDGE - 5, 0, 5 - (at + 1) * EDGE);
  return PLACES.filter(([x, z]) => Math.hypot(away(x), away(z)) <= meters).map(
    ([x, z]) => `hills/${x}_${z}`,
  );
}

describe('a grid', () => {
  it('loads the squares within its range, and others when the range is another', async () => {
    const game = await begin();
    const { streaming } = game;
    await frames(game);
    expect(active(game)).toEqual(near(RANGE));
    expect(streaming.grids()).toEqual([
      {
        name: 'hills',
        world: 'synthetic',
        edgeMeters: EDGE,
        rangeMeters: RANGE,
        unloadMeters: RANGE * 1.25,
        active: true,
        squares: (2 * HALF) ** 2,
        wanted: near(RANGE).length,
      },
    ]);
    streaming.setGrid('hills', { rangeMeters: 20 });
    await frames(game);
    expect(active(game)).toEqual(near(25));
    streaming.setGrid('hills', { active: false });
    await frames(game);
    expect(active(game)).toEqual([]);
    streaming.setGrid('hills', { active: true, rangeMeters: null });
    await frames(game);
    expect(active(game)).toEqual(near(RANGE));
    await streaming.dispose();
    expect(game.view.uploaded.size).toBe(0);
  });

  it('shares its squares with whoever else wants them', async () => {
    const game = await begin();
    const { streaming } = game;
    const far = `hills/${HALF - 1}_${HALF - 1}`;
    const { ready, release } = streaming.loadLevel(far);
    await frames(game);
    await ready;
    expect(active(game)).toEqual([...near(RANGE), far]);
    release();
    streaming.hideLevel('hills/0_0');
    await frames(game);
    expect(active(game)).toEqual(near(RANGE).filter((name) => name !== 'hills/0_0'));
    // Hidden it is not active: what stands in for it shows.
    const looks = createLooks(synthetic, 4097);
    const square = PLACES.findIndex(([x, z]) => x === 0 && z === 0);
    game.look(20, 3, 80, 0);
    await frames(game, 20);
    expect(looks(square, game.view)).toEqual({ cells: 'none', proxy: 'all' });
    streaming.showLevel('hills/0_0');
    await frames(game, 20);
    expect(looks(square, game.view)).toEqual({ cells: 'all', proxy: 'none' });
    await streaming.dispose();
  });

  it('goes with its world, and is as the game has it when that is opened again', async () => {
    const game = await begin();
    const { streaming } = game;
    await frames(game);
    const { shown } = streaming.stats();
    streaming.setGrid('hills', { rangeMeters: 20 });
    streaming.close(synthetic.path);
    await frames(game, 5);
    expect([streaming.grids(), streaming.levels()]).toEqual([[], {}]);
    await openSynthetic(game, synthetic);
    await frames(game);
    expect(active(game)).toEqual(near(20));
    expect(streaming.grids()[0]).toMatchObject({ rangeMeters: 20, unloadMeters: 25 });
    expect(shown).toBeGreaterThan(0);
    expect(game.view.problems).toEqual([]);
    await streaming.dispose();
  });

  it('is not taken for another', async () => {
    const game = await begin();
    const { streaming } = game;
    expect(() => streaming.setGrid('hlils', { rangeMeters: 20 })).toThrow(
      'setGrid: no opened world has a grid "hlils"; there are: "hills"',
    );
    expect(() => streaming.setGrid('', {})).toThrow('setGrid: expected the name of a grid, got ""');
    expect(() => streaming.setGrid('hills', { unloadMeters: 10 })).toThrow(
      `setGrid("hills"): unloadMeters is 10, expected at least the range of ${RANGE} m`,
    );
    await streaming.dispose();
  });
});
