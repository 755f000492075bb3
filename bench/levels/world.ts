/** A world of many small levels on a square grid, and a game in it that a bench can step. */
import { createSystemClock } from '../../src/base/clock.ts';
import type { View } from '../../src/memory/view.ts';
import { type System, WANT } from '../../src/systems/schedule.ts';
import type { StreamWorld } from '../../src/world.ts';
import { createSimulation, openSynthetic, type Simulation } from '../../test/support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../../test/support/synthetic-world.ts';

export const EXTENT_METERS = 8000;

/** Placements of one level: a handful of cells, as a house or a yard has. */
const PLACEMENTS = 20;

/** x, y, z of the center of a level (meters). */
export function centerOf(level: number, levels: number): [number, number, number] {
  const columns = Math.ceil(Math.sqrt(levels));
  const spacing = EXTENT_METERS / columns;
  const at = (i: number): number => (i + 0.5) * spacing - EXTENT_METERS / 2;
  return [at(level % columns), 0, at(Math.floor(level / columns))];
}

export function nameOf(level: number): string {
  return `level-${level}`;
}

export function makeLevelWorld(levels: number, seed: number): SyntheticWorld {
  const spacing = EXTENT_METERS / Math.ceil(Math.sqrt(levels));
  return makeSyntheticWorld({
    seed,
    placements: levels * PLACEMENTS,
    assets: 24,
    extentMeters: EXTENT_METERS,
    cellMeters: spacing / 2,
    finestBytes: 512,
    // Everything stands in its level.
    scatter(random, xs, zs) {
      for (let row = 0; row < xs.length; row++) {
        const [x, , z] = centerOf(row % levels, levels);
        xs[row] = x + (random() - 0.5) * spacing * 0.4;
        zs[row] = z + (random() - 0.5) * spacing * 0.4;
      }
    },
    levels: Array.from({ length: levels }, (_, i) => ({
      name: nameOf(i),
      center: centerOf(i, levels),
      radius: spacing * 0.4,
    })),
  });
}

/** Shows nothing and keeps nothing. */
const view: View = {
  upload: () => undefined,
  release: () => undefined,
  show: () => undefined,
  move: () => undefined,
};

/** The game with its world open, on the system's clock: slices of a frame are measured by it. */
export async function openLevelWorld(world: SyntheticWorld, capacity: number): Promise<Simulation> {
  const simulation = createSimulation(world, {
    bandwidthBytesPerSecond: 1e9,
    latencySeconds: 0.01,
    view: null,
    streaming: {
      capacity,
      budgetBytes: world.residentBytes * 4,
      activateRadiusMeters: 0,
      clock: createSystemClock(),
    },
  });
  simulation.streaming.attachView(view, { beforeUpdate: () => undefined });
  await openSynthetic(simulation, world);
  return simulation;
}

/** Puts a system's place in the frame into other hands; the returned function gives it back. */
export function replaceSystem(system: System, other: (world: StreamWorld) => void): () => void {
  const systems = WANT as System[];
  const at = systems.indexOf(system);
  if (at < 0) throw new Error('bench: the system is not in the schedule');
  systems[at] = other;
  return () => {
    systems[at] = system;
  };
}
