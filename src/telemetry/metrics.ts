/**
 * Metrics by name: those that the streaming knows or is told of by `profileFrame`, and the game's own.
 * Each has a window of samples; those with a target are watched.
 */
import { assert, assertNumber, describe } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from './events.ts';
import { type MetricTarget, MetricWatch, WATCH_NAMES } from './metric-watch.ts';
import { type MetricStats, MetricWindow } from './metric-window.ts';

/** What is always there. */
export type KnownMetric =
  /** From one frame to the next (ms). */
  | 'frameMs'
  /** In use (bytes). */
  | 'memoryBytes'
  /** Encoded bytes that came, per second, four times a second. */
  | 'bandwidthBytesPerSecond'
  /** From asking for a payload to where it can be shown (ms). */
  | 'assetLoadMs'
  | 'drawCalls'
  | 'triangles';

export const KNOWN_METRICS: readonly KnownMetric[] = [
  'frameMs',
  'memoryBytes',
  'bandwidthBytesPerSecond',
  'assetLoadMs',
  'drawCalls',
  'triangles',
];

/** How metrics are kept. */
export interface MetricsOptions {
  /** Samples that a window holds at most, 1 to 65,536; 600 are ten seconds of frames. */
  samples?: number;
  /** Samples older than this do not count (seconds); `Infinity`: all that there is room for. */
  seconds?: number;
  /** What to warn above, by metric; null takes a default away. Only `frameMs` has one: 16.67 and 33.33. */
  targets?: Readonly<Record<string, MetricTarget | null>>;
}

/** A metric as `performanceReport` has it. */
export interface MetricReport extends MetricStats {
  /** By its targets; `normal` without. */
  state: 'normal' | 'warning' | 'critical';
  target: { warning: number; critical: number } | null;
}

export const METRICS_DEFAULTS: Required<MetricsOptions> = {
  samples: 600,
  seconds: Number.POSITIVE_INFINITY,
  targets: { frameMs: { warning: 16.67, critical: 33.33 } },
};

/** Metrics of one world: beyond, names are made up anew each time by mistake. */
const MAX_METRICS = 64;

export class Metrics {
  readonly #clock: Clock;
  readonly #events: EventBus;
  readonly #options: Required<MetricsOptions>;
  readonly #windows = new Map<string, MetricWindow>();
  readonly #watches = new Map<string, MetricWatch>();
  /** Whether `profileFrame` was called since the last frame, and the frame time it told (ms). */
  isFrameTold = false;
  readonly told: Float64Array = new Float64Array(1);

  constructor(options: MetricsOptions, clock: Clock, events: EventBus) {
    this.#clock = clock;
    this.#events = events;
    this.#options = { ...METRICS_DEFAULTS, ...options };
    for (const name of KNOWN_METRICS) this.window(name);
    const targets = { ...METRICS_DEFAULTS.targets, ...options.targets };
    for (const [name, target] of Object.entries(targets)) this.setTarget(name, target);
  }

  /** The window of a metric, made when first asked for; fill `input[0]`, then `take(name)`. */
  window(name: string): MetricWindow {
    const known = this.#windows.get(name);
    if (known) return known;
    assert(
      this.#windows.size < MAX_METRICS,
      `recordMetric("${name}"): there are ${MAX_METRICS} metrics already; record under names that are ` +
        'few and fixed',
    );
    const made = new MetricWindow(this.#options.samples);
    this.#windows.set(name, made);
    return made;
  }

  /** Takes in what lies in the window's input. Allocates nothing unless the state changes. */
  take(name: string): void {
    const window = this.#windows.get(name)!;
    window.input[1] = this.#clock.now();
    window.record();
    const watch = this.#watches.get(name);
    if (!watch?.take(window.input)) return;
    this.#events.emit('performanceWarning', {
      metric: name,
      state: WATCH_NAMES[watch.state],
      value: watch.mean,
      target: watch.state === 2 ? watch.critical : watch.warning,
    });
  }

  record(name: string, value: number): void {
    this.window(name).input[0] = value;
    this.take(name);
  }

  setTarget(name: string, target: MetricTarget | null): void {
    if (target) this.#watches.set(name, new MetricWatch(target));
    else this.#watches.delete(name);
  }

  stats(name: string): MetricStats {
    const window = this.#windows.get(name);
    const names = [...this.#windows.keys()].join(', ');
    assert(window, `metricStats("${name}"): nothing was recorded by that name; there are ${names}`);
    return window.stats(this.#clock.now() - this.#options.seconds * 1000);
  }

  report(): Record<string, MetricReport> {
    const all: Record<string, MetricReport> = {};
    for (const name of this.#windows.keys()) {
      const watch = this.#watches.get(name);
      all[name] = {
        ...this.stats(name),
        state: WATCH_NAMES[watch?.state ?? 0],
        target: watch ? { warning: watch.warning, critical: watch.critical } : null,
      };
    }
    return all;
  }
}

/** Refuses options that cannot work, naming option, value and what was expected. */
export function checkMetricsOptions(options: MetricsOptions): void {
  const name = 'installStreaming: metrics';
  assert(
    typeof options === 'object' && options !== null,
    `${name} must be an object, got ${describe(options)}`,
  );
  for (const key of Object.keys(options))
    assert(
      key in METRICS_DEFAULTS,
      `${name}: unknown "${key}"; expected one of ${Object.keys(METRICS_DEFAULTS).join(', ')}`,
    );
  const { samples, seconds, targets } = { ...METRICS_DEFAULTS, ...options };
  assertNumber(`${name}.samples`, samples, 1, 65_536);
  assert(Number.isInteger(samples), `${name}.samples must be a whole number, got ${samples}`);
  assert(seconds > 0, `${name}.seconds must be > 0, got ${describe(seconds)}`);
  for (const [metric, target] of Object.entries(targets))
    if (target !== null) checkTarget(`${name}.targets.${metric}`, target);
}

/** Refuses a target that cannot be one. */
export function checkTarget(name: string, target: MetricTarget): void {
  assert(
    typeof target === 'object' && target !== null,
    `${name} must be { warning, critical? } or null, got ${describe(target)}`,
  );
  assertNumber(`${name}: warning`, target.warning, Number.MIN_VALUE);
  if (target.critical === undefined) return;
  assertNumber(`${name}: critical`, target.critical);
  assert(
    target.critical >= target.warning,
    `${name}: critical ${target.critical} is below warning ${target.warning}`,
  );
}
