/** The cook's reader of models: GLB, glTF with its buffer inside, and glTF with a buffer beside it. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, NodeIO, type Primitive } from '@gltf-transform/core';
import { loadModel } from '../../../cook/load-model.ts';
import { digest, type FuzzSubject } from './subject.ts';

/** Of the buffer that lies beside the third file; escaped as an exporter would. */
const BESIDE = 'fuzz%20beside.bin';

/** @param folder the reader takes files by name */
export async function modelSubject(folder: string): Promise<FuzzSubject> {
  const io = new NodeIO();
  const names = ['fuzz.glb', 'fuzz-inside.gltf', 'fuzz-beside.gltf', 'fuzz-skin.glb'];
  return {
    name: 'glb (cook)',
    weight: 2.5,
    files: [
      'cook/load-model.ts',
      'cook/gltf-io.ts',
      'cook/check-gltf.ts',
      'cook/flatten.ts',
      'cook/accessors.ts',
      'cook/pose.ts',
      'cook/vertex-attribute.ts',
    ],
    seeds: [
      new Uint8Array(await io.writeBinary(plainDocument())),
      await textOf(io, (bytes) => {
        const base64 = Buffer.from(bytes).toString('base64');
        return `data:application/octet-stream;base64,${base64}`;
      }),
      await textOf(io, (bytes) => {
        writeFileSync(join(folder, decodeURIComponent(BESIDE)), bytes);
        return BESIDE;
      }),
      new Uint8Array(await io.writeBinary(skinnedDocument())),
    ],
    async read(mutant, which) {
      const file = join(folder, names[which]!);
      writeFileSync(file, mutant);
      const { parts } = await loadModel(file, which === 3);
      for (const { positions, index } of parts) {
        if (!positions.every(Number.isFinite)) throw new Error('a position is not finite');
        if (index.some((vertex) => vertex * 3 >= positions.length))
          throw new Error('an index names a vertex that is not there');
      }
      return digest(...parts.flatMap(({ positions, index }) => [positions, index]));
    },
    isGuarded: false,
  };
}

/** The plain document as JSON whose buffer has the address that `place` answers. */
async function textOf(io: NodeIO, place: (bytes: Uint8Array) => string) {
  const { json, resources } = await io.writeJSON(plainDocument());
  for (const buffer of json.buffers ?? []) buffer.uri = place(resources[buffer.uri!]!);
  return new TextEncoder().encode(JSON.stringify(json));
}

type Values = Float32Array | Uint16Array | Uint8Array;

/** Makes primitives over four corners. */
function maker(document: Document) {
  const buffer = document.createBuffer();
  const accessor = (type: 'SCALAR' | 'VEC2' | 'VEC3' | 'VEC4' | 'MAT4', array: Values) =>
    document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  const corners = (): Float32Array => Float32Array.of(0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0.5);
  const primitive = (mode: 0 | 4 | 5 = 4): Primitive =>
    document.createPrimitive().setMode(mode).setAttribute('POSITION', accessor('VEC3', corners()));
  const surface = (): Primitive =>
    primitive()
      .setAttribute('NORMAL', accessor('VEC3', repeat([0, 0, 1])))
      .setAttribute('TEXCOORD_0', accessor('VEC2', Float32Array.of(0, 0, 1, 0, 0, 1, 1, 1)))
      .setIndices(accessor('SCALAR', Uint16Array.of(0, 1, 2, 2, 1, 3)));
  return { accessor, primitive, surface };
}

/** The same values at four vertices. */
function repeat(values: readonly number[]): Float32Array {
  return Float32Array.from({ length: values.length * 4 }, (_, i) => values[i % values.length]!);
}

/** Two meshes, one mirrored, one of a strip without normals and one of points. */
function plainDocument(): Document {
  const document = new Document();
  const { primitive, surface } = maker(document);
  const painted = surface().setMaterial(document.createMaterial('paint').setRoughnessFactor(0.4));
  const mesh = document.createMesh('m').addPrimitive(painted).addPrimitive(primitive(0));
  const node = document.createNode('n').setMesh(mesh).setScale([-1, 2, 1]);
  const child = document
    .createNode('c')
    .setMesh(document.createMesh('s').addPrimitive(primitive(5)));
  document.createScene().addChild(node.addChild(child));
  return document;
}

/** A mesh with a skin of two joints, a morph target, tangents and attributes of the author's own. */
function skinnedDocument(): Document {
  const document = new Document();
  const { accessor, surface } = maker(document);
  const target = document
    .createPrimitiveTarget()
    .setAttribute('POSITION', accessor('VEC3', repeat([0, 0, 0.25])));
  const skinned = surface()
    .setAttribute('TANGENT', accessor('VEC4', repeat([1, 0, 0, 1])))
    .setAttribute('JOINTS_0', accessor('VEC4', Uint8Array.from(repeat([0, 1, 0, 0]))))
    .setAttribute('WEIGHTS_0', accessor('VEC4', repeat([0.75, 0.25, 0, 0])))
    .setAttribute('_WIND', accessor('VEC3', repeat([0.5, 2, 9])))
    .setAttribute('_PART', accessor('SCALAR', Uint8Array.of(1, 2, 3, 4)))
    .setAttribute('COLOR_0', accessor('VEC4', new Uint16Array(16).fill(40_000)).setNormalized(true))
    .setAttribute('TEXCOORD_2', accessor('VEC2', repeat([0, 1])))
    .addTarget(target);
  const bind = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const joints = [document.createNode('root'), document.createNode('tip').setScale([2, 1, 1])];
  const skin = document
    .createSkin()
    .setInverseBindMatrices(accessor('MAT4', Float32Array.of(...bind, ...bind)));
  for (const joint of joints) skin.addJoint(joint);
  const mesh = document.createMesh('k').addPrimitive(skinned).setWeights([0.5]);
  const body = document.createNode('body').setMesh(mesh).setSkin(skin);
  const rigid = document.createNode('rigid').setMesh(mesh).setTranslation([3, 0, 0]);
  const scene = document.createScene().addChild(body).addChild(rigid);
  for (const joint of joints) scene.addChild(joint);
  return document;
}
