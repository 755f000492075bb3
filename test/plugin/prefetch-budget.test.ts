/** The budget of prefetch: a guess at the future never makes what is on screen wait. */
import { describe, expect, it } from 'vitest';
import { STREAMING_DEFAULTS } from '../../src/options.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const LINK = 2e5;
/** When the other place is announced for (seconds). */
const FAR_OFF = 60;
const NEVER = 0;
const synthetic = makeSyntheticWorld({
  placements: 1500,
  assets: 300,
  extentMeters: 1000,
  finestBytes: 30_000,
});

/** A camera that has all it needs, while the link is busy with an announced place for a second. */
async function speculate(prefetchShare: number, etaSeconds: number): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond: LINK,
    streaming: { budgetBytes: synthetic.residentBytes * 2, prefetchShare },
  });
  await openSynthetic(simulation, synthetic);
  simulation.look(-300, 5, -300, 0);
  await simulation.settle();
  // Worth so much that by value alone nothing else would be asked for.
  if (etaSeconds > 0)
    simulation.streaming.announce({ position: [300, 5, 300], weight: 1000 }, etaSeconds);
  for (let frame = 0; frame < 30; frame++) await simulation.step();
  return simulation;
}

/** Frames until the view shows what it will show in the end, after walking 120 m in no time. */
async function framesToShow(prefetchShare: number, etaSeconds: number): Promise<number> {
  const simulation = await speculate(prefetchShare, etaSeconds);
  simulation.look(-200, 5, -240, 2.5);
  const film: Map<number, number>[] = [];
  for (let frame = 0; frame < 150; frame++) {
    await simulation.step();
    film.push(new Map(simulation.view.shown));
  }
  await simulation.streaming.dispose();
  const wrong = film.findLastIndex((shown) => {
    for (const [slot, payload] of right!) if (shown.get(slot) !== payload) return true;
    return false;
  });
  return wrong + 1;
}

let right: Map<number, number> | undefined;

describe('prefetchShare', () => {
  it('lets what comes into view arrive about as soon as if nothing were foreseen', async () => {
    const simulation = await speculate(0, NEVER);
    simulation.look(-200, 5, -240, 2.5);
    await simulation.settle();
    right = new Map(simulation.view.shown);
    await simulation.streaming.dispose();
    const undisturbed = await framesToShow(1, NEVER);
    expect(undisturbed).toBeGreaterThan(30);
    const none = await framesToShow(0, FAR_OFF);
    const few = await framesToShow(0.25, FAR_OFF);
    const some = await framesToShow(STREAMING_DEFAULTS.prefetchShare, FAR_OFF);
    // Without a budget the announced place goes first.
    const all = await framesToShow(1, FAR_OFF);
    expect(none).toBeLessThanOrEqual(1.1 * undisturbed);
    expect(few).toBeLessThan(1.3 * undisturbed);
    expect(few).toBeLessThanOrEqual(some);
    expect(some).toBeLessThanOrEqual(0.9 * all);
    expect(all).toBeGreaterThan(1.5 * undisturbed);
    // What is due at once is no guess any more.
    expect(await framesToShow(0, 3)).toBeGreaterThan(1.3 * none);
  });

  it('holds nothing back while nothing on screen is missing', async () => {
    const loaded = async (share: number): Promise<number> => {
      const simulation = await speculate(share, FAR_OFF);
      const { payloadsLoaded } = simulation.streaming.stats();
      await simulation.streaming.dispose();
      return payloadsLoaded;
    };
    const [none, all] = [await loaded(0), await loaded(1)];
    expect(all).toBeGreaterThan(300);
    expect(none).toBeGreaterThan(0.98 * all);
  });
});
