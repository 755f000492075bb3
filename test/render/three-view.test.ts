import {
  Group,
  type Material,
  type Mesh,
  OrthographicCamera,
  PerspectiveCamera,
  Quaternion,
  Raycaster,
  Scene,
  Vector3,
  Vector4,
  type WebGLRenderer,
} from 'three';
import type { WebGPURenderer } from 'three/webgpu';
import { describe, expect, test } from 'vitest';
import type { Streaming } from '../../src/plugin/streaming.ts';
import type { StreamingHost } from '../../src/render/host.ts';
import { createThreeView, type ThreeView, type ThreeViewOptions } from '../../src/render/index.ts';
import type { ViewRenderer } from '../../src/render/textures.ts';
import { box, material, meshContent } from './contents.ts';
import {
  changes,
  createFakeHost,
  createTransforms,
  type FakeHost,
  setTransform,
} from './fake-host.ts';

const renderer: ViewRenderer = {
  initTexture: () => undefined,
  getDrawingBufferSize: (target) => target.set(640, 360),
};

interface Setup {
  host: FakeHost;
  scene: Scene;
  camera: PerspectiveCamera;
  view: ThreeView;
}

function setup(options: Partial<ThreeViewOptions> = {}): Setup {
  const host = createFakeHost();
  const scene = new Scene();
  const camera = new PerspectiveCamera(50, 2);
  const view = createThreeView(host, { renderer, scene, camera, ...options });
  return { host, scene, camera, view };
}

/** A box off its origin, so that a forgotten offset shows. */
const content = (size = 1) =>
  meshContent([{ shape: box([size, size, size], [0, size, 3]), material: material() }]);

function quaternion(x: number, y: number, z: number, angle: number): number[] {
  return new Quaternion().setFromAxisAngle(new Vector3(x, y, z).normalize(), angle).toArray();
}

describe('viewpoints', () => {
  test('carry the camera: place, turn, field of view with zoom, drawing-buffer height', () => {
    const { host, camera } = setup();
    camera.position.set(1, 2, 3);
    camera.lookAt(10, 2, 3);
    camera.zoom = 2;
    host.hooks!.beforeUpdate();
    const { eye, orientation, fovYRadians, aspect, heightPixels, weight } =
      host.components.Viewpoint;
    const [eid] = [...host.viewpoints];
    expect([...eye.subarray(eid! * 3, eid! * 3 + 3)]).toEqual([1, 2, 3]);
    const turned = new Quaternion().fromArray(orientation, eid! * 4);
    const ahead = new Vector3(0, 0, -1).applyQuaternion(turned);
    expect(ahead.distanceTo(new Vector3(1, 0, 0))).toBeLessThan(1e-6);
    expect(fovYRadians[eid!]).toBeCloseTo(2 * Math.atan(Math.tan(Math.PI * (25 / 180)) / 2), 6);
    expect(aspect[eid!]).toBe(2);
    expect(heightPixels[eid!]).toBe(360);
    expect(weight[eid!]).toBe(1);
  });

  test('see a camera inside a moved rig', () => {
    const { host, camera, scene } = setup();
    const rig = new Group();
    rig.position.set(100, 0, 0);
    rig.add(camera);
    scene.add(rig);
    camera.position.z = 5;
    host.hooks!.beforeUpdate();
    const [eid] = [...host.viewpoints];
    expect([...host.components.Viewpoint.eye.subarray(eid! * 3, eid! * 3 + 3)]).toEqual([
      100, 0, 5,
    ]);
  });

  test('are in the space of the root, so a moved root is a moved camera', () => {
    const { host, camera, view } = setup();
    view.root.position.set(-1000, 0, 0);
    camera.position.set(5, 1, 0);
    host.hooks!.beforeUpdate();
    const [eid] = [...host.viewpoints];
    expect(host.components.Viewpoint.eye[eid! * 3]).toBe(1005);
  });

  test('follow several cameras, each with its own viewport, and a change of cameras', () => {
    const left = new PerspectiveCamera(50, 1);
    const right = new PerspectiveCamera(60, 1);
    right.viewport = new Vector4(320, 0, 320, 180);
    const { host, view } = setup({ camera: [left, right] });
    host.hooks!.beforeUpdate();
    const [a, b] = [...host.viewpoints];
    expect(host.components.Viewpoint.heightPixels[a!]).toBe(360);
    expect(host.components.Viewpoint.heightPixels[b!]).toBe(180);
    view.setCamera(left);
    expect(host.viewpoints.size).toBe(1);
    view.dispose();
    expect(host.viewpoints.size).toBe(0);
  });

  test('refuse a camera without perspective', () => {
    const camera = new OrthographicCamera() as unknown as PerspectiveCamera;
    expect(() => setup({ camera })).toThrow(
      'camera must be a PerspectiveCamera, or several, got OrthographicCamera',
    );
  });
});

