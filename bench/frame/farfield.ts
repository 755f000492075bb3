/**
 * Our side of the frame benchmark: the whole plugin on a synthetic world, without a renderer. Every
 * reset installs and opens anew, on a clock that stands still but for the frames, so that a flight
 * can be repeated exactly.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { Matrix4, Quaternion, Vector3 } from 'three';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../../test/support/synthetic-world.ts';
import { createBenchClock, openWatched } from './bench-clock.ts';
import { type Distribution, extentOf, scatterOf } from './distribution.ts';
import { createPose, DT_SECONDS, type Flight, LENS, writePose } from './flight.ts';
import type { FrameCount, Subject } from './subject.ts';

/** Sees about as many placements as the peers' trees have tiles in view at error 2. */
export const DRAW_DISTANCE_METERS = 1600;

/** Frames at the first pose without anything on its way after which the subject has settled. */
const QUIET_FRAMES = 30;
const SETTLE_LIMIT_FRAMES = 4000;

/** A subject that says what opening its world came to. */
export interface OwnSubject extends Subject {
  /** Of the resets so far, the least of each. */
  opening(): { openMs: number; openMaxSliceMs: number; bytesPerPlacement: number };
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

export function createFarfield(world: SyntheticWorld): OwnSubject {
  const placements = world.catalog.counts.placements;
  const opening = { openMs: Infinity, openMaxSliceMs: Infinity, bytesPerPlacement: 0 };
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
      streaming = installStreaming(ecs, {
        source: memorySource(world.files),
        decoder: createInlineDecoder(),
        clock,
        ioWorker: false,
        drawDistanceMeters: DRAW_DISTANCE_METERS,
        minPixels: 0,
        capacity: 16_384,
      });
      viewpoint = addEntity(ecs);
      const lens = {
        heightPixels: LENS.heightPixels,
        aspect: LENS.widthPixels / LENS.heightPixels,
        fovYRadians: (LENS.fovDegrees * Math.PI) / 180,
      };
      addComponent(ecs, viewpoint, set(streaming.components.Viewpoint, lens));
      globalThis.gc?.();
      const { openMs, maxSliceMs } = await openWatched(clock, streaming.open(world.path));
      opening.openMs = Math.min(opening.openMs, openMs);
      opening.openMaxSliceMs = Math.min(opening.openMaxSliceMs, maxSliceMs);
      opening.bytesPerPlacement = streaming.stats().tableBytes / placements;
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
    opening: () => opening,
    async dispose() {
      await streaming?.dispose();
      streaming = undefined;
    },
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

function immediate(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Writes the pose of a frame into the viewpoint's columns, as a camera adapter does. */
function createLook() {
  const quaternion = new Quaternion();
  const matrix = new Matrix4();
  const eye = new Vector3();
  const target = new Vector3();
  const up = new Vector3(0, 1, 0);
  const pose = createPose();
  return (streaming: Streaming, viewpoint: number, flight: Flight, frame: number): void => {
    writePose(flight, frame, pose);
    eye.set(pose.x, pose.y, pose.z);
    target.set(pose.forwardX, pose.forwardY, pose.forwardZ).add(eye);
    quaternion.setFromRotationMatrix(matrix.lookAt(eye, target, up));
    const { eye: eyes, orientation } = streaming.components.Viewpoint;
    eyes[viewpoint * 3] = pose.x;
    eyes[viewpoint * 3 + 1] = pose.y;
    eyes[viewpoint * 3 + 2] = pose.z;
    orientation[viewpoint * 4] = quaternion.x;
    orientation[viewpoint * 4 + 1] = quaternion.y;
    orientation[viewpoint * 4 + 2] = quaternion.z;
    orientation[viewpoint * 4 + 3] = quaternion.w;
  };
}
