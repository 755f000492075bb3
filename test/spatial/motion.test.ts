/** The motion filters: the same at any frame rate, and not thrown off by what is no motion. */
import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { wrapRadians } from '../../src/spatial/heading.ts';
import { createMotion, lengthOf, type Motion } from '../../src/spatial/motion-state.ts';
import { flown, fly, type PathPose, see } from './fly.ts';

const along =
  (speed: number) =>
  (t: number): PathPose => ({ eye: [t * speed, 5, 0] });
const RATES = [12, 30, 60, 144];

/** A curve at constant speed that starts at rest, climbs, and looks about. */
const curve = (t: number): PathPose => {
  const way = 15 * (t - (1 - Math.exp(-3 * t)) / 3);
  const angle = way / 50;
  return {
    eye: [50 * Math.cos(angle), 2 * t, -50 * Math.sin(angle)],
    yaw: angle + 0.3 * Math.sin(1.3 * t),
    pitch: 0.2 * Math.sin(t),
  };
};

describe('the filters', () => {
  it('settle on the true speed and turn rates', () => {
    const motion = flown(
      (t) => ({ eye: [t * 20, t * 3, 0], yaw: t * 0.8, pitch: -0.1 * t }),
      3,
      1 / 60,
    );
    expect(motion.velocity[0]).toBeCloseTo(20, 6);
    expect(motion.velocity[1]).toBeCloseTo(3, 6);
    expect(motion.yawRate).toBeCloseTo(0.8, 6);
    expect(motion.pitchRate).toBeCloseTo(-0.1, 6);
    expect(motion.courseRate).toBeCloseTo(0, 6);
  });

  it('measure the turn of the course, not of the camera', () => {
    const motion = flown(
      (t) => ({ eye: [60 * Math.cos(t / 3), 0, -60 * Math.sin(t / 3)], yaw: -t }),
      5,
      1 / 60,
    );
    expect(motion.courseRate).toBeCloseTo(1 / 3, 3);
    expect(motion.yawRate).toBeCloseTo(-1, 6);
  });

  it('know the same at every frame rate', () => {
    const [slow, ...others] = RATES.slice(1).map((rate) => flown(curve, 4, 1 / rate));
    for (const other of others) {
      for (let axis = 0; axis < 3; axis++)
        expect(Math.abs(other.velocity[axis]! - slow!.velocity[axis]!)).toBeLessThan(0.5);
      expect(Math.abs(other.yawRate - slow!.yawRate)).toBeLessThan(0.05);
      expect(Math.abs(other.pitchRate - slow!.pitchRate)).toBeLessThan(0.05);
      expect(Math.abs(other.courseRate - slow!.courseRate)).toBeLessThan(0.05);
    }
  });

  it('forget a stop at the same pace at every frame rate', () => {
    for (const rate of RATES) {
      const motion = createMotion();
      const end = fly(motion, along(20), 2, 1 / rate);
      const stopped = along(20)(end);
      fly(motion, () => stopped, 0.5, 1 / rate);
      expect(lengthOf(motion.velocity)).toBeLessThan(1.3);
    }
  });

  it('take the first measurement after the start as it is', () => {
    const motion = flown(along(12), 0.1, 1 / 30);
    expect(motion.velocity[0]).toBeCloseTo(12, 6);
  });

  it('bear any sequence of frame times', () => {
    const random = createRandom(5);
    const motion = createMotion();
    const dt = (frame: number) => (frame % 50 === 49 ? 1.5 : frame % 7 === 6 ? 0 : random() * 0.05);
    fly(motion, along(20), 20, dt);
    expect(motion.velocity[0]).toBeCloseTo(20, 3);
    expect(motion.cut).toBe(false);
  });
});

