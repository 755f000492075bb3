/** The bench of levels, small: it measures what it says, and what it compares agrees. */
import { expect, test } from 'vitest';
import { measureLevels } from '../../bench/levels/levels.ts';

test('volumes are found as a scan finds them on every ride, and levels come and go', async () => {
  const report = await measureLevels({ volumes: 300, levels: 60, frames: 60, waves: 1, seed: 2 });
  expect(report.rides.map(({ differingFrames }) => differingFrames)).toEqual([0, 0, 0, 0, 0]);
  const flight = report.rides.find(({ name }) => name === 'fly')!;
  expect(flight.changes).toBeGreaterThan(5);
  // Loading, loaded, active, unloading, unloaded.
  expect(report.transitions.transitions).toBeGreaterThanOrEqual(60 * 5);
  expect(report.transitionsPerS).toBeGreaterThan(0);
  expect(report.grids.map(({ differingFrames }) => differingFrames)).toEqual([0, 0, 0]);
  expect(report.grids[1]!.changes).toBeGreaterThan(50);
  expect(report.layers.frames).toBe(Math.ceil(report.layers.cells / report.layers.cellsPerFrame));
  expect(Object.keys(report)).toEqual(
    expect.arrayContaining(['scanMsPerFrame', 'farfieldMsPerFrame', 'overSliceFrames']),
  );
});
