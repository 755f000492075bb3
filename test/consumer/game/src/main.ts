/** The smallest game: one statue, streamed. Reports to the test through `globalThis.report`. */
import { addComponent, addEntity, createWorld, observe, onAdd, set } from 'bitecs';
import { getStreaming, httpSource, installStreaming } from 'farfield';
import { createThreeView } from 'farfield/three';
import { Color, HemisphereLight, PerspectiveCamera, Scene, WebGLRenderer } from 'three';

const folder = new URL(
  `./worlds/${new URLSearchParams(location.search).get('world')}/`,
  location.href,
);

const renderer = new WebGLRenderer({ antialias: false, preserveDrawingBuffer: true });
renderer.setSize(innerWidth, innerHeight);
document.body.append(renderer.domElement);
const scene = new Scene();
scene.background = new Color(0x203040);
scene.add(new HemisphereLight(0xffffff, 0x404040, 3));
const camera = new PerspectiveCamera(60, innerWidth / innerHeight, 0.1, 100);
camera.position.set(0, 1, 4);
camera.updateMatrixWorld();

const world = createWorld({});
const streaming = installStreaming(world, {
  source: httpSource(folder.href),
  budgetBytes: 64 << 20,
});
const { StreamRequest, Transform, Pinned, Resident } = streaming.components;
createThreeView(streaming, { renderer, scene, camera });

const seen: number[] = [];
observe(world, onAdd(Resident), (eid: number) => void seen.push(eid));

const statue = addEntity(world);
addComponent(world, statue, set(Transform, { position: [0, 0, 0] }));
addComponent(world, statue, set(StreamRequest, { asset: 'statue', importance: 2 }));
addComponent(world, statue, set(Pinned, { lod: 0 }));

const opened = streaming.open('world.json');
const resident = streaming.whenResident(statue);

let frames = 0;
function frame(): void {
  streaming.begin();
  streaming.update(1 / 60);
  streaming.commit();
  renderer.render(scene, camera);
  frames++;
  Object.assign(globalThis, { progress: { frames, seen, stats: streaming.stats() } });
  if (streaming.isResident(statue, 0) && seen.length > 0) void finish();
  else requestAnimationFrame(frame);
}

async function finish(): Promise<void> {
  const info = await opened;
  await resident;
  // The tag comes a frame before the finest LOD is on screen.
  renderer.render(scene, camera);
  Object.assign(globalThis, {
    report: {
      assets: info.assets,
      isStatueTagged: seen.includes(statue),
      isSameStreaming: getStreaming(world) === streaming,
      triangles: (streaming.data(statue, 0)?.primitives ?? []).reduce(
        (sum, primitive) => sum + primitive.index.length / 3,
        0,
      ),
      problem: streaming.explain(statue),
      drawCalls: renderer.info.render.calls,
      frames,
    },
  });
}

requestAnimationFrame(frame);
