/** A world whose source goes away in the middle of a flight: told, waited for, resumed at once. */
import { expect, test } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import type { Source } from '../../src/io/source.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createSimulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const world = makeSyntheticWorld({ placements: 800, assets: 12, finestBytes: 20_000 });

/** A source that refuses while `isOut`, and says when it is back. */
function switchable(tellsWhenBack: boolean) {
  const inner = memorySource(world.files);
  const wakers = new Set<() => void>();
  let isOut = false;
  const source: Source = {
    name: 'switchable',
    readAll: inner.readAll,
    read: (file, start, end, signal) =>
      isOut
        ? Promise.reject(new StreamError(ErrorCode.Unavailable, 'the device is offline', 60_000))
        : inner.read(file, start, end, signal),
    onAvailable(callback) {
      wakers.add(callback);
      return () => void wakers.delete(callback);
    },
  };
  const turn = (on: boolean): void => {
    isOut = !on;
    if (on && tellsWhenBack) for (const wake of wakers) wake();
  };
  return { source, turn };
}

test.each([
  ['and says so when it is back', true],
  ['and never says that it is back', false],
])('a source goes away %s', async (_, tellsWhenBack) => {
  const { source, turn } = switchable(tellsWhenBack);
  const simulation = createSimulation(world, {
    streaming: { source, budgetBytes: world.residentBytes * 2 },
  });
  const { streaming } = simulation;
  const told: string[] = [];
  const failures = new Set<string>();
  streaming.on('sourceUnavailable', ({ source: name, message }) =>
    told.push(`${name} out: ${message}`),
  );
  streaming.on('sourceAvailable', ({ source: name }) => told.push(`${name} back`));
  streaming.on('assetFailed', ({ error }) => void failures.add(error));
  await streaming.open('world.json');
  turn(false);
  simulation.look(0, 15, 0, 0);
  for (let i = 0; i < 20; i++) await simulation.step(1);
  streaming.checkInvariants();
  // Refused for longer than its patience: everything asked for meanwhile is told so.
  expect([...failures]).toEqual(['Unavailable']);
  expect(told).toEqual(['switchable out: the device is offline']);
  const before = streaming.stats();
  expect(before.payloadsLoaded).toBe(0);
  expect(before.reservedBytes).toBe(0);
  turn(true);
  // One that says so is used in the next frames; another is tried again after half a minute.
  for (let i = 0; i < 5; i++) await simulation.step(0.1);
  expect(streaming.stats().payloadsLoaded > 0).toBe(tellsWhenBack);
  for (let i = 0; i < 60; i++) await simulation.step(1);
  await simulation.settle();
  streaming.checkInvariants();
  expect(told.at(-1)).toBe('switchable back');
  const { holes, refused } = streaming.stats();
  expect({ holes, refused }).toEqual({ holes: 0, refused: 0 });
  await streaming.dispose();
});
