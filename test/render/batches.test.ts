import fc from 'fast-check';
import { Group, Matrix4, Quaternion, Raycaster, Vector3 } from 'three';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { MeshContent } from '../../src/io/content.ts';
import type { SlotTransforms } from '../../src/memory/view.ts';
import type { BatchMesh } from '../../src/render/batch-mesh.ts';
import { Batches } from '../../src/render/batches.ts';
import { writeInstanceMatrix } from '../../src/render/instance-matrix.ts';
import {
  createPayloadResources,
  type PayloadResources,
} from '../../src/render/payload-resources.ts';
import type { ViewRenderer } from '../../src/render/textures.ts';
import { ball, box, material, meshContent } from './contents.ts';
import { changes, createTransforms, setTransform } from './fake-host.ts';

const renderer: ViewRenderer = {
  initTexture: () => undefined,
  getDrawingBufferSize: (target) => target.set(320, 180),
};
const shadows = { castShadow: true, receiveShadow: false };

function resourcesOf(payload: number, content: MeshContent): PayloadResources {
  return createPayloadResources(payload, content, `thing LOD ${payload}`, {
    renderer,
    anisotropy: 1,
    onMaterial: null,
  });
}

const twoParts = (): MeshContent =>
  meshContent([
    { shape: box([1, 2, 3], [5, 0, -1]), material: material() },
    { shape: ball(1, 4, [5, 3, -1]), material: material({ name: 'other' }) },
  ]);
const onePart = (): MeshContent =>
  meshContent([{ shape: box([0.5, 0.5, 0.5], [0, 0.5, 0]), material: material() }]);

function setup(payloads = 3): { root: Group; batches: Batches } {
  const root = new Group();
  const batches = new Batches(root, shadows);
  for (let p = 0; p < payloads; p++) {
    batches.add(resourcesOf(p, p % 2 === 0 ? twoParts() : onePart()));
  }
  return { root, batches };
}

/** What three's own composition gives for a slot. */
function expectedMatrix(
  transforms: SlotTransforms,
  slot: number,
  content: PayloadResources,
): Matrix4 {
  const quaternion = new Quaternion().fromArray(transforms.rotations, slot * 4).normalize();
  const place = new Matrix4().compose(
    new Vector3().fromArray(transforms.positions, slot * 3),
    quaternion,
    new Vector3().setScalar(transforms.scales[slot]!),
  );
  const { scale, offset } = content;
  const dequantize = new Matrix4().makeScale(scale, scale, scale);
  dequantize.setPosition(new Vector3().fromArray(offset));
  return place.multiply(dequantize);
}

function expectClose(seen: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-5): void {
  for (let i = 0; i < expected.length; i++) {
    const limit = tolerance * Math.max(1, Math.abs(expected[i]!));
    expect(Math.abs(seen[i]! - expected[i]!), `element ${i}`).toBeLessThanOrEqual(limit);
  }
}

function randomTransforms(count: number, seed: number): SlotTransforms {
  const random = createRandom(seed);
  const transforms = createTransforms(count);
  for (let slot = 0; slot < count; slot++) {
    const q = new Quaternion(
      random() - 0.5,
      random() - 0.5,
      random() - 0.5,
      random() - 0.5,
    ).normalize();
    const position = [random() * 100 - 50, random() * 10, random() * 100 - 50];
    setTransform(transforms, slot, position, q.toArray(), 0.5 + random() * 2);
  }
  return transforms;
}

/** What the scene holds: slot → matrix for each payload, read from the meshes that are drawn. */
function drawn(batches: Batches): Map<number, { payload: number; matrix: Float32Array }> {
  const found = new Map<number, { payload: number; matrix: Float32Array }>();
  for (const batch of batches.values()) {
    for (const mesh of batch.meshes) {
      expect(mesh.count).toBe(batch.count);
      expect(mesh.visible).toBe(batch.count > 0);
      expect(mesh.instanceMatrix.array).toBe(batch.matrices);
    }
    for (let i = 0; i < batch.count; i++) {
      const slot = batch.slots[i]!;
      expect(found.has(slot), `slot ${slot} is drawn twice`).toBe(false);
      const matrix = batch.matrices.slice(i * 16, i * 16 + 16);
      found.set(slot, { payload: batch.payload, matrix });
    }
  }
  return found;
}

