/**
 * Judges what is on the screen, frame by frame, with eyes of its own. It is never handed to a
 * subject, and believes none: what is shown must have been reported as loaded, what was loaded must
 * have come over the link, and memory is counted from the reports as well as asked for.
 */
import { FRAME_SECONDS as DT, LOD_COUNT, NOTHING_LEVELS, TARGET_ERROR_PX } from './constants.ts';
import { missingShare, targetLevel } from './geometry.ts';
import type { Ledger } from './ledger.ts';
import type { Link } from './link.ts';
import type { Path } from './path.ts';
import type { Visibility } from './visibility.ts';
import type { World } from './world.ts';

/** What one flight came to. */
export interface Figures {
  /** Share of what was on the screen, by importance and area, that was wrong (%). */
  errorPercent: number;
  /** Error beyond the target (px, at most 64 for one object), weighted the same way. */
  errorPx: number;
  /** The same share that showed nothing at all (%). */
  blankPercent: number;
  /** Share of frames' error below which 95 % of the frames lie (%). */
  errorPercentP95: number;
  /** Objects that were right in the frame in which they came into view (%). */
  hitPercent: number;
  /** Changes of level in view that could be seen, and those that took detail away. */
  popsPerMinute: number;
  visibleLodDropsPerMinute: number;
  /** Mean time from a start or a jump until less than 5 % was wrong; null where it never was (s). */
  timeToFirstDetailS: number | null;
  /** Mean of what was visible and not resident at the needed level (MB). */
  missingMegabytes: number;
  fetchedMegabytes: number;
  /** Never seen or cancelled, by fetched (%). */
  wastePercent: number;
  /** Fetched again, by fetched (%). */
  reloadPercent: number;
  /** Fetched by what the flight needs once. */
  readAmplification: number;
  cancels: number;
  linkBusyPercent: number;
  /** Most memory in use, and frames with more than the budget. */
  memoryPercent: number;
  overBudgetFrames: number;
  traceHash: string;
}

export interface RefereeInput {
  world: World;
  path: Path;
  visibility: Visibility;
  budgetBytes: number;
  link: Link;
  ledger: Ledger;
}

/** An error beyond this is no worse (px). */
const WORST_PX = 64;
/** Wrong share below which a view counts as detailed. */
const DETAILED = 0.05;

export class Referee {
  private readonly input: RefereeInput;
  private readonly shares: Float32Array;
  private readonly lastSeen: Int32Array;
  private readonly lastBest: Int8Array;
  private error = 0;
  private errorPx = 0;
  private weight = 0;
  private blank = 0;
  private missingBytes = 0;
  private entered = 0;
  private hits = 0;
  private pops = 0;
  private drops = 0;
  private mostBytes = 0;
  private overBudgetFrames = 0;
  private readonly detailTimes: number[] = [];
  private detailSince = 0;
  private isWaitingForDetail = true;

  constructor(input: RefereeInput) {
    this.input = input;
    this.shares = new Float32Array(input.path.frames);
    this.lastSeen = new Int32Array(input.world.count).fill(-9);
    this.lastBest = new Int8Array(input.world.count);
  }

  /**
   * Judges a frame. `best` is the best level that can be shown of each object (-1: none), `usedBytes`
   * what the subject says it holds and has reserved. Throws where the subject claims what cannot be.
   */
  judge(frame: number, best: Int8Array, usedBytes: number): void {
    this.judgeMemory(frame, usedBytes);
    const { offsets, objects, weights, ideals } = this.input.visibility;
    const { bytes } = this.input.world;
    let error = 0;
    let weight = 0;
    for (let row = offsets[frame]!; row < offsets[frame + 1]!; row++) {
      const object = objects[row]!;
      const level = best[object]!;
      const area = weights[row]!;
      const ideal = ideals[row]!;
      error += area * missingShare(level, ideal);
      weight += area;
      this.errorPx += area * excessPx(level, ideal) * DT;
      if (level < 0) this.blank += area * DT;
      const target = targetLevel(ideal);
      if (level < target) this.missingBytes += bytes[object * LOD_COUNT + target]! * DT;
      this.judgeChange(frame, object, level, ideal);
    }
    this.error += error * DT;
    this.weight += weight * DT;
    this.shares[frame] = weight > 0 ? error / weight : 0;
    this.judgeDetail(frame);
  }

