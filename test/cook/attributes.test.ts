/** Attributes beyond the common ones: from the source file through every codec and every LOD. */
import { join } from 'node:path';
import type { Document } from '@gltf-transform/core';
import { describe, expect, test } from 'vitest';
import { cook } from '../../cook/index.ts';
import type { AttributeArray, DecodedPrimitive, MeshContent } from '../../src/io/content.ts';
import type { MeshArrays } from '../support/gltf-primitive.ts';
import { bumpySphere, noisyImage, temporaryFolder, writeGlb } from './sources.ts';
import { geometryBytes, openWorld, positionsOf } from './worlds.ts';

const CODECS = ['raw', 'meshopt', 'draco'] as const;
const JOINTS = 3;

/** Shares of the two joints that pull at a height, in whole 255ths of both together. */
function sharesAt(y: number): [number, number] {
  const upper = Math.round(Math.min(1, Math.max(0, (y + 1.2) / 2.4)) * 255);
  return [255 - upper, upper];
}

/** Gives the ball a skin of three joints, of which vertices use the last two, and more. */
function decorate(mesh: MeshArrays, isNormalMapped: boolean, image: Uint8Array) {
  return (document: Document): void => {
    const buffer = document.getRoot().listBuffers()[0]!;
    const count = mesh.positions.length / 3;
    const add = (type: 'SCALAR' | 'VEC2' | 'VEC3' | 'VEC4', array: AttributeArray) =>
      document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
    const fill = <T extends AttributeArray>(
      array: T,
      value: (x: number, y: number, z: number, vertex: number) => readonly number[],
    ): T => {
      for (let i = 0; i < count; i++) {
        const [x, y, z] = mesh.positions.subarray(i * 3, i * 3 + 3);
        array.set(value(x!, y!, z!, i), (i * array.length) / count);
      }
      return array;
    };
    const primitive = document.getRoot().listMeshes()[0]!.listPrimitives()[0]!;
    const tangents = fill(new Float32Array(count * 4), (x, _, z) => {
      const length = Math.hypot(x, z) || 1;
      return x === 0 && z === 0 ? [1, 0, 0, -1] : [-z / length, 0, x / length, -1];
    });
    primitive
      .setAttribute('TANGENT', add('VEC4', tangents))
      .setAttribute('TEXCOORD_1', add('VEC2', mesh.uvs.slice()))
      .setAttribute('TEXCOORD_2', add('VEC2', mesh.uvs.slice()))
      .setAttribute(
        'JOINTS_0',
        add(
          'VEC4',
          fill(new Uint8Array(count * 4), () => [1, 2, 9, 0]),
        ),
      )
      .setAttribute(
        'WEIGHTS_0',
        // Twice as heavy as it should be: shares are what counts.
        add(
          'VEC4',
          fill(new Float32Array(count * 4), (_, y) => [...sharesAt(y).map((v) => v / 127.5), 0, 0]),
        ),
      )
      .setAttribute(
        '_HEIGHT',
        add(
          'SCALAR',
          fill(new Float32Array(count), (_, y) => [y * 100]),
        ),
      )
      .setAttribute(
        '_Zone',
        add(
          'VEC2',
          fill(new Uint16Array(count * 2), (x, y) => [x > 0 ? 40_000 : 3, y > 0 ? 1 : 0]),
        ),
      );
    const material = document.getRoot().listMaterials()[0]!;
    if (isNormalMapped)
      material.setNormalTexture(
        document.createTexture('bumps').setImage(image).setMimeType('image/png'),
      );
    const joints = Array.from({ length: JOINTS }, (_, i) => document.createNode(`joint ${i}`));
    const scene = document.getRoot().listScenes()[0]!;
    for (const joint of joints) scene.addChild(joint);
    // Another skin comes first: its two joints shift the numbers of this one.
    const other = document.createSkin('other').addJoint(joints[0]!).addJoint(joints[1]!);
    document.createNode('unused').setSkin(other);
    const skin = document.createSkin('skin');
    for (const joint of joints) skin.addJoint(joint);
    document.getRoot().listNodes()[0]!.setSkin(skin);
  };
}

function attributeOf({ attributes }: DecodedPrimitive, name: string) {
  const found = attributes.find((attribute) => attribute.name === name);
  if (!found) throw new Error(`no ${name} among ${attributes.map((a) => a.name).join(', ')}`);
  return found;
}

/** Vertices whose joints, shares, height or zone are not those of where they are. */
function countWrong(content: MeshContent, lift: number): number {
  const p = positionsOf(content, 0);
  const primitive = content.primitives[0]!;
  const [joints, weights] = [
    attributeOf(primitive, 'skinIndex'),
    attributeOf(primitive, 'skinWeight'),
  ];
  const [height, zone] = [attributeOf(primitive, '_height'), attributeOf(primitive, '_zone')];
  let wrong = 0;
  for (let i = 0; i < p.length / 3; i++) {
    const y = height.array[i]! / 100;
    const [lower, upper] = sharesAt(y + lift);
    const share = (joint: number): number =>
      [0, 1, 2, 3].reduce(
        (sum, k) => sum + (joints.array[i * 4 + k] === joint ? weights.array[i * 4 + k]! : 0),
        0,
      );
    const isRight =
      Math.abs(p[i * 3 + 1]! - y) < 0.001 &&
      Math.abs(share(3) - lower) <= 1 &&
      Math.abs(share(4) - upper) <= 1 &&
      share(3) + share(4) === 255 &&
      (Math.abs(p[i * 3]!) < 0.001 || zone.array[i * 2] === (p[i * 3]! > 0 ? 40_000 : 3)) &&
      (Math.abs(y) < 0.001 || zone.array[i * 2 + 1] === (y > 0 ? 1 : 0));
    if (!isRight) wrong++;
  }
  return wrong;
}

