/**
 * Reads: data layers. Writes: the cell tree, what is kept. After: track-volumes.
 *
 * Puts cells in and takes them out as layers are switched, so many a frame. Of a layer that goes on its
 * cells come first, then those go that are there while it is off; the other way round when it goes off: in
 * between there may be both, never neither. One that is switched back turns round where it is.
 */
import { drain } from '../base/steps.ts';
import type { LayerShift, StreamWorld } from '../world.ts';
import { closeGate, Gate, openGate } from './cell-membership.ts';
import { enterGroup, leaveGroup } from './open-groups.ts';

export function switchLayers(world: StreamWorld): void {
  const { dataLayers, layerShifts } = world;
  if (world.layersTaken !== dataLayers.version) {
    world.layersTaken = dataLayers.version;
    switchGroups(world);
  }
  let left = world.options.levels.layerCellsPerFrame;
  for (let i = 0; i < layerShifts.length && left > 0; i++)
    left = shift(world, layerShifts[i]!, left);
}

function switchGroups(world: StreamWorld): void {
  for (const { groups, isAdmitted } of world.opened) {
    // One that is being admitted is looked at again when it is.
    if (!isAdmitted) continue;
    for (const group of groups) {
      const isThere = world.dataLayers.shows(group.layer);
      if (isThere === group.isIn) continue;
      if (isThere) drain(enterGroup(world, group));
      else leaveGroup(world, group);
    }
  }
}

/** At most `left` cells; returns how many more there may be of others. */
function shift(world: StreamWorld, one: LayerShift, left: number): number {
  const isOn = world.dataLayers.isRowOn(one.layer);
  const { cells, plainCount } = one;
  for (; left > 0; left--) {
    if (isOn ? one.done === cells.length : one.done === 0) return left;
    const at = isOn ? one.done++ : --one.done;
    if (at < plainCount === isOn) openGate(world, cells[at]!, Gate.Layer);
    else closeGate(world, cells[at]!, Gate.Layer);
  }
  return 0;
}
