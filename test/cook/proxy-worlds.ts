/** A small world whose proxies can be checked by hand: towers, pines and pebbles in two squares. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import type { CookOptions } from '../../cook/index.ts';
import { unpackBlocks } from '../../src/io/blocks.ts';
import { readMeshHead } from '../../src/io/codecs/mesh-head.ts';
import type { MeshArrays } from '../support/gltf-primitive.ts';
import { bumpySphere, makeDocument } from './sources.ts';
import { type OpenedWorld, positionsOf } from './worlds.ts';

export type Rgb = [number, number, number];

export const EDGE = 100;
export const RANGE = 300;

/** Half sides of a tower, and half of its height (meters). */
export const TOWER: Rgb = [4, 12, 4];

export interface Spot {
  asset: string;
  x: number;
  z: number;
}

/** Two squares, 0_0 and 1_0; the second one is nothing but pebbles and a tower. */
export const SPOTS: Spot[] = [
  ...Array.from({ length: 30 }, (_, i) => ({
    asset: i % 3 === 0 ? 'tower' : 'ball',
    x: 8 + ((i * 37) % 84),
    z: 8 + ((i * 53) % 84),
  })),
  ...Array.from({ length: 20 }, (_, i) => ({ asset: 'pebble', x: 5 + i * 4, z: 50 })),
  { asset: 'tower', x: 150, z: 50 },
  { asset: 'pebble', x: 120, z: 20 },
];

/** A box with hard edges: four vertices a side. */
export function box([hx, hy, hz]: Rgb): MeshArrays {
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const index: number[] = [];
  for (let axis = 0; axis < 3; axis++)
    for (const side of [-1, 1]) {
      const first = positions.length / 3;
      for (const [u, v] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const) {
        const at = [0, 0, 0];
        at[axis] = side;
        at[(axis + 1) % 3] = u;
        at[(axis + 2) % 3] = v;
        positions.push(at[0]! * hx, at[1]! * hy, at[2]! * hz);
        normals.push(...[0, 1, 2].map((c) => (c === axis ? side : 0)));
        uvs.push((u + 1) / 2, (v + 1) / 2);
      }
      const order = side > 0 ? [0, 1, 2, 0, 2, 3] : [0, 2, 1, 0, 3, 2];
      index.push(...order.map((i) => first + i));
    }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uvs: Float32Array.from(uvs),
    index: Uint32Array.from(index),
  };
}

