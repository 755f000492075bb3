/** The view's GPU memory in a real browser: every byte of it, moved, lost and restored. */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { createRandom } from '../../../../src/base/random.ts';
import { httpSource, installStreaming, type Streaming } from '../../../../src/index.ts';
import type { DeviceMemory } from '../../../../src/render/device-memory.ts';
import type { GeometryLease } from '../../../../src/render/geometry-lease.ts';
import { createThreeView, type ThreeView } from '../../../../src/render/index.ts';
import type { RangeBuffer } from '../../../../src/render/range-buffer.ts';
import { ball, material, meshContent } from '../../../render/contents.ts';
import {
  changes,
  createFakeHost,
  createTransforms,
  setTransform,
} from '../../../render/fake-host.ts';
import { countGlBytes } from '../../../support/gl-bytes.ts';
import { createStage, drawStage, type Stage } from '../stage.ts';

const glBytes = countGlBytes();

function openStage(): Stage {
  const stage = createStage([0, 12, 30], [0, 0, 0]);
  // What three.js makes for itself is there before the view is.
  draw(stage);
  return stage;
}

function draw(stage: Stage): Uint8Array {
  glBytes.isRendering = true;
  const pixels = drawStage(stage);
  glBytes.isRendering = false;
  return pixels;
}

function differing(a: Uint8Array, b: Uint8Array): number {
  let count = 0;
  for (let i = 0; i < a.length; i += 4)
    if (a[i] !== b[i] || a[i + 1] !== b[i + 1] || a[i + 2] !== b[i + 2]) count++;
  return count;
}

const memoryOf = (view: ThreeView): DeviceMemory =>
  (view as unknown as { memory: DeviceMemory }).memory;

/** Ranges whose bytes on the GPU are not those of their arrays. */
function corruptRanges(view: ThreeView): number {
  const { pool } = memoryOf(view);
  const differs = (
    buffer: RangeBuffer,
    range: number,
    arrays: GeometryLease['vertexArrays'],
  ): boolean => {
    const held = buffer.read(range);
    return arrays.some(({ array, at }) => {
      const wanted = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
      return wanted.some((byte, i) => byte !== held[at + i]);
    });
  };
  let corrupt = 0;
  for (const lease of pool!.leases) {
    if (differs(pool!.vertices, lease.vertexRange, lease.vertexArrays)) corrupt++;
    if (differs(pool!.indices, lease.indexRange, lease.indexArrays)) corrupt++;
  }
  return corrupt;
}

/** Payloads come and go in buffers that are nearly full; frame by frame nothing may be seen of it. */
function moves(frames: number, skipCopyIn: number, stagingBytes: number): object {
  const stage = openStage();
  const host = createFakeHost();
  const sizes = { geometryBytes: 192 * 1024, stagingBytes, movedBytesPerFrame: 24 * 1024 };
  const view = createThreeView(host, { ...stage, ...sizes });
  const { pool } = memoryOf(view);
  const random = createRandom(21);
  const transforms = createTransforms(64);
  const figures = {
    mode: view.geometryMode,
    frames: 0,
    movedBytes: 0,
    movingFrames: 0,
    corrupt: 0,
    differing: 0,
    covered: 0,
    separate: 0,
    glError: 0,
  };
  const empty = draw(stage);
  /** Payload in each place, which is a slot too. */
  const live: number[] = [];
  let next = 1;
  const port = host.view!;
  const hide = (slot: number): void => {
    port.show(changes([[slot, slot + 1, live[slot]!, -1]]), transforms);
    port.release(live[slot]!);
    live[slot] = 0;
  };
  let skip = false;
  const gl = stage.renderer.getContext() as WebGL2RenderingContext;
  const copy = gl.copyBufferSubData.bind(gl);
  gl.copyBufferSubData = (...args) => {
    if (skip) skip = false;
    else copy(...args);
  };
  for (let frame = 0; frame < frames; frame++) {
    for (let i = 0; i < 3; i++) {
      const slot = Math.floor(random() * 40);
      if (live[slot]) hide(slot);
      if (random() < 0.25) continue;
      live[slot] = next++;
      const detail = 3 + Math.floor(random() ** 2 * 14);
      const content = meshContent([
        {
          shape: ball(1.6, detail, [0, 1, 0]),
          material: material({ baseColor: [random(), random(), random(), 1] }),
        },
      ]);
      setTransform(transforms, slot, [(slot % 8) * 3.6 - 12.6, 0, Math.floor(slot / 8) * 4 - 8]);
      port.upload(live[slot]!, content, `ball ${slot}`);
      port.show(changes([[slot, slot + 1, -1, live[slot]!]]), transforms);
    }
    const before = draw(stage);
    const moved = pool!.movedBytes;
    skip = frame >= skipCopyIn;
    port.beginUploads!(undefined as never);
    const after = draw(stage);
    figures.frames++;
    if (pool!.movedBytes > moved) figures.movingFrames++;
    figures.differing += differing(before, after);
    figures.corrupt += corruptRanges(view);
    figures.covered = Math.max(figures.covered, differing(after, empty));
  }
  figures.movedBytes = pool!.movedBytes;
  figures.separate = memoryOf(view).separateBytes;
  figures.glError = gl.getError();
  view.dispose();
  stage.renderer.dispose();
  stage.renderer.forceContextLoss();
  return figures;
}

