/** Drives the view's port by hand, without plugin or bundle; the test calls `viewPage`. */
import { type Group, Raycaster, Vector2, Vector3 } from 'three';
import { createRandom } from '../../../../src/base/random.ts';
import type { MeshContent } from '../../../../src/io/content.ts';
import type { SlotTransforms } from '../../../../src/memory/view.ts';
import { createThreeView, type ThreeView } from '../../../../src/render/index.ts';
import { material, meshContent } from '../../../render/contents.ts';
import {
  changes,
  createFakeHost,
  createTransforms,
  type FakeHost,
} from '../../../render/fake-host.ts';
import { countGlObjects } from './gl-objects.ts';
import { disposeReference, referenceScene } from './reference.ts';
import {
  createCanvas,
  createContents,
  createPlacements,
  createStage,
  HEIGHT,
  PAYLOADS,
  SLOTS,
  type Stage,
  WIDTH,
} from './scene.ts';

const glObjects = countGlObjects();
const stage = createStage();
const canvas = createCanvas();

interface Shown {
  host: FakeHost;
  view: ThreeView;
  transforms: SlotTransforms;
  shown: number[];
}

/** A view with every payload uploaded and nothing shown. */
async function createView(to: Stage = stage): Promise<Shown> {
  const host = createFakeHost();
  const view = createThreeView(host, to);
  const contents = await createContents(canvas);
  contents.forEach((content, payload) => void host.view!.upload(payload, content, `p${payload}`));
  return { host, view, ...createPlacements() };
}

function showAll({ host, transforms, shown }: Shown): void {
  const rows = shown.map((payload, slot) => [slot, slot + 1, -1, payload] as const);
  host.view!.show(changes(rows), transforms);
}

/** Draws and reads the picture back, rows from the bottom. */
function draw(): Uint8Array {
  const { renderer, scene, camera } = stage;
  const gl = renderer.getContext();
  renderer.render(scene, camera);
  const pixels = new Uint8Array(WIDTH * HEIGHT * 4);
  gl.readPixels(0, 0, WIDTH, HEIGHT, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
  return pixels;
}

/** Pixels of which some channel differs by more than `tolerance`. */
function differing(a: Uint8Array, b: Uint8Array, tolerance: number): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 4) {
    let worst = 0;
    for (let k = 0; k < 4; k++) worst = Math.max(worst, Math.abs(a[i + k]! - b[i + k]!));
    if (worst > tolerance) count++;
  }
  return count;
}

/** The streamed scene against plain meshes, and against plain meshes of which one is moved. */
async function compare(): Promise<object> {
  const streamed = await createView();
  showAll(streamed);
  const ours = draw();
  const calls = stage.renderer.info.render.calls;
  const { transforms, shown, view } = streamed;
  const counts = { draws: view.drawCount, instances: view.instanceCount };
  const triangles = view.triangleCount;
  view.dispose();
  const empty = draw();
  const contents = await createContents(canvas);
  const reference = (): Uint8Array => {
    const group: Group = referenceScene(contents, [canvas], shown, transforms);
    stage.scene.add(group);
    const pixels = draw();
    group.removeFromParent();
    disposeReference(group);
    return pixels;
  };
  const plain = reference();
  transforms.positions[25 * 3]! += 0.2;
  const moved = reference();
  return {
    covered: differing(ours, empty, 0),
    exact: differing(ours, plain, 0),
    visible: differing(ours, plain, 2),
    control: differing(ours, moved, 2),
    calls,
    triangles,
    ...counts,
  };
}

