/** Ray tests that answer with slots and entities instead of instance numbers. */
import type { Intersection, Object3D, Raycaster, Vector3 } from 'three';
import type { Attachment } from './attachments.ts';
import type { StreamingHost } from './host.ts';
import type { InstanceBatch } from './instance-batch.ts';

/** One place where a ray meets something streamed. */
export class RaycastHit {
  readonly slot: number;
  /** From the ray's origin, in meters. */
  readonly distance: number;
  /** World space. */
  readonly point: Vector3;
  /** Index in the instanced batch, or -1 for an attached object. */
  readonly instanceId: number;
  readonly object: Object3D;
  readonly #host: StreamingHost;
  #eid: number;

  constructor(host: StreamingHost, hit: Intersection, slot: number, eid: number) {
    this.#host = host;
    this.#eid = eid;
    this.slot = slot;
    this.distance = hit.distance;
    this.point = hit.point;
    this.instanceId = hit.instanceId ?? -1;
    this.object = hit.object;
  }

  /** The entity; made when first asked for, so that a ray through a forest makes none. 0 for none. */
  get eid(): number {
    if (this.#eid < 0) this.#eid = this.#host.entityOfSlot(this.slot);
    return this.#eid;
  }

  /** Name of the asset. */
  get asset(): string {
    return this.#host.assetNameOfSlot(this.slot);
  }
}

/** All hits, nearest first. */
export function raycastSlots(
  host: StreamingHost,
  raycaster: Raycaster,
  batches: Iterable<InstanceBatch>,
  attachments: Iterable<Attachment>,
): RaycastHit[] {
  const found: RaycastHit[] = [];
  const hits: Intersection[] = [];
  for (const batch of batches) {
    for (const mesh of batch.meshes) {
      mesh.updateWorldMatrix(false, false);
      mesh.raycast(raycaster, hits);
    }
    for (const hit of hits) {
      found.push(new RaycastHit(host, hit, batch.slots[hit.instanceId!]!, -1));
    }
    hits.length = 0;
  }
  for (const { eid, slot, object } of attachments) {
    if (slot < 0) continue;
    object.updateWorldMatrix(true, true);
    raycaster.intersectObject(object, true, hits);
    for (const hit of hits) found.push(new RaycastHit(host, hit, slot, eid));
    hits.length = 0;
  }
  return found.sort((a, b) => a.distance - b.distance);
}
