/**
 * The online reference policies: poses ahead along the present motion, each with a weight, and the
 * error that each object would then have. They see poses as they come, and nothing else.
 */
import {
  COARSEST_ERROR_PER_RADIUS,
  FAR_METERS,
  FRAME_SECONDS,
  HALF_FOV_RADIANS,
  LOD_COUNT,
  MIN_SIZE_PX,
  NOTHING_LEVELS,
  PX_PER_RADIAN,
  SCREEN_AREA_PX,
  STATE_COUNT,
  TARGET_ERROR_PX,
} from '../constants.ts';
import { wrapAngle } from '../geometry.ts';
import type { Pose } from '../subject.ts';
import type { World } from '../world.ts';
import { LookAround } from './look-around.ts';
import { Motion } from './motion.ts';
import { RESCORE_FRAMES, type Valuer } from './value-policy.ts';

export interface LookaheadOptions {
  /** Poses ahead (s) and their weights. */
  horizonsS: readonly number[];
  weights: readonly number[];
  /** Weight of what is just outside the picture. */
  outsideWeight: number;
  /** Goes on in the curve that the motion is in. */
  curves: boolean;
  /** A level that lands later takes away less of what is wrong now. */
  landsLater: boolean;
  /** Learns how this player looks around. */
  learns: boolean;
}

/** The policy of the notes, section 4. */
export const BC: LookaheadOptions = {
  horizonsS: [0, 0.5, 1],
  weights: [0.5, 0.25, 0.25],
  outsideWeight: 0.12,
  curves: false,
  landsLater: false,
  learns: false,
};

/** Its successor, and that with a learned look-around. */
export const BC2: LookaheadOptions = {
  horizonsS: [0, 0.4, 0.9, 1.6],
  weights: [0.35, 0.3, 0.22, 0.13],
  outsideWeight: 0.06,
  curves: true,
  landsLater: true,
  learns: false,
};
export const BC2L: LookaheadOptions = { ...BC2, learns: true };

/** Angle outside the picture by which the weight falls by e (radians). */
const OUTSIDE_DECAY_RADIANS = 1.2;
/** No pose is turned further than this from the present one (radians). */
const MOST_TURN_RADIANS = 1.6;
/** A curve straightens out within this time (s). */
const CURVE_SECONDS = 1.5;
/** "Now" lasts this long for a level that is still to land (s). */
const NOW_SECONDS = 0.4;
const LEARNED_SHARE = 0.5;

/** A pose that the camera may have, and how much it counts. */
interface Ahead {
  x: number;
  y: number;
  cos: number;
  sin: number;
  weight: number;
}

export class Lookahead implements Valuer {
  readonly errors: Float64Array;
  readonly inRange: Uint8Array;
  readonly gain?: NonNullable<Valuer['gain']>;
  private readonly world: World;
  private readonly options: LookaheadOptions;
  /** Of the present pose alone. */
  private readonly errorsNow: Float64Array;
  private readonly motion = new Motion();
  private readonly lookAround: LookAround | null;
  private pose: Pose = { x: 0, y: 0, yaw: 0 };
  private announced: Pose | null = null;
  /** Turn rate of the direction of travel (radians/s), and that direction in the last look. */
  private turnRate = 0;
  private direction: number | null = null;

  constructor(world: World, options: LookaheadOptions) {
    this.world = world;
    this.options = options;
    this.errors = new Float64Array(world.count * STATE_COUNT);
    this.errorsNow = new Float64Array(world.count * STATE_COUNT);
    this.inRange = new Uint8Array(world.count);
    this.lookAround = options.learns ? new LookAround(options.horizonsS) : null;
    if (options.landsLater)
      this.gain = (object, from, to, arrivalS) => {
        const row = object * STATE_COUNT + 1;
        const { errors, errorsNow } = this;
        const late = Math.min(1, arrivalS / NOW_SECONDS);
        const now = errorsNow[row + from]! - errorsNow[row + to]!;
        return errors[row + from]! - errors[row + to]! - late * now;
      };
  }

  announce(pose: Pose): void {
    this.announced = pose;
  }

  see(frame: number, pose: Pose): boolean {
    const isJump = this.motion.see(frame, pose);
    this.pose = pose;
    if (isJump) {
      this.turnRate = 0;
      this.direction = null;
      this.announced = null;
    }
    if (frame % RESCORE_FRAMES === 0) {
      if (this.motion.update(frame)) this.updateTurnRate();
      const turns = this.options.horizonsS.map((seconds) => this.turnIn(seconds));
      this.lookAround?.see(frame, pose.yaw, turns, Math.max(0, this.motion.jumpFrame));
    }
    return isJump;
  }