describe('attached objects', () => {
  const transforms = createTransforms(4);
  setTransform(transforms, 1, [10, 2, -4], quaternion(1, 2, 3, 0.8), 2.5);

  function attached(fill?: boolean): Setup & { object: Group; lods: number[] } {
    const all = setup();
    all.host.view!.upload(0, content(1), 'box LOD 0');
    all.host.view!.upload(1, content(2), 'box LOD 1');
    all.host.view!.show(changes([[0, 4, -1, 0]]), transforms);
    all.host.slots.set(7, 1);
    const object = new Group();
    const lods: number[] = [];
    const options = { onLod: (payload: number) => void lods.push(payload) };
    all.view.attach(7, object, fill === undefined ? options : { ...options, fill });
    return { ...all, object, lods };
  }

  function expectPlaced(object: Group): void {
    expect(object.position.distanceTo(new Vector3(10, 2, -4))).toBeLessThan(1e-4);
    expect(object.scale.distanceTo(new Vector3(2.5, 2.5, 2.5))).toBeLessThan(1e-4);
    const turned = new Quaternion().fromArray(quaternion(1, 2, 3, 0.8));
    expect(object.quaternion.angleTo(turned)).toBeLessThan(1e-3);
  }

  test('take the place of the instance, with the transform of the slot', () => {
    const { view, object } = attached();
    expect(view.instanceCount).toBe(3);
    expect(object.parent).toBe(view.root);
    expectPlaced(object);
    expect(object.children[0]!.children).toHaveLength(1);
  });

  test('show what the slot shows, in the same place as the instance would', () => {
    const { object, view } = attached();
    view.root.updateMatrixWorld(true);
    const mesh = object.children[0]!.children[0] as Mesh;
    const corner = new Vector3().fromBufferAttribute(mesh.geometry.getAttribute('position'), 0);
    corner.applyMatrix4(mesh.matrixWorld);
    const shape = box([1, 1, 1], [0, 1, 3]);
    const expected = new Vector3().fromArray(shape.positions);
    expected.multiplyScalar(2.5).applyQuaternion(object.quaternion);
    expected.add(new Vector3(10, 2, -4));
    expect(corner.distanceTo(expected)).toBeLessThan(1e-3);
  });

  test('change with the LOD, and share geometry with the batch', () => {
    const { host, object, lods } = attached();
    const before = (object.children[0]!.children[0] as Mesh).geometry;
    host.view!.show(changes([[1, 2, 0, 1]]), transforms);
    const after = (object.children[0]!.children[0] as Mesh).geometry;
    expect(after).not.toBe(before);
    expect(object.children).toHaveLength(1);
    host.view!.show(changes([[1, 2, 1, -1]]), transforms);
    expect(object.children).toHaveLength(0);
    expectPlaced(object);
    expect(lods).toEqual([0, 1, -1]);
  });

  test('only follow, with fill false', () => {
    const { host, object, lods } = attached(false);
    const moved = createTransforms(4);
    setTransform(moved, 1, [1, 1, 1]);
    host.view!.move(Uint32Array.of(1), Int32Array.of(0), 1, moved);
    expect(object.position.distanceTo(new Vector3(1, 1, 1))).toBeLessThan(1e-5);
    expect(object.children).toHaveLength(0);
    expect(lods).toEqual([0]);
  });

  test('give the instance back, where it now is, when detached', () => {
    const { host, view, object } = attached();
    const moved = createTransforms(4);
    setTransform(moved, 1, [1, 1, 1]);
    host.view!.show(changes([[1, 2, 0, 1]]), moved);
    view.detach(7);
    expect(object.parent).toBeNull();
    expect(object.children).toHaveLength(0);
    expect(view.instanceCount).toBe(4);
    const down = new Raycaster(new Vector3(1.3, 50, 4.2), new Vector3(0, -1, 0));
    const [hit] = view.raycast(down);
    expect([hit!.slot, Math.round(hit!.point.y)]).toEqual([1, 5]);
  });

  test('stay with their parent when they have one', () => {
    const { host, view } = attached();
    const parent = new Group();
    const own = new Group();
    parent.add(own);
    host.slots.set(8, 2);
    const detach = view.attach(8, own);
    expect(own.parent).toBe(parent);
    detach();
    expect(own.parent).toBe(parent);
    expect(own.children).toHaveLength(0);
  });

  test('wait for an entity that does not stream yet, and leave one that no longer does', () => {
    const { host, view } = setup();
    host.view!.upload(0, content(), 'box LOD 0');
    host.view!.show(changes([[0, 2, -1, 0]]), transforms);
    const object = new Group();
    view.attach(9, object);
    host.hooks!.beforeUpdate();
    expect(view.instanceCount).toBe(2);
    host.slots.set(9, 0);
    host.hooks!.beforeUpdate();
    expect(view.instanceCount).toBe(1);
    host.slots.set(9, 1);
    host.hooks!.beforeUpdate();
    expect(view.instanceCount).toBe(1);
    expectPlaced(object);
    host.slots.delete(9);
    host.hooks!.beforeUpdate();
    expect(view.instanceCount).toBe(2);
    expect(object.parent).toBeNull();
  });

  test('are one per entity and one per slot', () => {
    const { host, view } = attached();
    expect(() => view.attach(7, new Group())).toThrow('entity 7 already has an object');
    host.slots.set(70, 1);
    expect(() => view.attach(70, new Group())).toThrow(
      'slot 1 of entity 70 already has the object of entity 7',
    );
    view.detach(7);
    expect(() => view.attach(70, new Group())).not.toThrow();
  });

  test('an old detach call does not touch a newer object', () => {
    const { host, view } = setup();
    host.slots.set(7, 1);
    const detach = view.attach(7, new Group());
    detach();
    const second = new Group();
    view.attach(7, second);
    detach();
    expect(second.parent).toBe(view.root);
  });
});

