/** A `StreamingHost` of plain arrays: tests drive the view's port by hand through it. */
import type { MeshContent } from '../../src/io/content.ts';
import type { ShowChanges, SlotTransforms, View } from '../../src/memory/view.ts';
import type { StreamingHost, ViewHooks } from '../../src/render/host.ts';

export interface FakeHost extends StreamingHost {
  view: View<MeshContent> | null;
  hooks: ViewHooks | null;
  /** Slot by entity, as `slotOfEntity` answers. */
  slots: Map<number, number>;
  viewpoints: Set<number>;
  /** Slots for which an entity was asked. */
  materialized: number[];
}

export function createFakeHost(capacity = 64): FakeHost {
  let nextEid = 1;
  const host: FakeHost = {
    view: null,
    hooks: null,
    slots: new Map(),
    viewpoints: new Set(),
    materialized: [],
    world: {},
    components: {
      Viewpoint: {
        eye: new Float64Array(capacity * 3),
        orientation: new Float64Array(capacity * 4),
        fovYRadians: new Float32Array(capacity),
        aspect: new Float32Array(capacity),
        heightPixels: new Float32Array(capacity),
        weight: new Float32Array(capacity),
      },
    },
    attachView(view, hooks) {
      host.view = view;
      host.hooks = hooks;
      return () => {
        host.view = null;
        host.hooks = null;
      };
    },
    createViewpoint() {
      host.viewpoints.add(nextEid);
      return nextEid++;
    },
    removeViewpoint(eid) {
      host.viewpoints.delete(eid);
    },
    entityOfSlot(slot) {
      host.materialized.push(slot);
      return 1000 + slot;
    },
    slotOfEntity: (eid) => host.slots.get(eid) ?? -1,
    assetNameOfSlot: (slot) => `asset-${slot}`,
  };
  return host;
}

/** Transforms of `count` slots, all at the origin, unturned, scale 1. */
export function createTransforms(count: number): SlotTransforms {
  const rotations = new Int16Array(count * 4);
  for (let slot = 0; slot < count; slot++) rotations[slot * 4 + 3] = 32767;
  return {
    positions: new Float32Array(count * 3),
    rotations,
    scales: new Float32Array(count).fill(1),
  };
}

/** Sets one row; the quaternion is given in [-1, 1]. */
export function setTransform(
  transforms: SlotTransforms,
  slot: number,
  position: readonly number[],
  quaternion: readonly number[] = [0, 0, 0, 1],
  scale = 1,
): void {
  transforms.positions.set(position, slot * 3);
  for (let k = 0; k < 4; k++) {
    transforms.rotations[slot * 4 + k] = Math.round(quaternion[k]! * 32767);
  }
  transforms.scales[slot] = scale;
}

/** Rows of `[start, end, from, to]` as one frame's changes. */
export function changes(rows: readonly (readonly [number, number, number, number])[]): ShowChanges {
  return {
    count: rows.length,
    starts: Uint32Array.from(rows, (row) => row[0]),
    ends: Uint32Array.from(rows, (row) => row[1]),
    from: Int32Array.from(rows, (row) => row[2]),
    to: Int32Array.from(rows, (row) => row[3]),
  };
}