interface Stand {
  asset: string;
  position: [number, number, number];
}

interface Game extends Stage {
  streaming: Streaming;
  view: ThreeView;
}

async function openGame(stands: Stand[], budgetBytes: number, options: object = {}): Promise<Game> {
  const stage = openStage();
  const world = createWorld();
  const streaming = installStreaming(world, {
    source: httpSource('/world/'),
    budgetBytes,
    // The finest that there is, so that there is something to hold.
    errorPixels: 0.1,
  });
  const view = createThreeView(streaming, { ...stage, anisotropy: 1, ...options });
  const { StreamRequest, Transform } = streaming.components;
  await streaming.open('world.json');
  for (const { asset, position } of stands) {
    const entity = addEntity(world);
    addComponent(world, entity, set(Transform, { position, scale: 3 }));
    addComponent(world, entity, set(StreamRequest, { asset }));
  }
  return { ...stage, streaming, view };
}

const pause = (ms = 4): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function step({ streaming }: Game): void {
  streaming.begin();
  streaming.update(1 / 30);
  streaming.commit();
}

/** Steps until nothing has happened for a second. */
async function settle(game: Game): Promise<void> {
  for (let frame = 0, calm = 0; calm < 40; frame++) {
    if (frame > 3000) throw new Error('the view did not settle in 3000 frames');
    step(game);
    const { payloadsPending, payloadsStaged, showChanges } = game.streaming.stats();
    calm = payloadsPending + payloadsStaged + showChanges === 0 ? calm + 1 : 0;
    await pause();
  }
}

/** A flight along the stands and back: what the GPU holds in every frame, and what `stats()` says. */
async function flight(
  stands: Stand[],
  budgetBytes: number,
  frames: number,
  isSpoiled = false,
  options: object = {},
): Promise<object> {
  glBytes.reset();
  const game = await openGame(stands, budgetBytes, options);
  const { view, streaming, camera } = game;
  const baseline = glBytes.textures;
  const figures = {
    mode: view.geometryMode,
    frames: 0,
    overFrames: 0,
    worstError: 0,
    peakBytes: 0,
    leakedRangeBytes: 0,
    evicted: 0,
    loaded: 0,

    separatePeak: 0,
    /** Different bytes that buffers of indices came to: only geometry has any. */
    footprints: 0,
    movedBytes: 0,
    unknown: glBytes.unknown,
    failed: 0,
    leftBytes: 0,
  };
  const footprints = new Set<number>();
  const note = (): void => {
    const held = glBytes.buffers + glBytes.textures - baseline;
    const told = streaming.stats().gpuBytes;
    if (held > budgetBytes) figures.overFrames++;
    figures.worstError = Math.max(figures.worstError, Math.abs(held - told) / told);
    figures.peakBytes = Math.max(figures.peakBytes, held);
    footprints.add(glBytes.indices);
    figures.separatePeak = Math.max(figures.separatePeak, memoryOf(view).separateBytes);
  };
  const end = stands.at(-1)!.position[0];
  // On a busy machine the first bytes take longer than the whole flight.
  for (let frame = 0; frame < 1000 && streaming.stats().payloadsLoaded === 0; frame++) {
    step(game);
    await pause();
  }
  for (let frame = 0; frame < frames; frame++) {
    const t = 1 - Math.abs((2 * frame) / frames - 1);
    camera.position.set(t * end, 6, 22);
    camera.lookAt(t * end + 10, 2, 0);
    camera.updateMatrixWorld();
    if (isSpoiled && frame === frames >> 2) glBytes.skipDeletions = 10;
    if (isSpoiled && frame === frames >> 1) memoryOf(view).pool!.free = () => undefined;
    step(game);
    if (frame % 3 === 0) draw(game);
    note();
    figures.frames++;
    // Nor does it fly ahead of what it has asked for.
    for (let wait = 0; wait < 12 && streaming.stats().payloadsPending > 4; wait++) {
      await pause();
      step(game);
      note();
    }
    await pause();
  }
  await settle(game);
  draw(game);
  footprints.add(glBytes.indices);
  const { pool, separateBytes } = memoryOf(view);
  figures.separatePeak = Math.max(figures.separatePeak, separateBytes);
  figures.leakedRangeBytes = pool!.heldBytes + separateBytes - view.geometryBytes;
  figures.movedBytes = pool!.movedBytes;
  figures.footprints = footprints.size;
  const stats = streaming.stats();
  figures.evicted = stats.payloadsEvicted;
  figures.loaded = stats.payloadsLoaded;
  figures.failed = stats.payloadsFailed;
  view.dispose();
  figures.leftBytes = glBytes.buffers + glBytes.textures - baseline;
  await streaming.dispose();
  game.renderer.dispose();
  game.renderer.forceContextLoss();
  return figures;
}

