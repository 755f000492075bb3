/**
 * Whatever happens to a payload on its way, its reservation comes back to the byte: each kind of
 * fault strikes a whole game, every frame is recounted, and in the end nothing is reserved.
 */
import { describe, expect, it } from 'vitest';
import type { Decoder } from '../../src/io/decoder.ts';
import { createBreaker } from '../../src/io/sources/breaker.ts';
import type { SimulatedFaults } from '../../src/io/sources/simulated-faults.ts';
import { createOutages } from '../../src/io/sources/simulated-outages.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { createSimulation, openSynthetic, type SimulationOptions } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({ placements: 400, assets: 10, finestBytes: 20_000 });

interface Flight {
  /** Frames with nothing on its way; in all of them nothing may be reserved. */
  idleFrames: number;
  failed: number;
  loaded: number;
  problems: string[];
}

/** Flies about while `faults` strike, then lets the weather clear. */
async function fly(options: SimulationOptions, faults: SimulatedFaults): Promise<Flight> {
  const calm = { ...faults };
  for (const key of Object.keys(calm)) Reflect.deleteProperty(calm, key);
  const simulation = createSimulation(world, { ...options, faults: calm });
  const { streaming, view } = simulation;
  streaming.on('assetFailed', () => undefined);
  await openSynthetic(simulation, world);
  Object.assign(calm, faults);
  const flight: Flight = { idleFrames: 0, failed: 0, loaded: 0, problems: [] };
  const step = async (seconds: number): Promise<void> => {
    await simulation.step(seconds);
    const { payloadsPending, payloadsStaged, reservedBytes } = streaming.stats();
    try {
      streaming.checkInvariants();
    } catch (error) {
      flight.problems.push(String(error));
    }
    if (payloadsPending + payloadsStaged > 0) return;
    flight.idleFrames++;
    if (reservedBytes !== 0) flight.problems.push(`${reservedBytes} bytes reserved for nothing`);
  };
  for (let frame = 0; frame < 120; frame++) {
    if (frame % 30 === 0) simulation.look((frame - 60) * 3, 15, frame, frame / 20);
    await step(1 / 15);
  }
  for (const key of Object.keys(calm)) Reflect.deleteProperty(calm, key);
  // Failed payloads are asked for again after half a minute.
  for (let i = 0; i < 300; i++) await step(0.5);
  const { payloadsFailed, payloadsLoaded, payloadsPending, reservedBytes, holes } =
    streaming.stats();
  flight.failed = payloadsFailed;
  flight.loaded = payloadsLoaded;
  if (payloadsPending > 0) flight.problems.push(`${payloadsPending} payloads never came back`);
  if (reservedBytes > 0) flight.problems.push(`${reservedBytes} bytes are still reserved`);
  if (holes > 0) flight.problems.push(`${holes} holes`);
  flight.problems.push(...view.problems);
  await streaming.dispose();
  return flight;
}

const KINDS: [string, SimulatedFaults][] = [
  ['no connection', { failureRate: 0.6 }],
  ['connect timeout', { connectStallRate: 0.4 }],
  ['stall', { stallRate: 0.4 }],
  ['connection reset', { resetRate: 0.6 }],
  ['503 + Retry-After', { serverErrorRate: 0.6, retryAfterMs: 400 }],
  ['404', { notFoundRate: 0.3 }],
  ['short read', { shortReadRate: 0.6 }],
  ['wrong Content-Range', { wrongRangeRate: 0.6 }],
  ['200 instead of 206', { wholeFileRate: 0.6 }],
  ['flipped bit', { corruptRate: 0.6 }],
  ['everything at once', { failureRate: 0.2, stallRate: 0.1, resetRate: 0.2, corruptRate: 0.2 }],
];

describe('reservations', () => {
  it.each(KINDS)('come back to the byte: %s', async (_, faults) => {
    const simulated = () => ({ connectTimeoutMs: 900, stallTimeoutMs: 700 });
    const flight = await fly({ seed: 5, simulated }, faults);
    expect(flight.problems).toEqual([]);
    expect(flight.idleFrames).toBeGreaterThan(0);
    expect(flight.loaded).toBeGreaterThan(10);
  });

  it.each([
    ['no connection', { failureRate: 1 }],
    ['404', { notFoundRate: 1 }],
    ['flipped bit', { corruptRate: 1 }],
  ] as [string, SimulatedFaults][])('come back when every read fails: %s', async (_, faults) => {
    const flight = await fly({ seed: 6 }, faults);
    expect(flight.problems).toEqual([]);
    expect(flight.failed).toBeGreaterThan(3);
    expect(flight.idleFrames).toBeGreaterThan(0);
  });

  it('come back from outages, with a circuit that opens', async () => {
    const flight = await fly(
      {
        seed: 7,
        simulated: (clock) => ({
          connectivity: createOutages(clock, [
            { startMs: clock.now() + 400, endMs: clock.now() + 2400 },
            { startMs: clock.now() + 4000, endMs: clock.now() + 40_000 },
          ]),
          breaker: createBreaker(clock, () => 0.5, { failures: 3 }),
        }),
      },
      { failureRate: 0.4 },
    );
    expect(flight.problems).toEqual([]);
    expect(flight.loaded).toBeGreaterThan(10);
  });

  it('that do not come back are noticed', async () => {
    const inner = createInlineDecoder();
    let count = 0;
    // One job in four is never answered: its reservation can never be returned.
    const decoder: Decoder = {
      get pendingCount() {
        return inner.pendingCount;
      },
      decode: (job) =>
        ++count % 4 === 0 ? new Promise<never>(() => undefined) : inner.decode(job),
      cancel: (payload) => inner.cancel(payload),
      dispose: () => inner.dispose(),
    };
    const flight = await fly({ seed: 8, streaming: { decoder } }, {});
    expect(flight.problems.join('\n')).toMatch(/\d+ payloads never came back/);
    expect(flight.problems.join('\n')).toMatch(/\d+ bytes are still reserved/);
  });
});
