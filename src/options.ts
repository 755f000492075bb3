/** What a game may choose. Every figure has a default that was measured or argued for. */
import { assert, assertNumber, describe } from './base/assert.ts';
import type { Clock } from './base/clock.ts';
import { DEFAULT_CAPACITY, MAX_IN_FLIGHT_LIMIT, STRUCTURAL_OPS_PER_FRAME } from './base/limits.ts';
import { checkLodOptions, type LodOptions } from './catalog/lod-policy.ts';
import type { OcclusionOptions } from './catalog/occlusion.ts';
import type { CustomKinds } from './io/custom-kinds.ts';
import type { Decoder } from './io/decoder.ts';
import { checkIoOptions, type IoOptions } from './io/engine-options.ts';
import type { Source } from './io/source.ts';
import { type LevelOptions, resolveLevels } from './level/level-options.ts';
import { checkQualityOptions, type QualityOptions } from './level/quality.ts';
import { suggestBudget } from './memory/budget/device-budget.ts';
import { checkPools, type PoolSettings } from './memory/budget/pools.ts';
import { resolveThrottle, type ThrottleOptions } from './memory/load-limit.ts';
import { type EvictionChoice, resolveEviction } from './memory/policies/choice.ts';
import { type PolicyOptions, resolvePolicy } from './memory/policy.ts';
import type { ScoreFunction, Scorer } from './memory/scorer.ts';
import type { ClassicBonuses } from './spatial/expected-error.ts';
import { type PredictionOptions, resolvePrediction } from './spatial/prediction-options.ts';
import { checkMetricsOptions, type MetricsOptions } from './telemetry/metrics.ts';

/** Scorers that come along: the expected visible error per link time, and two for comparison. */
export type ScorerName = 'value' | 'classic' | 'distance';

