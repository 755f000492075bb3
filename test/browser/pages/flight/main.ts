/**
 * Models streamed from a cooked bundle, and the same source files drawn by three's own GLTFLoader
 * at the same places under the same light; the test calls `sourcePage`.
 */
import { addComponent, addEntity, createWorld, set } from 'bitecs';
import { Group } from 'three';
import { GLTFLoader } from 'three/addons/loaders/GLTFLoader.js';
import { httpSource, installStreaming } from '../../../../src/index.ts';
import { createThreeView } from '../../../../src/render/index.ts';
import { createStage, drawStage, type Stage } from '../stage.ts';

interface Stand {
  asset: string;
  position: [number, number, number];
  scale: number;
}

const openStage = (): Stage => createStage([0, 7, 26], [0, 4, 0]);

/** The picture of the streamed models, every one at exactly `lod`. */
async function streamed(stands: Stand[], lod: number): Promise<number[]> {
  const stage = openStage();
  const world = createWorld();
  const streaming = installStreaming(world, { source: httpSource('/world/') });
  const view = createThreeView(streaming, { ...stage, anisotropy: 1 });
  const { StreamRequest, Transform } = streaming.components;
  const entities = stands.map(({ asset, position, scale }) => {
    const entity = addEntity(world);
    addComponent(world, entity, set(Transform, { position, scale }));
    addComponent(world, entity, set(StreamRequest, { asset, finestLod: lod, coarsestLod: lod }));
    return entity;
  });
  await streaming.open('world.json');
  const ready = Promise.all(entities.map((entity) => streaming.whenResident(entity, lod)));
  let isReady = false;
  ready.then(() => {
    isReady = true;
  });
  for (let frame = 0, calm = 0; calm < 30; frame++) {
    if (frame > 3000) throw new Error(`LOD ${lod} did not become resident in 3000 frames`);
    streaming.begin();
    streaming.update(1 / 60);
    streaming.commit();
    if (isReady) calm++;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await ready;
  const data = Array.from(drawStage(stage));
  view.dispose();
  await streaming.dispose();
  stage.renderer.dispose();
  return data;
}

/** The picture of the source files. */
async function loaded(stands: Stand[]): Promise<number[]> {
  const stage = openStage();
  const loader = new GLTFLoader();
  for (const { asset, position, scale } of stands) {
    const { scene } = await loader.loadAsync(`/sources/${asset}.glb`);
    const group = new Group().add(scene);
    group.position.set(...position);
    group.scale.setScalar(scale);
    stage.scene.add(group);
  }
  const data = Array.from(drawStage(stage));
  stage.renderer.dispose();
  return data;
}

Object.assign(globalThis, { sourcePage: { streamed, loaded } });
