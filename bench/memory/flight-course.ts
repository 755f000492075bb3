/**
 * The camera of a memory flight: rounds of walking, looking about, driving, flying and being put
 * elsewhere, announced or not. A pure function of the seed and the time that has passed.
 */
import { createRandom } from '../../src/base/random.ts';

export type CourseKind = 'walk' | 'turn' | 'drive' | 'fly';

export interface CoursePose {
  x: number;
  y: number;
  z: number;
  /** 0 looks down -z, positive turns left (radians). */
  yaw: number;
  /** Negative looks down (radians). */
  pitch: number;
}

interface Leg {
  kind: CourseKind;
  seconds: number;
  metersPerSecond: number;
  heightMeters: number;
  pitch: number;
  /** How it is reached: `jump` without a word, `announced` two seconds before. */
  begins: 'on' | 'jump' | 'announced';
}

const leg = (
  kind: CourseKind,
  seconds: number,
  metersPerSecond: number,
  heightMeters: number,
  begins: Leg['begins'] = 'on',
): Leg => ({
  kind,
  seconds,
  metersPerSecond,
  heightMeters,
  pitch: kind === 'fly' ? -0.3 : -0.03,
  begins,
});

/** Two minutes and a half, again and again. */
const ROUND: readonly Leg[] = [
  leg('walk', 30, 1.6, 2),
  leg('turn', 8, 0, 2),
  leg('drive', 40, 14, 2.5),
  leg('fly', 30, 45, 90, 'announced'),
  leg('drive', 20, 14, 2.5, 'jump'),
  leg('turn', 6, 0, 2.5),
  leg('walk', 16, 1.6, 2),
];

/** Time to climb from one height to the next. */
const CLIMB_SECONDS = 4;
/** Nobody comes nearer to the edge (meters). */
const MARGIN_METERS = 400;
const ANNOUNCE_SECONDS = 2;

export class Course {
  readonly pose: CoursePose = { x: 0, y: 2, z: 0, yaw: 0, pitch: 0 };
  /** What it does now. */
  kind: CourseKind = 'walk';
  /** The pose was put elsewhere, and whether that had been announced. */
  jumped: 'no' | 'jump' | 'announced' = 'no';
  /** Where it will be put, two seconds before. Taken back after one step. */
  announced: CoursePose | null = null;
  readonly #random: () => number;
  readonly #half: number;
  #leg = 0;
  #legSeconds = 0;
  #heading = 0;
  #rate = 0;
  #rateSeconds = 0;
  #next: CoursePose | null = null;

  constructor(seed: number, extentMeters: number) {
    this.#random = createRandom(seed * 31 + 7);
    this.#half = extentMeters / 2 - MARGIN_METERS;
    Object.assign(this.pose, this.#anywhere(ROUND[0]!));
    this.#heading = this.pose.yaw;
  }

  step(dtSeconds: number): void {
    this.jumped = 'no';
    this.announced = null;
    this.#legSeconds += dtSeconds;
    if (this.#legSeconds >= ROUND[this.#leg]!.seconds) this.#begin();
    const leg = ROUND[this.#leg]!;
    const next = ROUND[(this.#leg + 1) % ROUND.length]!;
    if (next.begins !== 'on' && !this.#next && leg.seconds - this.#legSeconds <= ANNOUNCE_SECONDS) {
      this.#next = this.#anywhere(next);
      if (next.begins === 'announced') this.announced = this.#next;
    }
    this.#steer(leg, dtSeconds);
    const { pose } = this;
    pose.x -= Math.sin(this.#heading) * leg.metersPerSecond * dtSeconds;
    pose.z -= Math.cos(this.#heading) * leg.metersPerSecond * dtSeconds;
    const share = Math.min(1, dtSeconds / CLIMB_SECONDS);
    pose.y += (leg.heightMeters - pose.y) * share;
    pose.pitch += (leg.pitch - pose.pitch) * share;
    pose.yaw = this.#heading;
    this.kind = leg.kind;
  }

  #begin(): void {
    this.#leg = (this.#leg + 1) % ROUND.length;
    this.#legSeconds = 0;
    const leg = ROUND[this.#leg]!;
    if (leg.begins === 'on' || !this.#next) return;
    Object.assign(this.pose, this.#next);
    this.#heading = this.pose.yaw;
    this.jumped = leg.begins;
    this.#next = null;
  }

  /** Turns at rates that change every few seconds; back from the edge; about on the spot. */
  #steer({ kind }: Leg, dtSeconds: number): void {
    const { x, z } = this.pose;
    this.#rateSeconds -= dtSeconds;
    if (this.#rateSeconds <= 0) {
      this.#rateSeconds = 2 + 4 * this.#random();
      const most = { walk: 0.4, turn: 1.2, drive: 0.25, fly: 0.2 }[kind];
      this.#rate = (this.#random() * 2 - 1) * most;
      if (kind === 'turn') this.#rate = Math.sign(this.#rate) * most;
    }
    let rate = this.#rate;
    if (Math.max(Math.abs(x), Math.abs(z)) > this.#half) {
      const home = Math.atan2(x, z) - this.#heading;
      rate = Math.sin(home) >= 0 ? 0.5 : -0.5;
    }
    this.#heading += rate * dtSeconds;
  }

  #anywhere({ heightMeters, pitch }: Leg): CoursePose {
    const place = (): number => (this.#random() * 2 - 1) * this.#half;
    return {
      x: place(),
      y: heightMeters,
      z: place(),
      yaw: this.#random() * 2 * Math.PI,
      pitch,
    };
  }
}