/** An image of one color with a little noise, PNG. */
export function picture(color: Rgb): Promise<Buffer> {
  const side = 64;
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < data.length; i++)
    data[i] = Math.min(255, Math.max(0, color[i % 3]! + ((i * 7919) % 21) - 10));
  return sharp(data, { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toBuffer();
}

export const COLORS = { tower: [200, 60, 40], ball: [40, 150, 60], pebble: [90, 90, 200] } as const;

/** Writes models and placements; what to cook them with. */
export async function writeProxyWorld(
  folder: string,
  colors: Record<keyof typeof COLORS, readonly [number, number, number]> = COLORS,
): Promise<Pick<CookOptions, 'inputs' | 'placements' | 'grids'>> {
  const meshes = {
    tower: box(TOWER),
    ball: scaled(bumpySphere(24, 36), 4),
    pebble: scaled(bumpySphere(6, 8), 0.1),
  };
  const inputs: string[] = [];
  for (const name of ['ball', 'pebble', 'tower'] as const) {
    const document = makeDocument({
      mesh: meshes[name],
      texture: new Uint8Array(await picture([...colors[name]])),
      edit: (made) =>
        made.getRoot().listMaterials()[0]!.setBaseColorFactor([1, 1, 1, 1]).setMetallicFactor(0),
    });
    const path = join(folder, `${name}.glb`);
    await new NodeIO().write(path, document);
    inputs.push(path);
  }
  const names = ['ball', 'pebble', 'tower'];
  const placements = {
    assetNames: names,
    assets: Uint32Array.from(SPOTS, ({ asset }) => names.indexOf(asset)),
    positions: Float64Array.from(
      SPOTS.flatMap(({ asset, x, z }) => [x, asset === 'tower' ? TOWER[1] : 4, z]),
    ),
    rotations: Float32Array.from(SPOTS.flatMap(() => [0, 0, 0, 1])),
    scales: new Float32Array(SPOTS.length).fill(1),
  };
  return { inputs, placements, grids: [{ name: 'land', edge: EDGE, range: RANGE }] };
}

function scaled(mesh: MeshArrays, factor: number): MeshArrays {
  return { ...mesh, positions: mesh.positions.map((v) => v * factor) };
}

/** The finest LOD of a proxy: triangles in the world, and the color of each vertex. */
export interface SeenProxy {
  positions: Float32Array;
  index: Uint32Array;
  /** Linear light, 3 a vertex. */
  light: Float64Array;
  errorMeters: number;
  primitives: number;
  materials: number;
  images: { width: number; height: number }[];
}

export async function seeProxy(
  folder: string,
  world: OpenedWorld,
  name: string,
): Promise<SeenProxy> {
  const { catalog, head } = world;
  const asset = world.asset(name);
  const payload = catalog.assetPayloads[asset]!;
  const content = await world.decode(payload);
  const run = catalog.runAssets.indexOf(asset);
  const slot = catalog.runSlots[run]!;
  const positions = Float32Array.from(
    positionsOf(content, 0),
    (v, i) => v + catalog.positions[slot * 3 + (i % 3)]!,
  );
  const pack = readFileSync(join(folder, head.packs[catalog.payloadPacks[payload]!]!.file));
  const start = catalog.payloadOffsets[payload]!;
  const bytes = new Uint8Array(pack.subarray(start, start + catalog.payloadEncodedBytes[payload]!));
  const { header, streams } = readMeshHead(await unpackBlocks(bytes));
  const [image] = header.images;
  const file = streams.slice(image!.offset, image!.offset + image!.bytes);
  const { data, info } = await sharp(file)
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const uv = content.primitives[0]!.attributes.find((attribute) => attribute.name === 'uv')!;
  const light = new Float64Array((uv.array.length / 2) * 3);
  for (let v = 0; v < uv.array.length / 2; v++) {
    const [x, y] = [0, 1].map((c) => {
      const share = uv.array[v * 2 + c]! / (uv.normalized ? 65535 : 1);
      return Math.min(info.width - 1, Math.floor(share * (c === 0 ? info.width : info.height)));
    });
    for (let c = 0; c < 3; c++) light[v * 3 + c] = lightOf(data[(y! * info.width + x!) * 3 + c]!);
  }
  return {
    positions,
    index: Uint32Array.from(content.primitives[0]!.index),
    light,
    errorMeters: catalog.assetErrors[asset * 5]!,
    primitives: content.primitives.length,
    materials: content.materials.length,
    images: header.images.map(({ width, height }) => ({ width, height })),
  };
}

export function lightOf(code: number): number {
  const c = code / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

/** Mean light by area. */
export function meanLight({ positions: p, index, light }: SeenProxy): Rgb {
  const sum: Rgb = [0, 0, 0];
  let total = 0;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    const u = [0, 1, 2].map((k) => p[b * 3 + k]! - p[a * 3 + k]!);
    const v = [0, 1, 2].map((k) => p[c * 3 + k]! - p[a * 3 + k]!);
    const area = Math.hypot(
      u[1]! * v[2]! - u[2]! * v[1]!,
      u[2]! * v[0]! - u[0]! * v[2]!,
      u[0]! * v[1]! - u[1]! * v[0]!,
    );
    total += area;
    for (let k = 0; k < 3; k++)
      sum[k]! += (area * (light[a * 3 + k]! + light[b * 3 + k]! + light[c * 3 + k]!)) / 3;
  }
  return sum.map((v) => v / total) as Rgb;
}

/** Points on the surface of what stands in a square, as its models are. */
export function surfacePoints(square: number): Rgb[] {
  const points: Rgb[] = [];
  const golden = Math.PI * (3 - Math.sqrt(5));
  for (const { asset, x, z } of SPOTS) {
    if (asset === 'pebble' || Math.floor(x / EDGE) !== square) continue;
    for (let i = 0; i < 60; i++) {
      const y = 1 - (2 * (i + 0.5)) / 60;
      const r = Math.sqrt(1 - y * y);
      const d: Rgb = [r * Math.cos(i * golden), y, r * Math.sin(i * golden)];
      if (asset === 'tower') {
        const reach = Math.min(...d.map((v, c) => TOWER[c]! / Math.abs(v)));
        points.push([x + d[0] * reach, TOWER[1] + d[1] * reach, z + d[2] * reach]);
      } else points.push([x + d[0] * 4, 4 + d[1] * 4, z + d[2] * 4]);
    }
  }
  return points;
}
