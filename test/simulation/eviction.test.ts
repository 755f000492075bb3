/** Whole flights on a tenth of the memory by each eviction policy: every promise but the best picture. */
import { describe, expect, test } from 'vitest';
import { EVICTION_NAMES, type EvictionChoice } from '../../src/memory/policies/choice.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({ placements: 500, assets: 12, terrainDepth: 3 });
const [pinned, raised, sunk] = world.assetNames as [string, string, string];

const CHOICES: readonly EvictionChoice[] = [
  ...EVICTION_NAMES.filter((name) => name !== 'value'),
  { mesh: 'lru' },
  { terrain: '2q', mesh: 'heat' },
];

function makeSimulation(eviction: EvictionChoice): Simulation {
  const budgetBytes = Math.round(world.residentBytes / 10);
  return createSimulation(world, { streaming: { budgetBytes, eviction } });
}

async function fly({ streaming, step, look }: Simulation, frames: number): Promise<void> {
  for (let frame = 0; frame < frames; frame++) {
    const turn = (frame / frames) * 2 * Math.PI;
    look(Math.sin(turn) * 300, 20, Math.cos(turn) * 300, -turn + Math.sin(frame / 20));
    await step();
    if (frame % 4 === 0) streaming.checkInvariants();
    expect(streaming.stats().usedBytes).toBeLessThanOrEqual(streaming.stats().budgetBytes);
  }
}

describe.each(CHOICES.map((choice) => [JSON.stringify(choice), choice] as const))(
  'eviction by %s',
  (_, choice) => {
    test('keeps the budget, the books and the pins, and evicts', async () => {
      const simulation = makeSimulation(choice);
      const { streaming, view } = simulation;
      const list = streaming.pinAssets([pinned]);
      streaming.setTier([raised], 'high');
      streaming.setTier([sunk], 'low');
      await openSynthetic(simulation, world);
      await fly(simulation, 30);
      await list.ready;
      for (let i = 0; i < 3; i++) {
        await fly(simulation, 15);
        expect(streaming.isResident(pinned, 4)).toBe(true);
      }
      expect(streaming.stats().payloadsEvicted).toBeGreaterThan(0);
      expect(view.problems).toEqual([]);
      list.release();
      await streaming.dispose();
      expect(view.problems).toEqual([]);
    });
  },
);

describe('eviction', () => {
  test('the same flight leaves the same picture twice, and other pictures by other policies', async () => {
    const flown = async (choice: EvictionChoice): Promise<string> => {
      const simulation = makeSimulation(choice);
      await openSynthetic(simulation, world);
      await fly(simulation, 40);
      const shown = [...simulation.view.uploaded].sort((a, b) => a - b).join();
      await simulation.streaming.dispose();
      return shown;
    };
    expect(await flown('arc')).toBe(await flown('arc'));
    expect(await flown('distance')).not.toBe(await flown('value'));
  });

  test('a world that is closed and opened again is as new to the policies', async () => {
    const simulation = makeSimulation('arc');
    const { streaming, view } = simulation;
    for (let round = 0; round < 2; round++) {
      await openSynthetic(simulation, world);
      await fly(simulation, 25);
      streaming.close(world.path);
      await simulation.step();
    }
    expect(view.problems).toEqual([]);
    expect(streaming.stats().usedBytes).toBe(0);
    await streaming.dispose();
  });

  test('what is no list, no name or no tier is refused', async () => {
    const { streaming } = makeSimulation('value');
    expect(() => streaming.pinAssets('tree' as never)).toThrow(
      'pinAssets: expected a list of names, got "tree"',
    );
    expect(() => streaming.setTier([''], 'high')).toThrow(
      'setTier: expected the name of an asset, got ""',
    );
    expect(() => streaming.setTier(['tree'], 'top' as never)).toThrow(
      'setTier: expected one of low, normal, high, critical, got "top"',
    );
    await streaming.dispose();
  });
});
