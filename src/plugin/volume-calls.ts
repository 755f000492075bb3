/** What a game says about streaming volumes beside their component. */
import { assert, describe } from '../base/assert.ts';
import { hashName } from '../base/hash.ts';
import { idOfName } from '../components/schema.ts';
import { checkLayerName } from '../level/data-layers.ts';
import { createOutline } from '../spatial/outline.ts';
import { VolumeShape } from '../spatial/volume-shape.ts';
import { contained } from '../systems/contained.ts';
import { queueVolume } from '../systems/track-volumes.ts';
import type { VolumeListener } from '../world/volume-tracking.ts';
import type { StreamWorld } from '../world.ts';
import type { Streaming } from './streaming.ts';

type VolumeCalls = Pick<
  Streaming,
  | 'defineOutline'
  | 'setDataLayer'
  | 'isDataLayerOn'
  | 'dataLayers'
  | 'setVolumeCondition'
  | 'watchVolume'
>;

export function volumeCalls(world: StreamWorld): VolumeCalls {
  const { volumes } = world;
  let isHearing = false;
  return {
    defineOutline(name, corners) {
      const id = idOf('defineOutline', name);
      volumes.outlines.set(id, createOutline(name, corners));
      const { shape, outline } = world.set.components.StreamingVolume;
      const { items, count } = volumes.changes.watched;
      for (let i = 0; i < count; i++)
        if (shape[items[i]!] === VolumeShape.Prism && outline[items[i]!] === id)
          queueVolume(world, items[i]!);
    },
    setDataLayer(name, isOn) {
      checkLayerName('setDataLayer', name);
      assert(
        typeof isOn === 'boolean',
        `setDataLayer("${name}"): expected true or false, got ${describe(isOn)}`,
      );
      nameLayer(world, name);
      if (world.dataLayers.set(name, isOn))
        world.events.emit('dataLayerChanged', { layer: name, isOn });
    },
    isDataLayerOn(name) {
      checkLayerName('isDataLayerOn', name);
      return world.dataLayers.isOn(name);
    },
    dataLayers: () => world.dataLayers.list(),
    setVolumeCondition(target, condition) {
      const key =
        typeof target === 'number'
          ? -checkEntity(world, 'setVolumeCondition', target)
          : idOf('setVolumeCondition', target);
      if (condition) volumes.conditions.set(key, condition);
      else volumes.conditions.delete(key);
      if (typeof target === 'number') queueVolume(world, target);
    },
    watchVolume(entity, listener) {
      checkEntity(world, 'watchVolume', entity);
      if (!isHearing) hearVolumes(world);
      isHearing = true;
      return addListener(world, entity, listener);
    },
  };
}

/** Volumes may carry the number of a name, without the name. */
function nameLayer({ volumes, dataLayers }: StreamWorld, name: string): void {
  for (const text of [name, `!${name}`])
    volumes.layers.set(hashName(text), dataLayers.valueOf(text));
}

function idOf(call: string, name: unknown): number {
  assert(
    typeof name === 'string' && name !== '',
    `${call}: expected a name, got ${describe(name)}`,
  );
  return idOfName(name);
}

function checkEntity({ set }: StreamWorld, call: string, entity: number): number {
  assert(
    Number.isInteger(entity) && entity > 0 && entity <= set.capacity,
    `${call}: expected an entity from 1 to the capacity of ${set.capacity}, got ${describe(entity)}`,
  );
  return entity;
}

function addListener(world: StreamWorld, entity: number, listener: VolumeListener): () => void {
  const { listeners } = world.volumes;
  const own = listeners.get(entity) ?? new Set();
  listeners.set(entity, own);
  own.add(listener);
  return () => {
    own.delete(listener);
    if (own.size === 0 && listeners.get(entity) === own) listeners.delete(entity);
  };
}

/** One listener of the events serves all volumes; whose they are was noted with the event. */
function hearVolumes(world: StreamWorld): void {
  world.events.on('volumeEntered', (event) => {
    const { entity, viewpoint } = event;
    tell(world, event, (listener) => listener.enter?.(entity, viewpoint));
  });
  world.events.on('volumeLeft', (event) => {
    tell(world, event, (listener) => listener.leave?.(event.entity));
  });
}

/** One that throws does not keep the others from hearing. */
function tell(
  world: StreamWorld,
  event: { entity: number },
  call: (listener: VolumeListener) => void,
): void {
  for (const listener of world.volumes.heard.get(event) ?? [])
    contained(world, `watchVolume of entity ${event.entity}`, () => call(listener));
}
