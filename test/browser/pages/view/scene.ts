/** The test scene: three kinds of content, some fifty placements, lights with shadows. */
import {
  Color,
  DirectionalLight,
  HemisphereLight,
  PCFShadowMap,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';
import { createRandom } from '../../../../src/base/random.ts';
import type { MeshContent } from '../../../../src/io/content.ts';
import type { SlotTransforms } from '../../../../src/memory/view.ts';
import { ball, box, material, meshContent } from '../../../render/contents.ts';
import { createTransforms, setTransform } from '../../../render/fake-host.ts';

export const WIDTH = 320;
export const HEIGHT = 180;

/** Kinds of content, by payload. Payload 3 is the ground, drawn once, with its vertices in place. */
export const GROUND = 3;
export const PAYLOADS = 4;
/** Slot 0 is the ground. */
export const SLOTS = 50;

export interface Stage {
  renderer: WebGLRenderer;
  scene: Scene;
  camera: PerspectiveCamera;
}

export function createStage(): Stage {
  const renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
  renderer.setPixelRatio(1);
  renderer.setSize(WIDTH, HEIGHT);
  renderer.shadowMap.enabled = true;
  renderer.shadowMap.type = PCFShadowMap;
  document.body.append(renderer.domElement);
  const { scene, camera } = createLitScene();
  return { renderer, scene, camera };
}

export function createLitScene(): { scene: Scene; camera: PerspectiveCamera } {
  const scene = new Scene();
  scene.background = new Color(0x336699);
  const sun = new DirectionalLight(0xffffff, 2);
  sun.position.set(15, 30, 10);
  sun.castShadow = true;
  sun.shadow.mapSize.set(512, 512);
  Object.assign(sun.shadow.camera, { left: -30, right: 30, top: 30, bottom: -30, far: 80 });
  sun.shadow.bias = -0.002;
  scene.add(sun, new HemisphereLight(0xbbccff, 0x443322, 1));
  const camera = new PerspectiveCamera(45, WIDTH / HEIGHT, 0.1, 200);
  camera.position.set(18, 14, 24);
  camera.lookAt(0, 1, 0);
  return { scene, camera };
}

/** A striped picture, so that a flipped or wrongly wrapped texture shows. */
export function createCanvas(): OffscreenCanvas {
  const canvas = new OffscreenCanvas(32, 32);
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#d08040';
  context.fillRect(0, 0, 32, 32);
  context.fillStyle = '#206030';
  context.fillRect(0, 0, 32, 10);
  context.fillStyle = '#f0f0d0';
  context.fillRect(0, 0, 8, 32);
  return canvas;
}

/** Fresh content of every payload; uploading closes its bitmaps. */
export async function createContents(canvas: OffscreenCanvas): Promise<MeshContent[]> {
  const textured = material({
    roughness: 0.8,
    textures: { baseColor: { image: 0, uv: 0, wrapS: 'repeat', wrapT: 'repeat' } },
  });
  const bitmap = await createImageBitmap(canvas, { premultiplyAlpha: 'none' });
  const picture = {
    width: 32,
    height: 32,
    colorSpace: 'srgb' as const,
    bitmap,
    compressed: null,
    encoded: null,
  };
  return [
    meshContent([
      {
        shape: box([0.3, 1, 0.3], [0, 1, 0]),
        material: material({ baseColor: [0.2, 0.1, 0.05, 1] }),
      },
      { shape: ball(1.2, 6, [0, 2.8, 0]), material: material({ baseColor: [0.1, 0.4, 0.1, 1] }) },
    ]),
    meshContent([{ shape: box([1, 0.8, 0.6], [0.5, 0.8, 0]), material: textured }], [picture]),
    meshContent([
      {
        shape: ball(0.9, 5, [0, 0.5, 0]),
        material: material({ metallic: 0.3, roughness: 0.4 }),
        color: [200, 90, 40, 255],
      },
    ]),
    meshContent([
      {
        shape: box([30, 0.5, 30], [0, -0.5, 0]),
        material: material({ baseColor: [0.4, 0.45, 0.3, 1] }),
      },
    ]),
  ];
}

/** Where every slot is, and what it shows. */
export function createPlacements(): { transforms: SlotTransforms; shown: number[] } {
  const random = createRandom(12);
  const transforms = createTransforms(SLOTS);
  const shown = [GROUND];
  for (let slot = 1; slot < SLOTS; slot++) {
    const half = random() * Math.PI;
    const position = [(slot % 7) * 4 - 12, 0, Math.floor(slot / 7) * 4 - 14];
    const turn = [0, Math.sin(half), 0, Math.cos(half)];
    setTransform(transforms, slot, position, turn, 0.6 + random() * 0.8);
    shown.push(slot % 3);
  }
  return { transforms, shown };
}