describe('the ray test', () => {
  test('finds slots nearest first and makes an entity only when asked for it', () => {
    const { host, view } = setup();
    const transforms = createTransforms(3);
    for (let slot = 0; slot < 3; slot++) setTransform(transforms, slot, [0, 0, slot * -20]);
    host.view!.upload(0, content(), 'box LOD 0');
    host.view!.show(changes([[0, 3, -1, 0]]), transforms);
    host.slots.set(5, 1);
    view.attach(5, new Group());
    const raycaster = new Raycaster(new Vector3(0, 1.3, 30), new Vector3(0, 0, -1));
    const hits = view.raycast(raycaster);
    expect(hits.map(({ slot }) => slot)).toEqual([0, 1, 2]);
    expect(hits.map(({ distance }) => Math.round(distance))).toEqual([26, 46, 66]);
    expect(host.materialized).toEqual([]);
    expect(hits[0]!.eid).toBe(1000);
    expect(hits[1]!.eid).toBe(5);
    expect(host.materialized).toEqual([0]);
    expect(hits[2]!.asset).toBe('asset-2');
    expect(hits.map(({ instanceId }) => instanceId >= 0)).toEqual([true, false, true]);
  });

  test('works under a moved root before anything was rendered', () => {
    const { host, view } = setup();
    host.view!.upload(0, content(), 'box LOD 0');
    host.view!.show(changes([[0, 1, -1, 0]]), createTransforms(1));
    view.root.position.x = 50;
    const at = (x: number): Raycaster =>
      new Raycaster(new Vector3(x, 1.3, 30), new Vector3(0, 0, -1));
    expect(view.raycast(at(50))).toHaveLength(1);
    expect(view.raycast(at(0))).toHaveLength(0);
  });
});

