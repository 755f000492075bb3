/**
 * What is known of the future shortens how long the picture is wrong: flights with and without it,
 * judged from outside by what an unlimited link would have shown in each frame.
 */
import { addComponent, addEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import type { Streaming } from '../../src/plugin.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const FPS = 30;
const synthetic = makeSyntheticWorld({
  placements: 2500,
  assets: 150,
  extentMeters: 1000,
  finestBytes: 20_000,
});

interface Pose {
  x: number;
  z: number;
  yaw: number;
}

async function start(
  bandwidthBytesPerSecond: number,
  streaming: Parameters<typeof createSimulation>[1] = {},
): Promise<Simulation> {
  const simulation = createSimulation(synthetic, {
    bandwidthBytesPerSecond,
    ...streaming,
    streaming: { budgetBytes: synthetic.residentBytes * 2, ...streaming.streaming },
  });
  await openSynthetic(simulation, synthetic);
  return simulation;
}

interface Frame {
  eye: Pose;
  /** Slot → payload. */
  shown: Map<number, number>;
}

/** What each frame of a flight shows. */
async function fly(
  simulation: Simulation,
  flight: (frame: number) => Pose,
  frames: number,
  before: (frame: number, simulation: Simulation) => void = () => undefined,
): Promise<Frame[]> {
  const film: Frame[] = [];
  for (let frame = 0; frame < frames; frame++) {
    const eye = flight(frame);
    simulation.look(eye.x, 5, eye.z, eye.yaw);
    before(frame, simulation);
    await simulation.step(1 / FPS);
    film.push({ eye, shown: new Map(simulation.view.shown) });
  }
  expect(simulation.view.problems).toEqual([]);
  await simulation.streaming.dispose();
  return film;
}

/** Rows before it are entities. */
const FIRST_SLOT = 4096 + 1;

/** Radius of each placement (meters). */
const radii = (() => {
  const { counts, scales, assetSpheres, runSlots, runAssets } = synthetic.catalog;
  const radii = new Float64Array(counts.placements);
  for (let run = 0; run < counts.runs; run++)
    for (let slot = runSlots[run]!; slot < runSlots[run + 1]!; slot++)
      radii[slot] = assetSpheres[runAssets[run]! * 4 + 3]! * scales[slot]!;
  return radii;
})();

/** Area that a placement covers, relative to the others (m²/m²), at most that of one at 5 radii. */
function areaOf(row: number, { x, z }: Pose): number {
  const slot = row - FIRST_SLOT;
  const { positions } = synthetic.catalog;
  const away = Math.hypot(positions[slot * 3]! - x, positions[slot * 3 + 2]! - z);
  return Math.min(0.04, (radii[slot]! / away) ** 2);
}

/** From the origin to a placement, seen from above (meters). */
function distanceTo(row: number): number {
  const at = (row - FIRST_SLOT) * 3;
  return Math.hypot(synthetic.catalog.positions[at]!, synthetic.catalog.positions[at + 2]!);
}

/** Picture wrong from a frame on: area × LODs that are missing, a hole counting as five. */
function wrongFrom(from: number, film: Frame[], right: Frame[]): number {
  let wrong = 0;
  for (let frame = from; frame < film.length; frame++)
    for (const [slot, payload] of right[frame]!.shown) {
      const shown = film[frame]!.shown.get(slot);
      if (shown === payload) continue;
      const missing = shown === undefined ? 5 : Math.max(0, shown - payload);
      wrong += areaOf(slot, right[frame]!.eye) * missing;
    }
  return wrong;
}

const UNLIMITED = 1e12;
const LINK = 3e5;

interface Unhinted {
  right: Frame[];
  without: Frame[];
}
const unhinted = new Map<(frame: number) => Pose, Promise<Unhinted>>();

async function flyUnhinted(flight: (frame: number) => Pose, frames: number): Promise<Unhinted> {
  const right = await fly(await start(UNLIMITED), flight, frames);
  return { right, without: await fly(await start(LINK), flight, frames) };
}

/** How wrong the picture of a flight is with and without a hint, from a frame on. */
async function compare(
  flight: (frame: number) => Pose,
  frames: number,
  from: number,
  hint: (frame: number, streaming: Streaming, simulation: Simulation) => void,
): Promise<{ without: number; withHint: number }> {
  if (!unhinted.has(flight)) unhinted.set(flight, flyUnhinted(flight, frames));
  const { right, without } = await unhinted.get(flight)!;
  const withHint = await fly(await start(LINK), flight, frames, (frame, simulation) =>
    hint(frame, simulation.streaming, simulation),
  );
  return {
    without: wrongFrom(from, without, right),
    withHint: wrongFrom(from, withHint, right),
  };
}

const forwardOf = (yaw: number): [number, number, number] => [-Math.sin(yaw), 0, -Math.cos(yaw)];

describe('announcing', () => {
  const CUT = 4 * FPS;
  const jump = (frame: number): Pose =>
    frame < CUT ? { x: -400, z: -400, yaw: 0 } : { x: 300, z: 300, yaw: 1 };
  const target = { position: [300, 5, 300] as const, direction: forwardOf(1) };

  it('a teleport, with its direction or without, leaves less of it to be seen', async () => {
    const aimed = await compare(jump, CUT + 2 * FPS, CUT, (frame, streaming) => {
      if (frame === CUT - 3 * FPS) streaming.announce(target, 3);
    });
    expect(aimed.withHint).toBeLessThan(0.3 * aimed.without);
    const anywhere = await compare(jump, CUT + 2 * FPS, CUT, (frame, streaming) => {
      if (frame === CUT - 3 * FPS) streaming.announce({ position: target.position }, 3);
    });
    expect(anywhere.withHint).toBeLessThan(0.6 * anywhere.without);
  });

  it('what does not come changes little, and nothing once it is taken back', async () => {
    const stay = (): Pose => jump(0);
    const wrong = await compare(stay, CUT, 0, (frame, streaming) => {
      if (frame === 0) streaming.announce(target, 3).cancel();
    });
    expect(wrong.withHint).toBe(wrong.without);
    expect(wrong.without).toBeGreaterThan(0);
  });
});

describe('announcePath', () => {
  /** A cut-scene: four shots of two seconds, each a slow pan. */
  const SHOT = 2 * FPS;
  const SHOTS: Pose[] = [
    { x: -350, z: -350, yaw: 0 },
    { x: 320, z: 280, yaw: 2 },
    { x: -300, z: 350, yaw: -1 },
    { x: 350, z: -300, yaw: 1 },
  ];
  const scene = (frame: number): Pose => {
    const shot = SHOTS[Math.min(SHOTS.length - 1, Math.floor(frame / SHOT))]!;
    return { ...shot, yaw: shot.yaw + (frame % SHOT) * 0.002 };
  };
  const points = SHOTS.flatMap(({ x, z, yaw }, i) => [
    { atSeconds: i * 2, position: [x, 5, z] as const, direction: forwardOf(yaw), cut: true },
    { atSeconds: i * 2 + 1.9, position: [x, 5, z] as const, direction: forwardOf(yaw + 0.12) },
  ]);

  it('of a cut-scene leaves less of each shot to be seen', async () => {
    const wrong = await compare(scene, 4 * SHOT, SHOT, (frame, streaming) => {
      if (frame === 0) streaming.announcePath(points);
    });
    expect(wrong.withHint).toBeLessThan(0.75 * wrong.without);
  });
});

describe('feedPoses', () => {
  it('takes the place of extrapolation until it is stale, or taken back', async () => {
    const simulation = await start(LINK);
    const { streaming, viewpoint } = simulation;
    const eyes = async (frames: number) => {
      for (let i = 0; i < frames; i++) await simulation.step(0.1);
      const { poses } = streaming.dumpState() as { poses: { eye: number[]; weight: number }[] };
      expect(poses.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 9);
      return poses.map(({ eye }) => eye[0]);
    };
    simulation.look(0, 5, 0, 0);
    expect(await eyes(1)).toEqual([0, 0, 0, 0]);
    const poses = [
      { secondsAhead: 0.35, position: [1, 5, 0], direction: [0, 0, -2] },
      { secondsAhead: 0.75, position: [2, 5, 0], orientation: [0, 0, 0, 1], weight: 3 },
    ];
    streaming.feedPoses(viewpoint, poses);
    expect(await eyes(1)).toEqual([0, 1, 2]);
    expect(await eyes(3)).toEqual([0, 1, 2]);
    expect(await eyes(1)).toEqual([0, 2]);
    expect(await eyes(4)).toEqual([0, 0, 0, 0]);
    streaming.feedPoses(viewpoint, poses);
    expect(await eyes(1)).toEqual([0, 1, 2]);
    streaming.feedPoses(viewpoint, []);
    expect(await eyes(1)).toEqual([0, 0, 0, 0]);
    await streaming.dispose();
  });
});

describe('what is refused', () => {
  it('names the pose, what was seen and what was expected', async () => {
    const { streaming, viewpoint, ecs } = await start(LINK);
    const position = [0, 0, 0] as [number, number, number];
    const direction = [0, 0, -1];
    expect(() => streaming.announce({ position: [0, 0] as never }, 1)).toThrow(
      /announce: pose: position must be 3 numbers, got \[0,0\]/,
    );
    expect(() => streaming.announce({ position, weight: -1 }, 1)).toThrow(
      /weight must be a number/,
    );
    expect(() => streaming.announce({ position, fovYRadians: 60 }, 1)).toThrow(
      /fovYRadians must be a number from 0.01 to 3.1, got 60/,
    );
    expect(() => streaming.announce({ position }, -1)).toThrow(/etaSeconds must be a number/);
    expect(() => streaming.announcePath([])).toThrow(/expected 1 to 4096 points, got 0/);
    const late = { atSeconds: 2, position };
    expect(() => streaming.announcePath([late, { ...late, atSeconds: 1 }])).toThrow(
      /point 1: atSeconds must be later than the point before \(2\), got 1/,
    );
    const pose = { secondsAhead: 1, position, direction };
    const feed =
      (...poses: object[]) =>
      () =>
        streaming.feedPoses(viewpoint, poses as never);
    expect(() => streaming.feedPoses(addEntity(ecs), [pose])).toThrow(/is no viewpoint/);
    expect(feed(...new Array(9).fill(pose))).toThrow(/at most 8 poses, got 9/);
    expect(feed(pose, pose)).toThrow(/pose 1: secondsAhead must be above 0 and above/);
    expect(feed({ ...pose, orientation: [0, 0, 0, 1] })).toThrow(/one of them/);
    expect(feed({ ...pose, direction: [0, 0, 0] })).toThrow(/must not be all zeros/);
    await streaming.dispose();
  });

  it('too many announcements are told of once', async () => {
    const simulation = await start(LINK);
    const { streaming } = simulation;
    const warnings: string[] = [];
    streaming.on('warning', ({ message }) => warnings.push(message));
    for (let i = 0; i < 70; i++) streaming.announce({ position: [i, 0, 0] }, 60 + i);
    await simulation.step();
    expect(warnings).toEqual([expect.stringMatching(/more than 64 .* due last are dropped/)]);
    await streaming.dispose();
  });
});

describe('viewpoints', () => {
  it('count by their proportions: doubling all weights changes nothing', async () => {
    const run = async (factor: number) => {
      const simulation = await start(LINK);
      const { ecs, streaming, viewpoint } = simulation;
      const { Viewpoint } = streaming.components;
      const second = addEntity(ecs);
      addComponent(ecs, second, set(Viewpoint, { eye: [200, 5, 200], weight: 2 * factor }));
      Viewpoint.weight[viewpoint] = factor;
      return fly(simulation, () => ({ x: -200, z: -200, yaw: 0 }), 60);
    };
    const once = await run(1);
    expect(await run(8)).toEqual(once);
    expect(once.at(-1)!.shown.size).toBeGreaterThan(100);
  });

  it('that weigh nothing share evenly', async () => {
    const run = async (weight: number) => {
      const simulation = await start(LINK);
      simulation.streaming.components.Viewpoint.weight[simulation.viewpoint] = weight;
      return fly(simulation, () => ({ x: 0, z: 0, yaw: 0 }), 30);
    };
    expect(await run(0)).toEqual(await run(1));
  });

  it('without a camera see all around, whichever way they are turned', async () => {
    const run = async (directed: boolean, yaw: number) => {
      const simulation = await start(UNLIMITED, {
        streaming: { drawDistanceMeters: 150, minPixels: 0 },
      });
      const { Viewpoint } = simulation.streaming.components;
      Viewpoint.directed[simulation.viewpoint] = directed ? 1 : 0;
      return (await fly(simulation, () => ({ x: 0, z: 0, yaw }), 90)).at(-1)!.shown;
    };
    const around = await run(false, 0);
    expect([...(await run(false, 2))].sort()).toEqual([...around].sort());
    const ahead = await run(true, 0);
    expect(around.size).toBeGreaterThan(2 * ahead.size);
    let seen = 0;
    for (const [slot, payload] of ahead) {
      // The picture's corners reach a little beyond the draw distance.
      if (distanceTo(slot) > 140) continue;
      expect(around.get(slot)).toBe(payload);
      seen++;
    }
    expect(seen).toBeGreaterThan(20);
  });

  it('keep their last pose while they are given none, and the game is told', async () => {
    const simulation = await start(LINK);
    const { streaming, viewpoint } = simulation;
    const told: string[] = [];
    streaming.on('invalidData', ({ message }) => told.push(message));
    await simulation.step();
    streaming.components.Viewpoint.eye[viewpoint * 3] = Number.NaN;
    for (let i = 0; i < 20; i++) await simulation.step();
    expect(told).toEqual([expect.stringMatching(/finite numbers, got eye \(NaN,0,0\)/)]);
    expect(streaming.stats().shown).toBeGreaterThan(0);
    await streaming.dispose();
  });

  it('look ahead by frames of the length that is measured', async () => {
    const simulation = await start(LINK, { streaming: { prediction: { framesAhead: 8 } } });
    for (let i = 0; i < 60; i++) await simulation.step(1 / 90);
    const { prediction } = simulation.streaming.dumpState() as {
      prediction: { horizonsSeconds: number[] };
    };
    expect(prediction.horizonsSeconds[1]).toBeCloseTo(8 / 90, 6);
    await simulation.streaming.dispose();
  });
});
