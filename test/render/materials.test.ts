import fc from 'fast-check';
import {
  BufferAttribute,
  BufferGeometry,
  type Material,
  type Mesh,
  MeshBasicMaterial,
  type MeshStandardMaterial,
  NoColorSpace,
  SRGBColorSpace,
  Texture,
} from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DecodedImage, MaterialRecord, TextureRef } from '../../src/io/content.ts';
import { createMaterial } from '../../src/render/materials.ts';
import { createPayloadResources } from '../../src/render/payload-resources.ts';
import { createTextureSet, type ViewRenderer } from '../../src/render/textures.ts';
import { box, material, meshContent } from './contents.ts';

class FakeImageData {
  readonly data: Uint8ClampedArray;
  constructor(width: number, height: number) {
    this.data = new Uint8ClampedArray(width * height * 4);
  }
}

beforeEach(() => vi.stubGlobal('ImageData', FakeImageData));
afterEach(() => vi.unstubAllGlobals());

interface FakeImage extends DecodedImage {
  closed: number;
}

function image(width = 8, height = 4): FakeImage {
  const made: FakeImage = {
    width,
    height,
    colorSpace: 'srgb',
    bitmap: null,
    compressed: null,
    encoded: null,
    closed: 0,
  };
  made.bitmap = { width, height, close: () => void made.closed++ } as ImageBitmap;
  return made;
}

function reference(changes: Partial<TextureRef> = {}): TextureRef {
  return { image: 0, uv: 0, wrapS: 'repeat', wrapT: 'repeat', ...changes };
}

const WRAP_CODES = { repeat: 10497, clamp: 33071, mirror: 33648 } as const;

/** The record as a glTF file with one triangle; texture i of the file is the i-th reference. */
function asGltf(
  record: MaterialRecord,
  colors: boolean,
  normals: boolean,
  tangents: boolean,
): ArrayBuffer {
  const textures: TextureRef[] = [];
  const info = (ref: TextureRef): object => {
    const { transform } = ref;
    textures.push(ref);
    const extensions = transform ? { KHR_texture_transform: transform } : undefined;
    return { index: textures.length - 1, texCoord: ref.uv, extensions };
  };
  const { baseColor, metallicRoughness, normal, occlusion, emissive } = record.textures;
  const gltf = {
    asset: { version: '2.0' },
    extensionsUsed: ['KHR_materials_unlit', 'KHR_texture_transform'],
    materials: [
      {
        name: record.name,
        pbrMetallicRoughness: {
          baseColorFactor: record.baseColor,
          metallicFactor: record.metallic,
          roughnessFactor: record.roughness,
          baseColorTexture: baseColor && info(baseColor),
          metallicRoughnessTexture: metallicRoughness && info(metallicRoughness),
        },
        normalTexture: normal && { ...info(normal), scale: record.normalScale },
        occlusionTexture: occlusion && { ...info(occlusion), strength: record.occlusionStrength },
        emissiveTexture: emissive && info(emissive),
        emissiveFactor: record.emissive,
        alphaMode: record.alphaMode.toUpperCase(),
        alphaCutoff: record.alphaCutoff,
        doubleSided: record.doubleSided,
        extensions: record.shading === 'unlit' ? { KHR_materials_unlit: {} } : undefined,
      },
    ],
    buffers: [{ byteLength: 48 }],
    bufferViews: [{ buffer: 0, byteLength: 48 }],
    accessors: [
      {
        bufferView: 0,
        componentType: 5126,
        count: 3,
        type: 'VEC3',
        min: [0, 0, 0],
        max: [0, 0, 0],
      },
      { bufferView: 0, componentType: 5126, count: 3, type: 'VEC4' },
    ],
    meshes: [
      {
        primitives: [
          {
            attributes: {
              POSITION: 0,
              NORMAL: normals ? 0 : undefined,
              COLOR_0: colors ? 0 : undefined,
              TANGENT: tangents ? 1 : undefined,
            },
            material: 0,
          },
        ],
      },
    ],
    nodes: [{ mesh: 0 }],
    scenes: [{ nodes: [0] }],
    scene: 0,
    samplers: textures.map((ref) => ({
      wrapS: WRAP_CODES[ref.wrapS],
      wrapT: WRAP_CODES[ref.wrapT],
    })),
    textures: textures.map((_, index) => ({ sampler: index, source: 0 })),
    images: [{ uri: 'none.png' }],
  };
  return glb(gltf);
}