  update(): void {
    this.lookAround?.update();
    const { horizonsS, weights } = this.options;
    const poses = horizonsS.map((seconds, k) => this.poseIn(seconds, weights[k]!));
    if (this.announced) poses.push(aheadOf(this.announced, 0, 0, 0, 1));
    this.errors.fill(0);
    this.errorsNow.fill(0);
    for (let object = 0; object < this.world.count; object++) {
      let isInRange = false;
      for (let k = 0; k < poses.length; k++)
        if (this.addError(object, poses[k]!, k)) isInRange = true;
      this.inRange[object] = isInRange ? 1 : 0;
    }
  }

  private updateTurnRate(): void {
    const { velocityX, velocityY } = this.motion;
    if (Math.hypot(velocityX, velocityY) <= 1) {
      this.direction = null;
      this.turnRate = 0;
      return;
    }
    const direction = Math.atan2(velocityY, velocityX);
    if (this.direction !== null) {
      const seconds = RESCORE_FRAMES * FRAME_SECONDS;
      this.turnRate += 0.5 * (wrapAngle(direction - this.direction) / seconds - this.turnRate);
    }
    this.direction = direction;
  }

  private turnIn(seconds: number): number {
    const turn = this.motion.yawRate * seconds;
    return Math.max(-MOST_TURN_RADIANS, Math.min(MOST_TURN_RADIANS, turn));
  }

  private poseIn(seconds: number, weight: number): Ahead {
    const { velocityX, velocityY } = this.motion;
    let dx = velocityX * seconds;
    let dy = velocityY * seconds;
    if (this.options.curves) {
      const whole = this.turnRate * CURVE_SECONDS * (1 - Math.exp(-seconds / CURVE_SECONDS));
      const half = Math.max(-MOST_TURN_RADIANS, Math.min(MOST_TURN_RADIANS, whole)) / 2;
      const chord = Math.abs(half) < 1e-3 ? 1 : Math.sin(half) / half;
      const cos = Math.cos(half) * chord;
      const sin = Math.sin(half) * chord;
      [dx, dy] = [dx * cos - dy * sin, dx * sin + dy * cos];
    }
    return aheadOf(this.pose, dx, dy, this.turnIn(seconds), weight);
  }

  /** Adds what would be wrong with the object at one pose; false where it is out of range there. */
  private addError(object: number, ahead: Ahead, k: number): boolean {
    const { world } = this;
    const radius = world.radius[object]!;
    const dx = world.x[object]! - ahead.x;
    const dy = world.y[object]! - ahead.y;
    const squared = dx * dx + dy * dy;
    if (squared > FAR_METERS * FAR_METERS) return false;
    const toCenter = Math.sqrt(squared);
    const distance = Math.max(1, toCenter - radius);
    if ((2 * radius * PX_PER_RADIAN) / distance < MIN_SIZE_PX) return false;
    let visible = 1;
    if (toCenter > radius) {
      const off = Math.atan2(dy * ahead.cos - dx * ahead.sin, dx * ahead.cos + dy * ahead.sin);
      visible = this.visibleShare(off, radius / toCenter + HALF_FOV_RADIANS, k);
    }
    const weight = ahead.weight * visible * world.importance[object]! * areaOf(radius, distance);
    const needed = Math.min(LOD_COUNT - 1, Math.log2((ERROR_PX * radius) / distance));
    const step = 1 / (NOTHING_LEVELS + needed);
    addMissing(this.errors, object, weight, needed, step);
    if (k === 0) addMissing(this.errorsNow, object, weight, needed, step);
    return true;
  }

  private visibleShare(off: number, reach: number, k: number): number {
    const outside = Math.abs(off) - reach;
    const { outsideWeight, horizonsS } = this.options;
    const guess = outside > 0 ? outsideWeight * Math.exp(-outside / OUTSIDE_DECAY_RADIANS) : 1;
    if (this.lookAround === null || k === 0 || k >= horizonsS.length) return guess;
    const learned = this.lookAround.chance(k, off - reach, off + reach);
    return learned * (1 - LEARNED_SHARE) + LEARNED_SHARE * guess;
  }
}

/** Error of level 0 by radius and distance (levels of 2 above the target). */
const ERROR_PX = (COARSEST_ERROR_PER_RADIUS * PX_PER_RADIAN) / TARGET_ERROR_PX;
const AREA_PX = (Math.PI * PX_PER_RADIAN * PX_PER_RADIAN) / SCREEN_AREA_PX;

function areaOf(radius: number, distance: number): number {
  return Math.min(0.2, (AREA_PX * radius * radius) / (distance * distance));
}

function aheadOf(pose: Pose, dx: number, dy: number, turn: number, weight: number): Ahead {
  const yaw = pose.yaw + turn;
  return { x: pose.x + dx, y: pose.y + dy, cos: Math.cos(yaw), sin: Math.sin(yaw), weight };
}

function addMissing(
  errors: Float64Array,
  object: number,
  weight: number,
  needed: number,
  step: number,
): void {
  const row = object * STATE_COUNT;
  errors[row]! += weight;
  for (let level = 0; level < needed; level++)
    errors[row + 1 + level]! += weight * step * (needed - level);
}
