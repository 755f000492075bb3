/**
 * Shared geometry relies on how three.js's WebGLRenderer is built inside. Here the very modules of
 * the installed three.js meet it: should a later release differ, this is where it shows.
 */
import {
  BufferAttribute,
  type BufferGeometry,
  Mesh,
  MeshBasicMaterial,
  Raycaster,
  REVISION,
  Vector3,
} from 'three';
import { describe, expect, test } from 'vitest';
import { BodyMesh } from '../../src/render/body-mesh.ts';
import { isVerifiedRevision, SharedGeometry } from '../../src/render/shared-geometry.ts';
import { createFakeGl } from '../support/fake-gl.ts';

interface Attributes {
  update(attribute: object, target: number): void;
  get(attribute: object): { buffer: object; type: number; bytesPerElement: number } | undefined;
  remove(attribute: object): void;
}

interface BindingStates {
  setup(object: object, material: object, program: object, geometry: object, index: object): void;
}

// Not among three.js's exports, and without types.
const internals = '../../node_modules/three/src/renderers/webgl';
const { WebGLAttributes } = (await import(`${internals}/WebGLAttributes.js`)) as {
  WebGLAttributes: new (gl: object) => Attributes;
};
const { WebGLBindingStates } = (await import(`${internals}/WebGLBindingStates.js`)) as {
  WebGLBindingStates: new (gl: object, attributes: Attributes) => BindingStates;
};
const { WebGLGeometries } = (await import(`${internals}/WebGLGeometries.js`)) as {
  WebGLGeometries: new (
    gl: object,
    attributes: Attributes,
    info: object,
    states: object,
  ) => {
    get(object: object, geometry: BufferGeometry): void;
    getWireframeAttribute(geometry: BufferGeometry): BufferAttribute;
  };
};

const ARRAY_BUFFER = 0x8892;
const SHORT = 0x1402;
const BYTE = 0x1400;

/** A quad of two triangles in the plane z = 0, positions in 16 bits. */
function createQuad(): SharedGeometry {
  const geometry = new SharedGeometry(Uint16Array.of(0, 1, 2, 0, 2, 3));
  const far = 32767;
  const positions = Int16Array.of(-far, -far, 0, far, -far, 0, far, far, 0, -far, far, 0);
  geometry.add('position', positions, 3, true);
  geometry.add('normal', Int8Array.of(0, 0, 127, 0, 0, 127, 0, 0, 127, 0, 0, 127), 3, true);
  return geometry;
}

function place(geometry: SharedGeometry, buffers: object[], at: number): void {
  geometry.placeVertices(buffers[0] as WebGLBuffer, (i) => at + i * 32);
  geometry.placeIndex(buffers[1] as WebGLBuffer, at * 2);
}

function setUp() {
  const fake = createFakeGl();
  const { gl } = fake;
  Object.assign(gl, { getParameter: () => 16 });
  const attributes = new WebGLAttributes(gl);
  const states = new WebGLBindingStates(gl, attributes);
  const buffers = [gl.createBuffer()!, gl.createBuffer()!];
  const program = {
    id: 1,
    getAttributes: () => ({
      position: { location: 0, locationSize: 1 },
      normal: { location: 1, locationSize: 1 },
    }),
  };
  const draw = (geometry: BufferGeometry): number => {
    const before = fake.pointers.length;
    for (const one of Object.values(geometry.attributes)) attributes.update(one, ARRAY_BUFFER);
    states.setup(new Mesh(), new MeshBasicMaterial(), program, geometry, geometry.index!);
    return fake.pointers.length - before;
  };
  return { fake, gl, attributes, states, buffers, draw };
}