/** Twenty frames of random changes, each drawn, against the last state shown at once. */
async function incremental(): Promise<object> {
  const first = await createView();
  showAll(first);
  draw();
  const random = createRandom(99);
  let steps = 0;
  for (let frame = 0; frame < 20; frame++) {
    const rows: [number, number, number, number][] = [];
    for (let slot = 1; slot < SLOTS; slot++) {
      if (random() < 0.7) continue;
      const to = Math.floor(random() * 4) - 1;
      rows.push([slot, slot + 1, first.shown[slot]!, to]);
      first.shown[slot] = to;
    }
    first.host.view!.show(changes(rows), first.transforms);
    steps += rows.length;
    const slot = 1 + Math.floor(random() * (SLOTS - 1));
    first.transforms.positions[slot * 3]! += 0.5;
    if (first.shown[slot]! >= 0) {
      const payloads = Int32Array.of(first.shown[slot]!);
      first.host.view!.move(Uint32Array.of(slot), payloads, 1, first.transforms);
    }
    stage.renderer.render(stage.scene, stage.camera);
  }
  const stepped = draw();
  first.view.dispose();
  const second = await createView();
  second.transforms.positions.set(first.transforms.positions);
  second.shown.splice(0, SLOTS, ...first.shown);
  showAll(second);
  const atOnce = draw();
  second.shown.forEach((payload, slot) => {
    if (slot === 24 && payload >= 0) {
      second.host.view!.show(changes([[slot, slot + 1, payload, -1]]), second.transforms);
    }
  });
  const control = draw();
  second.view.dispose();
  return {
    steps,
    differing: differing(stepped, atOnce, 0),
    control: differing(atOnce, control, 0),
  };
}

/** Twenty thousand placements of eight payloads of one triangle. */
function manyPlacements(): object {
  const host = createFakeHost();
  const view = createThreeView(host, { ...stage, castShadow: false, receiveShadow: false });
  const count = 20_000;
  const transforms = createTransforms(count);
  const random = createRandom(5);
  for (let slot = 0; slot < count; slot++) {
    transforms.positions.set([random() * 60 - 30, random() * 5, random() * 60 - 30], slot * 3);
  }
  const triangle = {
    positions: [0, 0, 0, 0.5, 0, 0, 0, 0.5, 0],
    normals: [0, 0, 1, 0, 0, 1, 0, 0, 1],
    uvs: [0, 0, 1, 0, 0, 1],
    indices: [0, 1, 2],
  };
  const content = (payload: number): MeshContent =>
    meshContent([{ shape: triangle, material: material({ roughness: payload / 8 }) }]);
  for (let payload = 0; payload < 8; payload++) {
    host.view!.upload(payload, content(payload), `triangle ${payload}`);
  }
  const rows = Array.from({ length: 8 }, (_, p) => [p * 2500, p * 2500 + 2500, -1, p] as const);
  const began = performance.now();
  host.view!.show(changes(rows), transforms);
  const showMs = performance.now() - began;
  draw();
  const { calls, triangles } = stage.renderer.info.render;
  const result = { instances: view.instanceCount, draws: view.drawCount, calls, triangles, showMs };
  view.dispose();
  return result;
}

/** Which slot lies under a pixel, for the pixel of every placement's middle. */
async function pick(): Promise<object> {
  const all = await createView();
  showAll(all);
  draw();
  const { camera } = stage;
  const point = new Vector3();
  const wrong: string[] = [];
  let right = 0;
  for (let slot = 1; slot < SLOTS; slot++) {
    point.fromArray(all.transforms.positions, slot * 3);
    point.y += all.transforms.scales[slot]! * 0.6;
    const distance = point.distanceTo(camera.position);
    const raycaster = new Raycaster();
    raycaster.setFromCamera(new Vector2(...point.project(camera).toArray().slice(0, 2)), camera);
    const hits = all.view.raycast(raycaster);
    const hit = hits.find((one) => one.slot === slot);
    if (hit && Math.abs(hit.distance - distance) < 3 && hit.eid === 1000 + slot) right++;
    else wrong.push(`slot ${slot}: ${hits.map((one) => one.slot).join(' ')}`);
  }
  all.view.dispose();
  return { right, wrong };
}

/**
 * Over a grid of pixels: hides the slot that the ray finds first, which must change that pixel, and
 * then the one behind it or none, which must not.
 */
