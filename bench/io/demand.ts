/**
 * Which payloads a game asks for, and in which order: the whole plugin flies over the world on the
 * manual clock behind a simulated link, and what reaches its decoder is written down. A flight sees
 * a part of a world; what it leaves to be desired is drawn at random, so that the list lies
 * scattered over the packs. The same seed gives the same list.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { CatmullRomCurve3, Matrix4, Quaternion, Vector3 } from 'three';
import type { Autopilot } from '../../demo/world/types.ts';
import { createManualClock } from '../../src/base/clock.ts';
import { createRandom, type Random } from '../../src/base/random.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { simulatedSource } from '../../src/io/sources/simulated.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import type { PayloadRef } from './client/payload-ref.ts';
import type { WorldFiles } from './world-payloads.ts';

export interface DemandOptions {
  seed: number;
  /** Payloads to list. Fewer where the world holds fewer. */
  count: number;
  /** Only payloads of at most this many bytes. */
  maxBytes?: number;
}

type Course = Pick<Autopilot, 'points' | 'targets'>;

const FRAME_SECONDS = 1 / 30;
/** A flight that has asked for nothing new in so many frames goes on from somewhere else. */
const PATIENCE_FRAMES = 30;
const MAX_FRAMES = 600;
const METERS_PER_SECOND = 60;
/** 20 Mbit/s and 40 ms: what comes first matters there. */
const LINK = { bandwidthBytesPerSecond: 2.5e6, latencySeconds: 0.04 };

/** The first payloads that a flight from a place drawn by the seed asks for, in that order. */
export async function listDemand(world: WorldFiles, options: DemandOptions): Promise<PayloadRef[]> {
  const { count, maxBytes = Number.POSITIVE_INFINITY } = options;
  const isWanted = ({ start, end }: PayloadRef): boolean => end - start <= maxBytes;
  const goal = Math.min(count, world.payloads.filter(isWanted).length);
  const random = createRandom(options.seed);
  const demanded = new Map<number, PayloadRef>();
  await fly(world, random, (payload) => {
    const ref = world.payloads[payload]!;
    if (isWanted(ref) && demanded.size < goal) demanded.set(payload, ref);
    return demanded.size === goal;
  });
  const rest = world.payloads.filter((ref) => isWanted(ref) && !demanded.has(ref.payload));
  while (demanded.size < goal) {
    const [ref] = rest.splice(Math.floor(random() * rest.length), 1);
    demanded.set(ref!.payload, ref!);
  }
  return [...demanded.values()];
}

/** Flies until `onPayload`, told of every payload asked for, returns true, or for long enough. */
async function fly(
  world: WorldFiles,
  random: Random,
  onPayload: (payload: number) => boolean,
): Promise<void> {
  const clock = createManualClock();
  const link = { bandwidthBytesPerSecond: Number.POSITIVE_INFINITY, latencySeconds: 0 };
  const inline = createInlineDecoder({
    decodeMesh: () => ({ scale: 1, offset: [0, 0, 0], primitives: [], materials: [], images: [] }),
  });
  let isEnough = false;
  let lastFrame = 0;
  let frame = 0;
  const seen = new Set<number>();
  const decoder = Object.assign(Object.create(inline) as typeof inline, {
    decode(job: Parameters<typeof inline.decode>[0]) {
      if (!seen.has(job.payload)) lastFrame = frame;
      seen.add(job.payload);
      isEnough ||= onPayload(job.payload);
      return inline.decode(job);
    },
  });
  const ecs = createWorld();
  const streaming = installStreaming(ecs, {
    source: simulatedSource(memorySource(world.files), { clock, random, link }),
    clock,
    decoder,
    capacity: 4096,
  });
  const viewpoint = addEntity(ecs);
  const { Viewpoint } = streaming.components;
  addComponent(ecs, viewpoint, set(Viewpoint, { heightPixels: 1080, aspect: 16 / 9 }));
  const opening = streaming.open('world.json');
  let isOpen = false;
  void opening.finally(() => {
    isOpen = true;
  });
  while (!isOpen) await pass(clock);
  const { bounds } = await opening;
  Object.assign(link, LINK);
  const look = createLook(readCourse(world.folder, bounds));
  let place = random();
  for (; frame < MAX_FRAMES && !isEnough; frame++) {
    place += (METERS_PER_SECOND * FRAME_SECONDS) / look.lengthMeters;
    if (frame - lastFrame > PATIENCE_FRAMES) {
      place = random();
      lastFrame = frame;
    }
    look.write(place % 1, Viewpoint, viewpoint);
    streaming.begin();
    streaming.update(FRAME_SECONDS);
    streaming.commit();
    await pass(clock);
  }
  await streaming.dispose();
}

async function pass(clock: { advance(milliseconds: number): void }): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(FRAME_SECONDS * 1000);
  await new Promise((resolve) => setImmediate(resolve));
}

/** A closed course and what to look at from it: the demo's own, or a round over the world. */
function readCourse(folder: string, bounds: readonly number[]): Course {
  const file = join(folder, 'demo.json');
  if (existsSync(file))
    return (JSON.parse(readFileSync(file, 'utf8')) as { autopilot: Course }).autopilot;
  const [minX = 0, , minZ = 0, maxX = 0, maxY = 0, maxZ = 0] = bounds;
  const ring = (turn: number): Course['points'][number] => [
    (minX + maxX) / 2 + (Math.cos(turn) * (maxX - minX)) / 3,
    maxY + 20,
    (minZ + maxZ) / 2 + (Math.sin(turn) * (maxZ - minZ)) / 3,
  ];
  const turns = Array.from({ length: 16 }, (_, i) => (i / 16) * Math.PI * 2);
  return { points: turns.map(ring), targets: turns.map((turn) => ring(turn + 0.3)) };
}

function createLook({ points, targets }: Course) {
  const curve = (list: Course['points']): CatmullRomCurve3 =>
    new CatmullRomCurve3(
      list.map((point) => new Vector3(...point)),
      true,
    );
  const [eyes, aims] = [curve(points), curve(targets)];
  const matrix = new Matrix4();
  const up = new Vector3(0, 1, 0);
  return {
    lengthMeters: eyes.getLength(),
    write(place: number, columns: Streaming['components']['Viewpoint'], viewpoint: number): void {
      const eye = eyes.getPoint(place);
      columns.eye.set(eye.toArray(), viewpoint * 3);
      matrix.lookAt(eye, aims.getPoint(place), up);
      columns.orientation.set(
        new Quaternion().setFromRotationMatrix(matrix).toArray(),
        viewpoint * 4,
      );
    },
  };
}
