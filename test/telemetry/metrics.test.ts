/** Windows of samples, their percentiles, and warnings with hysteresis. */
import { describe, expect, it } from 'vitest';
import { createManualClock, type ManualClock } from '../../src/base/clock.ts';
import { createRandom } from '../../src/base/random.ts';
import { EventBus, type StreamingEvents } from '../../src/telemetry/events.ts';
import { MetricWindow } from '../../src/telemetry/metric-window.ts';
import { checkMetricsOptions, Metrics, type MetricsOptions } from '../../src/telemetry/metrics.ts';

type Warning = StreamingEvents['performanceWarning'];

function setup(options: MetricsOptions = {}) {
  const clock = createManualClock();
  const events = new EventBus();
  const warnings: Warning[] = [];
  events.on('performanceWarning', (warning) => warnings.push(warning));
  return { clock, events, warnings, metrics: new Metrics(options, clock, events) };
}

/** So many seconds of frames that take `frameMs`, delivered frame by frame. */
function frames(
  { clock, events, metrics }: { clock: ManualClock; events: EventBus; metrics: Metrics },
  seconds: number,
  frameMs: (frame: number) => number,
): void {
  for (let [frame, end] = [0, clock.now() + seconds * 1000]; clock.now() < end; frame++) {
    const took = frameMs(frame);
    clock.advance(took);
    metrics.record('frameMs', took);
    events.deliver();
  }
}

describe('MetricWindow', () => {
  it('has percentiles by nearest rank, as the textbook example has them', () => {
    // Ranks ⌈0.5 · 5⌉ = 3, ⌈0.95 · 5⌉ = 5.
    const window = new MetricWindow(5);
    for (const value of [50, 15, 40, 20, 35]) {
      window.input[0] = value;
      window.record();
    }
    expect(window.stats(0)).toEqual({
      count: 5,
      min: 15,
      avg: 32,
      max: 50,
      p50: 35,
      p95: 50,
      p99: 50,
      last: 35,
    });
  });

  it('agrees with the definition, whatever was recorded', () => {
    const random = createRandom(7);
    for (let round = 0; round < 200; round++) {
      const size = 1 + Math.floor(random() * 300);
      const window = new MetricWindow(size);
      const all = Array.from({ length: Math.floor(random() * 600) + 1 }, () => random() * 100 - 50);
      for (const value of all) {
        window.input[0] = value;
        window.record();
      }
      const kept = all.slice(-size).sort((a, b) => a - b);
      const stats = window.stats(0);
      expect([stats.count, stats.min, stats.max]).toEqual([kept.length, kept[0], kept.at(-1)]);
      for (const [share, value] of [
        [0.5, stats.p50],
        [0.95, stats.p95],
        [0.99, stats.p99],
      ] as const) {
        // The least value with at least that share of all values at or below it.
        const least = kept.find(
          (one) => kept.filter((other) => other <= one).length >= share * kept.length - 1e-9,
        );
        expect(value).toBe(least);
      }
    }
  });
});

describe('Metrics', () => {
  it('count what is recent enough, and as much as there is room for', () => {
    const { metrics, clock } = setup({ samples: 10, seconds: 2 });
    for (let second = 0; second < 5; second++) {
      metrics.record('enemies', second);
      clock.advance(1000);
    }
    // At 5 s those of 3 s and 4 s are not older than 2 s.
    expect(metrics.stats('enemies')).toMatchObject({ count: 2, min: 3, max: 4, last: 4 });
    for (let i = 0; i < 30; i++) metrics.record('enemies', i);
    expect(metrics.stats('enemies')).toMatchObject({ count: 10, min: 20, max: 29 });
    clock.advance(10_000);
    expect(metrics.stats('enemies')).toMatchObject({ count: 0, min: 0, p99: 0, last: 0 });
  });

  it('know their own from the start; of others nobody recorded they say so', () => {
    const { metrics } = setup();
    expect(metrics.stats('drawCalls').count).toBe(0);
    expect(() => metrics.stats('drawcalls')).toThrow(
      /metricStats\("drawcalls"\): nothing was recorded by that name; there are frameMs, .*drawCalls/,
    );
  });

  it('are few: names made up each time are refused', () => {
    const { metrics } = setup();
    const record = (): void => {
      for (let i = 0; i < 100; i++) metrics.record(`enemy ${i}`, 1);
    };
    expect(record).toThrow(/recordMetric\("enemy 58"\): there are 64 metrics already/);
  });
});

