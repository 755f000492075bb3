/** Our side of the frame benchmark: the whole plugin on a synthetic world, without a renderer. */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { Matrix4, Quaternion, Vector3 } from 'three';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import { makeSyntheticWorld } from '../../test/support/synthetic-world.ts';
import { FLIGHT, poseAt } from './flight.ts';
import type { FrameCount, Subject } from './subject.ts';

/** Density of the world: at 4,000 a square kilometer a million placements are 16 km across. */
const PLACEMENTS_PER_SQUARE_KILOMETER = 4000;

/** Sees about as many placements as the peers' trees have tiles in view at error 2. */
const DRAW_DISTANCE_METERS = 1600;

const SETTLE_FRAMES = 400;

export function createFarfield(): Subject {
  let streaming: Streaming;
  let viewpoint = 0;
  const look = createLook();
  const frame = (index: number): FrameCount => {
    look(streaming, viewpoint, index);
    streaming.begin();
    streaming.update(FLIGHT.dtSeconds);
    streaming.commit();
    return streaming.counts();
  };
  return {
    name: 'farfield',
    version: '0.1.0',
    async open(placements, seed) {
      const world = makeSyntheticWorld({
        seed,
        placements,
        assets: 64,
        extentMeters: Math.sqrt(placements / PLACEMENTS_PER_SQUARE_KILOMETER) * 1000,
        cellMeters: 64,
        finestBytes: 4096,
      });
      const ecs = createWorld();
      streaming = installStreaming(ecs, {
        source: memorySource(world.files),
        decoder: createInlineDecoder(),
        drawDistanceMeters: DRAW_DISTANCE_METERS,
        minPixels: 0,
        capacity: 16_384,
      });
      viewpoint = addEntity(ecs);
      const lens = {
        heightPixels: FLIGHT.heightPixels,
        aspect: FLIGHT.widthPixels / FLIGHT.heightPixels,
        fovYRadians: (FLIGHT.fovDegrees * Math.PI) / 180,
      };
      addComponent(ecs, viewpoint, set(streaming.components.Viewpoint, lens));
      globalThis.gc?.();
      const start = performance.now();
      await streaming.open(world.path);
      const openMs = performance.now() - start;
      for (let i = 0; i < SETTLE_FRAMES; i++) {
        frame(0);
        await immediate();
      }
      return { openMs, bytesPerPlacement: streaming.stats().tableBytes / placements };
    },
    frame,
    settle: immediate,
    dispose: () => streaming.dispose(),
  };
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
  return (streaming: Streaming, viewpoint: number, index: number): void => {
    const pose = poseAt(index);
    eye.set(pose.x, pose.y, pose.z);
    target.set(...pose.forward).add(eye);
    quaternion.setFromRotationMatrix(matrix.lookAt(eye, target, up));
    const { Viewpoint } = streaming.components;
    Viewpoint.eye.set([pose.x, pose.y, pose.z], viewpoint * 3);
    Viewpoint.orientation.set(quaternion.toArray(), viewpoint * 4);
  };
}