describe('instance matrices', () => {
  test('equal three.js composition with the dequantization behind it', () => {
    const transforms = randomTransforms(200, 7);
    const resources = resourcesOf(0, twoParts());
    const out = new Float32Array(16);
    for (let slot = 0; slot < 200; slot++) {
      writeInstanceMatrix(out, 0, transforms, slot, resources);
      expectClose(out, expectedMatrix(transforms, slot, resources).elements);
    }
  });

  test('a zero quaternion counts as no rotation', () => {
    const transforms = createTransforms(1);
    setTransform(transforms, 0, [1, 2, 3], [0, 0, 0, 0], 2);
    const out = new Float32Array(16);
    writeInstanceMatrix(out, 0, transforms, 0, { scale: 0.5, offset: [1, 0, 0] });
    expectClose(out, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 3, 2, 3, 1]);
  });
});

describe('batches', () => {
  test('draw every slot once, with the payload and place it was last given, whatever happens', () => {
    const slotCount = 90;
    const step = fc.oneof(
      fc.record({
        kind: fc.constant('show' as const),
        start: fc.nat(slotCount - 1),
        length: fc.integer({ min: 1, max: 40 }),
        to: fc.integer({ min: -1, max: 2 }),
      }),
      fc.record({
        kind: fc.constant('move' as const),
        start: fc.nat(slotCount - 1),
        length: fc.integer({ min: 1, max: 10 }),
        to: fc.constant(0),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), fc.nat(1e6), (steps, seed) => {
        const { batches } = setup();
        const resources = new Map([...batches.values()].map((b) => [b.payload, b.resources]));
        const transforms = randomTransforms(slotCount, seed);
        const model = new Int32Array(slotCount).fill(-1);
        const random = createRandom(seed + 1);
        for (const { kind, start, length, to } of steps) {
          const end = Math.min(slotCount, start + length);
          if (kind === 'show') {
            batches.show(changes(rangesOf(model, start, end, to)), transforms);
            model.fill(to, start, end);
            continue;
          }
          const moved: number[] = [];
          for (let slot = start; slot < end; slot++) if (model[slot]! >= 0) moved.push(slot);
          for (const slot of moved) transforms.positions[slot * 3] = random() * 50;
          const payloads = Int32Array.from(moved, (slot) => model[slot]!);
          batches.move(Uint32Array.from(moved), payloads, moved.length, transforms);
        }
        const found = drawn(batches);
        for (let slot = 0; slot < slotCount; slot++) {
          const payload = model[slot]!;
          expect(found.get(slot)?.payload ?? -1).toBe(payload);
          expect(batches.payloadOf(slot)).toBe(payload);
          if (payload < 0) continue;
          const expected = expectedMatrix(transforms, slot, resources.get(payload)!);
          expectClose(found.get(slot)!.matrix, expected.elements);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('send to the GPU every matrix that changed', () => {
    const { batches } = setup(1);
    const transforms = randomTransforms(3000, 3);
    batches.show(changes([[0, 3000, -1, 0]]), transforms);
    const [batch] = [...batches.values()];
    const mesh = batch!.meshes[0]!;
    const gpu = batch!.matrices.slice();
    const upload = (): number => {
      const { array, updateRanges } = mesh.instanceMatrix;
      let sent = 0;
      for (const { start, count } of updateRanges) {
        gpu.set(array.subarray(start, start + count), start);
        sent += count;
      }
      mesh.instanceMatrix.clearUpdateRanges();
      return sent;
    };
    upload();
    const random = createRandom(11);
    for (let round = 0; round < 20; round++) {
      const first = Math.floor(random() * 2900);
      const shown = batches.payloadOf(first);
      let end = first + 1;
      while (end < first + 30 && batches.payloadOf(end) === shown) end++;
      const version = mesh.instanceMatrix.version;
      batches.show(changes([[first, end, shown, shown === 0 ? -1 : 0]]), transforms);
      const sent = upload();
      expect(sent).toBeLessThan(batch!.count * 16);
      if (sent > 0) expect(mesh.instanceMatrix.version).toBeGreaterThan(version);
      const used = batch!.count * 16;
      const same = gpu.subarray(0, used).every((value, i) => value === batch!.matrices[i]);
      expect(same, `round ${round}`).toBe(true);
    }
  });

  test('keep few update ranges however long nothing is rendered', () => {
    const { batches } = setup(1);
    const transforms = randomTransforms(20_000, 5);
    batches.show(changes([[0, 20_000, -1, 0]]), transforms);
    const [batch] = [...batches.values()];
    for (let i = 0; i < 500; i++) {
      const slot = (i * 7919) % 20_000;
      batches.move(Uint32Array.of(slot), Int32Array.of(0), 1, transforms);
      expect(batch!.meshes[0]!.instanceMatrix.updateRanges.length).toBeLessThanOrEqual(32);
    }
  });

  test('share one matrix buffer among the primitives of a payload, also after growing', () => {
    const { batches } = setup(1);
    const transforms = createTransforms(100);
    const [batch] = [...batches.values()];
    const before = batch!.meshes[0]!.instanceMatrix;
    let freed = 0;
    before.addEventListener('dispose', () => freed++);
    batches.show(changes([[0, 100, -1, 0]]), transforms);
    expect(batch!.meshes[0]!.instanceMatrix).not.toBe(before);
    expect(batch!.meshes[1]!.instanceMatrix).toBe(batch!.meshes[0]!.instanceMatrix);
    expect(freed).toBeGreaterThan(0);
  });

  test('name the slot when a change does not fit what is shown', () => {
    const { batches } = setup(3);
    const transforms = createTransforms(10);
    batches.show(changes([[0, 5, -1, 0]]), transforms);
    expect(() => batches.show(changes([[2, 3, 1, 2]]), transforms)).toThrow(
      'slot 2 does not show thing LOD 1',
    );
    expect(() => batches.show(changes([[4, 6, -1, 1]]), transforms)).toThrow(
      'slot 4 begins to show thing LOD 1 (payload 1) while it still shows payload 0',
    );
    expect(() => batches.show(changes([[7, 8, -1, 9]]), transforms)).toThrow(
      'payload 9 is not uploaded',
    );
    expect(() => batches.remove(0)).toThrow('released while 5 slots show it');
  });

  test('leave nothing in the scene when removed', () => {
    const { root, batches } = setup(2);
    const transforms = createTransforms(10);
    batches.show(changes([[0, 10, -1, 0]]), transforms);
    batches.show(changes([[0, 10, 0, -1]]), transforms);
    batches.remove(0);
    batches.remove(1);
    expect(root.children).toHaveLength(0);
  });

  test('carry the shadow settings', () => {
    const { root } = setup(1);
    for (const child of root.children) {
      expect(child.castShadow).toBe(true);
      expect(child.receiveShadow).toBe(false);
      expect(child.frustumCulled).toBe(false);
    }
  });
});

describe('ray tests', () => {
  test('find the same instances as a test of every triangle', () => {
    const { root, batches } = setup(2);
    const transforms = randomTransforms(300, 21);
    batches.show(
      changes([
        [0, 150, -1, 0],
        [150, 300, -1, 1],
      ]),
      transforms,
    );
    root.position.set(3, 1, -2);
    root.rotation.y = 0.4;
    root.updateMatrixWorld(true);
    const random = createRandom(4);
    let total = 0;
    for (let i = 0; i < 60; i++) {
      const origin = new Vector3(random() * 120 - 60, 20, random() * 120 - 60);
      const target = new Vector3(random() * 80 - 40, 2, random() * 80 - 40);
      const raycaster = new Raycaster(origin, target.sub(origin).normalize(), 0, 90);
      const seen = hitsOf(root.children as BatchMesh[], raycaster);
      const expected = bruteForce(root.children as BatchMesh[], raycaster);
      expect(seen).toEqual(expected);
      total += seen.length;
    }
    expect(total).toBeGreaterThan(20);
  });

  test('the sphere around a batch holds every instance', () => {
    const { root, batches } = setup(1);
    const transforms = randomTransforms(50, 2);
    batches.show(changes([[0, 50, -1, 0]]), transforms);
    const mesh = root.children[0] as BatchMesh;
    mesh.computeBoundingSphere();
    const point = new Vector3();
    const matrix = new Matrix4();
    for (let i = 0; i < mesh.count; i++) {
      mesh.getMatrixAt(i, matrix);
      const position = mesh.geometry.getAttribute('position');
      for (let v = 0; v < position.count; v++) {
        point.fromBufferAttribute(position, v).applyMatrix4(matrix);
        expect(point.distanceTo(mesh.boundingSphere!.center)).toBeLessThanOrEqual(
          mesh.boundingSphere!.radius * 1.0001,
        );
      }
    }
  });

  test('miss an instance that has moved away', () => {
    const { root, batches } = setup(2);
    const transforms = createTransforms(1);
    batches.show(changes([[0, 1, -1, 1]]), transforms);
    const raycaster = new Raycaster(new Vector3(0, 0.5, 10), new Vector3(0, 0, -1));
    expect(hitsOf(root.children as BatchMesh[], raycaster).length).toBeGreaterThan(0);
    setTransform(transforms, 0, [50, 0, 0]);
    batches.move(Uint32Array.of(0), Int32Array.of(1), 1, transforms);
    expect(hitsOf(root.children as BatchMesh[], raycaster)).toEqual([]);
  });
});

/** Splits [start, end) where the shown payload changes, leaving out what already shows `to`. */
function rangesOf(
  shown: Int32Array,
  start: number,
  end: number,
  to: number,
): [number, number, number, number][] {
  const rows: [number, number, number, number][] = [];
  for (let slot = start; slot < end; ) {
    const from = shown[slot]!;
    let next = slot + 1;
    while (next < end && shown[next] === from) next++;
    if (from !== to) rows.push([slot, next, from, to]);
    slot = next;
  }
  return rows;
}

function hitsOf(meshes: BatchMesh[], raycaster: Raycaster): string[] {
  const hits = meshes.flatMap((mesh) => raycaster.intersectObject(mesh, false));
  return hits.map((hit) => label(hit.object as BatchMesh, hit.instanceId!, hit.faceIndex!)).sort();
}

/** Every triangle of every instance, by three's own ray-triangle test. */
function bruteForce(meshes: BatchMesh[], raycaster: Raycaster): string[] {
  const found: string[] = [];
  const corners = [new Vector3(), new Vector3(), new Vector3()] as const;
  const matrix = new Matrix4();
  const hit = new Vector3();
  for (const mesh of meshes) {
    const position = mesh.geometry.getAttribute('position');
    const index = mesh.geometry.getIndex()!;
    for (let i = 0; i < mesh.count; i++) {
      mesh.getMatrixAt(i, matrix);
      matrix.premultiply(mesh.matrixWorld);
      for (let t = 0; t < index.count / 3; t++) {
        for (let k = 0; k < 3; k++) {
          corners[k]!.fromBufferAttribute(position, index.getX(t * 3 + k)).applyMatrix4(matrix);
        }
        const [a, b, c] = corners;
        if (raycaster.ray.intersectTriangle(a, b, c, true, hit) === null) continue;
        if (hit.distanceTo(raycaster.ray.origin) <= raycaster.far) found.push(label(mesh, i, t));
      }
    }
  }
  return found.sort();
}

function label(mesh: BatchMesh, instance: number, face: number): string {
  return `${mesh.id}:${instance}:${face}`;
}