/** A binary glTF with 48 zero bytes as its buffer. */
function glb(gltf: object): ArrayBuffer {
  const json = new TextEncoder().encode(JSON.stringify(gltf));
  const jsonBytes = Math.ceil(json.length / 4) * 4;
  const file = new Uint8Array(12 + 8 + jsonBytes + 8 + 48);
  const view = new DataView(file.buffer);
  const words = [0x46546c67, 2, file.length, jsonBytes, 0x4e4f534a];
  words.forEach((word, i) => void view.setUint32(i * 4, word, true));
  file.fill(0x20, 20, 20 + jsonBytes);
  file.set(json, 20);
  view.setUint32(20 + jsonBytes, 48, true);
  view.setUint32(24 + jsonBytes, 0x004e4942, true);
  return file.buffer;
}

/** What three's own loader makes of it. Images are stood in for; everything else is its own work. */
async function loadedByThree(
  record: MaterialRecord,
  colors: boolean,
  normals: boolean,
  tangents: boolean,
): Promise<Material> {
  const loader = new GLTFLoader();
  loader.register((parser) => {
    // Only the decoding of the image is replaced; samplers, transforms and uses stay the loader's.
    parser.loadImageSource = () => Promise.resolve(new Texture());
    return { name: 'TEST_no_images' };
  });
  const gltf = await loader.parseAsync(asGltf(record, colors, normals, tangents), '');
  return (gltf.scene.children[0] as Mesh).material as Material;
}

const MAPS = [
  'map',
  'metalnessMap',
  'roughnessMap',
  'normalMap',
  'aoMap',
  'emissiveMap',
  'alphaMap',
] as const;

/** Everything that decides how a material looks, as plain data. */
function look(made: Material): object {
  const values: Record<string, unknown> = {};
  const source = made as unknown as Record<string, unknown>;
  for (const key of [
    'type',
    'name',
    'opacity',
    'transparent',
    'depthWrite',
    'alphaTest',
    'side',
    'vertexColors',
    'flatShading',
    'metalness',
    'roughness',
    'aoMapIntensity',
    'emissiveIntensity',
  ]) {
    values[key] = source[key];
  }
  for (const key of ['color', 'emissive', 'normalScale']) {
    values[key] = (source[key] as { toArray(): number[] } | undefined)?.toArray();
  }
  // Where nothing reads them, the loader writes them all the same.
  if (made instanceof MeshBasicMaterial) delete values['flatShading'];
  if (!source['normalMap']) delete values['normalScale'];
  for (const key of MAPS) {
    const map = source[key] as Texture | null | undefined;
    values[key] = map ? textureLook(map) : null;
  }
  return values;
}

function textureLook(map: Texture): object {
  if (map.matrixAutoUpdate) map.updateMatrix();
  const { wrapS, wrapT, flipY, channel, colorSpace, minFilter, magFilter, anisotropy } = map;
  const matrix = map.matrix.elements.map((value) => Math.round(value * 1e6) / 1e6 + 0);
  return { wrapS, wrapT, flipY, channel, colorSpace, minFilter, magFilter, anisotropy, matrix };
}

function geometry(colors: boolean, normals: boolean, tangents: boolean): BufferGeometry {
  const made = new BufferGeometry();
  if (colors) made.setAttribute('color', new BufferAttribute(new Uint8Array(12), 4, true));
  if (tangents) made.setAttribute('tangent', new BufferAttribute(new Int8Array(12), 4, true));
  if (normals) made.setAttribute('normal', new BufferAttribute(new Int8Array(12), 4, true));
  return made;
}

const unit = fc.integer({ min: 0, max: 64 }).map((value) => value / 64);
const wrap = fc.constantFrom('repeat', 'clamp', 'mirror') as fc.Arbitrary<TextureRef['wrapS']>;
const textureRef: fc.Arbitrary<TextureRef> = fc
  .record({
    image: fc.constant(0),
    uv: fc.constantFrom(0, 1) as fc.Arbitrary<0 | 1>,
    wrapS: wrap,
    wrapT: wrap,
    transform: fc.option(
      fc.record({
        offset: fc.tuple(unit, unit),
        scale: fc.tuple(unit, unit),
        rotation: fc.constantFrom(0, 0.5, -2),
      }),
      { nil: undefined },
    ),
  })
  .map(({ transform, ...rest }) => (transform ? { ...rest, transform } : rest));
const slots = ['baseColor', 'metallicRoughness', 'normal', 'occlusion', 'emissive'] as const;
const record: fc.Arbitrary<MaterialRecord> = fc.record({
  name: fc.constantFrom('bark', 'leaf'),
  shading: fc.constantFrom('pbr', 'unlit') as fc.Arbitrary<'pbr' | 'unlit'>,
  baseColor: fc.tuple(unit, unit, unit, unit),
  metallic: unit,
  roughness: unit,
  emissive: fc.tuple(unit, unit, unit),
  alphaMode: fc.constantFrom('opaque', 'mask', 'blend') as fc.Arbitrary<'opaque'>,
  alphaCutoff: unit,
  doubleSided: fc.boolean(),
  normalScale: unit,
  occlusionStrength: unit,
  textures: fc
    .array(fc.tuple(fc.constantFrom(...slots), textureRef), { maxLength: 5 })
    .map((list) => Object.fromEntries(list) as MaterialRecord['textures']),
});