/** Loses the context in the middle of everything, restores it and waits: the picture as it was. */
async function contextLoss(stands: Stand[], budgetBytes: number): Promise<object> {
  glBytes.reset();
  const game = await openGame(stands, budgetBytes);
  const { streaming, view, renderer } = game;
  const told: string[] = [];
  streaming.on('deviceMemoryChanged', ({ kind }) => void told.push(kind));
  await settle(game);
  const before = draw(game);
  const { gpuBytes } = view;
  const element = renderer.domElement;
  const event = (name: string): Promise<unknown> =>
    new Promise((resolve) => element.addEventListener(name, resolve, { once: true }));
  const extension = renderer.getContext().getExtension('WEBGL_lose_context')!;
  const lost = event('webglcontextlost');
  extension.loseContext();
  await lost;
  for (let frame = 0; frame < 30; frame++) {
    step(game);
    draw(game);
    await pause(4);
  }
  const whileLost = streaming.stats().residentBytes;
  glBytes.reset();
  const restored = event('webglcontextrestored');
  extension.restoreContext();
  await restored;
  step(game);
  const atOnce = draw(game);
  await settle(game);
  const after = draw(game);
  draw(game);
  const corrupt = corruptRanges(view);
  const result = {
    told,
    whileLost,
    before: gpuBytes,
    after: view.gpuBytes,
    differing: differing(before, after),
    differingAtOnce: differing(before, atOnce),
    corrupt,
    budgetBytes: streaming.budgetBytes,
  };
  view.dispose();
  await streaming.dispose();
  renderer.dispose();
  return result;
}

/** The device says that it has no memory: the plugin is told, and all is streamed again. */
async function outOfMemory(stands: Stand[], budgetBytes: number): Promise<object> {
  const game = await openGame(stands, budgetBytes);
  const { streaming, view, renderer } = game;
  const told: string[] = [];
  streaming.on('deviceMemoryChanged', ({ kind }) => void told.push(kind));
  await settle(game);
  const before = draw(game);
  const gl = renderer.getContext();
  const getError = gl.getError.bind(gl);
  let asked = 0;
  gl.getError = () => (asked++ === 0 ? gl.OUT_OF_MEMORY : getError());
  memoryOf(view).checkAtOnce();
  step(game);
  step(game);
  const emptied = streaming.stats().residentBytes;
  await settle(game);
  const after = draw(game);
  const result = {
    told,
    asked,
    emptied,
    differing: differing(before, after),
    budgetBytes: streaming.budgetBytes,
  };
  view.dispose();
  await streaming.dispose();
  renderer.dispose();
  renderer.forceContextLoss();
  return result;
}

Object.assign(globalThis, { memoryPage: { moves, flight, contextLoss, outOfMemory } });
