/**
 * What can be seen in each frame of a path, whatever any policy does: the referee's own eyes. From
 * it follow how fast a flight asks for bytes and how many it shows at once, and with them the
 * bandwidth and memory of a scenario; the oracle, and nobody else, gets the table of future error.
 */
import {
  BUCKET_FRAMES,
  FAR_METERS,
  FRAME_SECONDS,
  HALF_FOV_RADIANS,
  LOD_COUNT,
  MIN_SIZE_PX,
  PX_PER_RADIAN,
  STATE_COUNT,
} from './constants.ts';
import { idealLevel, missingShare, screenShare, targetLevel, wrapAngle } from './geometry.ts';
import type { Path } from './path.ts';
import type { World } from './world.ts';

/** Rows `offsets[f]` up to `offsets[f + 1]` are what frame f shows, by object. */
export interface Visibility {
  offsets: Int32Array;
  objects: Uint16Array;
  /** Importance × share of the screen. */
  weights: Float32Array;
  /** Level needed, a real number. */
  ideals: Float32Array;
  /** Rows of `future`: frames by `BUCKET_FRAMES`. */
  buckets: number;
  /**
   * `future[(object * buckets + bucket) * STATE_COUNT + best + 1]`: the visible error of the object
   * summed over the bucket (weight · s) if `best` were shown.
   */
  future: Float32Array;
  /** Bytes of everything at the level it was needed in, each asset once. */
  demandBytes: number;
  /** The same by seconds of flight. */
  demandBytesPerS: number;
  /** 95 % of the frames show no more bytes than this at the needed levels. */
  visibleBytesP95: number;
}

/** Looks along the whole path. */
export function seePath(world: World, path: Path): Visibility {
  const seen = listVisible(world, path);
  return { ...seen, ...sumDemand(world, path, seen) };
}

type Seen = Omit<Visibility, 'demandBytes' | 'demandBytesPerS' | 'visibleBytesP95'>;

/** Distance to the near side of object `i` (m) if it can be seen from the pose, or -1. */
export function visibleDistance(
  world: World,
  i: number,
  poseX: number,
  poseY: number,
  poseYaw: number,
): number {
  const dx = world.x[i]! - poseX;
  const dy = world.y[i]! - poseY;
  const squared = dx * dx + dy * dy;
  if (squared > FAR_METERS * FAR_METERS) return -1;
  const radius = world.radius[i]!;
  const toCenter = Math.sqrt(squared);
  const distance = Math.max(1, toCenter - radius);
  if ((2 * radius * PX_PER_RADIAN) / distance < MIN_SIZE_PX) return -1;
  if (toCenter > radius) {
    const off = Math.abs(wrapAngle(Math.atan2(dy, dx) - poseYaw));
    if (off - Math.asin(Math.min(1, radius / toCenter)) > HALF_FOV_RADIANS) return -1;
  }
  return distance;
}

function listVisible(world: World, path: Path): Seen {
  const buckets = Math.ceil(path.frames / BUCKET_FRAMES);
  const future = new Float32Array(world.count * buckets * STATE_COUNT);
  const offsets = new Int32Array(path.frames + 1);
  const objects: number[] = [];
  const weights: number[] = [];
  const ideals: number[] = [];
  for (let frame = 0; frame < path.frames; frame++) {
    offsets[frame] = objects.length;
    const bucket = (frame / BUCKET_FRAMES) | 0;
    const [x, y, yaw] = [path.x[frame]!, path.y[frame]!, path.yaw[frame]!];
    for (let i = 0; i < world.count; i++) {
      const distance = visibleDistance(world, i, x, y, yaw);
      if (distance < 0) continue;
      const weight = world.importance[i]! * screenShare(world.radius[i]!, distance);
      const ideal = idealLevel(world.radius[i]!, distance);
      objects.push(i);
      weights.push(weight);
      ideals.push(ideal);
      const row = (i * buckets + bucket) * STATE_COUNT;
      for (let best = -1; best < LOD_COUNT; best++)
        future[row + best + 1]! += weight * missingShare(best, ideal) * FRAME_SECONDS;
    }
  }
  offsets[path.frames] = objects.length;
  return {
    offsets,
    objects: Uint16Array.from(objects),
    weights: Float32Array.from(weights),
    ideals: Float32Array.from(ideals),
    buckets,
    future,
  };
}

function sumDemand(
  world: World,
  path: Path,
  { offsets, objects, ideals }: Seen,
): Pick<Visibility, 'demandBytes' | 'demandBytesPerS' | 'visibleBytesP95'> {
  const finestSeen = new Int8Array(world.count).fill(-1);
  const visibleBytes = new Float64Array(path.frames);
  let demandBytes = 0;
  for (let frame = 0; frame < path.frames; frame++)
    for (let row = offsets[frame]!; row < offsets[frame + 1]!; row++) {
      const i = objects[row]!;
      const level = targetLevel(ideals[row]!);
      const bytes = world.bytes[i * LOD_COUNT + level]!;
      visibleBytes[frame]! += bytes;
      if (level <= finestSeen[i]!) continue;
      finestSeen[i] = level;
      demandBytes += bytes;
    }
  visibleBytes.sort();
  return {
    demandBytes,
    demandBytesPerS: demandBytes / path.seconds,
    visibleBytesP95: visibleBytes[Math.floor(path.frames * 0.95)]!,
  };
}
