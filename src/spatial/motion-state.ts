/** What is known of how one viewpoint moves and turns. */
import type { Heading } from './heading.ts';

/** Filter state of one viewpoint. Plain data; reading is free, only this room writes. */
export interface Motion {
  hasPose: boolean;
  /** Set for the frame in which the eye jumped, or first appeared. */
  cut: boolean;
  /** Set for the frame in which the view jumped elsewhere; always set together with `cut`. */
  viewCut: boolean;
  /** Set for the frames in which the filters took an observation in. */
  observed: boolean;
  /** Seconds that the observation of this frame covers. */
  observedSeconds: number;
  eye: Float64Array;
  heading: Heading;
  /** Meters per second. */
  velocity: Float64Array;
  /** Radians per second about +y: of the direction of travel, and of the camera. */
  courseRate: number;
  yawRate: number;
  /** Radians per second, up is positive. */
  pitchRate: number;
  /** Meters traveled since the start, jumps included. */
  odometerMeters: number;
  /** Velocity of the jump in the last frame, to know the second of two alike; else zeros. */
  jump: Float64Array;
  /** Whether the last frame turned too far for its turn rate. */
  spinning: boolean;
  /** What the filters keep between observations: see `motion-rates.ts`. */
  sinceObservation: number;
  markSeconds: number;
  markEye: Float64Array;
  markYaw: number;
  markPitch: number;
  measured: Float64Array;
  observedCourse: number;
  /** Observations since the last jump of the eye, and of the view. */
  moves: number;
  turns: number;
}

export function createMotion(): Motion {
  return {
    hasPose: false,
    cut: false,
    viewCut: false,
    observed: false,
    observedSeconds: 0,
    eye: new Float64Array(3),
    heading: { forward: new Float64Array([0, 0, -1]), yaw: 0, pitch: 0 },
    velocity: new Float64Array(3),
    courseRate: 0,
    yawRate: 0,
    pitchRate: 0,
    odometerMeters: 0,
    jump: new Float64Array(3),
    spinning: false,
    sinceObservation: 0,
    markSeconds: 0,
    markEye: new Float64Array(3),
    markYaw: 0,
    markPitch: 0,
    measured: new Float64Array(3),
    observedCourse: Number.NaN,
    moves: 0,
    turns: 0,
  };
}

export function lengthOf(vector: Float64Array): number {
  return Math.sqrt(vector[0]! ** 2 + vector[1]! ** 2 + vector[2]! ** 2);
}
