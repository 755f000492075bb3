/**
 * A world to travel in: a village at the middle and one 2 km away, each a level with a volume, and
 * things of other kinds in the open everywhere. On a link slow enough that waiting takes a while.
 */
import { addComponent, addEntity, set } from 'bitecs';
import { createSimulation, openSynthetic, type Simulation } from './simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from './synthetic-world.ts';

export const FAR_AWAY = 2000;

export const travelWorld: SyntheticWorld = makeSyntheticWorld({
  seed: 5,
  placements: 3000,
  assets: 240,
  extentMeters: 600,
  cellMeters: 30,
  finestBytes: 24_000,
  levels: [
    { name: 'home', center: [0, 0, 0], radius: 70 },
    { name: 'away', center: [FAR_AWAY, 0, 0], radius: 70 },
  ],
  // Each asset stands in one of the two places.
  assetAt: (x, asset) => (x < FAR_AWAY / 2 ? asset - (asset % 2) : asset | 1),
  scatter: (random, xs, zs) => {
    for (let i = 0; i < xs.length; i++) {
      xs[i] = (i % 2 === 0 ? 0 : FAR_AWAY) + (random() - 0.5) * 500;
      zs[i] = (random() - 0.5) * 500;
    }
  },
});

export async function beginTravelGame(
  options: Parameters<typeof createSimulation>[1] = {},
): Promise<Simulation & { volumes: number[] }> {
  const simulation = createSimulation(travelWorld, {
    bandwidthBytesPerSecond: 200_000,
    ...options,
    streaming: {
      budgetBytes: travelWorld.residentBytes * 2,
      // Nothing of a place is there before somebody goes there.
      policy: { keepsCoarsest: false },
      prefetchRadiusMeters: 100,
      // Entities of placements come and go with viewpoints; here those of the game are counted.
      activateRadiusMeters: 0,
      ...options.streaming,
    },
  });
  const { ecs, streaming } = simulation;
  const { StreamingVolume } = streaming.components;
  const volumes = [0, FAR_AWAY].map((x, i) => {
    const entity = addEntity(ecs);
    const level = ['home', 'away'][i]!;
    addComponent(
      ecs,
      entity,
      set(StreamingVolume, { level, center: [x, 0, 0], radius: 60, loadDistance: 150 }),
    );
    return entity;
  });
  simulation.look(0, 2, 120, 0);
  await openSynthetic(simulation, travelWorld);
  return { ...simulation, volumes };
}
