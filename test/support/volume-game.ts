/** A game of viewpoints and streaming volumes alone: no view, no link, frames in one call. */
import { addComponent, addEntity, createWorld, set, type World } from 'bitecs';
import { createManualClock } from '../../src/base/clock.ts';
import type { ComponentData } from '../../src/components/index.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';

export interface VolumeGame {
  ecs: World;
  streaming: Streaming;
  /** What was told of volumes, in order: "+entity" and "-entity". */
  told: string[];
  addVolume(data: ComponentData<'StreamingVolume'>): number;
  moveEye(viewpoint: number, x: number, y: number, z: number): void;
  frame(): void;
}

export function createVolumeGame(options: StreamingOptions = {}): VolumeGame {
  const ecs = createWorld();
  const streaming = installStreaming(ecs, {
    clock: createManualClock(),
    decoder: createInlineDecoder(),
    ioWorker: false,
    capacity: 4096,
    structuralOpsPerFrame: 1_000_000,
    ...options,
  });
  const { StreamingVolume, Viewpoint } = streaming.components;
  const told: string[] = [];
  streaming.on('volumeEntered', ({ entity }) => told.push(`+${entity}`));
  streaming.on('volumeLeft', ({ entity }) => told.push(`-${entity}`));
  return {
    ecs,
    streaming,
    told,
    addVolume(data) {
      const entity = addEntity(ecs);
      addComponent(ecs, entity, set(StreamingVolume, { level: 'town', ...data }));
      return entity;
    },
    moveEye(viewpoint, x, y, z) {
      Viewpoint.eye.set([x, y, z], viewpoint * 3);
    },
    frame() {
      streaming.begin();
      streaming.update(1 / 60);
      streaming.commit();
    },
  };
}