describe('in the installed three.js', () => {
  test('attributes are bound where they lie, with their type, stride and scale', () => {
    const { fake, buffers, draw, attributes } = setUp();
    const quad = createQuad();
    place(quad, buffers, 4096);
    expect(draw(quad)).toBe(2);
    const { pointers } = fake;
    const [buffer, index] = buffers;
    expect(pointers[0]).toEqual({
      location: 0,
      buffer,
      size: 3,
      type: SHORT,
      normalized: true,
      stride: 6,
      offset: 4096,
    });
    expect(pointers[1]).toEqual({
      location: 1,
      buffer,
      size: 3,
      type: BYTE,
      normalized: true,
      stride: 3,
      offset: 4128,
    });
    expect(attributes.get(quad.index!)).toMatchObject({ buffer: index, bytesPerElement: 2 });
    // What `renderBufferDirect` draws: six elements from 8192 / 2 on, not cut off by `count`.
    expect(quad.drawRange).toEqual({ start: 4096, count: 6 });
    expect(quad.index!.count).toBe(4096 + 6);
    expect(fake.liveBytes).toBe(0);
  });

  test('a geometry that moved is bound anew, and one that did not is not', () => {
    const { fake, buffers, draw } = setUp();
    const quad = createQuad();
    place(quad, buffers, 0);
    expect(draw(quad)).toBe(2);
    expect(draw(quad)).toBe(0);
    place(quad, buffers, 640);
    expect(draw(quad)).toBe(2);
    expect(fake.pointers.at(-2)!.offset).toBe(640);
    // An offset alone is not noticed: it is the other `data` that is.
    (quad.attributes['position'] as unknown as { offset: number }).offset = 0;
    expect(draw(quad)).toBe(0);
  });

  test('disposing frees nothing that is shared, and the geometry can be drawn again', () => {
    const { gl, fake, attributes, states, buffers, draw } = setUp();
    gl.bindBuffer(ARRAY_BUFFER, buffers[0]!);
    gl.bufferData(ARRAY_BUFFER, 1000, 0);
    const info = { memory: { geometries: 0 } };
    const geometries = new WebGLGeometries(gl, attributes, info, states);
    const quad = createQuad();
    place(quad, buffers, 0);
    geometries.get(new Mesh(), quad);
    draw(quad);
    expect(info.memory.geometries).toBe(1);
    quad.dispose();
    expect(info.memory.geometries).toBe(0);
    expect(fake.liveBytes).toBe(1000);
    expect(draw(quad)).toBe(2);
    // Had it not hidden its attributes, the buffer of everybody would be gone.
    attributes.remove(quad.attributes['position']!);
    expect(fake.liveBytes).toBe(0);
  });

  test('lines of a wireframe are drawn from the start of an index of their own', () => {
    const { gl, attributes, states, buffers } = setUp();
    const geometries = new WebGLGeometries(gl, attributes, { memory: {} }, states);
    const quad = createQuad();
    place(quad, buffers, 4096);
    const material = new MeshBasicMaterial({ wireframe: true });
    const mesh = new BodyMesh(quad, material);
    const render = [null, null, null, quad, material] as unknown as Parameters<
      typeof mesh.onBeforeRender
    >;
    mesh.onBeforeRender(...render);
    expect(quad.drawRange).toEqual({ start: 0, count: 6 });
    expect([...geometries.getWireframeAttribute(quad).array]).toEqual([
      0, 1, 1, 2, 2, 0, 0, 2, 2, 3, 3, 0,
    ]);
    mesh.onAfterRender(...render);
    expect(quad.drawRange).toEqual({ start: 4096, count: 6 });
  });

  test('this release is one of those that were verified, and others are not taken for it', () => {
    expect(isVerifiedRevision()).toBe(true);
    expect(isVerifiedRevision(REVISION)).toBe(true);
    expect(isVerifiedRevision('188')).toBe(false);
  });
});

describe('on the CPU', () => {
  test('rays meet it as they meet an ordinary geometry, wherever it lies', () => {
    const quad = createQuad();
    const ordinary = quad.clone();
    for (const at of [0, 640, 64 * 1023]) {
      place(quad, [{}, {}], at);
      const ray = new Raycaster(new Vector3(-0.5, 0.25, 5), new Vector3(0, 0, -1));
      const hits = [quad, ordinary].map((geometry) =>
        ray.intersectObject(new BodyMesh(geometry, new MeshBasicMaterial())),
      );
      expect(hits[0]).toHaveLength(1);
      const [one, other] = hits.map(([hit]) => ({
        face: hit!.faceIndex,
        distance: hit!.distance,
        normal: hit!.normal,
      }));
      expect(one).toEqual(other);
      expect(one!.face).toBe(1);
    }
  });

  test('a clone is an ordinary geometry with buffers of its own', () => {
    const quad = createQuad();
    place(quad, [{}, {}], 640);
    const clone = quad.clone();
    expect(clone).not.toBeInstanceOf(SharedGeometry);
    expect(clone.attributes['position']).toBeInstanceOf(BufferAttribute);
    expect('isInterleavedBufferAttribute' in clone.attributes['position']!).toBe(false);
    expect(clone.drawRange.start).toBe(0);
    expect([...clone.index!.array]).toEqual([0, 1, 2, 0, 2, 3]);
    expect(clone.index!.array).not.toBe(quad.index!.array);
    expect(quad.toNonIndexed().attributes['position']!.count).toBe(6);
    const copy = quad.attributes['normal']!.clone();
    expect([copy.count, 'data' in copy]).toEqual([4, false]);
  });
});