export interface StreamingOptions {
  /** Where `open` reads from, unless it is given another source. */
  source?: Source;
  /**
   * Bytes for everything resident or on its way, CPU and GPU copies together. `auto`: what
   * `suggestBudget` says of the device.
   */
  budgetBytes?: number | 'auto';
  /** Guarantees, shares and limits of pools; without any, all compete by worth for the whole budget. */
  pools?: PoolSettings;
  /**
   * What leaves memory first: one policy for all, or one for each of `mesh`, `terrain`, `custom`.
   * Default: `value`, which costs the picture least. The others are for comparison, and for pools
   * whose worth nobody knows.
   */
  eviction?: EvictionChoice;
  /** A budget that is lowered is evicted down to by so many bytes a frame: no hitch. */
  evictBytesPerFrame?: number;
  /** Largest entity id that may carry a component. Stores are allocated once, at this size. */
  capacity?: number;
  /** Geometric error that is good enough (pixels). */
  errorPixels?: number;
  /**
   * The same for terrain (pixels). Larger, because the error of a tile is its worst single point,
   * and a slope that is a little off is not seen as an edge that is.
   */
  terrainErrorPixels?: number;
  /** How LODs are chosen: by error, size on screen or distance; hysteresis; frame pressure. */
  lod?: LodOptions;
  /** What details from ultra to minimal mean, and how auto-adjust chooses among them. */
  quality?: QualityOptions;
  /** Objects smaller than this on screen are not shown (pixels). */
  minPixels?: number;
  /** Nothing is shown beyond this (meters). */
  drawDistanceMeters?: number;
  /** Shown though this far outside the view (meters): shadows reach into it. */
  viewMarginMeters?: number;
  /** Placements this near a viewpoint exist as entities (meters). */
  activateRadiusMeters?: number;
  /**
   * What is out of view is prefetched within this radius (meters) of a viewpoint at rest. For a fast
   * one the same area becomes a cone ahead.
   */
  prefetchRadiusMeters?: number;
  /**
   * While something on screen is missing, at most this share of the requests in flight may be for what
   * only a predicted or announced view needs, 0 to 1; 1 = no limit.
   */
  prefetchShare?: number;
  /** For which moments to plan, and how much each counts. */
  prediction?: PredictionOptions;
  /**
   * What is asked for first: `value` (expected visible error removed per link time), `classic`
   * (importance × distance × in view × ahead), `distance`, or a scorer of the game's own. What leaves
   * memory is decided by value in any case.
   */
  scorer?: ScorerName | Scorer | ScoreFunction;
  /** Figures behind the decisions, for those who study them; each has a measured default. */
  policy?: Partial<PolicyOptions>;
  /** Figures of the classic score; those left out keep their defaults (1000 m, 1, 0.5). */
  classic?: Partial<ClassicBonuses>;
  /** How occlusion weights fade (`setOcclusion`); what is left out keeps its default (2 s, 0.05). */
  occlusion?: Partial<OcclusionOptions>;
  /** Bytes handed to the GPU per frame; at least one payload always goes. */
  uploadBytesPerFrame?: number;
  /** Main-thread milliseconds spent on uploads per frame; at least one payload always goes. */
  uploadMsPerFrame?: number;
  /**
   * Structural changes of the game's world per frame, at least 3: each entity made or ended and each
   * component or tag put on or taken off is one. An entity for a placement takes 3 (itself,
   * `Transform`, `Placement`) and 1 to end; a tag takes 1. From one `begin` to the next there are
   * never more. What the game calls for itself is done at once, whatever the limit: `entityOfSlot`
   * (which counts, so that the frame does that much less), `createViewpoint`, `removeViewpoint` and
   * `dispose`.
   */
  structuralOpsPerFrame?: number;
  /** Main-thread milliseconds that opening a world takes at a time; the frames come in between. */
  openMsPerFrame?: number;
  /** How levels come and go: work per frame (256 steps, 1 ms), how long they stay at least (0 s). */
  levels?: Partial<LevelOptions>;
  /**
   * Requests in flight on one origin, 1 to 64. 6 is what browsers open over HTTP/1.1; a server that
   * speaks HTTP/2 bears more.
   */
  maxInFlight?: number;
  /**
   * Frame-time feedback: while frames take longer than `lod.targetFrameMs`, or `begin`, `update` and
   * `commit` together longer than `ownMs` (2), requests in flight and uploads fall to a quarter.
   */
  throttle?: Partial<ThrottleOptions>;
  /** How many samples of metrics are kept, for how long, and what to warn above. */
  metrics?: MetricsOptions;
  /** Further settings of the I/O engine: retries, timeouts, merging (reads to 4 MiB). */
  io?: Omit<IoOptions, 'maxInFlight'>;
  /** Tickets handed to io beyond those in flight, so that free slots are refilled off-frame. */
  lookAhead?: number;
  /**
   * Payload kinds of the game's own (sounds, animations, …), by a name for messages. With `decoder`,
   * that one must know them too.
   */
  kinds?: CustomKinds;
  /** Decode workers; default: cores − 1, at most 4. */
  workerCount?: number;
  /**
   * Whether a worker owns the connections. Sources that another thread cannot make (memory, a
   * simulated link, an HTTP source with ports of its own) are read in this one in any case.
   */
  ioWorker?: boolean;
  /**
   * How decoded content comes back from the workers: by message, or through shared memory, which
   * needs a page that is cross-origin isolated. Default: `message`.
   */
  completions?: 'message' | 'ring';
  /** Makes a worker of either role, where the bundler cannot find the file by itself. */
  createWorker?: () => Worker;
  /** Address of the built worker file, for hosts that run from source. */
  workerUrl?: string | URL;
  /** Address of draco_decoder.wasm. */
  dracoWasmUrl?: string | URL;
  /** Address of basis_transcoder.wasm. */
  basisWasmUrl?: string | URL;
  /** Replaces the worker pool, e.g. by the inline decoder in a simulation. */
  decoder?: Decoder;
  /** The port of time. */
  clock?: Clock;
  /** Seeds the port of chance (retry jitter). */
  seed?: number;
}

/** Options that always have a value. */
export type DefaultedOption =
  | 'evictBytesPerFrame'
  | 'capacity'
  | 'errorPixels'
  | 'terrainErrorPixels'
  | 'minPixels'
  | 'drawDistanceMeters'
  | 'viewMarginMeters'
  | 'activateRadiusMeters'
  | 'prefetchRadiusMeters'
  | 'prefetchShare'
  | 'scorer'
  | 'classic'
  | 'occlusion'
  | 'uploadBytesPerFrame'
  | 'uploadMsPerFrame'
  | 'structuralOpsPerFrame'
  | 'openMsPerFrame'
  | 'maxInFlight'
  | 'lookAhead'
  | 'ioWorker'
  | 'seed';

type NumberOption = Exclude<DefaultedOption, 'scorer' | 'classic' | 'occlusion' | 'ioWorker'>;

/** The options with which nothing has to be chosen. */
export const STREAMING_DEFAULTS: Required<Pick<StreamingOptions, DefaultedOption>> & {
  scorer: ScorerName;
  classic: ClassicBonuses;
  occlusion: OcclusionOptions;
} = {
  evictBytesPerFrame: 32 * 1024 * 1024,
  capacity: DEFAULT_CAPACITY,
  errorPixels: 2,
  terrainErrorPixels: 6,
  minPixels: 3,
  drawDistanceMeters: Number.POSITIVE_INFINITY,
  viewMarginMeters: 20,
  activateRadiusMeters: 60,
  prefetchRadiusMeters: 500,
  prefetchShare: 0.5,
  scorer: 'value',
  classic: { rangeMeters: 1000, frustumBonus: 1, velocityBonus: 0.5 },
  occlusion: { halfLifeSeconds: 2, floor: 0.05 },
  uploadBytesPerFrame: 8 * 1024 * 1024,
  uploadMsPerFrame: 2,
  structuralOpsPerFrame: STRUCTURAL_OPS_PER_FRAME,
  openMsPerFrame: 2,
  maxInFlight: 6,
  lookAhead: 2,
  ioWorker: true,
  seed: 1,
};

