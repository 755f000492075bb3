import { describe, expect, it } from 'vitest';
import { ErrorCode, StreamError } from '../../src/base/errors.ts';
import type { MeshHeader } from '../../src/io/bundle/mesh-header.ts';
import { decodeMesh } from '../../src/io/codecs/mesh.ts';
import { fillAttribute, quantizer } from '../../src/io/codecs/quantize.ts';
import type { MeshContent } from '../../src/io/content.ts';
import type { DecodeResult } from '../../src/io/decoder.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { meshOf } from '../support/content.ts';
import {
  type EncodedPayload,
  encodeMesh,
  frame,
  makeExtras,
  makeGrid,
  quantization,
  quantizeMesh,
  writeContent,
} from '../support/encode-mesh.ts';

const CODECS = ['raw', 'meshopt', 'draco'] as const;
const decoder = createInlineDecoder();

function decode(payload: Omit<EncodedPayload, 'header' | 'content'>): Promise<DecodeResult> {
  const { bytes, checksum, decodedBytes } = payload;
  return decoder.decode({
    payload: 1,
    kind: 1,
    bytes: bytes.slice(),
    checksum,
    decodedBytes,
    priority: 0,
    label: 'grid LOD 0',
  });
}

function arraysOf(content: MeshContent): Map<string, ArrayLike<number>> {
  return new Map(content.primitives[0]!.attributes.map(({ name, array }) => [name, array]));
}

/** Triangles as sorted texts, so that their order and rotation do not matter. */
function trianglesOf(index: ArrayLike<number>): string[] {
  const triangles: string[] = [];
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    triangles.push([`${a} ${b} ${c}`, `${b} ${c} ${a}`, `${c} ${a} ${b}`].sort()[0]!);
  }
  return triangles.sort();
}

describe.each(CODECS)('codec %s', (codec) => {
  it.each([20, 300])(
    'decodes a grid of side %d to the layout that the head names',
    async (side) => {
      const mesh = makeGrid(side);
      const payload = await encodeMesh(mesh, { codec });
      const { code, message, content } = await decode(payload);
      expect([code, message]).toEqual([ErrorCode.None, '']);
      const expected = quantizeMesh(mesh, quantization(mesh));
      const arrays = arraysOf(meshOf(content));
      // Draco quantizes positions to 16 bits of its own, normals to 12, uvs to 14.
      const tolerance = { position: 1, normal: 1, uv: 4, color: 0 };
      for (const name of ['position', 'normal', 'uv', 'color'] as const) {
        const array = arrays.get(name)!;
        expect(array.constructor).toBe(expected[name].constructor);
        expect(array.length).toBe(expected[name].length);
        let largest = 0;
        for (let i = 0; i < array.length; i++)
          largest = Math.max(largest, Math.abs(array[i]! - expected[name][i]!));
        expect(largest).toBeLessThanOrEqual(codec === 'draco' ? tolerance[name] : 0);
      }
      const { index } = meshOf(content).primitives[0]!;
      expect(index).toBeInstanceOf(side === 300 ? Uint32Array : Uint16Array);
      expect(trianglesOf(index)).toEqual(trianglesOf(mesh.index));
      const total = [...arrays.values(), index].reduce(
        (sum, array) => sum + (array as unknown as ArrayBufferView).byteLength,
        0,
      );
      expect(total).toBe(payload.decodedBytes);
    },
  );

  it('carries tangents, a second uv set, skins and custom attributes to the bit', async () => {
    const mesh = makeGrid(30);
    const extras = makeExtras(900);
    const payload = await encodeMesh(mesh, { codec, extras });
    const { code, message, content } = await decode(payload);
    expect([code, message]).toEqual([ErrorCode.None, '']);
    const { attributes, index } = meshOf(content).primitives[0]!;
    expect(attributes.map(({ name }) => name).slice(4)).toEqual(
      extras.map(({ header }) => header.name),
    );
    for (const { header, array } of extras) {
      const seen = attributes.find(({ name }) => name === header.name)!;
      expect(seen.array, header.name).toEqual(array);
      expect(seen.array.constructor, header.name).toBe(array.constructor);
      expect([seen.itemSize, seen.normalized]).toEqual([header.itemSize, header.normalized]);
    }
    const total = [...attributes.map(({ array }) => array), index].reduce(
      (sum, array) => sum + array.byteLength,
      0,
    );
    expect(total).toBe(payload.decodedBytes);
    // One byte less of it is noticed: this is what the budget was told.
    const short = await decode({ ...payload, decodedBytes: total - 1 });
    expect(short.code).toBe(ErrorCode.Decode);
  });

  it('gives every array a buffer of its own', async () => {
    const { content } = await decode(await encodeMesh(makeGrid(10), { codec }));
    const { attributes, index } = meshOf(content).primitives[0]!;
    const arrays = [...attributes.map(({ array }) => array), index];
    expect(new Set(arrays.map(({ buffer }) => buffer)).size).toBe(arrays.length);
    for (const array of arrays) expect(array.byteLength).toBe(array.buffer.byteLength);
  });

  it('refuses content that decodes to more than the job allows', async () => {
    const payload = await encodeMesh(makeGrid(20), { codec });
    const result = await decode({ ...payload, decodedBytes: payload.decodedBytes - 1 });
    expect(result.code).toBe(ErrorCode.Decode);
    expect(result.message).toMatch(/grid LOD 0: damaged mesh: it decodes to \d+ bytes, expected/);
  });

  it('ends as a Decode error, or as arrays of the right size, whatever the streams hold', async () => {
    const extras = makeExtras(144);
    const { content, decodedBytes } = await encodeMesh(makeGrid(12), { codec, extras });
    const headEnd = 8 + new DataView(content.buffer).getUint32(4, true);
    let failures = 0;
    for (let trial = 0; trial < 400; trial++) {
      const damaged = content.slice();
      const at = headEnd + ((trial * 7919) % (content.length - headEnd));
      for (let i = at; i < Math.min(damaged.length, at + 1 + (trial % 40)); i++)
        damaged[i]! ^= 1 + ((trial * 31 + i) % 255);
      const result = await decode({ ...frame(damaged), decodedBytes });
      if (result.code === ErrorCode.None) {
        const { index, attributes } = meshOf(result.content).primitives[0]!;
        expect(Math.max(...index)).toBeLessThan(attributes[0]!.array.length / 4);
        for (const { array, itemSize } of attributes) expect(array.length).toBe(144 * itemSize);
      } else {
        expect(result.code).toBe(ErrorCode.Decode);
        failures++;
      }
    }
    expect(failures).toBeGreaterThan(0);
  });
});

