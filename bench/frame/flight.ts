/**
 * The flights every subject is measured on, 150 m over the middle of a square world, 1080p, 60
 * degrees, looking ahead and a little down: straight on at a given speed, spinning on the spot, from
 * place to place in jumps, and standing still. The same for everybody.
 */

export const LENS: {
  widthPixels: number;
  heightPixels: number;
  fovDegrees: number;
  nearMeters: number;
  farMeters: number;
} = { widthPixels: 1920, heightPixels: 1080, fovDegrees: 60, nearMeters: 1, farMeters: 30_000 };

export const DT_SECONDS: number = 1 / 60;

const HEIGHT_METERS = 150;
const PITCH_RADIANS = (-10 * Math.PI) / 180;
const HEADING_RADIANS = 0.6;
const SPIN_RADIANS_PER_SECOND = Math.PI / 2;
/** Between jumps: long enough for every stage of a cut to run its course. */
const JUMP_SECONDS = 0.5;
const JUMP_METERS = 1200;

export type Camera = 'straight' | 'spin' | 'teleport' | 'still';

export interface Flight {
  camera: Camera;
  /** 0 unless the camera flies straight on. */
  speedMetersPerSecond: number;
}

/** "30" is straight on at 30 m/s; the others go by name. */
export function parseFlight(text: string): Flight {
  if (text === 'spin' || text === 'teleport' || text === 'still')
    return { camera: text, speedMetersPerSecond: 0 };
  const speedMetersPerSecond = Number(text);
  if (text.trim() !== '' && speedMetersPerSecond > 0 && speedMetersPerSecond <= 1000)
    return { camera: 'straight', speedMetersPerSecond };
  throw new Error(
    `a flight is a speed in (0, 1000] m/s, "spin", "teleport" or "still"; got "${text}"`,
  );
}

/** For reports: "30 m/s", "spin". */
export function describeFlight({ camera, speedMetersPerSecond }: Flight): string {
  return camera === 'straight' ? `${speedMetersPerSecond} m/s` : camera;
}

/** A camera's place (meters) and where it looks (a unit vector). */
export interface Pose {
  x: number;
  y: number;
  z: number;
  forwardX: number;
  forwardY: number;
  forwardZ: number;
}

export function createPose(): Pose {
  return { x: 0, y: 0, z: 0, forwardX: 0, forwardY: 0, forwardZ: -1 };
}

/** Writes the pose in frame `frame`; the world's center is at the origin, y is up, the ground at 0. */
export function writePose(flight: Flight, frame: number, out: Pose): void {
  const seconds = frame * DT_SECONDS;
  const turned = flight.camera === 'spin' ? seconds * SPIN_RADIANS_PER_SECOND : 0;
  const heading = HEADING_RADIANS + turned;
  let meters = seconds * flight.speedMetersPerSecond;
  let bearing = HEADING_RADIANS;
  if (flight.camera === 'teleport') {
    const jump = Math.floor(seconds / JUMP_SECONDS);
    meters = jump === 0 ? 0 : JUMP_METERS;
    // Neighbors in time are far apart, and no two jumps go to the same place.
    bearing = jump * 2.4;
  }
  out.x = meters * Math.cos(bearing);
  out.y = HEIGHT_METERS;
  out.z = meters * Math.sin(bearing);
  out.forwardX = Math.cos(PITCH_RADIANS) * Math.cos(heading);
  out.forwardY = Math.sin(PITCH_RADIANS);
  out.forwardZ = Math.cos(PITCH_RADIANS) * Math.sin(heading);
}