  /** The figures of the flight; call it once, after the last frame. */
  finish(): Figures {
    const { path, visibility, budgetBytes, link, ledger } = this.input;
    const fetched = Math.max(1, link.fetchedBytes);
    const dropped = link.deliveredBytes - ledger.loadedBytes;
    const wasted = ledger.unshownBytes() + link.cancelledBytes + dropped;
    const minutes = path.seconds / 60;
    const times = this.detailTimes;
    return {
      errorPercent: (100 * this.error) / this.weight,
      errorPx: this.errorPx / this.weight,
      blankPercent: (100 * this.blank) / this.weight,
      errorPercentP95: 100 * this.shares.toSorted()[Math.floor(path.frames * 0.95)]!,
      hitPercent: (100 * this.hits) / this.entered,
      popsPerMinute: this.pops / minutes,
      visibleLodDropsPerMinute: this.drops / minutes,
      timeToFirstDetailS:
        times.length > 0 ? times.reduce((sum, time) => sum + time, 0) / times.length : null,
      missingMegabytes: this.missingBytes / path.seconds / 1e6,
      fetchedMegabytes: link.fetchedBytes / 1e6,
      wastePercent: (100 * wasted) / fetched,
      reloadPercent: (100 * ledger.reloadedBytes) / fetched,
      readAmplification: link.fetchedBytes / visibility.demandBytes,
      cancels: link.cancelledCount,
      linkBusyPercent: (100 * link.busyS) / path.seconds,
      memoryPercent: (100 * this.mostBytes) / budgetBytes,
      overBudgetFrames: this.overBudgetFrames,
      traceHash: ledger.traceHash(),
    };
  }

  private judgeMemory(frame: number, usedBytes: number): void {
    const { budgetBytes, ledger, link } = this.input;
    // Parts of a read are there before its end, and a byte may be on the way between two steps.
    if (ledger.loadedBytes > link.broughtBytes + 1)
      throw new Error(
        `referee: by frame ${frame} ${ledger.loadedBytes} bytes were loaded, but the link brought ${link.broughtBytes}`,
      );
    if (!(usedBytes >= 0))
      throw new Error(`referee: used bytes must be 0 or more, got ${usedBytes} in frame ${frame}`);
    const used = Math.max(usedBytes, ledger.residentBytes + link.comingBytes);
    this.mostBytes = Math.max(this.mostBytes, used);
    if (used > budgetBytes) this.overBudgetFrames++;
  }

  /** Entered the view, or changed in it. */
  private judgeChange(frame: number, object: number, level: number, ideal: number): void {
    const { ledger } = this.input;
    if (level >= 0) {
      if (!ledger.isResident(object, level))
        throw new Error(
          `referee: frame ${frame} shows level ${level} of object ${object}, which is not loaded`,
        );
      ledger.shown(object, level);
    }
    const before = this.lastBest[object]!;
    if (this.lastSeen[object] !== frame - 1) {
      this.entered++;
      if (level >= targetLevel(ideal)) this.hits++;
    } else if (before !== level) {
      const change = Math.abs(shownPx(before, ideal) - shownPx(level, ideal));
      if (change > TARGET_ERROR_PX) {
        this.pops++;
        if (level < before) this.drops++;
      }
    }
    this.lastSeen[object] = frame;
    this.lastBest[object] = level;
  }

  private judgeDetail(frame: number): void {
    if (this.input.path.jumps[frame] === 1 || frame === 0) {
      if (this.isWaitingForDetail && frame > 0)
        this.detailTimes.push((frame - this.detailSince) * DT);
      this.isWaitingForDetail = true;
      this.detailSince = frame;
    }
    if (this.isWaitingForDetail && this.shares[frame]! < DETAILED) {
      this.detailTimes.push((frame - this.detailSince) * DT);
      this.isWaitingForDetail = false;
    }
  }
}

/** Error of the finest level where even that is not enough, else the target (px). */
function leastPx(ideal: number): number {
  return TARGET_ERROR_PX * 2 ** Math.max(0, ideal - (LOD_COUNT - 1));
}

/** Error on the screen beyond `leastPx` (px). */
function excessPx(level: number, ideal: number): number {
  const needed = ideal < LOD_COUNT - 1 ? ideal : LOD_COUNT - 1;
  const steps = level < 0 ? NOTHING_LEVELS + Math.max(needed, -NOTHING_LEVELS) : needed - level;
  if (level >= 0 && steps <= 0) return 0;
  return Math.min(WORST_PX, leastPx(ideal) * (2 ** steps - 1));
}

/** Error on the screen, no less than what can be seen (px). */
function shownPx(level: number, ideal: number): number {
  const needed = ideal < LOD_COUNT - 1 ? ideal : LOD_COUNT - 1;
  const steps = level < 0 ? NOTHING_LEVELS + needed : needed - level;
  return Math.max(TARGET_ERROR_PX, leastPx(ideal) * 2 ** steps);
}
