/** The view behind the real plugin, without a GPU: what is in the three.js scene is what streams. */
import { addComponent, addEntity, hasComponent, removeComponent, set } from 'bitecs';
import { Group, PerspectiveCamera, Raycaster, Scene, Vector3 } from 'three';
import { expect, test } from 'vitest';
import { createThreeView, type ThreeView } from '../../src/render/index.ts';
import type { ViewRenderer } from '../../src/render/textures.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const renderer: ViewRenderer = {
  initTexture: () => undefined,
  getDrawingBufferSize: (target) => target.set(1280, 720),
};

interface Game extends Simulation {
  scene: Scene;
  camera: PerspectiveCamera;
  threeView: ThreeView;
}

/** @param budgetShare of what the whole world takes */
async function createGame(budgetShare = 0.25): Promise<Game> {
  const synthetic = makeSyntheticWorld({ placements: 3000, terrainDepth: 2 });
  const budgetBytes = Math.round(synthetic.residentBytes * budgetShare);
  const simulation = createSimulation(synthetic, {
    view: null,
    streaming: { activateRadiusMeters: 0, budgetBytes },
  });
  simulation.streaming.removeViewpoint(simulation.viewpoint);
  const scene = new Scene();
  const camera = new PerspectiveCamera(60, 16 / 9);
  camera.position.set(0, 6, 0);
  const threeView = createThreeView(simulation.streaming, { renderer, scene, camera });
  await openSynthetic(simulation, synthetic);
  return { ...simulation, scene, camera, threeView };
}

test('shows as many instances as the plugin has slots in view, all the way', async () => {
  const game = await createGame();
  await game.settle();
  expect(game.threeView.instanceCount).toBeGreaterThan(50);
  const seen = new Set<number>();
  for (let frame = 0; frame < 120; frame++) {
    game.camera.position.x += 2;
    game.camera.rotation.y += 0.05;
    await game.step();
    const { shown } = game.streaming.stats();
    expect(game.threeView.instanceCount, `frame ${frame}`).toBe(shown);
    seen.add(shown);
  }
  expect(seen.size).toBeGreaterThan(20);
  expect(game.threeView.drawCount).toBeLessThanOrEqual(game.threeView.payloadCount);
  await game.streaming.dispose();
});

test('a ray finds a placement, and its entity carries Placement of that slot', async () => {
  const game = await createGame();
  await game.settle();
  const { Placement } = game.streaming.components;
  const raycaster = new Raycaster();
  let found = 0;
  for (let i = 0; i < 400 && found < 3; i++) {
    const direction = new Vector3(Math.sin(i * 0.7), -0.05 - (i % 9) * 0.02, -Math.cos(i * 0.7));
    raycaster.set(game.camera.position, direction.normalize());
    const hit = game.threeView.raycast(raycaster).find(({ asset }) => asset !== '');
    if (!hit) continue;
    expect(hit.asset).toMatch(/^asset-\d+$/);
    expect(hit.eid).toBeGreaterThan(0);
    expect(hasComponent(game.ecs, hit.eid, Placement)).toBe(true);
    expect(Placement.slot[hit.eid]).toBe(hit.slot);
    expect(game.streaming.slotOfEntity(hit.eid)).toBe(hit.slot);
    found++;
  }
  expect(found).toBe(3);
  await game.streaming.dispose();
});

test("a game's own object follows its entity, and goes when the entity stops streaming", async () => {
  const game = await createGame();
  const { StreamRequest, Transform } = game.streaming.components;
  const statue = addEntity(game.ecs);
  const object = new Group();
  const lods: number[] = [];
  game.threeView.attach(statue, object, { onLod: (payload) => void lods.push(payload) });
  addComponent(game.ecs, statue, set(Transform, { position: [0, 6, -12] }));
  addComponent(game.ecs, statue, set(StreamRequest, { asset: 'asset-1', importance: 5 }));
  await game.settle();
  expect(object.position.toArray()).toEqual([0, 6, -12]);
  expect(object.children[0]!.children).toHaveLength(1);
  expect(lods.at(-1)).toBeGreaterThanOrEqual(0);
  expect(game.threeView.instanceCount).toBe(game.streaming.stats().shown - 1);
  Transform.position[statue * 3] = 2;
  await game.step();
  expect(object.position.x).toBe(2);
  removeComponent(game.ecs, statue, StreamRequest);
  for (let frame = 0; frame < 3; frame++) await game.step();
  expect(object.parent).toBeNull();
  expect(object.children).toHaveLength(0);
  expect(game.threeView.instanceCount).toBe(game.streaming.stats().shown);
  await game.streaming.dispose();
});

test('either may be disposed first, and a second view shows everything again', async () => {
  // Room for all: where the view does not fit, the tolerated error is still finding its place.
  const game = await createGame(2);
  await game.settle();
  const before = game.threeView.instanceCount;
  game.threeView.dispose();
  expect(game.scene.children).toEqual([]);
  const { streaming, scene, camera } = game;
  const second = createThreeView(streaming, { renderer, scene, camera });
  await game.settle();
  expect(second.instanceCount).toBe(before);
  await streaming.dispose();
  expect(second.instanceCount).toBe(0);
  second.dispose();
  expect(scene.children).toEqual([]);
  expect(second.payloadCount).toBe(0);
});
