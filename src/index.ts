/** Farfield: open-world streaming for bitECS. The three.js view is `farfield/three`. */

export {
  type Clock,
  createManualClock,
  createSystemClock,
  type ManualClock,
} from './base/clock.ts';
export { ErrorCode, errorName } from './base/errors.ts';
export { hashName } from './base/hash.ts';
export type { LodLimits } from './catalog/lod-limits.ts';
export type {
  LayerOptions,
  LodMode,
  LodOptions,
} from './catalog/lod-policy.ts';
export type {
  ComponentData,
  ComponentFields,
  ComponentName,
  StreamingComponents,
} from './components/index.ts';
export { LoadingStateNumber, ViewReadiness } from './components/loading-screen.ts';
export { MemoryStateNumber } from './components/memory-budget.ts';
export { NO_RESIDENT_LOD, ResidencyClass, ResidencyState } from './components/residency.ts';
export type { MeshContent } from './io/content.ts';
export type { CustomDecoder, CustomKinds, CustomValue, KindOptions } from './io/custom-kinds.ts';
export type { Decoder } from './io/decoder.ts';
export type { Source } from './io/source.ts';
export { httpSource } from './io/sources/http.ts';
export { memorySource } from './io/sources/memory.ts';
export { mirrored } from './io/sources/mirrors.ts';
export type { GridReport, GridSettings } from './level/grids.ts';
export { LevelStateNumber } from './level/level-machine.ts';
export type { LevelOptions } from './level/level-options.ts';
export type { DetailName, QualityOptions, QualityValues } from './level/quality.ts';
export {
  classifyDevice,
  type DeviceClass,
  type DeviceHints,
  MEMORY_PRESETS,
  type MemoryPreset,
  readDeviceHints,
  suggestBudget,
} from './memory/budget/device-budget.ts';
export type { MemoryBudget } from './memory/budget/named-budget.ts';
export type { PoolName, PoolOptions, PoolSettings } from './memory/budget/pools.ts';
export type { ThrottleOptions } from './memory/load-limit.ts';
export type { EvictionChoice, EvictionName, EvictionPool } from './memory/policies/choice.ts';
export type { TierName } from './memory/policies/tiers.ts';
export type { ScoreFunction, Scorer, ScorerColumn, ScorerColumns } from './memory/scorer.ts';
export { STREAMING_DEFAULTS, type StreamingOptions } from './options.ts';
export {
  type AnnouncedPose,
  type AnnouncementHandle,
  type AssetRequest,
  type ComponentValue,
  type FedPose,
  getStreaming,
  installStreaming,
  type LevelLoad,
  type LevelSettings,
  type LevelStatusReport,
  type LoadingStatus,
  type PathPoint,
  type PlacementList,
  type PlacementShape,
  type RestoredSnapshot,
  type Streaming,
  type StreamingSnapshot,
  type StreamingStats,
  type Target,
  type TravelOptions,
  type TravelPose,
  type TypedComponents,
  type WorldInfo,
} from './plugin.ts';
export type { PredictionOptions } from './spatial/prediction-options.ts';
export type { StreamingEvents } from './telemetry/events.ts';
export type { MetricTarget } from './telemetry/metric-watch.ts';
export type { MetricStats } from './telemetry/metric-window.ts';
export type { KnownMetric, MetricReport, MetricsOptions } from './telemetry/metrics.ts';
export type { LoadingFailure } from './world/loading.ts';
export type { TravelResult } from './world/travel.ts';
export type { VolumeCondition, VolumeListener } from './world/volume-tracking.ts';
