/** Prediction: exact for what it models, near for what it does not. */
import { describe, expect, it } from 'vitest';
import { headingOf } from '../../src/spatial/heading.ts';
import type { Motion } from '../../src/spatial/motion-state.ts';
import { predictPose } from '../../src/spatial/predict.ts';
import { flown, forwardOf, type PathPose, turned } from './fly.ts';

const HORIZONS = [0, 0.4, 0.9, 1.6];
const SECONDS = 4;

/** Distance (meters) and angle (radians) between what is predicted and what the path does. */
function errorAt(motion: Motion, path: (t: number) => PathPose, seconds: number): [number, number] {
  const out = new Float64Array(6);
  predictPose(motion, Float64Array.of(seconds), 0, out, 0);
  const { eye, yaw = 0, pitch = 0 } = path(SECONDS + seconds);
  const truth = forwardOf(yaw, pitch);
  const away = Math.hypot(out[0]! - eye[0], out[1]! - eye[1], out[2]! - eye[2]);
  const cosine = out[3]! * truth[0] + out[4]! * truth[1] + out[5]! * truth[2];
  return [away, Math.acos(Math.min(1, cosine))];
}

function worst(path: (t: number) => PathPose, horizons = HORIZONS): [number, number] {
  const motion = flown(path, SECONDS, 1 / 60);
  const errors = horizons.map((seconds) => errorAt(motion, path, seconds));
  return [Math.max(...errors.map(([m]) => m)), Math.max(...errors.map(([, rad]) => rad))];
}

describe('predictPose', () => {
  it('follows a straight line, climbing', () => {
    const [meters, radians] = worst((t) => ({ eye: [t * 20, t * 4, -t * 3], yaw: 1, pitch: 0.2 }));
    expect(meters).toBeLessThan(1e-6);
    expect(radians).toBeLessThan(1e-6);
  });

  it('stays with a camera at rest', () => {
    const [meters, radians] = worst(() => ({ eye: [1, 2, 3], yaw: -2, pitch: -0.5 }));
    expect(meters).toBe(0);
    expect(radians).toBeLessThan(1e-6);
  });

  it('curves with a constant turn: far nearer to the circle than the straight line is', () => {
    const path = (t: number): PathPose => {
      const angle = t / 3;
      return { eye: [60 * Math.cos(angle), 0, -60 * Math.sin(angle)], yaw: angle };
    };
    const motion = flown(path, SECONDS, 1 / 60);
    const straight = structuredClone(motion);
    straight.courseRate = 0;
    for (const seconds of [0.4, 0.9, 1.6]) {
      const [meters, radians] = errorAt(motion, path, seconds);
      // The filtered velocity lags the arc; what the turn makes of it is another question.
      expect(meters).toBeLessThan(errorAt(straight, path, seconds)[0] / 2);
      expect(radians).toBeLessThan(1e-3);
    }
  });

  it('is near its place half a second after a stop', () => {
    const path = (t: number): PathPose => ({ eye: [Math.min(t, SECONDS - 0.5) * 10, 0, 0] });
    expect(worst(path)[0]).toBeLessThan(1);
  });

  it('spins on, by half a turn and a little at most', () => {
    const motion = flown((t) => ({ eye: [0, 0, 0], yaw: t * 2 }), SECONDS, 1 / 60);
    const at = (seconds: number) => {
      const out = new Float64Array(6);
      predictPose(motion, Float64Array.of(seconds), 0, out, 0);
      return Math.atan2(-out[3]!, -out[5]!) - SECONDS * 2;
    };
    const turn = (seconds: number) => Math.atan2(Math.sin(at(seconds)), Math.cos(at(seconds)));
    expect(turn(0.4)).toBeCloseTo(0.8, 3);
    expect(turn(1.6)).toBeCloseTo(1.6, 3);
  });

  it('pitches on for a moment, and never beyond straight up', () => {
    const path = (t: number): PathPose => ({ eye: [0, 0, 0], pitch: -1 + t * 0.4 });
    expect(worst(path, [0, 0.4])[1]).toBeLessThan(0.06);
    const out = new Float64Array(6);
    const steep = flown(
      (t) => ({ eye: [0, 0, 0], pitch: 1.5 * (t / SECONDS) ** 8 }),
      SECONDS,
      1 / 60,
    );
    predictPose(steep, Float64Array.of(1.6), 0, out, 0);
    expect(out[4]).toBeCloseTo(1, 9);
  });
});

describe('headingOf', () => {
  it('reads yaw and pitch back, also of a camera that looks straight down or up', () => {
    const heading = { forward: new Float64Array(3), yaw: 0, pitch: 0 };
    for (const yaw of [-3, -1, 0, 0.5, 2.9]) {
      for (const pitch of [-Math.PI / 2, -1.5, -0.4, 0, 1, 1.5, Math.PI / 2]) {
        headingOf(turned(yaw, pitch), 0, heading);
        expect(heading.yaw).toBeCloseTo(yaw, 6);
        expect(heading.pitch).toBeCloseTo(pitch, 6);
      }
    }
  });

  it('takes a quaternion that is no unit as the one it is near', () => {
    const heading = { forward: new Float64Array(3), yaw: 0, pitch: 0 };
    headingOf(
      turned(0.7, 0.3).map((part) => part * 1.0001),
      0,
      heading,
    );
    expect(Math.hypot(...heading.forward)).toBeCloseTo(1, 12);
    expect(heading.yaw).toBeCloseTo(0.7, 3);
  });
});
