/** Uploads within a frame's bytes: nothing is stuck, and nothing large holds up what is small. */
import { describe, expect, it } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { UrgencyClass } from '../../src/memory/payloads.ts';
import { stagePayload, withdrawPayload } from '../../src/systems/payload-lifecycle.ts';
import { upload } from '../../src/systems/upload.ts';
import type { StreamWorld } from '../../src/world.ts';
import { EMPTY_CONTENT, fillPlainPayload, makeStreamWorld } from '../support/stream-world.ts';

const LIMIT = 1000;
const FRAMES = 8;

/** A world whose view notes what it is handed in each frame. */
function makeWorld(bytes: readonly number[]): { world: StreamWorld; frames: number[][] } {
  const world = makeStreamWorld(1e6, { uploadBytesPerFrame: LIMIT });
  const frames: number[][] = [];
  drain(world.payloads.reserve(bytes.length));
  world.payloads.append(bytes.length);
  for (const [payload, size] of bytes.entries()) fillPlainPayload(world, payload, size);
  world.view = {
    upload: (payload) => frames.at(-1)!.push(payload),
    release: () => undefined,
    show: () => undefined,
    move: () => undefined,
  };
  return { world, frames };
}

function stage(world: StreamWorld, payload: number, urgency: UrgencyClass): void {
  const { columns } = world.payloads;
  world.budget.reserve(world.payloads.chargeOf(payload));
  columns.urgency[payload] = urgency;
  stagePayload(world, payload, EMPTY_CONTENT);
}

describe('a payload larger than the frame may hand over', () => {
  it('goes in the next frame, though something more urgent comes in every one', () => {
    const { world, frames } = makeWorld([5000, ...Array<number>(FRAMES).fill(100)]);
    stage(world, 0, UrgencyClass.Normal);
    for (let frame = 0; frame < FRAMES; frame++) {
      stage(world, 1 + frame, UrgencyClass.High);
      frames.push([]);
      upload(world);
    }
    expect(frames.slice(0, 3)).toEqual([[1], [0], [2, 3]]);
    expect(frames.flat()).toHaveLength(1 + FRAMES);
  });

  it('lets what is small and less urgent pass meanwhile', () => {
    const { world, frames } = makeWorld([100, 5000, 100, 100]);
    stage(world, 0, UrgencyClass.High);
    stage(world, 1, UrgencyClass.Normal);
    stage(world, 2, UrgencyClass.Low);
    stage(world, 3, UrgencyClass.Low);
    frames.push([]);
    upload(world);
    expect(frames).toEqual([[0, 2, 3]]);
  });

  it('is forgotten when it is withdrawn before its turn', () => {
    const { world, frames } = makeWorld([100, 5000, 700, 700]);
    stage(world, 0, UrgencyClass.High);
    stage(world, 1, UrgencyClass.Normal);
    frames.push([]);
    upload(world);
    withdrawPayload(world, 1);
    stage(world, 2, UrgencyClass.Normal);
    stage(world, 3, UrgencyClass.High);
    for (let frame = 0; frame < 2; frame++) {
      frames.push([]);
      upload(world);
    }
    expect(frames).toEqual([[0], [3], [2]]);
  });
});

describe('of one urgency', () => {
  it('what ends a hole goes before what refines, whatever that is worth', () => {
    const { world, frames } = makeWorld([400, 400, 400, 400]);
    const { priority } = world.payloads.columns;
    priority.set([4, 3, 2, 1]);
    for (let payload = 0; payload < 4; payload++) stage(world, payload, UrgencyClass.High);
    // 2 and 3 have nothing to show; 3 is not in view.
    world.assets.inView.set([1, 1, 1, 0]);
    world.assets.residentMasks.set([2, 2, 0, 0]);
    for (let frame = 0; frame < 2; frame++) {
      frames.push([]);
      upload(world);
    }
    expect(frames).toEqual([
      [2, 0],
      [1, 3],
    ]);
  });
});
