/**
 * One detail for all, by frame time and memory: coarser while frames take too long or the view needs
 * more than there is, finer again when both would bear it. What a step does to frames and to memory is
 * measured each time one is taken, and a finer detail is only tried when by that it would fit: so a
 * steady load comes to rest where it fits, and does not swing between two details of which one is too
 * much and the other too little.
 */
import { DETAIL_NAMES, type QualitySettings } from './quality.ts';

const COARSEST = DETAIL_NAMES.length - 1;

/** How long the mean of frames looks back (seconds). */
const WINDOW_SECONDS = 0.5;
/** A step is given this long to take effect, and then a mean is taken again (seconds). */
const SETTLE_SECONDS = 2;
/** After a step coarser it is at least as long before a finer detail is tried (seconds). */
const REST_SECONDS = 5;
/** One frame counts as at most so many times the mean: a hitch is no load. */
const HITCH = 2;
/** Longer time steps are pauses (seconds). */
const PAUSE_SECONDS = 0.5;
/** What a finer detail is taken to cost as long as nobody knows: frames and memory, times this. */
const UNKNOWN_COST = 1.5;
/** A finer detail must fit with so much to spare (share). */
const MARGIN = 0.95;
/** Frames that became less than this much shorter in two steps show that detail is not what is slow. */
const VAIN = 1.05;
const VAIN_STEPS = 2;
const VAIN_SECONDS = 60;
/** This near to the target (share of it) it may be a display's refresh that frames wait for. */
const MET = 0.02;
/** A finer detail is tried after so long there, and each time in vain after twice as long (seconds). */
const TRIAL_SECONDS = 60;
const TRIAL_MAX_SECONDS = 600;

export class QualityControl {
  /** 0 ultra … 4 minimal. */
  detail = 0;
  readonly #settings: QualitySettings;
  /** By how much frames and memory grow with the step from detail i + 1 to i. */
  readonly #frameCosts = new Float64Array(COARSEST).fill(UNKNOWN_COST);
  readonly #memoryCosts = new Float64Array(COARSEST).fill(UNKNOWN_COST);
  /** Mean frame time ÷ target. */
  #frames = 0;
  /** Share of the budget that the view needs. */
  #need = 0;
  #seconds = 0;
  #nextSeconds = SETTLE_SECONDS;
  #changedSeconds = 0;
  #vainUntil = 0;
  #trialSeconds = TRIAL_SECONDS;
  #isTrial = false;
  /** How much longer frames have been as long as they should than not, since the last step (seconds). */
  #metSeconds = 0;
  /** Of the step that takes effect now: where it came from, and what it was there. */
  #from = 0;
  #framesBefore = 0;
  #needBefore = 0;
  #leastFrames = 0;
  #leastNeed = 0;
  /** Where the running descent began, and how long frames were there; -1 while there is none. */
  #runFrom = -1;
  #runFrames = 0;

  constructor(settings: QualitySettings) {
    this.#settings = settings;
  }