async function pickVisible(): Promise<object> {
  const all = await createView();
  showAll(all);
  const { host, shown, transforms } = all;
  const { camera } = stage;
  const counts = { tried: 0, changed: 0, empty: 0, changedByOther: 0 };
  const at = (pixels: Uint8Array, x: number, y: number): string =>
    pixels.slice((y * WIDTH + x) * 4, (y * WIDTH + x) * 4 + 4).join();
  const without = (slot: number, x: number, y: number): string => {
    host.view!.show(changes([[slot, slot + 1, shown[slot]!, -1]]), transforms);
    const color = at(draw(), x, y);
    host.view!.show(changes([[slot, slot + 1, -1, shown[slot]!]]), transforms);
    return color;
  };
  // A shadow of what is hidden would change pixels beside it too.
  stage.renderer.shadowMap.enabled = false;
  const whole = draw();
  for (let i = 0; i < 24; i++) {
    const x = 20 + (i % 8) * 40;
    const y = 30 + Math.floor(i / 8) * 45;
    const point = new Vector2(((x + 0.5) / WIDTH) * 2 - 1, ((y + 0.5) / HEIGHT) * 2 - 1);
    const raycaster = new Raycaster();
    raycaster.setFromCamera(point, camera);
    const [hit] = all.view.raycast(raycaster);
    counts.tried++;
    if (!hit) {
      counts.empty++;
      continue;
    }
    const color = at(whole, x, y);
    if (without(hit.slot, x, y) !== color) counts.changed++;
    const other = hit.slot === 1 ? 2 : hit.slot - 1;
    if (other > 0 && without(other, x, y) !== color) counts.changedByOther++;
  }
  stage.renderer.shadowMap.enabled = true;
  all.view.dispose();
  return counts;
}

/** GPU objects and three's own counts after each full life of a view. */
async function lives(): Promise<object[]> {
  draw();
  const count = (): object => {
    const { geometries, textures } = stage.renderer.info.memory;
    return { ...glObjects, geometries, threeTextures: textures };
  };
  const seen: object[] = [{ full: null, left: count() }];
  for (let life = 0; life < 4; life++) {
    const all = await createView();
    showAll(all);
    draw();
    const { geometries, textures } = stage.renderer.info.memory;
    const full = {
      ...glObjects,
      geometries,
      textures: glObjects.textures,
      threeTextures: textures,
    };
    const { host, shown, transforms } = all;
    if (life % 2 === 0) {
      const rows = shown.map((payload, slot) => [slot, slot + 1, payload, -1] as const);
      host.view!.show(changes(rows), transforms);
      for (let payload = 0; payload < PAYLOADS; payload++) host.view!.release(payload);
      draw();
    }
    all.view.dispose();
    draw();
    seen.push({ full, left: count() });
  }
  return seen;
}

/** Everything the port can be asked for while the graphics context is lost and after. */
async function contextLoss(): Promise<object> {
  const all = await createView();
  showAll(all);
  const before = draw();
  const gl = stage.renderer.getContext();
  const extension = gl.getExtension('WEBGL_lose_context')!;
  const element = stage.renderer.domElement;
  const event = (name: string): Promise<unknown> =>
    new Promise((resolve) => element.addEventListener(name, resolve, { once: true }));
  const lost = event('webglcontextlost');
  extension.loseContext();
  await lost;
  const contents = await createContents(canvas);
  all.host.view!.upload(20, contents[1]!, 'made while lost');
  all.host.view!.show(changes([[1, 2, all.shown[1]!, 20]]), all.transforms);
  all.host.hooks!.beforeUpdate();
  stage.renderer.render(stage.scene, stage.camera);
  all.host.view!.show(changes([[1, 2, 20, all.shown[1]!]]), all.transforms);
  all.host.view!.release(20);
  // A context may be restored once the event of its loss has been through all listeners.
  await new Promise((resolve) => setTimeout(resolve, 100));
  const restored = event('webglcontextrestored');
  extension.restoreContext();
  await restored;
  const after = draw();
  const geometryOnly = differing(before, after, 2);
  all.view.dispose();
  const empty = draw();
  return { covered: differing(after, empty, 0), differing: geometryOnly };
}

Object.assign(globalThis, {
  viewPage: { compare, incremental, manyPlacements, pick, pickVisible, lives, contextLoss },
});
