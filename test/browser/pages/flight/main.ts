/**
 * Models streamed from a cooked bundle, and the same source files drawn by three's own GLTFLoader
 * at the same places under the same light; the test calls `sourcePage`.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import {
  Color,
  DirectionalLight,
  Group,
  HemisphereLight,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { httpSource, installStreaming } from '../../../../src/index.ts';
import { createThreeView } from '../../../../src/render/index.ts';

interface Stand {
  asset: string;
  position: [number, number, number];
  scale: number;
}

const [WIDTH, HEIGHT] = [320, 180];

function createStage(): { renderer: WebGLRenderer; scene: Scene; camera: PerspectiveCamera } {
  const renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
  renderer.setSize(WIDTH, HEIGHT);
  document.body.append(renderer.domElement);
  const scene = new Scene();
  scene.background = new Color(0x8fb4d9);
  const sun = new DirectionalLight(0xffffff, 2.5);
  sun.position.set(3, 5, 4);
  scene.add(sun, new HemisphereLight(0xcfe0ff, 0x6a6250, 1.2));
  const camera = new PerspectiveCamera(45, WIDTH / HEIGHT, 0.1, 500);
  camera.position.set(0, 7, 26);
  camera.lookAt(0, 4, 0);
  return { renderer, scene, camera };
}

function pixels(stage: ReturnType<typeof createStage>): number[] {
  const { renderer, scene, camera } = stage;
  renderer.render(scene, camera);
  const gl = renderer.getContext();
  const data = new Uint8Array(WIDTH * HEIGHT * 4);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, data);
  return Array.from(data);
}

/** The picture of the streamed models, every one at exactly `lod`. */
async function streamed(stands: Stand[], lod: number): Promise<number[]> {
  const stage = createStage();
  const world = createWorld();
  const streaming = installStreaming(world, { source: httpSource('/world/') });
  const view = createThreeView(streaming, { ...stage, anisotropy: 1 });
  const { StreamRequest, Transform } = streaming.components;
  const entities = stands.map(({ asset, position, scale }) => {
    const entity = addEntity(world);
    addComponent(world, entity, set(Transform, { position, scale }));
    addComponent(world, entity, set(StreamRequest, { asset, finestLod: lod, coarsestLod: lod }));
    return entity;
  });
  await streaming.open('world.json');
  const ready = Promise.all(entities.map((entity) => streaming.whenResident(entity, lod)));
  let isReady = false;
  ready.then(() => {
    isReady = true;
  });
  for (let frame = 0, calm = 0; calm < 30; frame++) {
    if (frame > 3000) throw new Error(`LOD ${lod} did not become resident in 3000 frames`);
    streaming.begin();
    streaming.update(1 / 60);
    streaming.commit();
    if (isReady) calm++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ready;
  const data = pixels(stage);
  view.dispose();
  await streaming.dispose();
  stage.renderer.dispose();
  return data;
}

/** The picture of the source files. */
async function loaded(stands: Stand[]): Promise<number[]> {
  const stage = createStage();
  const loader = new GLTFLoader();
  for (const { asset, position, scale } of stands) {
    const { scene } = await loader.loadAsync(`/sources/${asset}.glb`);
    const group = new Group().add(scene);
    group.position.set(...position);
    group.scale.setScalar(scale);
    stage.scene.add(group);
  }
  const data = pixels(stage);
  stage.renderer.dispose();
  return data;
}

Object.assign(globalThis, { sourcePage: { streamed, loaded } });
