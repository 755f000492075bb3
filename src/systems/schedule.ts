/**
 * The frame, in order. Requests go down as rows; bytes come up only through the mailbox.
 *
 *     begin()   Get     what has arrived
 *     update()  Want    what would be worth having        Afford  what fits
 *     commit()  Show    what is here                      Tell    what happened
 */
import type { StreamWorld } from '../world.ts';
import { adaptQuality } from './adapt-quality.ts';
import { admitEntities } from './admit-entities.ts';
import { advanceLevels } from './advance-levels.ts';
import { castShadows } from './cast-shadows.ts';
import { complete } from './complete.ts';
import { dispatch } from './dispatch.ts';
import { evict } from './evict.ts';
import { materializePlacements } from './materialize-placements.ts';
import { prefetch } from './prefetch.ts';
import { prioritize } from './prioritize.ts';
import { readTransforms } from './read-transforms.ts';
import { recordMetrics } from './record-metrics.ts';
import { reflectEntities } from './reflect-entities.ts';
import { repackTrees } from './repack-trees.ts';
import { sampleStats } from './sample-stats.ts';
import { selectLod } from './select-lod.ts';
import { selectTerrain } from './select-terrain.ts';
import { switchLayers } from './switch-layers.ts';
import { tagVolumes } from './tag-volumes.ts';
import { tellLevels } from './tell-levels.ts';
import { tellLoading } from './tell-loading.ts';
import { tellMemory } from './tell-memory.ts';
import { tellTravel } from './tell-travel.ts';
import { throttle } from './throttle.ts';
import { trackGrids } from './track-grids.ts';
import { trackViewpoints } from './track-viewpoints.ts';
import { trackVolumes } from './track-volumes.ts';
import { transitionLod } from './transition-lod.ts';
import { upload } from './upload.ts';
import { weighOcclusion } from './weigh-occlusion.ts';

export type System = (world: StreamWorld) => void;

export const GET: readonly System[] = [admitEntities, complete];

export const WANT: readonly System[] = [
  readTransforms,
  adaptQuality,
  trackViewpoints,
  weighOcclusion,
  trackVolumes,
  switchLayers,
  trackGrids,
  advanceLevels,
  selectLod,
  selectTerrain,
  prefetch,
  prioritize,
];

export const AFFORD: readonly System[] = [throttle, evict, dispatch];

export const SHOW: readonly System[] = [upload, castShadows, transitionLod];

export const TELL: readonly System[] = [
  tagVolumes,
  reflectEntities,
  materializePlacements,
  repackTrees,
  tellLevels,
  tellLoading,
  tellTravel,
  tellMemory,
  recordMetrics,
  sampleStats,
];

/** Runs systems in order. */
export function run(systems: readonly System[], world: StreamWorld): void {
  for (let i = 0; i < systems.length; i++) systems[i]!(world);
}