describe('attributes of a source file', () => {
  test.each(CODECS)('arrive through %s in every LOD, vertex by vertex', async (meshCodec) => {
    const folder = temporaryFolder();
    const mesh = bumpySphere(24, 32);
    const edit = decorate(mesh, true, await noisyImage(32));
    await writeGlb(folder, 'ball', { mesh, edit });
    const out = join(folder, 'world');
    const report = await cook({ inputs: [folder], out, meshCodec, textureSize: 32 });
    expect(report.assets[0]!.warnings).toContain('mesh "ball": TEXCOORD_2 is left out');
    expect(report.assets[0]!.warnings.join()).toMatch(/joints and weights are kept/);
    const world = openWorld(out);
    expect(report.assets[0]!.lods.length).toBeGreaterThan(2);
    for (let lod = 0; lod < report.assets[0]!.lods.length; lod++) {
      const payload = world.catalog.assetPayloads[0]! + lod;
      const content = await world.decode(payload);
      expect(geometryBytes(content)).toBe(world.catalog.payloadGeometryBytes[payload]);
      const primitive = content.primitives[0]!;
      expect(primitive.attributes.map(({ name }) => name)).toEqual([
        'position',
        'normal',
        'uv',
        'tangent',
        '_height',
        '_zone',
        'skinIndex',
        'skinWeight',
      ]);
      expect(countWrong(content, 0)).toBe(0);
      // The control: with shares of a place 10 cm further up hardly any vertex would pass.
      expect(countWrong(content, 0.1)).toBeGreaterThan(primitive.attributes[0]!.array.length / 8);
      const [tangent, normal] = [
        attributeOf(primitive, 'tangent'),
        attributeOf(primitive, 'normal'),
      ];
      for (let i = 0; i < tangent.array.length; i += 4) {
        const dot = [0, 1, 2].reduce((s, c) => s + tangent.array[i + c]! * normal.array[i + c]!, 0);
        expect(Math.abs(dot) / 127 ** 2).toBeLessThan(0.03);
        expect(tangent.array[i + 3]).toBe(-127);
      }
    }
  });

  test('are the same to the bit in raw and meshopt, and in Draco but for its own grid', async () => {
    const folder = temporaryFolder();
    const mesh = bumpySphere(16, 24);
    const edit = decorate(mesh, true, await noisyImage(32));
    const file = await writeGlb(folder, 'ball', { mesh, edit });
    const [raw, meshopt, draco] = await Promise.all(
      CODECS.map(async (meshCodec) => {
        const out = join(folder, meshCodec);
        await cook({ inputs: [file], out, meshCodec, textureSize: 32, allAttributes: true });
        const world = openWorld(out);
        return world.decode(world.catalog.assetPayloads[0]!);
      }),
    );
    const names = raw!.primitives[0]!.attributes.map(({ name }) => name);
    expect(names).toContain('uv1');
    for (const name of names)
      expect(attributeOf(meshopt!.primitives[0]!, name)).toEqual(
        attributeOf(raw!.primitives[0]!, name),
      );
    // Draco orders vertices as it likes: each is looked for by all that it keeps to the bit.
    const exact = names.filter((name) => !['position', 'normal', 'uv'].includes(name));
    const keysOf = (content: MeshContent): string[] => {
      const primitive = content.primitives[0]!;
      return Array.from({ length: attributeOf(primitive, 'skinIndex').array.length / 4 }, (_, i) =>
        exact
          .map((name) => {
            const { array, itemSize } = attributeOf(primitive, name);
            return `${name} ${array.subarray(i * itemSize, (i + 1) * itemSize).join(' ')}`;
          })
          .join(', '),
      ).sort();
    };
    expect(new Set(keysOf(draco!))).toEqual(new Set(keysOf(raw!)));
  });

  test('that no material needs are left out unless all are asked for', async () => {
    const folder = temporaryFolder();
    const mesh = bumpySphere(8, 12);
    const edit = decorate(mesh, false, new Uint8Array());
    const file = await writeGlb(folder, 'ball', { mesh, edit });
    const namesOf = async (allAttributes: boolean): Promise<string[]> => {
      const out = join(folder, `${allAttributes}`);
      await cook({ inputs: [file], out, meshCodec: 'meshopt', allAttributes });
      const world = openWorld(out);
      const content = await world.decode(world.catalog.assetPayloads[0]!);
      return content.primitives[0]!.attributes.map(({ name }) => name);
    };
    const kept = ['_height', '_zone', 'skinIndex', 'skinWeight'];
    expect(await namesOf(false)).toEqual(['position', 'normal', ...kept]);
    expect(await namesOf(true)).toEqual(['position', 'normal', 'uv', 'uv1', 'tangent', ...kept]);
  });

  test('keep mirrored tangents on the side of their texture', async () => {
    const folder = temporaryFolder();
    const mesh = bumpySphere(8, 12);
    const edit = decorate(mesh, true, await noisyImage(32));
    const unskinned = (document: Document): void => {
      edit(document);
      document.getRoot().listNodes()[0]!.setSkin(null);
    };
    await writeGlb(folder, 'ball', { mesh, edit: unskinned, scale: [-2, 1, 1] });
    const out = join(folder, 'world');
    await cook({ inputs: [folder], out, meshCodec: 'meshopt', textureSize: 32 });
    const world = openWorld(out);
    const primitive = (await world.decode(world.catalog.assetPayloads[0]!)).primitives[0]!;
    expect(primitive.attributes.map(({ name }) => name)).not.toContain('skinIndex');
    const { array } = attributeOf(primitive, 'tangent');
    for (let i = 3; i < array.length; i += 4) expect(array[i]).toBe(127);
  });
});
