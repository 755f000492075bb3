/**
 * Rooms inside of houses: a level each. Near its house a room comes into memory and stays hidden; who
 * steps through the door sees it. Two volumes of one shape say so.
 */
import { addComponent, addEntity, set, type World } from 'bitecs';
import { PointLight, type Scene } from 'three';
import type { Streaming } from '../../../src/index.ts';
import type { DemoInterior } from '../world-file.ts';

/** Meters from the room: it begins to load, and it is shown. */
const LOAD_METERS = 60;
const SHOW_METERS = 1.5;

/** What lights the room while somebody is in it. */
const FIRE_COLOR = 0xffb070;
const FIRE_CANDELA = 26;

export function addInterior(
  world: World,
  streaming: Streaming,
  scene: Scene,
  interior: DemoInterior,
): void {
  const { StreamingVolume } = streaming.components;
  const { level, center, size, yawRadians } = interior;
  const quaternion = [0, Math.sin(yawRadians / 2), 0, Math.cos(yawRadians / 2)];
  const box = { shape: 'orientedBox', center, size, quaternion };
  const near = addEntity(world);
  const inside = addEntity(world);
  const around = { ...box, level, priority: 'high', loadDistance: LOAD_METERS };
  const within = { ...box, level, priority: 'critical', loadDistance: SHOW_METERS };
  addComponent(world, near, set(StreamingVolume, around));
  addComponent(world, inside, set(StreamingVolume, within));
  const fire = new PointLight(FIRE_COLOR, 0, 0, 1.6);
  fire.position.set(...center);
  scene.add(fire);
  streaming.hideLevel(level);
  streaming.watchVolume(inside, {
    enter: () => {
      streaming.showLevel(level);
      fire.intensity = FIRE_CANDELA;
    },
    leave: () => {
      streaming.hideLevel(level);
      fire.intensity = 0;
    },
  });
}
