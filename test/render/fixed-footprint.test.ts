/**
 * Geometry within buffers of a fixed size, in a whole game on a GL of plain arrays: whatever comes and
 * goes, the device holds as many bytes of geometry in the last frame as in the first, and everything
 * comes in the end.
 */
import { PerspectiveCamera, Scene } from 'three';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { DeviceMemory } from '../../src/render/device-memory.ts';
import { createThreeView, type ThreeView } from '../../src/render/index.ts';
import type { GeometryPoolSizes } from '../../src/render/pool-size.ts';
import { createFakeGl, type FakeGl, fakeRenderer } from '../support/fake-gl.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import {
  makeSyntheticWorld,
  type Shape,
  type SyntheticOptions,
  type SyntheticWorld,
} from '../support/synthetic-world.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

interface Game extends Simulation {
  fake: FakeGl;
  camera: PerspectiveCamera;
  threeView: ThreeView;
  memory: DeviceMemory;
  warnings: string[];
  failures: string[];
}

async function createGame(
  synthetic: SyntheticWorld,
  budgetBytes: number,
  sizes: GeometryPoolSizes = {},
): Promise<Game> {
  const simulation = createSimulation(synthetic, {
    view: null,
    bandwidthBytesPerSecond: 40e6,
    streaming: { activateRadiusMeters: 0, budgetBytes },
  });
  const { streaming } = simulation;
  streaming.removeViewpoint(simulation.viewpoint);
  const warnings: string[] = [];
  const failures: string[] = [];
  streaming.on('warning', ({ message }) => void warnings.push(message));
  streaming.on('assetFailed', ({ message }) => void failures.push(message));
  const fake = createFakeGl();
  const renderer = fakeRenderer(fake);
  const camera = new PerspectiveCamera(60, 16 / 9);
  camera.position.set(0, 6, 0);
  const scene = new Scene();
  const fixed = { geometryLimit: 'hard' } as const;
  const options = { renderer, scene, camera, textureSupport: 0, ...fixed, ...sizes };
  const threeView = createThreeView(streaming, options);
  const { memory } = threeView as unknown as { memory: DeviceMemory };
  await openSynthetic(simulation, synthetic);
  return { ...simulation, fake, camera, threeView, memory, warnings, failures };
}

/** LODs of an asset have a quarter each of the vertices of the finer one; tiles are small. */
function mixed(finestVertices: number, fewest = 2, most = fewest): SyntheticOptions['shape'] {
  const random = createRandom(5);
  const sizes = Array.from({ length: CHURN_OPTIONS.assets }, () => ({
    vertices: finestVertices * (0.2 + random() ** 2),
    perVertex: fewest + random() * (most - fewest),
  }));
  const shapeOf = (vertices: number, perVertex: number): Shape => ({
    vertices: Math.max(3, Math.round(vertices)),
    indices: 6 * Math.ceil((vertices * perVertex) / 6),
  });
  return (asset, lod) => {
    const size = sizes[asset];
    return size ? shapeOf(size.vertices / 4 ** lod, size.perVertex) : shapeOf(100, fewest);
  };
}

interface Flown {
  /** GL bytes of geometry after each frame, buffers of its own and staging included. */
  sizes: Set<number>;
  separatePeak: number;
  /** Frames in a row in which something waited for its upload and nothing was uploaded. */
  longestStall: number;
  overFrames: number;
}

/** Turns and travels, then comes back; every frame is checked. */
async function fly(game: Game, frames: number): Promise<Flown> {
  const { streaming, memory, fake, camera } = game;
  const flown: Flown = { sizes: new Set(), separatePeak: 0, longestStall: 0, overFrames: 0 };
  let stalled = 0;
  let loaded = 0;
  for (let frame = 0; frame < frames; frame++) {
    camera.position.x = 250 * Math.sin((frame / frames) * 2 * Math.PI);
    camera.position.z = 120 * Math.sin((frame / frames) * 6 * Math.PI);
    camera.rotation.y += 0.04;
    await game.step();
    streaming.checkInvariants();
    const { payloadsStaged, payloadsLoaded, usedBytes, limitBytes } = streaming.stats();
    stalled = payloadsStaged > 0 && payloadsLoaded === loaded ? stalled + 1 : 0;
    loaded = payloadsLoaded;
    flown.longestStall = Math.max(flown.longestStall, stalled);
    flown.separatePeak = Math.max(flown.separatePeak, memory.separateBytes);
    flown.sizes.add(fake.liveBytes + memory.separateBytes);
    if (usedBytes > limitBytes) flown.overFrames++;
  }
  return flown;
}

