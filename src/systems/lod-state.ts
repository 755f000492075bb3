/** What may be said of an entity's or asset's LODs from the masks: asked by systems and by games. */
import { bestAllowed, THRESHOLD_STRIDE } from '../catalog/lod-sets.ts';
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

/** The coarsest LOD that satisfies an entity: by its own limits and those of its asset. */
export function coarsestAllowed(world: StreamWorld, entity: number, asset: number): number {
  const { coarsestLod } = world.set.components.StreamRequest;
  return Math.min(coarsestLod[entity]!, world.assets.general.coarsestLods[asset]!);
}

/** The finest LOD it may ask for. Where limits contradict, the coarsest decides. */
export function finestAllowed(world: StreamWorld, entity: number, asset: number): number {
  const { finestLod } = world.set.components.StreamRequest;
  const finest = Math.max(finestLod[entity]!, world.assets.general.finestLods[asset]!);
  return Math.min(finest, coarsestAllowed(world, entity, asset));
}

/** The LOD to show where `target` is wanted, -1 for nothing. */
export function shownForEntity(
  world: StreamWorld,
  entity: number,
  asset: number,
  target: number,
): number {
  const { assets } = world;
  const { shownLods, finestLods } = assets.general;
  const lodCount = assets.lodCounts[asset]!;
  const finest = finestAllowed(world, entity, asset);
  // Without limits of its own it shows what all do.
  if (finest === finestLods[asset]! || target >= lodCount)
    return shownLods[asset * THRESHOLD_STRIDE + target]!;
  return bestAllowed(target, assets.residentMasks[asset]!, lodCount, finest);
}

/** Whether any LOD the entity allows can be shown. */
export function hasAllowedLod(world: StreamWorld, entity: number): boolean {
  const row = world.entities.assets[entity]!;
  if (row < 0) return false;
  const coarsest = coarsestAllowed(world, entity, row);
  const finest = finestAllowed(world, entity, row);
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
