/** The plugin: `installStreaming(world, options)` and what comes with it. */
export { getStreaming, installStreaming } from './plugin/install.ts';
export type { LevelLoad } from './plugin/level-calls.ts';
export type { LevelSettings } from './plugin/level-settings.ts';
export type { LevelStatusReport } from './plugin/level-status.ts';
export type { LoadingStatus } from './plugin/loading-calls.ts';
export type { PlacementList, PlacementShape } from './plugin/queries.ts';
export type { StreamingStats } from './plugin/report.ts';
export type { RestoredSnapshot, StreamingSnapshot } from './plugin/snapshot-format.ts';
export type {
  AnnouncedPose,
  AnnouncementHandle,
  AssetRequest,
  FedPose,
  PathPoint,
  Streaming,
  Target,
  TravelOptions,
  TravelPose,
  WorldInfo,
} from './plugin/streaming.ts';
export type { ComponentValue, TypedComponents } from './plugin/typed.ts';