/** Textures count for little, so that geometry is what does not fit. */
const CHURN_OPTIONS = {
  placements: 1500,
  assets: 40,
  extentMeters: 600,
  finestBytes: 2000,
  terrainDepth: 3,
};

/** From a quarter to two thirds of it indices. */
const CHURN = makeSyntheticWorld({ ...CHURN_OPTIONS, shape: mixed(2500, 2, 10) });

describe('the footprint of geometry', () => {
  test('is the same in every frame of a flight in which more than fits comes and goes', async () => {
    const game = await createGame(CHURN, 3 * MIB, { geometryBytes: 512 * KIB });
    const flown = await fly(game, 300);
    expect([...flown.sizes]).toEqual([game.memory.pool!.gpuBytes]);
    expect(flown.separatePeak).toBe(0);
    expect(flown.overFrames).toBe(0);
    expect(game.failures).toEqual([]);
    expect(flown.longestStall).toBeLessThan(40);
    // It was full, things went, ranges moved.
    const { payloadsEvicted, payloadsLoaded } = game.streaming.stats();
    expect(payloadsEvicted).toBeGreaterThan(50);
    expect(payloadsLoaded).toBeGreaterThan(100);
    expect(game.memory.pool!.movedBytes).toBeGreaterThan(100 * KIB);
    expect(game.fake.errors).toEqual([]);
    await game.streaming.dispose();
  });

  test('grows where it is not fixed', async () => {
    const sizes = { geometryBytes: 512 * KIB, geometryLimit: 'soft' } as const;
    const game = await createGame(CHURN, 3 * MIB, sizes);
    const flown = await fly(game, 300);
    expect(flown.sizes.size).toBeGreaterThan(3);
    expect(flown.separatePeak).toBeGreaterThan(100 * KIB);
    await game.streaming.dispose();
  });

  test('is sized by the world, once, before anything is there', async () => {
    // Geometry is half of what payloads take: twice that and the textures are three.
    const game = await createGame(CHURN, 12 * MIB);
    const { pool } = game.memory;
    expect(pool!.capacityBytes).toBeGreaterThan(MIB);
    expect(pool!.capacityBytes).toBeLessThanOrEqual(6 * MIB);
    const flown = await fly(game, 120);
    expect(game.memory.pool).toBe(pool);
    expect([...flown.sizes]).toEqual([pool!.gpuBytes]);
    await game.streaming.dispose();
  });

  test.each([
    ['indices', 12],
    ['vertices', 0.5],
  ])('comes to rest, with far more %s than the buffers were divided for', async (_, perVertex) => {
    const world = makeSyntheticWorld({ ...CHURN_OPTIONS, shape: mixed(1500, perVertex) });
    const game = await createGame(world, 3 * MIB, { geometryBytes: 512 * KIB });
    const flown = await fly(game, 150);
    expect([...flown.sizes]).toEqual([game.memory.pool!.gpuBytes]);
    expect(flown.longestStall).toBeLessThan(40);
    await game.settle(200);
    const before = game.streaming.stats().payloadsLoaded;
    for (let frame = 0; frame < 200; frame++) await game.step();
    const { payloadsLoaded, payloadsStaged, holes } = game.streaming.stats();
    expect([payloadsLoaded - before, payloadsStaged, holes]).toEqual([0, 0, 0]);
    expect(game.failures).toEqual([]);
    await game.streaming.dispose();
  });
});

describe('geometry that is much too large for the buffers', () => {
  test('is told of once, and what is coarser covers everything', async () => {
    const game = await createGame(CHURN, 3 * MIB, { geometryBytes: 64 * KIB });
    await fly(game, 150);
    await game.settle(300);
    expect(game.warnings).toHaveLength(1);
    expect(game.warnings[0]).toMatch(
      /\d+ of 285 payloads have more geometry .* \(asset-\d+ LOD 0: \d+ bytes of 57344\) .*raise geometryBytes/,
    );
    expect(game.failures).toEqual([]);
    // The error that is tolerated rises until what is wanted fits.
    for (let frame = 0; frame < 150; frame++) await game.step();
    const { holes, shown, payloadsLoaded, errorBias } = game.streaming.stats();
    expect(errorBias).toBeGreaterThan(1);
    for (let frame = 0; frame < 200; frame++) await game.step();
    expect(game.streaming.stats().payloadsLoaded).toBe(payloadsLoaded);
    expect(holes).toBe(0);
    expect(shown).toBeGreaterThan(300);
    await game.streaming.dispose();
  });
});
