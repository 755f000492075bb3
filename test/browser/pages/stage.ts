/** A renderer on the page, a scene with two lights, a camera: what pages draw streamed models with. */
import {
  Color,
  DirectionalLight,
  HemisphereLight,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';

const [WIDTH, HEIGHT] = [320, 180];

export interface Stage {
  renderer: WebGLRenderer;
  scene: Scene;
  camera: PerspectiveCamera;
}

type Triple = readonly [number, number, number];

export function createStage(eye: Triple, target: Triple): Stage {
  const renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
  renderer.setPixelRatio(1);
  renderer.setSize(WIDTH, HEIGHT);
  document.body.append(renderer.domElement);
  const scene = new Scene();
  scene.background = new Color(0x8fb4d9);
  const sun = new DirectionalLight(0xffffff, 2.5);
  sun.position.set(3, 5, 4);
  scene.add(sun, new HemisphereLight(0xcfe0ff, 0x6a6250, 1.2));
  const camera = new PerspectiveCamera(45, WIDTH / HEIGHT, 0.1, 500);
  camera.position.set(...eye);
  camera.lookAt(...target);
  return { renderer, scene, camera };
}

/** Draws, and reads what is on the canvas: RGBA, bottom row first. */
export function drawStage({ renderer, scene, camera }: Stage): Uint8Array {
  renderer.render(scene, camera);
  const gl = renderer.getContext();
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return pixels;
}
