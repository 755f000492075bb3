/** What may be said of an entity's or asset's LODs from the masks: asked by systems and by games. */
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';

/** Payload of an asset's coarsest LOD. */
export function coarsestPayload(world: StreamWorld, asset: number): number {
  return world.assets.firstPayloads[asset]! + world.assets.lodCounts[asset]! - 1;
}

/**
 * Whether an asset can be shown: at LOD `lod`, or with -1 at any that the entity allows (entity 0:
 * at any).
 */
export function isShowable(world: StreamWorld, row: number, entity: number, lod: number): boolean {
  if (lod >= 0) return (world.assets.residentMasks[row]! & (1 << lod)) !== 0;
  return entity > 0 ? hasAllowedLod(world, entity) : world.assets.residentMasks[row] !== 0;
}

/** Whether any LOD the entity allows can be shown. */
export function hasAllowedLod(world: StreamWorld, entity: number): boolean {
  const row = world.entities.assets[entity]!;
  if (row < 0) return false;
  const { StreamRequest } = world.set.components;
  const coarsest = Math.min(StreamRequest.coarsestLod[entity]!, world.assets.lodCounts[row]! - 1);
  const finest = Math.min(StreamRequest.finestLod[entity]!, coarsest);
  const allowed = (2 << coarsest) - (1 << finest);
  return (world.assets.residentMasks[row]! & allowed) !== 0;
}

/** Whether some payload of the entity's asset has failed and waits for its retry. */
export function hasFailure(world: StreamWorld, entity: number): boolean {
  const row = world.entities.assets[entity]!;
  if (row < 0) return false;
  const { columns } = world.payloads;
  const first = world.assets.firstPayloads[row]!;
  for (let lod = 0; lod < world.assets.lodCounts[row]!; lod++)
    if (columns.state[first + lod] === PayloadState.Failed) return true;
  return false;
}
