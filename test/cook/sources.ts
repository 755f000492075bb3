/** Source files made on the spot: small models as GLB or glTF, folders that vanish after the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Document, NodeIO } from '@gltf-transform/core';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { PlacedColumns } from '../../cook/place.ts';
import { NO_LAYER, NO_LEVEL } from '../../src/io/bundle/index.ts';
import type { MeshArrays } from '../support/gltf-primitive.ts';

/** A folder that is removed when the running test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farfield-cook-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A sphere with bumps, radius about 1 m: `2 * rings * segments` triangles. */
export function bumpySphere(rings: number, segments: number): MeshArrays {
  const side = segments + 1;
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const index: number[] = [];
  for (let ring = 0; ring <= rings; ring++)
    for (let segment = 0; segment <= segments; segment++) {
      const theta = (ring / rings) * Math.PI;
      const phi = ((segment % segments) / segments) * 2 * Math.PI;
      const n = [Math.sin(theta) * Math.cos(phi), Math.cos(theta), Math.sin(theta) * Math.sin(phi)];
      const radius = 1 + 0.1 * Math.sin(phi * 5) * Math.sin(theta * 6) ** 2;
      positions.push(...n.map((v) => v * radius));
      normals.push(...n);
      uvs.push(segment / segments, ring / rings);
    }
  for (let ring = 0; ring < rings; ring++)
    for (let segment = 0; segment < segments; segment++) {
      const a = ring * side + segment;
      index.push(a, a + 1, a + side, a + 1, a + side + 1, a + side);
    }
  return {
    positions: Float32Array.from(positions),
    normals: Float32Array.from(normals),
    uvs: Float32Array.from(uvs),
    index: Uint32Array.from(index),
  };
}

/** A noisy image with transparent corners, PNG. */
export function noisyImage(side: number): Promise<Uint8Array> {
  const data = new Uint8Array(side * side * 4);
  for (let i = 0; i < side * side; i++) {
    const isCorner = i % side < side / 4 && i < (side * side) / 4;
    data.set([(i * 37) & 255, (i * 91) & 255, (i >> 3) & 255, isCorner ? 0 : 255], i * 4);
  }
  return sharp(data, { raw: { width: side, height: side, channels: 4 } })
    .png()
    .toBuffer();
}

export interface ModelOptions {
  mesh?: MeshArrays;
  /** Attributes to leave out. */
  without?: ('NORMAL' | 'TEXCOORD_0')[];
  texture?: Uint8Array | null;
  alphaMode?: 'OPAQUE' | 'MASK';
  scale?: [number, number, number];
  /** Changes the document before it is written. */
  edit?: (document: Document) => void;
}

/** A document of one mesh, one node and one material. */
export function makeDocument(options: ModelOptions = {}): Document {
  const mesh = options.mesh ?? bumpySphere(16, 24);
  const document = new Document();
  const buffer = document.createBuffer();
  const add = (type: 'VEC3' | 'VEC2' | 'SCALAR', array: Float32Array | Uint32Array) =>
    document.createAccessor().setType(type).setArray(array.slice()).setBuffer(buffer);
  const material = document.createMaterial('paint').setBaseColorFactor([0.5, 0.25, 1, 1]);
  if (options.alphaMode) material.setAlphaMode(options.alphaMode);
  if (options.texture)
    material.setBaseColorTexture(
      document.createTexture('noise').setImage(options.texture).setMimeType('image/png'),
    );
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', add('VEC3', mesh.positions))
    .setIndices(add('SCALAR', mesh.index))
    .setMaterial(material);
  if (!options.without?.includes('NORMAL'))
    primitive.setAttribute('NORMAL', add('VEC3', mesh.normals));
  if (!options.without?.includes('TEXCOORD_0'))
    primitive.setAttribute('TEXCOORD_0', add('VEC2', mesh.uvs));
  const node = document
    .createNode('node')
    .setMesh(document.createMesh('ball').addPrimitive(primitive))
    .setScale(options.scale ?? [1, 1, 1]);
  document.createScene().addChild(node);
  options.edit?.(document);
  return document;
}

/** Writes a model as GLB and returns its path. */
export async function writeGlb(
  folder: string,
  name: string,
  options: ModelOptions = {},
): Promise<string> {
  const path = join(folder, `${name}.glb`);
  await writeFile(path, await new NodeIO().writeBinary(makeDocument(options)));
  return path;
}

/** A 16-bit height field as PNG: hills from 0 to 65535. */
export async function writeHeights(path: string, side: number): Promise<Uint16Array> {
  const heights = new Uint16Array(side * side);
  for (let i = 0; i < heights.length; i++) {
    const x = (i % side) / side;
    const y = Math.floor(i / side) / side;
    const hill = 0.5 + 0.3 * Math.sin(x * 9) * Math.cos(y * 7) + 0.15 * Math.sin(x * 60 + y * 50);
    heights[i] = Math.round(hill * 65535);
  }
  await sharp(heights, { raw: { width: side, height: side, channels: 1 } })
    .toColourspace('grey16')
    .png()
    .toFile(path);
  return heights;
}

/** Columns of so many placements that are in no level, no grid and of no layer. */
export function plainColumns(
  count: number,
): Omit<PlacedColumns, 'assets' | 'positions' | 'rotations' | 'scales'> {
  return {
    levels: new Uint16Array(count).fill(NO_LEVEL),
    levelNames: [],
    layers: new Uint16Array(count).fill(NO_LAYER),
    layerNames: [],
    proxies: new Uint16Array(count).fill(NO_LEVEL),
    grids: [],
    levelGrids: new Uint16Array(0),
    levelSquares: new Int16Array(0),
  };
}
