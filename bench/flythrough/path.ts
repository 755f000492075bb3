/**
 * The seeded camera paths of the flythrough: 40 s at 30 frames a second, the first two at rest. A
 * subject never gets one of these: the harness hands out one pose a frame.
 */
import { FRAME_SECONDS as DT, FLIGHT_SECONDS, FRAME_COUNT, WORLD_METERS } from './constants.ts';
import { createMulberry, drawNormal } from './random.ts';

export const PATH_KINDS = [
  'straight',
  'drive',
  'spin',
  'teleport',
  'pingpong',
  'fly',
  'human',
] as const;
export type PathKind = (typeof PATH_KINDS)[number];

export interface Path {
  readonly frames: number;
  readonly seconds: number;
  /** Pose of each frame: position (m) and heading (radians, 0 along +x, toward +y). */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly yaw: Float64Array;
  /** 1 in a frame whose pose does not follow from the one before. */
  readonly jumps: Uint8Array;
}

/** Walkers turn back this far from the edge (m). */
const MARGIN_METERS = 60;
const REST_SECONDS = 2;

/** What a kind of path keeps from frame to frame. */
interface Walker {
  x: number;
  y: number;
  /** Direction of travel; the camera may look elsewhere. */
  heading: number;
  target: number;
  camera: number;
  rate: number;
  mode: number;
  /** When the next turn, spin or mode starts (s). */
  nextAt: number;
  random: () => number;
}

/** Moves the heading on by a frame. */
type Step = (walker: Walker, t: number, frame: number) => StepResult;
interface StepResult {
  speed: number;
  /** The camera's yaw off the direction of travel. */
  look: number;
  isJump?: boolean;
}

/** The path of a kind and seed. */
export function makePath(kind: PathKind, seed: number): Path {
  const frames = FRAME_COUNT;
  const [x, y, yaw] = [
    new Float64Array(frames),
    new Float64Array(frames),
    new Float64Array(frames),
  ];
  const jumps = new Uint8Array(frames);
  const walker = createWalker(kind, seed);
  const step = STEPS[kind];
  let speed = 0;
  for (let frame = 0; frame < frames; frame++) {
    const t = frame * DT;
    let look = 0;
    if (t >= REST_SECONDS) {
      const wanted = step(walker, t, frame);
      look = wanted.look;
      if (wanted.isJump) jumps[frame] = 1;
      speed += (wanted.speed - speed) * Math.min(1, DT * 3);
      advance(walker, speed);
    }
    x[frame] = walker.x;
    y[frame] = walker.y;
    yaw[frame] = walker.heading + look;
  }
  return { frames, seconds: FLIGHT_SECONDS, x, y, yaw, jumps };
}

function createWalker(kind: PathKind, seed: number): Walker {
  const random = createMulberry(
    seed * 104729 + kind.length * 31 + kind.charCodeAt(0) * 17 + kind.charCodeAt(1),
  );
  const x = WORLD_METERS * (0.25 + 0.5 * random());
  const y = WORLD_METERS * (0.25 + 0.5 * random());
  const heading = random() * 2 * Math.PI;
  return { x, y, heading, target: heading, camera: 0, rate: 0, mode: 0, nextAt: 0, random };
}

/** One frame along the heading, which is steered back to the center near the edge. */
function advance(walker: Walker, speed: number): void {
  let x = walker.x + Math.cos(walker.heading) * speed * DT;
  let y = walker.y + Math.sin(walker.heading) * speed * DT;
  if (isOutside(x) || isOutside(y)) {
    const home = Math.atan2(WORLD_METERS / 2 - walker.y, WORLD_METERS / 2 - walker.x);
    const turn = ((home - walker.heading + 3 * Math.PI) % (2 * Math.PI)) - Math.PI;
    walker.heading += limited(turn, 2.5 * DT);
    walker.target = walker.heading;
    x = walker.x + Math.cos(walker.heading) * speed * DT;
    y = walker.y + Math.sin(walker.heading) * speed * DT;
  }
  walker.x = x;
  walker.y = y;
}

