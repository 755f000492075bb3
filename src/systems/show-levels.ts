/**
 * Reads: resident masks. Writes: which levels are shown, gates of proxies, pins. Called by: advance-levels.
 *
 * A level appears in one frame, and goes in one: its cells are in the tree before and after, but veiled.
 * What stands in for it goes and comes in that same frame. Before a level goes, its proxies are asked
 * for and held; it goes when they can be shown, or will not come.
 */
import { type Level, LevelState, mayActivate } from '../level/level-machine.ts';
import type { StreamWorld } from '../world.ts';
import { closeGate, Gate, openGate } from './cell-membership.ts';
import { pinPayload, unpinPayload } from './holds.ts';
import { coarsestPayload } from './lod-state.ts';

/** All of the level is in: it shows, and what stood in for it does not. */
export function unveilLevel(world: StreamWorld, level: Level): void {
  setVeil(world, level, false);
  for (const cell of level.proxies) closeGate(world, cell, Gate.Proxy);
  releaseProxies(world, level);
}

/** The level is to go: calls what stands in for it. */
export function callProxies(world: StreamWorld, level: Level): void {
  for (const cell of level.proxies) {
    openGate(world, cell, Gate.Proxy);
    holdProxy(world, level, cell);
  }
}

/** Veils a level that is to go, once what stands in for it can be shown, or is known not to come. */
export function veilIfReplaced(world: StreamWorld, level: Level): void {
  if (!level.isShown || level.state === LevelState.Active) return;
  if (level.state === LevelState.Loaded && mayActivate(level)) return;
  let isDone = true;
  for (const cell of level.proxies) {
    if (isReplaced(world, cell)) continue;
    // Of a layer that has come since it was to go.
    holdProxy(world, level, cell);
    isDone = false;
  }
  if (isDone) setVeil(world, level, true);
}

/** What stands in for it competes by its worth from now on. */
export function releaseProxies(world: StreamWorld, level: Level): void {
  for (const payload of level.heldProxies) unpinPayload(world, payload);
  level.heldProxies.length = 0;
}

/** Of a level that has just been made, or of one that has gone: its cells would not show. */
export function setVeil(world: StreamWorld, level: Level, isVeiled: boolean): void {
  level.isShown = !isVeiled;
  world.cells.veiledLevels[level.row] = isVeiled ? 1 : 0;
  // What is in view stays; what of it shows does not.
  world.culling.isShown = false;
  world.activation.isDue = true;
}

/** Asks for what the cell needs to show before all else, unless it is of a layer that is not there. */
function holdProxy(world: StreamWorld, level: Level, cell: number): void {
  const { cellRuns, runAssets, gates } = world.cells;
  if (gates[cell] !== 0) return;
  for (let run = cellRuns[cell]!; run < cellRuns[cell + 1]!; run++) {
    const payload = coarsestPayload(world, runAssets[run]!);
    if (level.heldProxies.includes(payload)) continue;
    pinPayload(world, payload);
    level.heldProxies.push(payload);
  }
}

/** Whether a proxy shows from now on, will not come, or is of a layer that is not there. */
function isReplaced({ cells, assets }: StreamWorld, cell: number): boolean {
  if (cells.gates[cell] !== 0) return true;
  if (!cells.placed[cell]) return false;
  const end = cells.cellRuns[cell + 1]!;
  for (let run = cells.cellRuns[cell]!; run < end; run++) {
    const asset = cells.runAssets[run]!;
    const coarsest = 1 << (assets.lodCounts[asset]! - 1);
    // What is finer may leave again the next moment.
    if (((assets.residentMasks[asset]! | assets.failedMasks[asset]!) & coarsest) === 0)
      return false;
  }
  return true;
}
