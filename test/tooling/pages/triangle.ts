/** Draws a few colors with three and reads part of a mounted file. */
import {
  Mesh,
  MeshNormalMaterial,
  PerspectiveCamera,
  Scene,
  SphereGeometry,
  WebGLRenderer,
} from 'three';

const renderer = new WebGLRenderer({ preserveDrawingBuffer: true });
renderer.setSize(innerWidth, innerHeight);
document.body.append(renderer.domElement);
const scene = new Scene();
scene.add(new Mesh(new SphereGeometry(1, 16, 8), new MeshNormalMaterial()));
const camera = new PerspectiveCamera(60, innerWidth / innerHeight, 0.1, 10);
camera.position.z = 3;
renderer.render(scene, camera);

const response = await fetch('/world/abc.bin', { headers: { range: 'bytes=2-4' } });
Object.assign(globalThis, {
  result: {
    status: response.status,
    text: await response.text(),
    isIsolated: globalThis.crossOriginIsolated,
  },
});
