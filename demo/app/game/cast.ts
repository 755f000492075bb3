/**
 * The game's own entities: villages as streaming volumes, a landmark that must never be missing,
 * and vessels that move. All of it is plain bitECS; nothing here knows how streaming works.
 */
import { addComponent, addEntity, set, type World } from 'bitecs';
import { Group, type Scene, Vector3 } from 'three';
import type { Streaming } from '../../../src/index.ts';
import type { ThreeView } from '../../../src/render/index.ts';
import { Course } from '../flight/course.ts';
import type { DemoLandmark, DemoVessel, DemoVillage, DemoWorld } from '../world-file.ts';
import { addInterior } from './interiors.ts';

/** Meters outside a village at which it begins to load. */
export const VILLAGE_LOAD_METERS = 450;

interface Vessel {
  entity: number;
  course: Course;
  vessel: DemoVessel;
}

export class Cast {
  readonly villages: { entity: number; village: DemoVillage }[];
  readonly landmarks: number[];
  readonly #vessels: Vessel[];
  readonly #streaming: Streaming;
  readonly #position = new Vector3();
  readonly #target = new Vector3();

  constructor(world: World, streaming: Streaming, view: ThreeView, scene: Scene, file: DemoWorld) {
    this.#streaming = streaming;
    this.villages = file.villages.map((village) => ({
      entity: addVillage(world, streaming, village),
      village,
    }));
    this.landmarks = file.landmarks.map((landmark) => addLandmark(world, streaming, landmark));
    this.#vessels = file.vessels.map((vessel) => {
      const entity = addVessel(world, streaming, vessel);
      view.attach(entity, new Group());
      return { entity, course: new Course(vessel.points), vessel };
    });
    for (const interior of file.interiors) addInterior(world, streaming, scene, interior);
    this.update(0);
  }

  /** Moves what moves: writes `Transform` columns, as any bitECS system would. */
  update(seconds: number): void {
    const { Transform } = this.#streaming.components;
    for (const { entity, course, vessel } of this.#vessels) {
      course.at(seconds * vessel.metersPerSecond, this.#position, this.#target);
      const { x, y, z } = this.#position;
      const yaw = Math.atan2(this.#target.x - x, this.#target.z - z);
      const roll = vessel.floats ? Math.sin(seconds * 1.1 + entity) * 0.045 : 0;
      const heave = vessel.floats ? Math.sin(seconds * 0.8 + entity * 2) * 0.12 : 0;
      Transform.position.set([x, y + heave, z], entity * 3);
      const [sy, cy] = [Math.sin(yaw / 2), Math.cos(yaw / 2)];
      const [sr, cr] = [Math.sin(roll / 2), Math.cos(roll / 2)];
      Transform.quaternion.set([sy * sr, sy * cr, cy * sr, cy * cr], entity * 4);
    }
  }
}

function addVillage(world: World, streaming: Streaming, village: DemoVillage): number {
  const { StreamingVolume } = streaming.components;
  const entity = addEntity(world);
  addComponent(
    world,
    entity,
    set(StreamingVolume, {
      level: village.level,
      center: village.center,
      radius: village.radius,
      loadDistance: VILLAGE_LOAD_METERS,
      priority: 'high',
    }),
  );
  return entity;
}

function addLandmark(world: World, streaming: Streaming, landmark: DemoLandmark): number {
  const { StreamRequest, Transform, Pinned } = streaming.components;
  const { asset, position, headingRadians, scale, pinnedLod } = landmark;
  const entity = addEntity(world);
  const quaternion = [0, Math.sin(headingRadians / 2), 0, Math.cos(headingRadians / 2)];
  addComponent(world, entity, set(Transform, { position, quaternion, scale }));
  addComponent(world, entity, set(StreamRequest, { asset, importance: 2 }));
  addComponent(world, entity, set(Pinned, { lod: pinnedLod }));
  return entity;
}

function addVessel(world: World, streaming: Streaming, { asset, scale }: DemoVessel): number {
  const { StreamRequest, Transform } = streaming.components;
  const entity = addEntity(world);
  addComponent(world, entity, set(Transform, { scale }));
  addComponent(world, entity, set(StreamRequest, { asset }));
  return entity;
}
