/** The device that textures are made for: told by the view, and what changes when it changes. */
import { TEXTURE_TARGETS, targetOf } from '../io/codecs/texture-formats.ts';
import { PayloadState } from '../memory/payloads.ts';
import type { StreamWorld } from '../world.ts';
import { dropPayload, withdrawPayload } from './payload-lifecycle.ts';

/**
 * Decodes KTX2 images for a device from now on and counts what they take there. What was streamed
 * for another device and would differ on this one is given up and asked for anew. Only while no
 * view is attached.
 *
 * @param support bits of `TextureSupport`
 */
export function setTextureSupport(world: StreamWorld, support: number): void {
  const { payloads, decoder } = world;
  // A decoder that is not asked for textures makes the same for every device.
  if (!decoder.setTextureSupport) return;
  decoder.setTextureSupport(support);
  const target = TEXTURE_TARGETS.indexOf(targetOf(support));
  const old = payloads.textureTarget;
  if (target === old) return;
  const { state, pins, reserveBytes } = payloads.columns;
  let pinnedBytes = world.pinnedBytes;
  for (let row = 0; row < payloads.count; row++) {
    if (pins[row]! > 0) pinnedBytes -= reserveBytes[row]!;
    if (payloads.isSameFor(row, old, target)) continue;
    if (state[row] === PayloadState.Resident) dropPayload(world, row);
    else if (state[row] === PayloadState.Pending || state[row] === PayloadState.Staged)
      withdrawPayload(world, row);
  }
  payloads.setTextureTarget(target);
  for (let row = 0; row < payloads.count; row++)
    if (pins[row]! > 0) pinnedBytes += reserveBytes[row]!;
  world.pinnedBytes = pinnedBytes;
  world.demandChanged = true;
}