describe('a mesh head', () => {
  const edits: [string, (header: MeshHeader) => void, RegExp][] = [
    ['codec', (h) => Object.assign(h, { codec: 'zip' }), /codec is "zip", expected one of raw/],
    ['scale', (h) => Object.assign(h, { scale: null }), /scale is null, expected a finite number/],
    ['offset', (h) => h.offset.pop(), /offset is .* expected 3 numbers/],
    [
      'vertexCount',
      (h) => Object.assign(h.primitives[0]!, { vertexCount: -1 }),
      /vertexCount is -1/,
    ],
    ['indexCount', (h) => Object.assign(h.primitives[0]!, { indexCount: 4 }), /a multiple of 3/],
    ['material', (h) => Object.assign(h.primitives[0]!, { material: 1 }), /material is 1/],
    [
      'an attribute of no known name',
      (h) => Object.assign(h.primitives[0]!.attributes[1]!, { name: 'Normal' }),
      /attributes\[1\].name is "Normal", which no attribute has/,
    ],
    [
      'a custom name that is too long',
      (h) => Object.assign(h.primitives[0]!.attributes[1]!, { name: `_${'x'.repeat(64)}` }),
      /which no attribute has/,
    ],
    [
      'joints that are not whole numbers',
      (h) => Object.assign(h.primitives[0]!.attributes[1]!, { name: 'skinIndex' }),
      /\(skinIndex\) is i8 x 4, normalized, expected u8 x 4 or u16 x 4/,
    ],
    [
      'weights that are not shares',
      (h) => Object.assign(h.primitives[0]!.attributes[2]!, { name: 'skinWeight' }),
      /\(skinWeight\) is u16 x 2, normalized, expected 4 weights/,
    ],
    [
      'tangents without a side',
      (h) => Object.assign(h.primitives[0]!.attributes[2]!, { name: 'tangent' }),
      /\(tangent\) is u16 x 2, normalized, expected 4 components/,
    ],
    ['no position', (h) => h.primitives[0]!.attributes.shift(), /has no position/],
    [
      'an attribute twice',
      (h) => h.primitives[0]!.attributes.push(h.primitives[0]!.attributes[1]!),
      /names an attribute twice/,
    ],
    [
      'a range beyond the end',
      (h) => Object.assign(h.primitives[0]!.index!, { bytes: 1e7 }),
      /index.bytes is 10000000, expected an integer from 1 to/,
    ],
    [
      'a range that is not aligned',
      (h) => Object.assign(h.primitives[0]!.index!, { offset: 2 }),
      /offset is 2, expected a multiple of 4/,
    ],
    [
      'a stream of another size',
      (h) => Object.assign(h.primitives[0]!, { vertexCount: 399 }),
      /stream position has 3200 bytes, expected 3192/,
    ],
    [
      'an index beyond the vertices',
      (h) => {
        h.primitives[0]!.attributes = h.primitives[0]!.attributes.slice(0, 1);
        Object.assign(h.primitives[0]!, { vertexCount: 399 });
        Object.assign(h.primitives[0]!.attributes[0]!, { bytes: 3192 });
      },
      /an index names vertex 399, expected less than 399/,
    ],
    [
      'a huge image',
      (h) =>
        h.images.push({
          mimeType: 'image/png',
          width: 1e6,
          height: 1,
          colorSpace: 'srgb',
          offset: 0,
          bytes: 4,
        }),
      /images\[0\].width is 1000000/,
    ],
    ['materials', (h) => Object.assign(h, { materials: 7 }), /materials is 7, expected a list/],
    [
      'a material without a color',
      (h) => Object.assign(h.materials[0]!, { baseColor: [1, 1] }),
      /materials\[0\].baseColor is \[1,1\], expected 4 numbers/,
    ],
    [
      'a texture of no image',
      (h) =>
        Object.assign(h.materials[0]!.textures, {
          baseColor: { image: 0, uv: 0, wrapS: 'repeat', wrapT: 'repeat' },
        }),
      /textures.baseColor.image is 0/,
    ],
  ];
  it.each(edits)('is refused for its %s', async (_, edit, message) => {
    const payload = await encodeMesh(makeGrid(20), { codec: 'raw', edit });
    const result = await decode(payload);
    expect(result.code).toBe(ErrorCode.Decode);
    expect(result.message).toMatch(message);
  });

  it('is refused when it is no head at all', () => {
    const limits = { decodedBytes: 1e9 };
    const codecs = { draco: null };
    const cases: [Uint8Array<ArrayBuffer>, RegExp][] = [
      [new Uint8Array(4), /4 bytes long/],
      [new Uint8Array(64), /begins with 0x00000000, expected 0x314d4646/],
      [writeContent([], []), /the head is \[\], expected an object/],
      [writeContent({}, []).slice(0, 10), /head claims/],
    ];
    const text = writeContent({}, []);
    text[8] = 0xff;
    cases.push([text, /not JSON/]);
    for (const [content, message] of cases) {
      expect(() => decodeMesh(content, limits, codecs)).toThrow(message);
      expect(() => decodeMesh(content, limits, codecs)).toThrow(StreamError);
    }
  });
});

