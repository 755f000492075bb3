/** The page of the upload bench: flies once past a row of models and notes what each frame took. */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { Color, HemisphereLight, PerspectiveCamera, Scene, WebGLRenderer } from 'three';
import { httpSource, installStreaming } from '../../../src/index.ts';
import type { DeviceMemory } from '../../../src/render/device-memory.ts';
import { createThreeView } from '../../../src/render/index.ts';

export interface FlightVariant {
  name: string;
  view: { geometryBytes?: number; stagingBytes?: number };
  plugin: { uploadBytesPerFrame: number; uploadMsPerFrame: number };
}

export interface FlightSeries {
  frames: {
    /** `begin`, `update` and `commit`. */
    streamingMs: number;
    renderMs: number;
    /** Growth of the heap in `commit`; below 0 where garbage was collected. */
    heapBytes: number;
    /** Bytes that went to the GPU, as the figures of the view say. */
    uploadedBytes: number;
  }[];
}

const FRAMES = 240;
const SPACING_METERS = 14;
const BUDGET_BYTES = 320 * 1024 * 1024;

/** Small: what is measured is this thread, not the rasterizer in the other process. */
const [WIDTH, HEIGHT] = [64, 36];

async function fly(variant: FlightVariant, models: number): Promise<FlightSeries> {
  const renderer = new WebGLRenderer({ antialias: false });
  renderer.setPixelRatio(1);
  renderer.setSize(WIDTH, HEIGHT);
  document.body.append(renderer.domElement);
  const scene = new Scene();
  scene.background = new Color(0x8fb4d9);
  scene.add(new HemisphereLight(0xcfe0ff, 0x6a6250, 2));
  const camera = new PerspectiveCamera(45, WIDTH / HEIGHT, 0.1, 300);
  const world = createWorld();
  const streaming = installStreaming(world, {
    source: httpSource('/world/'),
    budgetBytes: BUDGET_BYTES,
    // So fine that a small picture asks for what a large one would.
    errorPixels: 0.02,
    ...variant.plugin,
  });
  const view = createThreeView(streaming, { renderer, scene, camera, ...variant.view });
  const { StreamRequest, Transform } = streaming.components;
  await streaming.open('world.json');
  for (let i = 0; i < models; i++) {
    const entity = addEntity(world);
    const position = [i * SPACING_METERS, 0, 0];
    addComponent(world, entity, set(Transform, { position, scale: 3 }));
    addComponent(world, entity, set(StreamRequest, { asset: `ball-${i}` }));
  }
  const { memory } = view as unknown as { memory: DeviceMemory };
  const heap = (): number =>
    (performance as unknown as { memory: { usedJSHeapSize: number } }).memory.usedJSHeapSize;
  const series: FlightSeries = { frames: [] };
  for (let frame = 0; frame < FRAMES; frame++) {
    const x = (frame / FRAMES) * models * SPACING_METERS;
    camera.position.set(x, 3, 14);
    camera.lookAt(x + 8, 0, 0);
    camera.updateMatrixWorld();
    const before = memory.uploadedBytes;
    const began = performance.now();
    streaming.begin();
    streaming.update(1 / 60);
    const heapBefore = heap();
    streaming.commit();
    const heapBytes = heap() - heapBefore;
    const streamed = performance.now();
    renderer.render(scene, camera);
    const rendered = performance.now();
    series.frames.push({
      streamingMs: streamed - began,
      renderMs: rendered - streamed,
      heapBytes,
      uploadedBytes: memory.uploadedBytes - before,
    });
    await new Promise(requestAnimationFrame);
  }
  return series;
}

Object.assign(globalThis, { uploadPage: { fly } });