describe('what is no motion', () => {
  const settled = (): Motion => flown(along(8), 2, 1 / 60);
  const end = 2;

  /** The largest speed seen in the second after something happened. */
  function fastest(motion: Motion, shift: number, maxAcceleration?: number): number {
    let fastest = 0;
    for (let frame = 1; frame <= 60; frame++) {
      const pose = along(8)(end + frame / 60);
      // After the mark of an observation: before it, nothing would be measured.
      const x = pose.eye[0] + (frame > 3 ? shift : 0);
      see(motion, { eye: [x, 5, 0] }, 1 / 60, maxAcceleration);
      expect(motion.cut).toBe(false);
      fastest = Math.max(fastest, lengthOf(motion.velocity));
    }
    return fastest;
  }

  it('a nudge of the position hardly changes the speed', () => {
    expect(fastest(settled(), 30)).toBeLessThan(30);
    // Unlimited, 30 m in 1/15 s are 450 m/s, half of them believed.
    expect(fastest(settled(), 30, 1e6)).toBeGreaterThan(200);
    expect(fastest(settled(), 0)).toBeLessThan(8.01);
  });

  it('a sudden start is believed at the second look', () => {
    const motion = createMotion();
    fly(motion, () => ({ eye: [0, 5, 0] }), 1, 1 / 60);
    fly(motion, along(600), 0.5, 1 / 60);
    expect(motion.cut).toBe(false);
    expect(motion.velocity[0]).toBeGreaterThan(480);
  });

  it('a pose set elsewhere while no time passes is no speed', () => {
    const motion = settled();
    see(motion, { eye: [16 + 40, 5, 0], yaw: 0.5 }, 0);
    for (let frame = 1; frame <= 12; frame++)
      see(motion, { eye: [56 + (frame * 8) / 60, 5, 0], yaw: 0.5 }, 1 / 60);
    expect(motion.velocity[0]).toBeCloseTo(8, 6);
    expect(motion.yawRate).toBeCloseTo(0, 6);
  });

  it('numbers that are none are passed over', () => {
    const motion = settled();
    const before = structuredClone(motion);
    expect(see(motion, { eye: [Number.NaN, 0, 0] }, 1 / 60)).toBe(false);
    expect(see(motion, { eye: [0, 0, 0], yaw: Number.POSITIVE_INFINITY }, 1 / 60)).toBe(false);
    expect({ ...motion, observed: before.observed }).toEqual(before);
  });
});

describe('a jump', () => {
  it('of the eye is a cut, and how it moved before is forgotten', () => {
    const motion = flown(along(60), 1, 1 / 60);
    see(motion, { eye: [5000, 5, 0], yaw: 1 }, 1 / 60);
    expect(motion.cut).toBe(true);
    expect(motion.viewCut).toBe(true);
    expect(lengthOf(motion.velocity)).toBe(0);
    see(motion, { eye: [5001, 5, 0], yaw: 1 }, 1 / 60);
    expect(motion.cut).toBe(false);
  });

  it('is found during a stall as well', () => {
    const motion = flown(along(20), 1, 1 / 60);
    see(motion, { eye: [20 + 20, 5, 0] }, 1);
    expect(motion.cut).toBe(false);
    see(motion, { eye: [40 + 300, 5, 0] }, 1);
    expect(motion.cut).toBe(true);
  });

  it('that goes on is flight, at any speed', () => {
    const motion = createMotion();
    fly(motion, () => ({ eye: [0, 5, 0] }), 0.5, 1 / 60);
    let cuts = 0;
    for (let frame = 1; frame <= 60; frame++) {
      see(motion, { eye: [frame * 100, 5, 0] }, 1 / 60);
      if (motion.cut) cuts++;
    }
    expect(cuts).toBe(1);
    expect(motion.velocity[0]).toBeCloseTo(6000, 0);
  });

  it('back and forth is a cut each time', () => {
    const motion = createMotion();
    let cuts = 0;
    for (let frame = 0; frame < 20; frame++) {
      see(motion, { eye: [(frame % 2) * 900, 0, 0] }, 1 / 60);
      if (motion.cut) cuts++;
    }
    expect(cuts).toBe(20);
  });

  it('of the view is a cut of the view alone, and no turn rate', () => {
    const motion = flown(along(10), 1, 1 / 60);
    see(motion, { eye: [10 + 1 / 6, 5, 0], yaw: Math.PI }, 1 / 60);
    expect(motion.viewCut).toBe(true);
    expect(motion.cut).toBe(false);
    expect(motion.velocity[0]).toBeCloseTo(10, 6);
    for (let frame = 2; frame <= 30; frame++) {
      see(motion, { eye: [10 + frame / 6, 5, 0], yaw: Math.PI }, 1 / 60);
      expect(motion.viewCut).toBe(false);
      expect(motion.yawRate).toBe(0);
    }
  });

  it('of the view is noticed in whichever frame it comes', () => {
    for (let frames = 10; frames < 20; frames++) {
      const motion = createMotion();
      for (let frame = 0; frame < frames; frame++) see(motion, { eye: [0, 5, 0] }, 1 / 30);
      see(motion, { eye: [0, 5, 0], yaw: 2 }, 1 / 30);
      expect([frames, motion.viewCut]).toEqual([frames, true]);
      expect(motion.yawRate).toBe(0);
    }
  });

  it('of the view that goes on is a spin', () => {
    const motion = createMotion();
    let cuts = 0;
    for (let frame = 0; frame < 60; frame++) {
      see(motion, { eye: [0, 0, 0], yaw: frame * 1.2 }, 1 / 15);
      if (frame > 0 && motion.viewCut) cuts++;
    }
    expect(cuts).toBe(1);
    expect(motion.yawRate).toBeCloseTo(18, 3);
  });
});

it('wraps angles into half a turn', () => {
  expect(wrapRadians(Math.PI * 3.5)).toBeCloseTo(-Math.PI / 2);
  expect(wrapRadians(-0.1)).toBeCloseTo(-0.1);
});