export type ResolvedOptions = Omit<
  StreamingOptions,
  'scorer' | 'policy' | 'budgetBytes' | 'levels'
> &
  Omit<typeof STREAMING_DEFAULTS, 'scorer'> & {
    budgetBytes: number;
    scorer: ScorerName | Scorer;
    policy: PolicyOptions;
    levels: LevelOptions;
  };

/** Fills in the defaults and refuses what cannot work, naming option, value and range. */
export function resolveOptions(options: StreamingOptions): ResolvedOptions {
  const resolved: ResolvedOptions = {
    ...STREAMING_DEFAULTS,
    ...options,
    budgetBytes: resolveBudget(options.budgetBytes),
    scorer: resolveScorer(options.scorer ?? STREAMING_DEFAULTS.scorer),
    policy: resolvePolicy(options.policy),
    levels: resolveLevels(options.levels),
    classic: { ...STREAMING_DEFAULTS.classic, ...options.classic },
    occlusion: { ...STREAMING_DEFAULTS.occlusion, ...options.occlusion },
  };
  const ranges: [NumberOption, number, number][] = [
    ['evictBytesPerFrame', 1, Number.MAX_SAFE_INTEGER],
    ['capacity', 1, 2 ** 24],
    ['errorPixels', 0.01, 1000],
    ['terrainErrorPixels', 0.01, 1000],
    ['minPixels', 0, 1000],
    ['viewMarginMeters', 0, 1e6],
    ['activateRadiusMeters', 0, 1e6],
    ['prefetchRadiusMeters', 0, 1e6],
    ['prefetchShare', 0, 1],
    ['uploadBytesPerFrame', 1, Number.MAX_SAFE_INTEGER],
    ['uploadMsPerFrame', 0, 1e4],
    ['structuralOpsPerFrame', 3, 1e6],
    ['openMsPerFrame', 0.1, 1000],
    ['maxInFlight', 1, MAX_IN_FLIGHT_LIMIT],
    ['lookAhead', 0, 1024],
    ['seed', -(2 ** 31), 2 ** 32],
  ];
  for (const [name, min, max] of ranges)
    assertNumber(`installStreaming: ${name}`, resolved[name], min, max);
  checkPools('installStreaming: pools', resolved.pools ?? {});
  resolveEviction(resolved.eviction);
  checkLodOptions(resolved.lod ?? {});
  checkClassic(resolved.classic);
  checkOcclusion(resolved.occlusion);
  checkIoOptions(resolved.io ?? {});
  checkQualityOptions(resolved.quality ?? {});
  checkMetricsOptions(resolved.metrics ?? {});
  resolvePrediction(resolved.prediction);
  resolveThrottle(resolved.throttle);
  assert(
    resolved.drawDistanceMeters > 0,
    `installStreaming: drawDistanceMeters must be > 0, got ${resolved.drawDistanceMeters}`,
  );
  return resolved;
}

function resolveBudget(budgetBytes: number | 'auto' = 'auto'): number {
  if (budgetBytes === 'auto') return suggestBudget().budgetBytes;
  assertNumber('installStreaming: budgetBytes', budgetBytes, 1, Number.MAX_SAFE_INTEGER);
  return budgetBytes;
}

function checkClassic(classic: ClassicBonuses): void {
  assertNumber('installStreaming: classic.rangeMeters', classic.rangeMeters, 1, 1e9);
  assertNumber('installStreaming: classic.frustumBonus', classic.frustumBonus, 0, 1e6);
  assertNumber('installStreaming: classic.velocityBonus', classic.velocityBonus, 0, 1e6);
}

function checkOcclusion({ halfLifeSeconds, floor }: OcclusionOptions): void {
  assertNumber('installStreaming: occlusion.halfLifeSeconds', halfLifeSeconds, 0.01, 1e6);
  assertNumber('installStreaming: occlusion.floor', floor, 0, 1);
}

function resolveScorer(scorer: ScorerName | Scorer | ScoreFunction): ScorerName | Scorer {
  if (scorer === 'value' || scorer === 'classic' || scorer === 'distance') return scorer;
  if (typeof scorer === 'function') return { name: scorer.name || 'of the game', score: scorer };
  const isScorer = typeof scorer?.name === 'string' && typeof scorer.score === 'function';
  assert(
    isScorer,
    'installStreaming: scorer must be "value", "classic", "distance", a function, or an object ' +
      `with a name and a score function, got ${describe(scorer)}`,
  );
  return scorer;
}