  /**
   * Takes one frame in; returns whether the detail changed.
   *
   * @param frameMs what it took
   * @param needShare what the view needs ÷ the budget
   */
  step(frameMs: number, needShare: number, dtSeconds: number): boolean {
    if (!(dtSeconds > 0 && dtSeconds <= PAUSE_SECONDS) || !(frameMs >= 0)) return false;
    const [target] = this.#settings.frameTargetsMs;
    this.#seconds += dtSeconds;
    this.#need = needShare;
    const ratio = Math.min(frameMs / target, Math.max(1, this.#frames) * HITCH);
    // The target stands for what frames took before the first.
    if (this.#frames === 0) this.#frames = Math.min(1, ratio);
    else this.#frames += (ratio - this.#frames) * Math.min(1, dtSeconds / WINDOW_SECONDS);
    const isMet = Math.abs(this.#frames - 1) <= MET;
    this.#metSeconds = Math.max(0, this.#metSeconds + (isMet ? dtSeconds : -dtSeconds));
    if (this.#seconds < this.#nextSeconds) return false;
    this.#learn();
    return this.#lower() || this.#raise();
  }

  /**
   * What the last step did, by the least that was seen until a finer one may be tried: a hitch is no cost,
   * and what changes later is another load.
   */
  #learn(): void {
    if (this.#seconds - this.#changedSeconds > REST_SECONDS) return;
    const [from, to] = [this.#from, this.detail];
    if (from === to || (this.#frames >= this.#leastFrames && this.#need >= this.#leastNeed)) return;
    this.#leastFrames = Math.min(this.#frames, this.#leastFrames);
    this.#leastNeed = Math.min(this.#need, this.#leastNeed);
    const isFiner = to < from;
    const frames = isFiner
      ? this.#leastFrames / this.#framesBefore
      : this.#framesBefore / this.#leastFrames;
    const need = isFiner ? this.#leastNeed / this.#needBefore : this.#needBefore / this.#leastNeed;
    // Two steps at once are taken to share what they did.
    const share = 1 / Math.abs(to - from);
    for (let detail = Math.min(from, to); detail < Math.max(from, to); detail++) {
      this.#frameCosts[detail] = cost(frames ** share);
      this.#memoryCosts[detail] = cost(need ** share);
    }
    const wasSlow = this.#framesBefore > this.#settings.hysteresis;
    const isVain =
      wasSlow && to - this.#runFrom >= VAIN_STEPS && this.#leastFrames * VAIN > this.#runFrames;
    this.#vainUntil = isVain ? this.#changedSeconds + VAIN_SECONDS : 0;
  }

  #lower(): boolean {
    const { freeShares, frameTargetsMs, hysteresis } = this.#settings;
    if (this.detail === COARSEST) return false;
    const isVain = this.#seconds < this.#vainUntil;
    const isSlow = this.#frames > hysteresis && !isVain;
    const isFull = this.#need > 1 - freeShares[this.detail]!;
    if (!isSlow && !isFull) return false;
    const limit = (frameTargetsMs[1] / frameTargetsMs[0]) * hysteresis;
    const steps = isSlow && this.#frames > limit ? 2 : 1;
    if (this.#isTrial) this.#trialSeconds = Math.min(TRIAL_MAX_SECONDS, this.#trialSeconds * 2);
    this.#isTrial = false;
    // What is tried again after a descent in vain is another.
    if (this.#runFrom < 0 || this.#vainUntil > 0) {
      this.#runFrom = this.detail;
      this.#runFrames = this.#frames;
    }
    this.#vainUntil = 0;
    this.#change(Math.min(COARSEST, this.detail + steps));
    return true;
  }

  #raise(): boolean {
    if (this.detail === 0 || this.#seconds - this.#changedSeconds < REST_SECONDS) return false;
    const finer = this.detail - 1;
    const { freeShares, hysteresis } = this.#settings;
    const free = 1 - this.#need * this.#memoryCosts[finer]!;
    if (free < freeShares[finer]! * hysteresis) return false;
    const isFast = this.#frames * this.#frameCosts[finer]! < MARGIN;
    // A moment there is a hitch on its way up or down.
    const isTrial = this.#metSeconds >= this.#trialSeconds;
    if (!isFast && !isTrial) return false;
    this.#isTrial = isTrial;
    this.#runFrom = -1;
    this.#change(finer);
    return true;
  }

  #change(detail: number): void {
    this.#from = this.detail;
    this.#framesBefore = this.#frames;
    this.#needBefore = this.#need;
    this.#leastFrames = Number.POSITIVE_INFINITY;
    this.#leastNeed = Number.POSITIVE_INFINITY;
    this.detail = detail;
    this.#changedSeconds = this.#seconds;
    this.#metSeconds = 0;
    this.#nextSeconds = this.#seconds + SETTLE_SECONDS;
  }
}

/** A step never makes things dearer the coarser it is, and no load grows by more than this. */
function cost(ratio: number): number {
  return Number.isFinite(ratio) ? Math.min(4, Math.max(1, ratio)) : UNKNOWN_COST;
}
