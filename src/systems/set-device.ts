/** The device that payloads are made for: told by the view, and what changes when it changes. */
import { TEXTURE_TARGETS, targetOf } from '../io/codecs/texture-formats.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { recountHolds } from './holds.ts';
import { dropPayload, withdrawPayload } from './payload-lifecycle.ts';

export interface Device {
  /** Bits of `TextureSupport`. */
  textureSupport: number;
  /** Whether geometry shares buffers, which the budget counts as a whole. */
  sharesGeometry: boolean;
}

/**
 * Decodes KTX2 images for a device from now on and counts what everything takes there. What was
 * streamed for another device and would differ on this one is given up and asked for anew. Only while
 * no view is attached.
 */
export function setDevice(world: StreamWorld, device: Partial<Device>): void {
  const { payloads } = world;
  const oldTarget = payloads.textureTarget;
  const target = chooseTarget(world, device.textureSupport);
  const shares = device.sharesGeometry ?? payloads.sharesGeometry;
  if (target === oldTarget && shares === payloads.sharesGeometry) return;
  const { state, geometryBytes } = payloads.columns;
  for (let row = 0; row < payloads.count; row++) {
    const isMoved = shares !== payloads.sharesGeometry && geometryBytes[row]! > 0;
    if (!isMoved && payloads.isSameFor(row, oldTarget, target)) continue;
    if (state[row] === PayloadState.Resident) dropPayload(world, row);
    else if (state[row] === PayloadState.Pending || state[row] === PayloadState.Staged)
      withdrawPayload(world, row);
  }
  payloads.setDevice(target, shares);
  recountHolds(world);
  world.demandChanged = true;
}

function chooseTarget({ decoder, payloads }: StreamWorld, support: number | undefined): number {
  // A decoder that is not asked for textures makes the same for every device.
  if (support === undefined || !decoder.setTextureSupport) return payloads.textureTarget;
  decoder.setTextureSupport(support);
  return TEXTURE_TARGETS.indexOf(targetOf(support));
}
