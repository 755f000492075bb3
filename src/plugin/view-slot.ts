/** Attaching and detaching the view, whatever has been streamed before. */
import { assert } from '../base/assert.ts';
import { isCustom, type MeshContent } from '../io/content.ts';
import type { View } from '../memory/view.ts';
import { forgetShown } from '../systems/forget-shown.ts';
import { dropPayload, payloadLabel } from '../systems/payload-lifecycle.ts';
import { setDevice } from '../systems/set-device.ts';
import type { StreamWorld } from '../world.ts';
import { fitGeometry, takeView } from './fit-geometry.ts';

/** Installs a view; the returned function releases all it holds and takes it out again. */
export function attachView(
  world: StreamWorld,
  view: View<MeshContent>,
  hooks: { beforeUpdate(): void },
): () => void {
  assert(
    world.view === null,
    'attachView: this streaming has a view already; dispose that one first',
  );
  checkMemory(world, view);
  forgetShown(world);
  setDevice(world, {
    ...(view.textureSupport !== undefined && { textureSupport: view.textureSupport }),
    sharesGeometry: (view.sharedBytes ?? 0) > 0,
  });
  // Nothing of what was given up so far has ever been with this view.
  world.releases.length = 0;
  world.view = view;
  // What casts no shadow it is told in its first frame.
  world.quality.areShadowsDue = true;
  takeView(world);
  fitGeometry(world);
  world.beforeUpdate.push(hooks.beforeUpdate);
  // What was streamed without a view has its images still and only needs to be handed over.
  for (const [payload, content] of world.contents)
    if (!isCustom(content)) view.upload(payload, content, payloadLabel(world, payload));
  return () => {
    if (world.view !== view) return;
    forgetShown(world);
    for (const [payload, content] of [...world.contents]) {
      // What a view never had stays.
      if (isCustom(content)) continue;
      view.release(payload);
      // Its images went to the GPU and are gone with it: a later view needs them anew.
      dropPayload(world, payload);
    }
    // What it has taken a part of goes too.
    if (world.payloads.sharesGeometry) setDevice(world, { sharesGeometry: false });
    world.releases.length = 0;
    world.view = null;
    takeView(world);
    world.isDeviceLost = false;
    world.deviceEvents.length = 0;
    world.beforeUpdate.splice(world.beforeUpdate.indexOf(hooks.beforeUpdate), 1);
  };
}

/** The view's own buffers come out of the budget first: something must be left of it. */
function checkMemory({ budget }: StreamWorld, view: View<MeshContent>): void {
  const { overheadBytes = 0, sharedBytes = 0 } = view;
  const left = budget.promisableBytes - budget.named.bytes;
  assert(
    overheadBytes + sharedBytes < left,
    `attachView: the buffers of the view take ${overheadBytes + sharedBytes} bytes, but of the budget of ` +
      `${budget.budgetBytes} only ${left} are not promised; make them smaller, or raise budgetBytes`,
  );
}
