/**
 * Cooked models with textures in every form that a device may ask for, streamed and drawn; and
 * single images through the decode workers. The test calls `texturesPage`.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import {
  Color,
  DirectionalLight,
  HemisphereLight,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';
import { httpSource, installStreaming, type Streaming } from '../../../../src/index.ts';
import { createWorkerPool } from '../../../../src/io/worker/pool.ts';
import { createThreeView, type ThreeView } from '../../../../src/render/index.ts';
import { detectTextureSupport } from '../../../../src/render/texture-support.ts';

const SIDE = 192;

interface Order {
  /** Where the world is served. */
  path: string;
  asset: string;
  /** Texture formats to use, null for what the device has. */
  support: number | null;
  /** Whether everything is streamed once before there is a view. */
  isLate?: boolean;
  /** Distance of the camera (meters). */
  distance: number;
}

function createStage(distance: number) {
  const renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
  renderer.setSize(SIDE, SIDE);
  document.body.append(renderer.domElement);
  const scene = new Scene();
  scene.background = new Color(0x8fb4d9);
  const sun = new DirectionalLight(0xffffff, 2.5);
  sun.position.set(3, 5, 4);
  scene.add(sun, new HemisphereLight(0xcfe0ff, 0x6a6250, 1.2));
  const camera = new PerspectiveCamera(45, 1, 0.01, 500);
  camera.position.set(0, distance * 0.2, distance);
  camera.lookAt(0, 0, 0);
  return { renderer, scene, camera };
}

async function streamed({ path, asset, support, isLate, distance }: Order): Promise<object> {
  const stage = createStage(distance);
  const world = createWorld();
  const streaming = installStreaming(world, { source: httpSource(path) });
  const failures: string[] = [];
  streaming.on('assetFailed', ({ message }) => void failures.push(message));
  const options = { ...stage, anisotropy: 1, ...(support !== null && { textureSupport: support }) };
  let view: ThreeView | undefined = isLate ? undefined : createThreeView(streaming, options);
  const { StreamRequest, Transform } = streaming.components;
  const entity = addEntity(world);
  addComponent(world, entity, set(Transform, { position: [0, 0, 0], scale: 1 }));
  addComponent(world, entity, set(StreamRequest, { asset, finestLod: 0, coarsestLod: 0 }));
  await streaming.open('world.json');
  const viewpoint = isLate ? lookFrom(streaming, distance) : 0;
  const settle = async (): Promise<number> => {
    for (let frame = 0, calm = 0; calm < 20; frame++) {
      if (frame > 2000 || failures.length > 0)
        throw new Error(`${asset} did not become resident: ${failures.join('; ')}`);
      streaming.begin();
      streaming.update(1 / 60);
      streaming.commit();
      calm = streaming.isResident(entity, 0) ? calm + 1 : 0;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    streaming.checkInvariants();
    return streaming.stats().residentBytes;
  };
  const before = isLate ? await settle() : 0;
  if (isLate) streaming.removeViewpoint(viewpoint);
  view ??= createThreeView(streaming, options);
  const residentBytes = await settle();
  const { renderer, scene, camera } = stage;
  renderer.render(scene, camera);
  const gl = renderer.getContext();
  const pixels = new Uint8Array(SIDE * SIDE * 4);
  gl.readPixels(0, 0, SIDE, SIDE, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  const { geometryBytes, textureBytes } = view;
  const error = gl.getError();
  const texturesShown = renderer.info.memory.textures;
  view.dispose();
  await streaming.dispose();
  const textures = [texturesShown, renderer.info.memory.textures];
  renderer.dispose();
  renderer.domElement.remove();
  return {
    pixels: Array.from(pixels),
    before,
    residentBytes,
    geometryBytes,
    textureBytes,
    textures,
    error,
  };
}

/** Somebody to stream for while there is no camera. */
function lookFrom(streaming: Streaming, distance: number): number {
  const { Viewpoint } = streaming.components;
  const viewpoint = streaming.createViewpoint();
  Viewpoint.eye.set([0, 0, distance], viewpoint * 3);
  Viewpoint.orientation.set([0, 0, 0, 1], viewpoint * 4);
  Viewpoint.fovYRadians[viewpoint] = 0.8;
  Viewpoint.aspect[viewpoint] = 1;
  Viewpoint.heightPixels[viewpoint] = SIDE;
  Viewpoint.weight[viewpoint] = 1;
  return viewpoint;
}

/** What the device of this browser samples. */
function support(): number {
  const renderer = new WebGLRenderer();
  const bits = detectTextureSupport(renderer);
  renderer.dispose();
  return bits;
}

interface EncodedPayload {
  base64: string;
  checksum: number;
  decodedBytes: number;
}

/** Decodes payloads of one image each and says what came out: its kind, and its middle pixel. */
async function decode(payloads: readonly EncodedPayload[], bits: number): Promise<object[]> {
  const pool = createWorkerPool({ workerCount: 1 });
  pool.setTextureSupport!(bits);
  const answers: object[] = [];
  for (const { base64, checksum, decodedBytes } of payloads) {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    const job = { payload: 1, kind: 1, bytes, checksum, decodedBytes, priority: 0 } as const;
    const { code, message, content } = await pool.decode({ ...job, label: 'picture' });
    const image = content && 'images' in content ? content.images[0] : undefined;
    answers.push({
      code,
      message,
      format: image?.compressed?.format ?? (image?.bitmap ? 'bitmap' : null),
      levels: image?.compressed?.mips.length ?? 0,
      pixel: image?.bitmap ? middleOf(image.bitmap) : [],
    });
    image?.bitmap?.close();
  }
  await pool.dispose();
  return answers;
}

function middleOf(bitmap: ImageBitmap): number[] {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = canvas.getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return Array.from(context.getImageData(bitmap.width >> 1, bitmap.height >> 1, 1, 1).data);
}

Object.assign(globalThis, { texturesPage: { streamed, support, decode } });