function isOutside(meters: number): boolean {
  return meters < MARGIN_METERS || meters > WORLD_METERS - MARGIN_METERS;
}

function limited(turn: number, most: number): number {
  return Math.sign(turn) * Math.min(Math.abs(turn), most);
}

function turnToTarget(walker: Walker, radiansPerS: number): void {
  walker.heading += limited(walker.target - walker.heading, radiansPerS * DT);
}

function wander(walker: Walker, amount: number): void {
  walker.heading += amount * drawNormal(walker.random) * Math.sqrt(DT);
}

const STEPS: Record<PathKind, Step> = {
  straight: (walker, t) => {
    wander(walker, 0.02);
    return { speed: 8, look: 0.1 * Math.sin(t * 0.7) };
  },
  drive: (walker, t) => {
    const { random } = walker;
    if (t >= walker.nextAt) {
      walker.nextAt = t + 4 + 4 * random();
      walker.target += ((random() < 0.5 ? 1 : -1) * Math.PI) / 2;
    }
    turnToTarget(walker, 1.6);
    return { speed: 20, look: 0 };
  },
  spin: (walker, t) => {
    const { random } = walker;
    wander(walker, 0.3);
    if (t >= walker.nextAt) {
      walker.nextAt = t + 0.8 + 2.5 * random();
      walker.rate = random() < 0.35 ? 0 : (random() < 0.5 ? 1 : -1) * (1.5 + 2.5 * random());
    }
    walker.camera += walker.rate * DT;
    return { speed: 7, look: walker.camera };
  },
  teleport: (walker, t, frame) => {
    const { random } = walker;
    wander(walker, 0.3);
    const isJump = frame % Math.round(12 / DT) === 0;
    if (isJump) {
      const span = WORLD_METERS - 2 * MARGIN_METERS;
      walker.x = MARGIN_METERS + span * random();
      walker.y = MARGIN_METERS + span * random();
      walker.heading = random() * 2 * Math.PI;
    }
    return { speed: 5, look: 0.5 * Math.sin(t * 0.9), isJump };
  },
  pingpong: (walker, t) => {
    const lap = Math.floor((t - REST_SECONDS) / 14);
    const lapBefore = Math.floor((t - DT - REST_SECONDS) / 14);
    if (lap !== lapBefore && t - DT >= REST_SECONDS) walker.target = walker.heading + Math.PI;
    if (t - REST_SECONDS < 14) walker.target = walker.heading;
    turnToTarget(walker, 3);
    return { speed: 12, look: 0.15 * Math.sin(t) };
  },
  fly: (walker, t) => {
    const { random } = walker;
    if (t >= walker.nextAt) {
      walker.nextAt = t + 3 + 5 * random();
      walker.rate = 0.35 * drawNormal(random);
    }
    walker.heading += walker.rate * DT;
    return { speed: 45, look: 0 };
  },
  human: stepHuman,
};

/** Stands and looks around, walks, sprints, or turns at a dash. */
function stepHuman(walker: Walker, t: number): StepResult {
  const { random } = walker;
  if (t >= walker.nextAt) {
    walker.mode = (random() * 4) | 0;
    walker.nextAt = t + 1 + 4 * random();
    const reach = Math.PI * (walker.mode === 3 ? 1 : 0.5);
    walker.target = walker.heading + (random() * 2 - 1) * reach;
    walker.rate = (random() * 2 - 1) * 1.8;
  }
  turnToTarget(walker, walker.mode === 3 ? 5 : 2);
  walker.camera =
    walker.mode === 0 ? walker.camera + walker.rate * DT : walker.camera * Math.exp(-DT * 2);
  const look = walker.camera + 0.1 * drawNormal(random) * 0.2;
  return { speed: [0, 3, 9, 14][walker.mode]!, look };
}
