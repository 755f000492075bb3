/**
 * Our side of the frame benchmark: the whole plugin on a synthetic world, without a renderer. Every
 * reset installs and opens anew, on a clock that stands still but for the frames, so that a flight
 * can be repeated exactly.
 */
import { addComponent, addEntity, createWorld, set, type World } from 'bitecs';
import { Matrix4, Quaternion, Vector3 } from 'three';
import type { Clock } from '../../src/base/clock.ts';
import { grown } from '../../src/base/grown.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../../test/support/synthetic-world.ts';
import { createBenchClock, openLive } from './bench-clock.ts';
import { type Distribution, extentOf, scatterOf } from './distribution.ts';
import { createPose, DT_SECONDS, type Flight, LENS, writePose } from './flight.ts';
import { measureOpening, type OpeningFigures, type OpeningSubject } from './opening.ts';
import type { FrameCount, Subject } from './subject.ts';

/** Sees about as many placements as the peers' trees have tiles in view at error 2. */
export const DRAW_DISTANCE_METERS = 1600;

/** Frames at the first pose without anything on its way after which the subject has settled. */
const QUIET_FRAMES = 30;
const SETTLE_LIMIT_FRAMES = 4000;

/** Frames played before those that count, to and fro over the first ones of the flight. */
const REHEARSAL_FRAMES = 4000;
const REHEARSAL_REACH_FRAMES = 60;

/** A subject that says what opening its world came to. */
export interface OwnSubject extends Subject {
  /** Known after the first reset. */
  opening(): OpeningFigures;
}

/** The world to fly in, or null where its data is not there. */
export function makeFrameWorld(
  placements: number,
  distribution: Distribution,
  seed: number,
): SyntheticWorld | null {
  const scatter = scatterOf(distribution, placements);
  if (scatter === null) return null;
  return makeSyntheticWorld({
    seed,
    placements,
    assets: 64,
    extentMeters: extentOf(placements),
    cellMeters: 64,
    finestBytes: 4096,
    ...(scatter && { scatter }),
  });
}

export function createFarfield(
  world: SyntheticWorld,
  rehearsalFrames: number = REHEARSAL_FRAMES,
): OwnSubject {
  let opening: OpeningFigures | undefined;
  const clock = createBenchClock();
  const look = createLook();
  let streaming: Streaming | undefined;
  let viewpoint = 0;
  let flight: Flight = { camera: 'still', speedMetersPerSecond: 0 };
  const step = (frame: number): void => {
    clock.advance(DT_SECONDS * 1000);
    look(streaming!, viewpoint, flight, frame);
    streaming!.begin();
    streaming!.update(DT_SECONDS);
    streaming!.commit();
  };
  return {
    name: 'farfield',
    version: '0.1.0',
    async reset(next) {
      await streaming?.dispose();
      flight = next;
      const ecs = createWorld();
      opening ??= await measureOpening((clock) => openingOf(world, clock));
      streaming = install(ecs, world, clock);
      viewpoint = addEntity(ecs);
      const lens = {
        heightPixels: LENS.heightPixels,
        aspect: LENS.widthPixels / LENS.heightPixels,
        fovYRadians: (LENS.fovDegrees * Math.PI) / 180,
      };
      addComponent(ecs, viewpoint, set(streaming.components.Viewpoint, lens));
      globalThis.gc?.();
      await openLive(clock, streaming.open(world.path));
      await settleAll(streaming, step);
      await rehearse(step, rehearsalFrames);
      await settleAll(streaming, step);
    },
    step,
    count: (): FrameCount => streaming!.counts(),
    settle: immediate,
    decision() {
      const { used, visited } = streaming!.counts();
      const { candidates, payloadsLoaded, showChanges } = streaming!.stats();
      return [used, visited, candidates, payloadsLoaded, showChanges].join();
    },
    opening() {
      if (!opening) throw new Error('bench: farfield has opened no world yet');
      return opening;
    },
    async dispose() {
      await streaming?.dispose();
      streaming = undefined;
    },
  };
}

function install(ecs: World, world: SyntheticWorld, clock: Clock): Streaming {
  return installStreaming(ecs, {
    source: memorySource(world.files),
    decoder: createInlineDecoder(),
    clock,
    ioWorker: false,
    drawDistanceMeters: DRAW_DISTANCE_METERS,
    minPixels: 0,
    capacity: 16_384,
  });
}

function openingOf(world: SyntheticWorld, clock: Clock): OpeningSubject {
  const streaming = install(createWorld(), world, clock);
  return {
    open: () => streaming.open(world.path),
    bytesPerPlacement: () => streaming.stats().tableBytes / world.catalog.counts.placements,
    dispose: () => streaming.dispose(),
  };
}

async function settleAll(streaming: Streaming, step: (frame: number) => void): Promise<void> {
  let quiet = 0;
  for (let frames = 0; quiet < QUIET_FRAMES; frames++) {
    if (frames === SETTLE_LIMIT_FRAMES)
      throw new Error(`bench: farfield was still loading after ${frames} frames`);
    step(0);
    await immediate();
    const { payloadsPending, payloadsStaged, candidates } = streaming.stats();
    quiet = payloadsPending + payloadsStaged + candidates === 0 ? quiet + 1 : 0;
  }
}

/**
 * Plays for a while about the first pose. A game has one installation and plays it for hours; code
 * that knew the last one is compiled anew here, and what is measured is what it comes to.
 */
async function rehearse(step: (frame: number) => void, frames: number): Promise<void> {
  for (let i = 0; i < frames; i++) {
    const at = i % (2 * REHEARSAL_REACH_FRAMES);
    step(Math.min(at, 2 * REHEARSAL_REACH_FRAMES - 1 - at));
    // What it asked for comes in between; every few frames is enough.
    if (i % 4 === 0) await immediate();
  }
}

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Numbers per pose: eye 3, orientation 4. */
const LOOK_STRIDE = 7;

/**
 * Writes the pose of a frame into the viewpoint's columns, as a camera adapter does. Poses are worked
 * out once each: what three.js allocates for them is not the plugin's.
 */
function createLook() {
  const quaternion = new Quaternion();
  const matrix = new Matrix4();
  const eye = new Vector3();
  const target = new Vector3();
  const up = new Vector3(0, 1, 0);
  const pose = createPose();
  let looks = new Float64Array(0);
  let known: Flight | undefined;
  let count = 0;
  const workOut = (flight: Flight, frame: number): void => {
    writePose(flight, frame, pose);
    eye.set(pose.x, pose.y, pose.z);
    target.set(pose.forwardX, pose.forwardY, pose.forwardZ).add(eye);
    quaternion.setFromRotationMatrix(matrix.lookAt(eye, target, up));
    if (looks.length < (frame + 1) * LOOK_STRIDE)
      looks = grown(looks, (frame + 1) * 2 * LOOK_STRIDE);
    eye.toArray(looks, frame * LOOK_STRIDE);
    quaternion.toArray(looks, frame * LOOK_STRIDE + 3);
  };
  return (streaming: Streaming, viewpoint: number, flight: Flight, frame: number): void => {
    if (known !== flight) count = 0;
    known = flight;
    while (count <= frame) workOut(flight, count++);
    const { eye: eyes, orientation } = streaming.components.Viewpoint;
    const at = frame * LOOK_STRIDE;
    for (let axis = 0; axis < 3; axis++) eyes[viewpoint * 3 + axis] = looks[at + axis]!;
    for (let part = 0; part < 4; part++) orientation[viewpoint * 4 + part] = looks[at + 3 + part]!;
  };
}
