/** What the plugin measures by itself, what it is told, and what it refuses. */
import { afterEach, expect, it } from 'vitest';
import { endAll, start } from '../support/lod-world.ts';
import type { Simulation } from '../support/simulation.ts';

afterEach(endAll);

it('records memory, bandwidth, load and frame times by itself', async () => {
  const simulation = await start();
  const { streaming } = simulation;
  for (let frame = 0; frame < 30; frame++) await simulation.step();
  const stats = streaming.stats();
  const loads = streaming.metricStats('assetLoadMs');
  expect(loads.count).toBe(Math.min(600, stats.payloadsLoaded));
  // The link takes 40 ms for the first byte.
  expect(loads.min).toBeGreaterThanOrEqual(40);
  expect(loads.max).toBeLessThan(5000);
  expect(streaming.metricStats('memoryBytes').last).toBe(stats.usedBytes);
  const bandwidth = streaming.metricStats('bandwidthBytesPerSecond');
  expect(bandwidth.max).toBeGreaterThan(0);
  // Once all is there nothing comes any more.
  expect(bandwidth.last).toBe(0);
  const frames = streaming.metricStats('frameMs');
  expect([frames.min, frames.max]).toEqual([1000 / 30, 1000 / 30]);
  expect(streaming.metricStats('drawCalls').count).toBe(0);
});

it('measures a bandwidth that adds up to what came over the link', async () => {
  const simulation = await start({}, { metrics: { samples: 65_536 } });
  const { streaming } = simulation;
  const measured = (): number => {
    const { avg, count } = streaming.metricStats('bandwidthBytesPerSecond');
    return avg * count * 0.25;
  };
  for (let frame = 0; frame < 10; frame++) await simulation.step(1 / 20);
  const [before, fetched] = [measured(), streaming.stats().fetchedBytes];
  await streamAnew(simulation);
  const came = streaming.stats().fetchedBytes - fetched;
  expect(came).toBeGreaterThan(1000);
  expect(measured() - before).toBeCloseTo(came, 3);
});

/** Gives everything up and has it come again, a second of frames of a twentieth each at a time. */
async function streamAnew({ streaming, step }: Simulation): Promise<void> {
  const { budgetBytes } = streaming;
  streaming.budgetBytes = 2000;
  for (let frame = 0; frame < 40; frame++) await step(1 / 20);
  streaming.budgetBytes = budgetBytes;
  for (let frame = 0; frame < 200; frame++) await step(1 / 20);
}

it('takes what the game tells of a frame in place of its own', async () => {
  const simulation = await start();
  const { streaming } = simulation;
  const before = streaming.metricStats('frameMs').count;
  for (let frame = 0; frame < 10; frame++) {
    streaming.profileFrame(8 + frame, 5e8, 120, 1e6);
    await simulation.step();
  }
  const frames = streaming.metricStats('frameMs');
  expect([frames.count, frames.last]).toEqual([Math.min(600, before + 10), 17]);
  expect(streaming.metricStats('memoryBytes').last).toBe(5e8);
  expect(streaming.metricStats('triangles')).toMatchObject({ count: 10, min: 1e6, max: 1e6 });
  await simulation.step();
  expect(streaming.metricStats('memoryBytes').last).toBe(streaming.stats().usedBytes);
});

it('reports all metrics as plain data, and warns at the end of a frame', async () => {
  const simulation = await start({}, { metrics: { targets: { frameMs: null } } });
  const { streaming } = simulation;
  const warnings: string[] = [];
  streaming.on('performanceWarning', ({ metric, state }) => warnings.push(`${metric} ${state}`));
  streaming.setMetricTarget('enemies', { warning: 10, critical: 20 });
  for (let frame = 0; frame < 90; frame++) {
    streaming.recordMetric('enemies', 15);
    await simulation.step();
  }
  expect(warnings).toEqual(['enemies warning']);
  const report = streaming.performanceReport();
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  expect(report.metrics['enemies']).toMatchObject({
    count: 90,
    avg: 15,
    state: 'warning',
    target: { warning: 10, critical: 20 },
  });
  expect(Object.keys(report.metrics)).toContain('assetLoadMs');
});

it('refuses what is no number, no name and no target', async () => {
  const { streaming } = await start();
  expect(() => streaming.recordMetric('enemies', Number.NaN)).toThrow(
    /recordMetric\("enemies"\): value must be a finite number, got NaN/,
  );
  expect(() => streaming.recordMetric('', 1)).toThrow(/expected the name of a metric, got ""/);
  expect(() => streaming.metricStats('enemies')).toThrow(/metricStats\("enemies"\): nothing was/);
  expect(() => streaming.profileFrame(16, -1, 0, 0)).toThrow(
    /profileFrame: bytes must be .* got -1/,
  );
  expect(() => streaming.profileFrame(16, 1, 0, Number.POSITIVE_INFINITY)).toThrow(
    /profileFrame: triangles must be .* got Infinity/,
  );
  expect(() => streaming.setMetricTarget('frameMs', { warning: -1 })).toThrow(
    /setMetricTarget\("frameMs"\): warning must be .* got -1/,
  );
});
