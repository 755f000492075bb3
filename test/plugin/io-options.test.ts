/** The largest settings that are legal load a world, one beyond them is refused by name. */
import { createWorld } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { installStreaming } from '../../src/plugin.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const MAX_READ = 4 * 1024 * 1024;
const world = makeSyntheticWorld({ placements: 600, assets: 12, finestBytes: 40_000 });

describe('settings of the I/O engine', () => {
  it.each([
    [64, MAX_READ],
    [1, 0],
  ])('may be %i requests at a time and reads of %i bytes', async (maxInFlight, mergeMaxBytes) => {
    const simulation = createSimulation(world, {
      latencySeconds: 0.2,
      bandwidthBytesPerSecond: 5e7,
      streaming: {
        maxInFlight,
        io: { mergeMaxBytes, mergeGapBytes: mergeMaxBytes },
        budgetBytes: world.residentBytes * 2,
      },
    });
    const { streaming } = simulation;
    await openSynthetic(simulation, world);
    simulation.look(0, 15, 0, 0);
    await simulation.settle();
    streaming.checkInvariants();
    const { holes, refused, io } = streaming.stats();
    expect({ holes, refused }).toEqual({ holes: 0, refused: 0 });
    const { requests, requestedTickets } = io;
    if (mergeMaxBytes === 0) expect(requests).toBe(requestedTickets);
    else expect(requests).toBeLessThan(requestedTickets);
    expect(io.completions).toMatchObject({ None: streaming.stats().payloadsLoaded });
    await streaming.dispose();
  });

  it('beyond them are refused', () => {
    const install = (options: object) => () => installStreaming(createWorld(), options);
    expect(install({ maxInFlight: 65 })).toThrow(/maxInFlight must be a number from 1 to 64/);
    expect(install({ io: { mergeCapBytes: MAX_READ + 1 } })).toThrow(
      /mergeCapBytes must be a number from 0 to 4194304/,
    );
    expect(install({ io: { attempts: 0 } })).toThrow(/attempts/);
  });
});