describe('materials', () => {
  test("are, field for field, what three's GLTFLoader makes of the same glTF", async () => {
    await fc.assert(
      fc.asyncProperty(
        record,
        fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        async (made, has) => {
          const textures = createTextureSet([image()], 1);
          const ours = createMaterial(made, geometry(...has), textures);
          const theirs = await loadedByThree(made, ...has);
          expect(look(ours)).toEqual(look(theirs));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('the comparison above sees a wrong sign, color space or uv set', async () => {
    const made = material({ textures: { normal: reference({ uv: 1 }), baseColor: reference() } });
    const theirs = (await loadedByThree(made, false, true, false)) as MeshStandardMaterial;
    const right = look(theirs);
    theirs.normalScale.y *= -1;
    expect(look(theirs)).not.toEqual(right);
    theirs.normalScale.y *= -1;
    theirs.map!.colorSpace = NoColorSpace;
    expect(look(theirs)).not.toEqual(right);
    theirs.map!.colorSpace = SRGBColorSpace;
    theirs.normalMap!.channel = 0;
    expect(look(theirs)).not.toEqual(right);
  });
});

test('attributes reach the geometry under their own names, as they are', () => {
  const content = meshContent([{ shape: box([1, 1, 1], [0, 0, 0]), material: material() }]);
  const { attributes } = content.primitives[0]!;
  const count = attributes[0]!.array.length / 4;
  const own = { name: '_wind', array: new Float32Array(count), itemSize: 1, normalized: false };
  attributes.push(
    { name: 'skinIndex', array: new Uint8Array(count * 4), itemSize: 4, normalized: false },
    { name: 'skinWeight', array: new Uint8Array(count * 4), itemSize: 4, normalized: true },
    own as (typeof attributes)[number],
  );
  const renderer: ViewRenderer = { initTexture: () => undefined, getDrawingBufferSize: (v) => v };
  const options = { renderer, anisotropy: 1, onMaterial: null };
  const made = createPayloadResources(0, content, 'box', options);
  const shown = made.parts[0]!.geometry;
  for (const { name, array, itemSize, normalized } of attributes.slice(-3)) {
    const attribute = shown.getAttribute(name);
    expect(attribute.array, name).toBe(array);
    expect([attribute.itemSize, attribute.normalized]).toEqual([itemSize, normalized]);
  }
  const listed = attributes.reduce((sum, { array }) => sum + array.byteLength, 0);
  expect(made.geometryBytes).toBe(listed + content.primitives[0]!.index.byteLength);
});

describe('textures', () => {
  test('share one source per image, and one texture per equal reference', () => {
    const set = createTextureSet([image()], 4);
    const a = set.get(reference(), 'color');
    expect(set.get(reference(), 'color')).toBe(a);
    const other = set.get(reference({ uv: 1 }), 'color');
    expect(other).not.toBe(a);
    expect(other.source).toBe(a.source);
    expect(a.anisotropy).toBe(4);
  });

  test('count a GPU copy once per image, use and wrap, whatever the uv set', () => {
    const set = createTextureSet([image(8, 4)], 1);
    set.get(reference(), 'color');
    set.get(reference({ uv: 1 }), 'color');
    expect(set.bytes).toBe((32 + 8 + 2 + 1) * 4);
    set.get(reference({ wrapS: 'clamp' }), 'color');
    expect(set.bytes).toBe(2 * (32 + 8 + 2 + 1) * 4);
  });

  test.each([
    [1, 1, 4],
    [2, 2, 20],
    [256, 256, 349_524],
    [5, 3, (15 + 2 + 1) * 4],
  ])('a mip chain of %i x %i takes %i bytes', (width, height, bytes) => {
    const set = createTextureSet([image(width, height)], 1);
    set.get(reference(), 'color');
    expect(set.bytes).toBe(bytes);
  });

  test('are uploaded before their bitmaps are closed, each bitmap once', () => {
    const images = [image(), image()];
    const set = createTextureSet(images, 1);
    set.get(reference(), 'color');
    const seen: number[] = [];
    set.upload({ ...renderer, initTexture: () => void seen.push(images[0]!.closed) });
    expect(seen).toEqual([0]);
    expect(images.map(({ closed }) => closed)).toEqual([1, 1]);
  });
});

const renderer: ViewRenderer = {
  initTexture: () => undefined,
  getDrawingBufferSize: (target) => target,
};
const options = { renderer, anisotropy: 1, onMaterial: null };
const part = (changes: Partial<MaterialRecord> = {}) => ({
  shape: box([1, 1, 1], [0, 0, 0]),
  material: material(changes),
});

describe('the resources of a payload', () => {
  test('share a material among primitives whose records are equal', () => {
    const content = meshContent([part(), part(), part({ roughness: 0.5 })]);
    const { parts } = createPayloadResources(3, content, 'rock LOD 1', options);
    expect(parts[0]!.material).toBe(parts[1]!.material);
    expect(parts[0]!.material).not.toBe(parts[2]!.material);
  });

  test('count what they hold', () => {
    const content = meshContent([part({ textures: { baseColor: reference() } })], [image()]);
    const made = createPayloadResources(3, content, 'rock LOD 1', options);
    expect(made.triangleCount).toBe(12);
    expect(made.geometryBytes).toBe(24 * (8 + 4 + 4) + 36 * 2);
    expect(made.textureBytes).toBe((32 + 8 + 2 + 1) * 4);
  });

  test('take 16-bit positions as normalized, whatever the flag says', () => {
    const content = meshContent([part()]);
    content.primitives[0]!.attributes[0]!.normalized = false;
    const made = createPayloadResources(3, content, 'rock LOD 1', options);
    const position = made.parts[0]!.geometry.getAttribute('position');
    expect(position.normalized).toBe(true);
    expect(Math.abs(position.getX(0))).toBeCloseTo(1, 3);
  });

  test('an image without a bitmap fails, and the bitmaps beside it are closed', () => {
    const images = [image(), { ...image(), bitmap: null }];
    const content = meshContent([part()], images);
    expect(() => createPayloadResources(3, content, 'rock LOD 1', options)).toThrow(
      'rock LOD 1: image 1 (no data) has no bitmap',
    );
    expect((images[0] as FakeImage).closed).toBe(1);
  });

  test.each([
    ['a material that is not there', { material: 7 }, 'material 7 of 1'],
    ['no attributes', { attributes: [] }, 'no attribute position'],
    [
      'an attribute of the wrong length',
      {
        attributes: [
          { name: 'position' as const, array: new Int16Array(7), itemSize: 4, normalized: true },
        ],
      },
      'attribute position has 7 values, expected a positive multiple of 4',
    ],
    [
      'float positions',
      {
        attributes: [
          { name: 'position' as const, array: new Float32Array(8), itemSize: 4, normalized: false },
        ],
      },
      'attribute position is a Float32Array, expected an Int16Array',
    ],
  ])('content with %s fails by name', (_, changes, message) => {
    const content = meshContent([part()]);
    Object.assign(content.primitives[0]!, changes);
    const make = (): unknown => createPayloadResources(3, content, 'rock LOD 1', options);
    expect(make).toThrow(`rock LOD 1: `);
    expect(make).toThrow(message);
  });

  test('an image index beyond the images fails by name', () => {
    const content = meshContent([part({ textures: { normal: reference({ image: 4 }) } })]);
    expect(() => createPayloadResources(3, content, 'rock LOD 1', options)).toThrow(
      'rock LOD 1: a material refers to image 4 of 0',
    );
  });

  test('what is made before an error is freed', () => {
    const freed: string[] = [];
    const content = meshContent([part(), part({ name: 'bad' })]);
    content.primitives[1]!.material = 9;
    const onMaterial = (
      made: Material,
      _: MaterialRecord,
      context: { geometry: BufferGeometry },
    ) => {
      made.addEventListener('dispose', () => freed.push('material'));
      context.geometry.addEventListener('dispose', () => freed.push('geometry'));
      return undefined;
    };
    expect(() =>
      createPayloadResources(3, content, 'rock LOD 1', { ...options, onMaterial }),
    ).toThrow();
    expect(freed.sort()).toEqual(['geometry', 'material']);
  });

  test('a material of the game is drawn with and never disposed', () => {
    const own = new MeshBasicMaterial();
    let disposed = 0;
    own.addEventListener('dispose', () => disposed++);
    const made = createPayloadResources(3, meshContent([part()]), 'rock LOD 1', {
      ...options,
      onMaterial: (_material, _record, { payload, label }) => {
        expect([payload, label]).toEqual([3, 'rock LOD 1']);
        return own;
      },
    });
    expect(made.parts[0]!.material).toBe(own);
    made.dispose();
    expect(disposed).toBe(0);
  });
});
