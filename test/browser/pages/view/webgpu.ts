/** The same scene through `WebGPURenderer`: streamed, and as plain meshes. */
import { type Group, RenderTarget } from 'three';
import { WebGPURenderer } from 'three/webgpu';
import { createThreeView } from '../../../../src/render/index.ts';
import { changes, createFakeHost } from '../../../render/fake-host.ts';
import { disposeReference, referenceScene } from './reference.ts';
import {
  createCanvas,
  createContents,
  createLitScene,
  createPlacements,
  HEIGHT,
  WIDTH,
} from './scene.ts';

async function compare(): Promise<object> {
  const renderer = new WebGPURenderer({ antialias: false });
  renderer.setPixelRatio(1);
  renderer.setSize(WIDTH, HEIGHT);
  renderer.shadowMap.enabled = true;
  await renderer.init();
  const target = new RenderTarget(WIDTH, HEIGHT);
  const { scene, camera } = createLitScene();
  const draw = async (): Promise<Uint8Array> => {
    renderer.setRenderTarget(target);
    renderer.render(scene, camera);
    return (await renderer.readRenderTargetPixelsAsync(target, 0, 0, WIDTH, HEIGHT)) as Uint8Array;
  };
  const empty = (await draw()).slice();
  const canvas = createCanvas();
  const host = createFakeHost();
  const view = createThreeView(host, { renderer, scene, camera });
  (await createContents(canvas)).forEach((content, payload) => {
    host.view!.upload(payload, content, `p${payload}`);
  });
  const { transforms, shown } = createPlacements();
  // Half first, drawn, then the rest: buffers grow and change between two frames.
  const rows = shown.map((payload, slot) => [slot, slot + 1, -1, payload] as const);
  host.view!.show(changes(rows.slice(0, 20)), transforms);
  await draw();
  host.view!.show(changes(rows.slice(20)), transforms);
  const streamed = (await draw()).slice();
  const { geometryMode, geometryReason } = view;
  const { sharedBytes, geometryCapacityBytes } = host.view!;
  view.dispose();
  const contents = await createContents(canvas);
  const reference = async (): Promise<Uint8Array> => {
    const group: Group = referenceScene(contents, [canvas], shown, transforms);
    scene.add(group);
    const pixels = (await draw()).slice();
    group.removeFromParent();
    disposeReference(group);
    return pixels;
  };
  const plain = await reference();
  transforms.positions[25 * 3]! += 0.2;
  const moved = await reference();
  return {
    isWebGpu: (renderer.backend as { isWebGPUBackend?: boolean }).isWebGPUBackend === true,
    geometry: {
      geometryMode,
      geometryReason,
      sharedBytes,
      isLimited: geometryCapacityBytes !== undefined,
    },
    covered: differing(streamed, empty, 0),
    visible: differing(streamed, plain, 2),
    control: differing(streamed, moved, 2),
  };
}

function differing(a: Uint8Array, b: Uint8Array, tolerance: number): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 4) {
    let worst = 0;
    for (let k = 0; k < 3; k++) worst = Math.max(worst, Math.abs(a[i + k]! - b[i + k]!));
    if (worst > tolerance) count++;
  }
  return count;
}

Object.assign(globalThis, { viewPage: { compare } });