describe('a view', () => {
  test('counts what is drawn and held', () => {
    const { host, view } = setup();
    host.view!.upload(0, content(), 'box LOD 0');
    host.view!.upload(1, content(), 'box LOD 1');
    host.view!.show(changes([[0, 40, -1, 0]]), createTransforms(40));
    expect(view.drawCount).toBe(1);
    expect(view.instanceCount).toBe(40);
    expect(view.triangleCount).toBe(480);
    expect(view.payloadCount).toBe(2);
    expect(view.geometryBytes).toBe(2 * (24 * 16 + 72));
    expect(view.instanceBytes).toBe((64 + 16) * 64);
    expect(view.textureBytes).toBe(0);
  });

  test('frees everything at the end, whatever is shown, and only once', () => {
    const made: Material[] = [];
    let disposed = 0;
    const { host, view, scene } = setup({
      onMaterial: (material) => {
        made.push(material);
        material.addEventListener('dispose', () => disposed++);
        return undefined;
      },
    });
    host.view!.upload(0, content(), 'box LOD 0');
    host.view!.show(changes([[0, 4, -1, 0]]), createTransforms(4));
    host.slots.set(3, 2);
    const object = new Group();
    view.attach(3, object);
    view.dispose();
    view.dispose();
    expect(scene.children).toEqual([]);
    expect(view.root.children).toEqual([]);
    expect(object.parent).toBeNull();
    expect([made.length, disposed]).toEqual([1, 1]);
    expect(host.view).toBeNull();
    expect(view.payloadCount).toBe(0);
  });

  test('that the host refuses leaves nothing behind', () => {
    const host = createFakeHost();
    const scene = new Scene();
    host.attachView = () => {
      throw new Error('there is a view already');
    };
    const camera = new PerspectiveCamera();
    expect(() => createThreeView(host, { renderer, scene, camera })).toThrow('a view already');
    expect(scene.children).toEqual([]);
    expect(host.viewpoints.size).toBe(0);
  });

  test('takes moves of slots that show nothing', () => {
    const { host, view } = setup();
    host.view!.upload(0, content(), 'box LOD 0');
    const transforms = createTransforms(4);
    host.view!.show(changes([[0, 1, -1, 0]]), transforms);
    host.slots.set(3, 2);
    const object = new Group();
    view.attach(3, object);
    setTransform(transforms, 2, [4, 5, 6]);
    host.view!.move(Uint32Array.of(1, 2, 900), Int32Array.of(-1, -1, -1), 3, transforms);
    expect(view.instanceCount).toBe(1);
    expect(object.position.toArray()).toEqual([4, 5, 6]);
  });

  test('leaves a root of the game where it is', () => {
    const root = new Group();
    const parent = new Group();
    parent.add(root);
    const { view, scene } = setup({ root });
    expect(view.root).toBe(root);
    expect(scene.children).toEqual([]);
    view.dispose();
    expect(root.parent).toBe(parent);
  });

  test('refuses options that cannot work', () => {
    expect(() => setup({ renderer: {} as WebGLRenderer })).toThrow('needs a renderer');
    expect(() => setup({ anisotropy: 0 })).toThrow('anisotropy must be a number from 1 to 16');
    expect(() => setup({ geometryBytes: -1 })).toThrow('geometryBytes must be');
    expect(() => setup({ geometryLimit: 'firm' as 'hard' })).toThrow("expected 'soft' or 'hard'");
  });

  test('fits both renderers of three.js', () => {
    // Type checks only: a renderer that no longer fits does not compile.
    const webgl = (given: WebGLRenderer): ViewRenderer => given;
    const webgpu = (given: WebGPURenderer): ViewRenderer => given;
    expect(webgl).not.toBe(webgpu);
  });

  test('fits the plugin', () => {
    const streaming = (given: Streaming): StreamingHost => given;
    expect(streaming).toBeTypeOf('function');
  });
});