describe('performanceWarning', () => {
  it('comes once when frames become slow, once when worse, and once for each way back', () => {
    const all = setup();
    frames(all, 5, () => 16.6);
    frames(all, 5, () => 25);
    frames(all, 5, () => 45);
    frames(all, 5, () => 25);
    frames(all, 5, () => 16.6);
    expect(all.warnings.map(({ state, target }) => [state, target])).toEqual([
      ['warning', 16.67],
      ['critical', 33.33],
      ['warning', 16.67],
      ['normal', 16.67],
    ]);
    expect(all.warnings[0]!.metric).toBe('frameMs');
    expect(all.warnings[0]!.value).toBeGreaterThan(16.67);
    expect(all.metrics.report()['frameMs']!.state).toBe('normal');
  });

  it('does not come for a hitch, or for a display at its refresh', () => {
    const all = setup();
    const random = createRandom(3);
    frames(all, 20, (frame) => (frame % 300 === 299 ? 250 : 16.67 + (random() - 0.5) * 6));
    expect(all.warnings).toEqual([]);
    expect(all.metrics.stats('frameMs').max).toBe(250);
  });

  it('does not flicker on the edge, where the plain comparison does', () => {
    const all = setup();
    const random = createRandom(5);
    const seen: number[] = [];
    // Frames about the edge where a warning begins, noise and a slow sway.
    frames(all, 60, (frame) => {
      const frameMs = 16.67 * 1.1 + Math.sin(frame / 80) * 0.5 + (random() - 0.5) * 4;
      seen.push(frameMs);
      return frameMs;
    });
    expect(all.warnings.length).toBe(1);
    // The control: each frame by itself, against the same edge.
    let [flips, isOver] = [0, false];
    for (const frameMs of seen) {
      if (frameMs > 16.67 * 1.1 === isOver) continue;
      isOver = !isOver;
      flips++;
    }
    expect(flips).toBeGreaterThan(200);
  });

  it('goes by the targets of the game', () => {
    const all = setup({ targets: { frameMs: null, enemies: { warning: 100 } } });
    frames(all, 5, () => 50);
    expect(all.warnings).toEqual([]);
    for (let i = 0; i < 100; i++) {
      all.clock.advance(50);
      all.metrics.record('enemies', 150);
    }
    all.events.deliver();
    expect(all.warnings.map(({ metric, state }) => [metric, state])).toEqual([
      ['enemies', 'warning'],
    ]);
    all.metrics.setTarget('enemies', null);
    expect(all.metrics.report()['enemies']).toMatchObject({ state: 'normal', target: null });
  });
});

describe('bad options', () => {
  it.each<[object, RegExp]>([
    [{ samples: 0 }, /metrics.samples must be a number from 1 to 65536, got 0/],
    [{ samples: 1.5 }, /metrics.samples must be a whole number, got 1.5/],
    [{ seconds: Number.NaN }, /metrics.seconds must be > 0, got NaN/],
    [{ window: 3 }, /metrics: unknown "window"; expected one of samples, seconds, targets/],
    [{ targets: { a: { warning: 0 } } }, /metrics.targets.a: warning must be .* got 0/],
    [{ targets: { a: { warning: 3, critical: 2 } } }, /a: critical 2 is below warning 3/],
    [{ targets: { a: 5 } }, /metrics.targets.a must be { warning, critical\? } or null, got 5/],
  ])('are refused by name: %j', (options, message) => {
    expect(() => checkMetricsOptions(options)).toThrow(message);
  });
});
