/** Our three codecs against each other on real files, and two files of one model against each other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { coverPositions, encodeMesh, loadModel } from '../../../cook/index.ts';
import { SurfaceGrid } from '../../../cook/surface-grid.ts';
import { crc32 } from '../../../src/base/crc32.ts';
import { deflateBlock } from '../../../src/io/bundle/write-payload.ts';
import type { MeshContent } from '../../../src/io/content.ts';
import { createInlineDecoder } from '../../../src/io/worker/inline-decoder.ts';
import { positionsOf } from '../../cook/worlds.ts';
import { meshOf } from '../../support/content.ts';

const GLTF = fileURLToPath(new URL('../../../../shared/data/gltf', import.meta.url));
const FILES: Record<string, string> = {
  '2CylinderEngine': '2CylinderEngine/2CylinderEngine.glb',
  '2CylinderEngine-Draco': '2CylinderEngine/2CylinderEngine-Draco.gltf',
  'pirate-meshopt': 'pirate-meshopt.glb',
  'egyptian-cat-statue': 'egyptian-cat-statue.glb',
  CesiumMilkTruck: 'CesiumMilkTruck-Draco/CesiumMilkTruck.gltf',
};
const CODECS = ['raw', 'meshopt', 'draco'] as const;

/** All triangles of a content, in meters. */
interface Surface {
  positions: Float32Array;
  index: Uint32Array;
  grid: SurfaceGrid;
  area: number;
  min: number[];
  max: number[];
}

function surfaceOf(content: MeshContent): Surface {
  const parts = content.primitives.map((_, i) => positionsOf(content, i));
  const positions = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  const index: number[] = [];
  let first = 0;
  parts.forEach((part, i) => {
    positions.set(part, first * 3);
    for (const vertex of content.primitives[i]!.index) index.push(vertex + first);
    first += part.length / 3;
  });
  const [min, max] = [
    [Infinity, Infinity, Infinity],
    [-Infinity, -Infinity, -Infinity],
  ];
  for (let i = 0; i < positions.length; i++) {
    min[i % 3] = Math.min(min[i % 3]!, positions[i]!);
    max[i % 3] = Math.max(max[i % 3]!, positions[i]!);
  }
  const corners = Uint32Array.from(index);
  const grid = new SurfaceGrid(positions, corners);
  return { positions, index: corners, grid, area: areaOf(positions, corners), min, max };
}

function areaOf(p: Float32Array, index: Uint32Array): number {
  let area = 0;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]! * 3, index[i + 1]! * 3, index[i + 2]! * 3];
    const [u, v] = [b, c].map((d) => [0, 1, 2].map((k) => p[d + k]! - p[a + k]!));
    const [ux, uy, uz] = u as [number, number, number];
    const [vx, vy, vz] = v as [number, number, number];
    area += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
  }
  return area;
}

/** Every vertex of small models, some 3,000 of large ones. */
function stride({ positions }: Surface): number {
  return 3 * Math.ceil(positions.length / 9000);
}

/** Largest distance of a vertex of one from the surface of the other, both ways (meters). */
function distanceOf(a: Surface, b: Surface, shiftMeters: number = 0): number {
  let largest = 0;
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const)
    for (let i = 0; i < from.positions.length; i += stride(from)) {
      const [x, y, z] = from.positions.subarray(i, i + 3);
      largest = Math.max(largest, to.grid.distance(x! + shiftMeters, y!, z!));
    }
  return largest;
}

/** Corners of each triangle from the smallest on: meshopt's index codec turns triangles around. */
function rotated(index: ArrayLike<number>): string {
  const out: number[] = [];
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    if (a <= b && a <= c) out.push(a, b, c);
    else if (b <= c) out.push(b, c, a);
    else out.push(c, a, b);
  }
  return crc32(new Uint8Array(Uint32Array.from(out).buffer)).toString(16);
}

function sizeOf({ min, max }: Surface): number {
  return Math.max(...max.map((value, axis) => value - min[axis]!));
}

/** The finest LOD of one file as the cook encodes it, and as the reader decodes it. */
async function finest(file: string, codec: (typeof CODECS)[number]): Promise<MeshContent> {
  const { parts, materials } = await loadModel(join(GLTF, file));
  const quantization = coverPositions(parts.map(({ positions }) => positions));
  const untextured = materials.map((material) => ({ ...material, textures: {} }));
  const input = { parts, materials: untextured, images: [], quantization, pack: deflateBlock };
  const { bytes, checksum, geometryBytes } = await encodeMesh(input, codec);
  const job = { payload: 0, kind: 1, bytes, checksum, priority: 0, label: file };
  const result = await decoder.decode({ ...job, decodedBytes: geometryBytes });
  expect(result.message).toBe('');
  return meshOf(result.content);
}

const decoder = createInlineDecoder();

describe.skipIf(!existsSync(GLTF))('real files (skipped without shared data)', () => {
  test.each(Object.entries(FILES))(
    '%s is the same in all our codecs, within the grid of each',
    async (_, file) => {
      const raw = await finest(file, 'raw');
      const meshopt = await finest(file, 'meshopt');
      expect(meshopt.primitives.map(({ attributes }) => attributes)).toEqual(
        raw.primitives.map(({ attributes }) => attributes),
      );
      for (const [i, { index }] of raw.primitives.entries())
        expect(rotated(meshopt.primitives[i]!.index)).toEqual(rotated(index));
      const draco = await finest(file, 'draco');
      const [expected, seen] = [surfaceOf(raw), surfaceOf(draco)];
      // Draco has 14 bits a side of each part, ours 16 a side of the model: half a diagonal of each.
      const tolerance = ((sizeOf(expected) * Math.sqrt(3)) / 2) * (2 ** -14 + 2 ** -15);
      expect(distanceOf(expected, seen)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(seen.area / expected.area - 1)).toBeLessThan(0.002);
      // The control: a model that stands five steps aside is another one.
      expect(distanceOf(expected, seen, tolerance * 5)).toBeGreaterThan(tolerance);
    },
    180_000,
  );

  test('both forms of 2CylinderEngine are one shape, within the grid of the Draco file', async () => {
    const plain = surfaceOf(await finest(FILES['2CylinderEngine']!, 'raw'));
    const packed = surfaceOf(await finest(FILES['2CylinderEngine-Draco']!, 'raw'));
    const size = sizeOf(plain);
    for (let axis = 0; axis < 3; axis++) {
      expect(Math.abs(plain.min[axis]! - packed.min[axis]!) / size).toBeLessThan(1e-3);
      expect(Math.abs(plain.max[axis]! - packed.max[axis]!) / size).toBeLessThan(1e-3);
    }
    const distance = distanceOf(plain, packed);
    console.info(
      `2CylinderEngine: ${plain.index.length / 3} and ${packed.index.length / 3} triangles, ` +
        `${(distance / size).toExponential(2)} of its size apart, area ${(packed.area / plain.area).toFixed(5)}`,
    );
    expect(distance / size).toBeLessThan(1e-3);
    expect(Math.abs(packed.area / plain.area - 1)).toBeLessThan(0.005);
    expect(distanceOf(plain, packed, size * 0.01) / size).toBeGreaterThan(1e-3);
  }, 180_000);
});
