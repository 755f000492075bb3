/** Renderer, scene and camera, and the picture's size. */
import {
  ACESFilmicToneMapping,
  PCFShadowMap,
  PerspectiveCamera,
  Scene,
  WebGLRenderer,
} from 'three';
import type { Settings } from '../settings.ts';

export interface Stage {
  readonly renderer: WebGLRenderer;
  readonly scene: Scene;
  readonly camera: PerspectiveCamera;
  draw(): void;
}

export function createStage(canvas: HTMLCanvasElement, settings: Settings): Stage {
  const renderer = new WebGLRenderer({
    canvas,
    antialias: settings.antialias,
    // A stepped page is read between two frames, long after the browser has shown the picture.
    preserveDrawingBuffer: settings.isStepped,
    powerPreference: 'high-performance',
  });
  renderer.toneMapping = ACESFilmicToneMapping;
  renderer.toneMappingExposure = 0.95;
  renderer.shadowMap.enabled = settings.shadows;
  renderer.shadowMap.type = PCFShadowMap;
  const scene = new Scene();
  const camera = new PerspectiveCamera(58, 1, 0.8, 40_000);
  const resize = (): void => {
    const { width, height } = settings.size ?? { width: innerWidth, height: innerHeight };
    renderer.setPixelRatio(settings.size ? 1 : Math.min(devicePixelRatio, 2));
    renderer.setSize(width, height, settings.size !== null);
    camera.aspect = width / height;
    camera.updateProjectionMatrix();
  };
  resize();
  if (!settings.size) addEventListener('resize', resize);
  return { renderer, scene, camera, draw: () => renderer.render(scene, camera) };
}
