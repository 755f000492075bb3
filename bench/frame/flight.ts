/**
 * The flight every subject is measured on: straight and level over the middle of a square world,
 * 100 m/s, 150 m up, 1080p, 60 degrees, looking ahead and a little down. What it sees changes every
 * frame, and by the same amount for everybody.
 */

export const FLIGHT: {
  speedMetersPerSecond: number;
  heightMeters: number;
  widthPixels: number;
  heightPixels: number;
  fovDegrees: number;
  pitchDegrees: number;
  nearMeters: number;
  farMeters: number;
  dtSeconds: number;
} = {
  speedMetersPerSecond: 100,
  heightMeters: 150,
  widthPixels: 1920,
  heightPixels: 1080,
  fovDegrees: 60,
  pitchDegrees: -10,
  nearMeters: 1,
  farMeters: 30_000,
  dtSeconds: 1 / 60,
};

export interface Pose {
  x: number;
  y: number;
  z: number;
  /** Where the camera looks, a unit vector. */
  forward: [number, number, number];
}

const HEADING_RADIANS = 0.6;

/** The pose in frame `frame`; the world's center is at the origin, y is up, the ground at 0. */
export function poseAt(frame: number): Pose {
  const meters = frame * FLIGHT.dtSeconds * FLIGHT.speedMetersPerSecond;
  const pitch = (FLIGHT.pitchDegrees * Math.PI) / 180;
  const [ahead, aside] = [Math.cos(HEADING_RADIANS), Math.sin(HEADING_RADIANS)];
  return {
    x: meters * ahead,
    y: FLIGHT.heightMeters,
    z: meters * aside,
    forward: [Math.cos(pitch) * ahead, Math.sin(pitch), Math.cos(pitch) * aside],
  };
}
