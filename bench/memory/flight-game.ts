/**
 * The game of a memory flight: the plugin as `installStreaming` sets it up, on a virtual clock and
 * link, with a camera on a course. One `step` is one frame.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import { Link, type LinkOptions } from '../flythrough/link.ts';
import { createLinkClock, drain, type LinkClock } from '../flythrough/plugin/link-clock.ts';
import { createOpaqueDecoder } from '../lib/opaque-decoder.ts';
import { Course, type CoursePose } from './flight-course.ts';
import type { Picture } from './flight-referee.ts';
import { createFlightSource, type FlightSource } from './flight-source.ts';
import { FlightView } from './flight-view.ts';
import type { FlightWorld } from './flight-world.ts';

export const FRAME_SECONDS: number = 1 / 30;

export interface GameOptions {
  seed: number;
  budgetBytes: number;
  picture: Picture;
  link: LinkOptions;
  /** Anything else. */
  streaming?: StreamingOptions;
  /** A view with a fault on purpose. */
  makeView?: (world: FlightWorld, firstSlot: number, nowS: () => number) => FlightView;
}

const CAPACITY = 4096;
/** Frames after the world was closed: time for reads that are not worth an abort (1 s). */
const CLOSING_FRAMES = 30;

export class FlightGame {
  readonly streaming: Streaming;
  readonly view: FlightView;
  readonly course: Course;
  readonly link: Link;
  readonly #clock: LinkClock;
  readonly #source: FlightSource;
  readonly #ecs = createWorld();
  readonly #picture: Picture;
  #viewpoint = 0;

  constructor(world: FlightWorld, options: GameOptions) {
    const { link, picture } = options;
    this.#picture = picture;
    this.link = new Link(link);
    this.#clock = createLinkClock(this.link);
    this.#source = createFlightSource(this.link, world);
    this.course = new Course(options.seed, world.options.extentMeters);
    const makeView = options.makeView ?? ((...view) => new FlightView(...view));
    this.view = makeView(world, CAPACITY + 1, () => this.link.nowS);
    this.streaming = installStreaming(this.#ecs, {
      source: this.#source,
      clock: this.#clock,
      decoder: createOpaqueDecoder(),
      capacity: CAPACITY,
      budgetBytes: options.budgetBytes,
      maxInFlight: link.concurrency,
      errorPixels: picture.errorPixels,
      minPixels: picture.minPixels,
      drawDistanceMeters: picture.drawDistanceMeters,
      ...options.streaming,
    });
    this.streaming.attachView(this.view, { beforeUpdate: () => undefined });
  }

  /** Opens the world while time passes; the camera is where the course begins. */
  async open(): Promise<void> {
    const { Viewpoint } = this.streaming.components;
    const { heightPixels, fovYRadians, aspect } = this.#picture;
    this.#viewpoint = addEntity(this.#ecs);
    const lens = { heightPixels, fovYRadians, aspect };
    addComponent(this.#ecs, this.#viewpoint, set(Viewpoint, lens));
    this.#look(this.course.pose);
    let isOpen = false;
    const opening = this.streaming.open('world.json').finally(() => {
      isOpen = true;
    });
    while (!isOpen) {
      await this.#pass();
      this.#frame();
    }
    await opening;
  }

  /** Time passes, then the camera moves on and a frame is made. */
  async step(): Promise<void> {
    await this.#pass();
    this.course.step(FRAME_SECONDS);
    const { announced } = this.course;
    if (announced) this.streaming.announce(announcementOf(announced), 2);
    this.#look(this.course.pose);
    this.#frame();
    await drain();
  }

  /** Closes the world; what it held goes in the frames that follow. */
  async close(): Promise<void> {
    this.streaming.close('world.json');
    for (let frame = 0; frame < CLOSING_FRAMES; frame++) {
      await this.#pass();
      this.#frame();
    }
  }

  async dispose(): Promise<void> {
    await this.streaming.dispose();
  }

  async #pass(): Promise<void> {
    let left = FRAME_SECONDS;
    while (left > 0) {
      left = this.link.advance(left);
      if (left > 0) await drain();
    }
    this.#source.deliver();
    await drain();
    await this.#clock.fire();
  }

  #frame(): void {
    this.streaming.begin();
    this.streaming.update(FRAME_SECONDS);
    this.streaming.commit();
  }

  #look({ x, y, z, yaw, pitch }: CoursePose): void {
    const { Viewpoint } = this.streaming.components;
    Viewpoint.eye.set([x, y, z], this.#viewpoint * 3);
    const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
    const [sp, cp] = [Math.sin(pitch / 2), Math.cos(pitch / 2)];
    // About y by the yaw, then about its own x by the pitch.
    Viewpoint.orientation.set([cy * sp, sy * cp, -sy * sp, cy * cp], this.#viewpoint * 4);
  }
}

function announcementOf({ x, y, z, yaw, pitch }: CoursePose) {
  const cp = Math.cos(pitch);
  const direction = [-Math.sin(yaw) * cp, Math.sin(pitch), -Math.cos(yaw) * cp] as const;
  return { position: [x, y, z] as const, direction };
}