describe('decodeMesh', () => {
  it('says so when Draco content meets no Draco decoder', async () => {
    const { content } = await encodeMesh(makeGrid(4), { codec: 'draco' });
    expect(() => decodeMesh(content, { decodedBytes: 1e6 }, { draco: null })).toThrow(/Draco/);
  });

  it('names what a Draco stream holds when it is not what the head says', async () => {
    const grow = (header: MeshHeader): void => {
      header.primitives[0]!.attributes.push({
        name: 'uv1',
        type: 'u16',
        itemSize: 2,
        normalized: true,
      });
    };
    const missing = await encodeMesh(makeGrid(4), { codec: 'draco', edit: grow });
    expect((await decode({ ...missing, decodedBytes: 1e6 })).message).toMatch(
      /Draco holds .*POSITION.*, expected also TEXCOORD_1/,
    );
    const fewer = await encodeMesh(makeGrid(4), {
      codec: 'draco',
      edit: (header) => Object.assign(header.primitives[0]!, { vertexCount: 17 }),
    });
    expect((await decode({ ...fewer, decodedBytes: 1e6 })).message).toMatch(
      /Draco holds 16 vertices, expected 17/,
    );
  });

  it('keeps images encoded where there is no createImageBitmap', async () => {
    const bytes = Uint8Array.from([1, 2, 3, 4, 5]);
    const header = { mimeType: 'image/webp', width: 8, height: 4, colorSpace: 'srgb' as const };
    const payload = await encodeMesh(makeGrid(4), { codec: 'raw', images: [{ header, bytes }] });
    const { content } = await decode(payload);
    expect(meshOf(content).images).toEqual([
      {
        width: 8,
        height: 4,
        colorSpace: 'srgb',
        bitmap: null,
        compressed: null,
        encoded: { mimeType: 'image/webp', bytes },
      },
    ]);
  });
});

describe('fillAttribute', () => {
  it('clamps, pads and converts between all types', () => {
    const position = new Int16Array(8);
    const head = { name: 'position', type: 'i16', itemSize: 4, normalized: false } as const;
    fillAttribute(
      position,
      head,
      { values: new Float32Array([1, 2, 3, 99, -99, 2]), size: 3 },
      quantizer({ scale: 2, offset: [1, 1, 1] }),
    );
    expect([...position]).toEqual([0, 16384, 32767, 0, 32767, -32767, 16384, 0]);
    const color = new Uint8Array(4);
    const colorHead = { name: 'color', type: 'u8', itemSize: 4, normalized: true } as const;
    fillAttribute(color, colorHead, { values: new Uint16Array([65535, 0, 32768]), size: 3 }, null);
    expect([...color]).toEqual([255, 0, 128, 255]);
    const joints = new Uint8Array(4);
    const jointHead = { name: 'skinIndex', type: 'u8', itemSize: 4, normalized: false } as const;
    fillAttribute(joints, jointHead, { values: new Uint16Array([7, 300, 0]), size: 3 }, null);
    expect([...joints]).toEqual([7, 255, 0, 0]);
    const uv = new Float32Array(2);
    const uvHead = { name: 'uv', type: 'f32', itemSize: 2, normalized: false } as const;
    fillAttribute(uv, uvHead, { values: new Float32Array([-3.5, 7.25]), size: 2 }, null);
    expect([...uv]).toEqual([-3.5, 7.25]);
  });
});
