/** Who casts shadows in the three.js scene, by quality: instances, objects of the game, the ground. */
import { addComponents, addEntity, set } from 'bitecs';
import { Group, Mesh, PerspectiveCamera, Scene } from 'three';
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
  threeView: ThreeView;
}

async function createGame(castShadow = true): Promise<Game> {
  const synthetic = makeSyntheticWorld({ placements: 800, assets: 6, terrainDepth: 2 });
  const simulation = createSimulation(synthetic, {
    view: null,
    streaming: {
      activateRadiusMeters: 0,
      budgetBytes: synthetic.residentBytes * 2,
      errorPixels: 0.5,
    },
  });
  simulation.streaming.removeViewpoint(simulation.viewpoint);
  const scene = new Scene();
  const camera = new PerspectiveCamera(60, 16 / 9);
  camera.position.set(0, 6, 0);
  const threeView = createThreeView(simulation.streaming, { renderer, scene, camera, castShadow });
  await openSynthetic(simulation, synthetic);
  await simulation.settle();
  return { ...simulation, scene, threeView };
}

/** Meshes in the scene that are drawn, by what they are of, and whether they cast shadows. */
function casters({ scene }: Game): { all: number; lods: string[]; ground: number } {
  const lods = new Set<string>();
  let [all, ground] = [0, 0];
  scene.traverseVisible((object) => {
    if (!(object instanceof Mesh) || !object.castShadow) return;
    all++;
    if (object.name.startsWith('terrain')) ground++;
    else lods.add(object.name.slice(-1));
  });
  return { all, lods: [...lods].sort(), ground };
}

test('the finest LODs cast shadows, fewer with each detail, and the ground until minimal', async () => {
  const game = await createGame();
  const free = casters(game);
  expect(free.ground).toBeGreaterThan(0);
  expect(free.lods).toEqual(['0', '1', '2', '3', '4']);
  const seen: ReturnType<typeof casters>[] = [];
  for (const detail of ['ultra', 'high', 'medium', 'low', 'minimal'] as const) {
    game.streaming.setQuality(detail);
    await game.settle();
    seen.push(casters(game));
  }
  const counts = seen.map(({ all }) => all);
  expect(counts).toEqual([...new Set(counts)].sort((a, b) => b - a));
  expect(seen.map(({ ground }) => ground > 0)).toEqual([true, true, true, true, false]);
  expect(seen[1]!.lods).toEqual(['0', '1', '2', '3']);
  expect(seen[3]!.lods).toEqual(['1']);
  expect(seen[4]).toEqual({ all: 0, lods: [], ground: 0 });
  // However few cast shadows, the finest that may be shown does.
  game.streaming.setQualityValues('minimal', { shadowQuality: 0.01 });
  await game.settle();
  expect(casters(game).lods).toEqual(['2']);
  game.streaming.setQualityValues('minimal', { shadowQuality: 0 });
  await game.settle();
  // It receives them still.
  game.scene.traverse((object) => {
    if (object instanceof Mesh) expect(object.receiveShadow).toBe(true);
  });
  game.streaming.setQuality(null);
  await game.settle();
  expect(casters(game)).toEqual(free);
  await game.streaming.dispose();
});

test('what comes later follows, and what the game attached', async () => {
  const game = await createGame();
  const { StreamRequest, Transform } = game.streaming.components;
  game.streaming.setQuality('minimal');
  await game.settle();
  const statue = addEntity(game.ecs);
  const object = new Group();
  game.threeView.attach(statue, object);
  const request = { asset: 'asset-1', importance: 5, finestLod: 0 };
  addComponents(
    game.ecs,
    statue,
    set(Transform, { position: [0, 6, -12] }),
    set(StreamRequest, request),
  );
  await game.settle();
  const meshes = (): Mesh[] => {
    const found: Mesh[] = [];
    object.traverse((child) => void (child instanceof Mesh && found.push(child)));
    return found;
  };
  expect(meshes().map(({ castShadow }) => castShadow)).toEqual([false]);
  // The LOD that it shows is resident already: only its shadow comes.
  game.streaming.setQualityValues('minimal', { shadowQuality: 1 });
  await game.step();
  expect(meshes().map(({ castShadow }) => castShadow)).toEqual([true]);
  await game.streaming.dispose();
});

test('a view that was told to cast none casts none at any quality', async () => {
  const game = await createGame(false);
  for (const detail of ['ultra', null] as const) {
    game.streaming.setQuality(detail);
    await game.settle();
    expect(casters(game).all).toBe(0);
  }
  await game.streaming.dispose();
});

test('a view attached later is told who casts none', async () => {
  const game = await createGame();
  game.streaming.setQuality('minimal');
  await game.settle();
  game.threeView.dispose();
  const camera = new PerspectiveCamera(60, 16 / 9);
  camera.position.set(0, 6, 0);
  const scene = new Scene();
  const threeView = createThreeView(game.streaming, { renderer, scene, camera });
  await game.settle();
  expect(threeView.instanceCount).toBeGreaterThan(0);
  expect(casters({ ...game, scene, threeView }).all).toBe(0);
  await game.streaming.dispose();
});
