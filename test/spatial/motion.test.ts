/** Prediction: exact for what it models, reset by cuts. */
import { describe, expect, it } from 'vitest';
import { createMotion, observePose, predictPose, wrapRadians } from '../../src/spatial/motion.ts';

const dt = 1 / 60;

function yawQuaternion(yaw: number): number[] {
  return [0, Math.sin(yaw / 2), 0, Math.cos(yaw / 2)];
}

describe('predictPose', () => {
  it('follows a straight line at constant speed', () => {
    const motion = createMotion();
    for (let i = 0; i < 240; i++) observePose(motion, [i * dt * 20, 5, 0], yawQuaternion(0), 0, dt);
    const out = new Float64Array(6);
    predictPose(motion, 0.9, out, 0);
    expect(out[0]! - motion.eye[0]!).toBeCloseTo(18, 1);
    expect(out[1]).toBeCloseTo(5, 6);
    expect(out[3]).toBeCloseTo(0, 9);
    expect(out[5]).toBeCloseTo(-1, 9);
  });

  it('curves with a constant turn: nearer to the circle than the straight line is', () => {
    const motion = createMotion();
    const [radius, speed] = [60, 20];
    const at = (t: number) => {
      const angle = (t * speed) / radius;
      return { x: radius * Math.cos(angle), z: -radius * Math.sin(angle), yaw: angle };
    };
    let t = 0;
    for (let i = 0; i < 400; i++) {
      t = i * dt;
      const { x, z, yaw } = at(t);
      observePose(motion, [x, 0, z], yawQuaternion(yaw), 0, dt);
    }
    const out = new Float64Array(6);
    predictPose(motion, 0.9, out, 0);
    const truth = at(t + 0.9);
    const error = Math.hypot(out[0]! - truth.x, out[2]! - truth.z);
    const straight = Math.hypot(
      motion.eye[0]! + motion.velocity[0]! * 0.9 - truth.x,
      motion.eye[2]! + motion.velocity[2]! * 0.9 - truth.z,
    );
    expect(error).toBeLessThan(straight / 2);
    const forward = [-Math.sin(truth.yaw), -Math.cos(truth.yaw)];
    expect(out[3]! * forward[0]! + out[5]! * forward[1]!).toBeGreaterThan(0.999);
  });

  it('takes a jump for a cut, and forgets how it moved before', () => {
    const motion = createMotion();
    for (let i = 0; i < 60; i++) observePose(motion, [i, 0, 0], yawQuaternion(0), 0, dt);
    expect(motion.cut).toBe(false);
    expect(motion.velocity[0]).toBeGreaterThan(30);
    observePose(motion, [5000, 0, 0], yawQuaternion(0), 0, dt);
    expect(motion.cut).toBe(true);
    expect([...motion.velocity]).toEqual([0, 0, 0]);
  });

  it('wraps angles into half a turn', () => {
    expect(wrapRadians(Math.PI * 3.5)).toBeCloseTo(-Math.PI / 2);
    expect(wrapRadians(-0.1)).toBeCloseTo(-0.1);
  });
});
