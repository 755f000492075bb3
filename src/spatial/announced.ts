/**
 * Poses that a game knows in advance: one moment (a teleport), or a path through many (a cut-scene,
 * a ride on rails). Each frame they are sampled into a few poses to plan for.
 *
 * What is due soon counts more: 1 ÷ (1 + seconds ÷ 1.5) while it is ahead. What is past fades within
 * two seconds, in case the game is late, and is then forgotten.
 */

/** A path through timed poses; a single announced pose is a path of one. */
export interface Announcement {
  /** When each point is due (clock time, ms), ascending. */
  timesMs: Float64Array;
  /** `ANNOUNCED_STRIDE` numbers per point. */
  values: Float64Array;
  /** 1 where the camera jumps to the point instead of moving there. */
  cuts: Uint8Array;
}

/** Numbers per point: eye 3, direction 3 (zeros: everywhere), field of view (0: the camera's), weight. */
export const ANNOUNCED_STRIDE = 8;

/** At most this many announcements are held; beyond, those due last are dropped. */
export const MAX_ANNOUNCEMENTS = 64;
/** At most this many poses are planned for at once: those due first. */
export const MAX_ANNOUNCED_POSES = 8;

/**
 * Moments at which a path is sampled (seconds from now), moving along as time passes. Sampled to 4 s,
 * a cut-scene was less well prepared: what loads for later is missed now.
 */
const SAMPLE_SECONDS = [0.4, 0.9, 1.6, 3];
/** A path is four poses: each counts for a quarter of one. */
const PATH_SHARE = 0.25;
const HALF_WEIGHT_SECONDS = 1.5;
const KEEP_MS = 2000;

/** The poses announced for about now, the nearest in time first. */
export interface AnnouncedPoses {
  /** As in `Announcement`, the weight multiplied by what the time makes of it. */
  values: Float64Array;
  /** Milliseconds to each; negative when past. */
  dueMs: Float64Array;
  count: number;
}

export function createAnnouncedPoses(): AnnouncedPoses {
  return {
    values: new Float64Array(MAX_ANNOUNCED_POSES * ANNOUNCED_STRIDE),
    dueMs: new Float64Array(MAX_ANNOUNCED_POSES),
    count: 0,
  };
}

/** Adds an announcement. Returns false when another, or it, had to be dropped for it. */
export function addAnnouncement(list: Announcement[], added: Announcement): boolean {
  list.push(added);
  if (list.length <= MAX_ANNOUNCEMENTS) return true;
  let last = 0;
  for (let i = 1; i < list.length; i++)
    if (list[i]!.timesMs[0]! >= list[last]!.timesMs[0]!) last = i;
  list.splice(last, 1);
  return false;
}

/** Samples every announcement, and takes out of the list what is past. Allocates nothing. */
export function sampleAnnouncements(
  list: Announcement[],
  nowMs: number,
  out: AnnouncedPoses,
): void {
  out.count = 0;
  for (let i = list.length - 1; i >= 0; i--) {
    const { timesMs } = list[i]!;
    const last = timesMs[timesMs.length - 1]!;
    if (nowMs > last + KEEP_MS) list.splice(i, 1);
    else if (timesMs.length === 1 || nowMs >= last) insert(out, list[i]!, last, nowMs, 1);
    else samplePath(out, list[i]!, nowMs);
  }
}

function samplePath(out: AnnouncedPoses, path: Announcement, nowMs: number): void {
  const { timesMs, cuts } = path;
  const last = timesMs[timesMs.length - 1]!;
  let before = Number.NEGATIVE_INFINITY;
  for (let sample = 0; sample < SAMPLE_SECONDS.length; sample++) {
    const end = nowMs + SAMPLE_SECONDS[sample]! * 1000;
    let at = Math.max(timesMs[0]!, Math.min(end, last));
    if (at <= before) continue;
    // A jump in between is what to be ready for.
    for (let point = segmentOf(timesMs, at); timesMs[point]! > Math.max(before, nowMs); point--)
      if (cuts[point] === 1) {
        at = timesMs[point]!;
        break;
      }
    insert(out, path, at, nowMs, PATH_SHARE);
    before = at;
  }
}

/** The last point at or before a time that is not before the first. */
function segmentOf(timesMs: Float64Array, atMs: number): number {
  let [low, high] = [0, timesMs.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (timesMs[middle]! <= atMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Puts the pose of a path at `atMs` where its time belongs, if there is room for it. */
function insert(
  out: AnnouncedPoses,
  path: Announcement,
  atMs: number,
  nowMs: number,
  share: number,
): void {
  const due = atMs - nowMs;
  let row = out.count;
  while (row > 0 && Math.abs(due) < Math.abs(out.dueMs[row - 1]!)) row--;
  if (row === MAX_ANNOUNCED_POSES) return;
  const kept = Math.min(out.count, MAX_ANNOUNCED_POSES - 1);
  const stride = ANNOUNCED_STRIDE;
  out.values.copyWithin((row + 1) * stride, row * stride, kept * stride);
  out.dueMs.copyWithin(row + 1, row, kept);
  out.count = kept + 1;
  out.dueMs[row] = due;
  writePoint(path, atMs, out.values, row * stride);
  const weight = row * stride + 7;
  out.values[weight] = out.values[weight]! * share * timeWeight(due / 1000);
}

function timeWeight(seconds: number): number {
  return seconds >= 0 ? 1 / (1 + seconds / HALF_WEIGHT_SECONDS) : Math.exp(seconds);
}

/** Straight lines between points; the direction turns evenly enough along its chord. */
function writePoint(path: Announcement, atMs: number, out: Float64Array, at: number): void {
  const { timesMs, values, cuts } = path;
  const from = segmentOf(timesMs, atMs);
  const to = Math.min(from + 1, timesMs.length - 1);
  const span = timesMs[to]! - timesMs[from]!;
  const share = span > 0 && cuts[to] === 0 ? (atMs - timesMs[from]!) / span : 0;
  for (let i = 0; i < ANNOUNCED_STRIDE; i++) {
    const start = values[from * ANNOUNCED_STRIDE + i]!;
    out[at + i] = start + (values[to * ANNOUNCED_STRIDE + i]! - start) * share;
  }
  const length = Math.hypot(out[at + 3]!, out[at + 4]!, out[at + 5]!);
  if (length > 1e-6) for (let i = 3; i < 6; i++) out[at + i] = out[at + i]! / length;
}
