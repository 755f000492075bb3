/** What a game says of grids: how far they load, and whether at all. */
import { assert, describe } from '../base/assert.ts';
import { changeGrid, GridIntent, rangeOf, unloadOf } from '../level/grids.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

export function gridCalls(world: StreamWorld): Pick<Streaming, 'setGrid' | 'grids'> {
  return {
    setGrid(name, settings) {
      assert(
        typeof name === 'string' && name !== '',
        `setGrid: expected the name of a grid, got ${describe(name)}`,
      );
      checkKnown(world, name);
      const intent = intentOf(world, name);
      changeGrid(intent, `setGrid("${name}")`, settings, cookedRange(world, name));
    },
    grids: () =>
      world.grids.map((grid) => ({
        name: grid.name,
        world: grid.world,
        edgeMeters: grid.squares.edgeMeters,
        rangeMeters: rangeOf(grid),
        unloadMeters: unloadOf(grid),
        active: grid.intent.isActive,
        squares: grid.squares.count,
        wanted: grid.heldCount,
      })),
  };
}

/** The largest range that a grid of that name was cooked with (meters); 0: none is open. */
export function cookedRange({ grids }: StreamWorld, name: string): number {
  let cooked = 0;
  for (const grid of grids) if (grid.name === name) cooked = Math.max(cooked, grid.cookedMeters);
  return cooked;
}

/** What was said of the grids of this name, or will be. */
export function intentOf({ gridIntents }: StreamWorld, name: string): GridIntent {
  let intent = gridIntents.get(name);
  if (!intent) {
    intent = new GridIntent();
    gridIntents.set(name, intent);
  }
  return intent;
}

/** Names may be used before the world that has the grid is open. */
function checkKnown({ opening, opened, grids }: StreamWorld, name: string): void {
  if (opening.size > 0 || opened.length === 0 || grids.some((grid) => grid.name === name)) return;
  const names = grids.map((grid) => `"${grid.name}"`).join(', ') || 'none';
  throw new Error(`farfield: setGrid: no opened world has a grid "${name}"; there are: ${names}`);
}
