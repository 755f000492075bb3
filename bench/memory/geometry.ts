/**
 * What a fixed footprint of geometry costs the picture: the same flight with shared buffers that the
 * world has sized, with buffers of an eighth of the budget, with these and what finds no room beside
 * them, and with buffers of its own for each payload.
 */
import { PerspectiveCamera, Scene } from 'three';
import type { DeviceMemory } from '../../src/render/device-memory.ts';
import { createThreeView } from '../../src/render/index.ts';
import type { GeometryPoolSizes } from '../../src/render/pool-size.ts';
import { createFakeGl, fakeRenderer } from '../../test/support/fake-gl.ts';
import { createSimulation, openSynthetic } from '../../test/support/simulation.ts';
import { makeSyntheticWorld, type SyntheticWorld } from '../../test/support/synthetic-world.ts';

export interface GeometryRow {
  /** Share of geometry in the bytes of all payloads. */
  geometryPercent: number;
  buffers: string;
  /** Triangles shown in the mean frame, by those with buffers of their own for each payload. */
  trianglesPercent: number;
  /** Of the budget in use in the mean frame. */
  usedPercent: number;
  /** Most bytes of geometry on the GPU, by the least. */
  footprintByLeast: number;
}

interface Flown {
  triangles: number;
  usedShare: number;
  footprintByLeast: number;
}

/** Vertices of LOD 0 and its encoded bytes, a quarter of its textures. */
const MIXES: readonly (readonly [number, number])[] = [
  [150, 12_000],
  [700, 12_000],
  [1500, 8000],
  [2000, 3000],
  [2500, 100],
];

const FRAMES = 240;
/** Until then it is still empty. */
const FIRST_FRAME = 40;
const MEBIBYTE = 1024 * 1024;

function makeWorld([vertices, finestBytes]: readonly [number, number]): SyntheticWorld {
  return makeSyntheticWorld({
    placements: 1000,
    assets: 60,
    extentMeters: 600,
    finestBytes,
    shape: (asset, lod) => {
      const count = Math.max(3, Math.round((vertices * (0.5 + (asset % 7) / 6)) / 4 ** lod));
      return { vertices: count, indices: 6 * Math.ceil((count * 3.6) / 6) };
    },
  });
}

/** The section `geometry` of `npm run bench -- memory`. */
export async function measureGeometrySection(
  { quick }: { quick?: boolean },
  tell: (what: string) => void,
): Promise<GeometryRow[]> {
  const rows: GeometryRow[] = [];
  for (const mix of quick ? MIXES.slice(1, 2) : MIXES) {
    const world = makeWorld(mix);
    const budgetBytes = Math.round(MEBIBYTE + world.residentBytes * 0.35);
    const eighth = { geometryBytes: budgetBytes / 8 };
    const kinds: [string, GeometryPoolSizes][] = [
      ['own', { geometryBytes: 0 }],
      ['fixed, by the world', { geometryLimit: 'hard' }],
      ['fixed, an eighth', { ...eighth, geometryLimit: 'hard' }],
      ['soft, an eighth', { ...eighth, geometryLimit: 'soft' }],
    ];
    let own = 0;
    for (const [buffers, sizes] of kinds) {
      const flown = await fly(world, budgetBytes, sizes);
      own ||= flown.triangles;
      const row: GeometryRow = {
        geometryPercent: 100 * shareOf(world),
        buffers,
        trianglesPercent: (100 * flown.triangles) / own,
        usedPercent: 100 * flown.usedShare,
        footprintByLeast: flown.footprintByLeast,
      };
      rows.push(row);
      tell(
        `${row.geometryPercent.toFixed(0)} % geometry, ${buffers}: ${row.trianglesPercent.toFixed(1)} % of ` +
          `the triangles, ${row.usedPercent.toFixed(0)} % of the budget used, ` +
          `footprint by its least ${row.footprintByLeast.toFixed(2)}`,
      );
    }
  }
  return rows;
}

function shareOf({ catalog }: SyntheticWorld): number {
  const sum = (bytes: ArrayLike<number>): number =>
    Array.from(bytes).reduce((all, one) => all + one, 0);
  const geometry = sum(catalog.payloadGeometryBytes);
  return geometry / (geometry + sum(catalog.payloadTextureBytes));
}

async function fly(
  world: SyntheticWorld,
  budgetBytes: number,
  sizes: GeometryPoolSizes,
): Promise<Flown> {
  const game = createSimulation(world, {
    view: null,
    bandwidthBytesPerSecond: 40e6,
    streaming: { activateRadiusMeters: 0, budgetBytes },
  });
  game.streaming.removeViewpoint(game.viewpoint);
  const fake = createFakeGl();
  const camera = new PerspectiveCamera(60, 16 / 9);
  camera.position.set(0, 6, 0);
  const view = createThreeView(game.streaming, {
    renderer: fakeRenderer(fake),
    scene: new Scene(),
    camera,
    textureSupport: 0,
    ...sizes,
  });
  await openSynthetic(game, world);
  const { memory } = view as unknown as { memory: DeviceMemory };
  let [triangles, used, least, most] = [0, 0, Number.POSITIVE_INFINITY, 0];
  for (let frame = 0; frame < FRAMES; frame++) {
    camera.position.x = 200 * Math.sin((frame / FRAMES) * 2 * Math.PI);
    camera.rotation.y += 0.03;
    await game.step();
    if (frame < FIRST_FRAME) continue;
    triangles += view.triangleCount / (FRAMES - FIRST_FRAME);
    used += game.streaming.stats().usedBytes / (FRAMES - FIRST_FRAME);
    const held = memory.pool ? fake.liveBytes + memory.separateBytes : view.geometryBytes;
    least = Math.min(least, held);
    most = Math.max(most, held);
  }
  await game.streaming.dispose();
  return { triangles, usedShare: used / budgetBytes, footprintByLeast: most / least };
}
