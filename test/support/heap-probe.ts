/**
 * What steady frames of the plugin allocate, printed as JSON: run by `node --expose-gc`, in a process
 * of its own, as built, so that nothing but the plugin and its game is on the heap. A world with
 * terrain, levels, squares of a grid with proxies, entities and a view, all of it resident; the camera at rest or on a round.
 */
import { addComponent, addEntity, set } from 'bitecs';
import type { Scorer } from '../../src/memory/scorer.ts';
import type { View } from '../../src/memory/view.ts';
import { type System, WANT } from '../../src/systems/schedule.ts';
import { measureAllocation } from './allocation.ts';
import { createSimulation, drainMicrotasks, openSynthetic, type Simulation } from './simulation.ts';
import { makeSyntheticWorld } from './synthetic-world.ts';

/** Enough for the engine to have compiled what it is going to: two minutes of play. */
const REHEARSAL_FRAMES = 8000;
/** What allocates each frame does so from the first on. */
const CONTROL_FRAMES = 1500;
const MEASURED_FRAMES = 400;
const DT_SECONDS = 1 / 60;

/** The round: one in six seconds and two thirds, at 19 m/s. */
const ROUND_FRAMES = 400;
const ROUND_METERS = 20;

/** A third of what is not in the town stands in squares, a sixth of it in a layer that is off. */
const EDGE = 100;
const SIDE = 12;
const squareAt = (x: number, z: number): number =>
  Math.floor(x / EDGE + SIDE / 2) * SIDE + Math.floor(z / EDGE + SIDE / 2);

const world = makeSyntheticWorld({
  seed: 7,
  placements: 8000,
  assets: 24,
  extentMeters: 1200,
  finestBytes: 2048,
  terrainDepth: 3,
  levels: [
    { name: 'town', center: [200, 0, 0], radius: 150 },
    ...Array.from({ length: SIDE * SIDE }, (_, i) => {
      const [x, z] = [Math.floor(i / SIDE) - SIDE / 2, (i % SIDE) - SIDE / 2];
      const square = [0, x, z] as [number, number, number];
      return {
        name: `land/${x}_${z}`,
        center: [0, 0, 0] as [number, number, number],
        radius: 0,
        square,
      };
    }),
  ],
  layers: ['winter'],
  grids: [{ name: 'land', edgeMeters: EDGE, rangeMeters: 300 }],
  belongs(row, x, z) {
    if (Math.hypot(x - 200, z) < 150) return { level: 0 };
    const layer = row % 6 === 1 ? { layer: 0 } : {};
    if (row % 3 === 0) return { level: 1 + squareAt(x, z), ...layer };
    return row % 50 === 1 ? { standsFor: 1 + squareAt(x, z) } : layer;
  },
});

/** Shows nothing and keeps nothing. */
const view: View = {
  upload: () => undefined,
  release: () => undefined,
  show: () => undefined,
  move: () => undefined,
};

function place(simulation: Simulation, frame: number, isMoving: boolean): void {
  const { components } = simulation.streaming;
  const angle = isMoving ? (frame / ROUND_FRAMES) * 2 * Math.PI : 0;
  const { eye, orientation } = components.Viewpoint;
  const at = simulation.viewpoint;
  eye[at * 3] = Math.cos(angle) * ROUND_METERS;
  eye[at * 3 + 1] = 40;
  eye[at * 3 + 2] = -Math.sin(angle) * ROUND_METERS;
  orientation[at * 4 + 1] = Math.sin(angle / 2);
  orientation[at * 4 + 3] = Math.cos(angle / 2);
}

function addEntities({ ecs, streaming }: Simulation): void {
  const { StreamRequest, Transform, StreamingVolume } = streaming.components;
  for (let i = 0; i < 200; i++) {
    const entity = addEntity(ecs);
    const position = [(i % 20) * 10 - 100, 0, Math.floor(i / 20) * 10 - 50];
    addComponent(ecs, entity, set(Transform, { position }));
    addComponent(ecs, entity, set(StreamRequest, { asset: world.assetNames[i % 12]! }));
  }
  const volume = addEntity(ecs);
  const given = { level: 'town', center: [200, 0, 0], radius: 150, loadDistance: 500 };
  addComponent(ecs, volume, set(StreamingVolume, given));
}

/** Bytes a frame, of `begin`, `update` and `commit`. */
async function measure(isMoving: boolean, rehearsal: number, scorer?: Scorer): Promise<number> {
  const simulation = createSimulation(world, {
    bandwidthBytesPerSecond: 1e9,
    latencySeconds: 0.001,
    view: null,
    streaming: {
      budgetBytes: world.residentBytes * 4,
      // An entity is objects of the game's world: a frame in which one comes is not steady.
      activateRadiusMeters: 0,
      ...(scorer && { scorer }),
    },
  });
  const { streaming, clock } = simulation;
  streaming.attachView(view, { beforeUpdate: () => undefined });
  addEntities(simulation);
  await openSynthetic(simulation, world);
  const step = (frame: number): void => {
    place(simulation, frame, isMoving);
    streaming.begin();
    streaming.update(DT_SECONDS);
    streaming.commit();
    clock.advance(DT_SECONDS * 1000);
  };
  for (let frame = 0; frame < rehearsal; frame++) {
    step(frame);
    if (frame < CONTROL_FRAMES) await drainMicrotasks();
  }
  const { payloadsPending, payloadsStaged, holes } = streaming.stats();
  if (payloadsPending + payloadsStaged + holes > 0)
    throw new Error(`not steady: ${payloadsPending} pending, ${payloadsStaged} staged`);
  const bytes = measureAllocation(step, MEASURED_FRAMES, 4);
  await streaming.dispose();
  return Math.round(bytes);
}

/** With a system in the schedule that lists, each frame, the distances of all assets. */
async function measureWasteful(): Promise<number> {
  const kept: number[][] = [];
  const waste: System = ({ frame, assets }) => {
    kept[frame % 8] = Array.from(world.assetNames, (_, row) => assets.nearest[row]!);
  };
  const systems = WANT as System[];
  systems.push(waste);
  try {
    return await measure(true, CONTROL_FRAMES);
  } finally {
    systems.pop();
  }
}

/** Makes an object for each LOD it scores, ten times a second. */
const wastefulScorer: Scorer = {
  name: 'wasteful',
  score({ areas }, out) {
    const all = Array.from(areas, (area, at) => ({ at, area, weighed: [area * 1.5] }));
    for (const { at, weighed } of all) out[at] = weighed[0]!;
  },
};

const figures = {
  moving: await measure(true, REHEARSAL_FRAMES),
  still: await measure(false, REHEARSAL_FRAMES),
  wastefulSystem: await measureWasteful(),
  wastefulScorer: await measure(true, CONTROL_FRAMES, wastefulScorer),
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
