/** Questions a game asks about entities and assets, and promises it is given. */
import { hasComponent } from 'bitecs';
import { assert, assertNumber, describe } from '../base/assert.ts';
import { ErrorCode, errorName } from '../base/errors.ts';
import { hashName } from '../base/hash.ts';
import { MAX_LODS } from '../base/limits.ts';
import { ResidencyClass } from '../components/residency.ts';
import { idOfName, nameOfId } from '../components/schema.ts';
import { isCustom, type MeshContent } from '../io/content.ts';
import { strongestWant } from '../level/level-wants.ts';
import { unpinPayload } from '../systems/holds.ts';
import { isShowable } from '../systems/lod-state.ts';
import { listLevels, unknownLevels } from '../systems/track-volumes-levels.ts';
import type { Hold, StreamWorld, Waiter } from '../world.ts';
import type { AssetRequest, Target } from './streaming.ts';

/** Asset row of an entity or name, or -1. */
function rowOf(world: StreamWorld, target: Target): number {
  if (typeof target === 'string') return world.assets.find(hashName(target));
  return world.entities.assets[target] ?? -1;
}

function checkLod(lod: number | undefined): void {
  if (lod !== undefined) assertNumber('lod', lod, 0, MAX_LODS - 1);
}

export function isResident(world: StreamWorld, target: Target, lod?: number): boolean {
  checkLod(lod);
  const row = rowOf(world, target);
  if (row < 0) return false;
  return isShowable(world, row, typeof target === 'number' ? target : 0, lod ?? -1);
}

export function dataOf(world: StreamWorld, target: Target, lod?: number): MeshContent | null {
  checkLod(lod);
  const row = rowOf(world, target);
  if (row < 0) return null;
  const first = world.assets.firstPayloads[row]!;
  const meshAt = (at: number): MeshContent | null => {
    const content = world.contents.get(first + at);
    return content && !isCustom(content) ? content : null;
  };
  if (lod !== undefined) return lod < world.assets.lodCounts[row]! ? meshAt(lod) : null;
  for (let finest = 0; finest < world.assets.lodCounts[row]!; finest++) {
    const content = meshAt(finest);
    if (content) return content;
  }
  return null;
}

export function contentOf(world: StreamWorld, target: Target): unknown {
  const row = rowOf(world, target);
  const content = row < 0 ? undefined : world.contents.get(world.assets.firstPayloads[row]!);
  return content && isCustom(content) ? content.value : null;
}

export function whenResident(world: StreamWorld, target: Target, lod?: number): Promise<void> {
  checkLod(lod);
  if (world.disposed) return Promise.reject(disposedError());
  const entity = typeof target === 'number' ? target : 0;
  return new Promise((resolve, reject) => {
    world.waiters.add({
      entity,
      epoch: world.entities.epochs[entity] ?? 0,
      assetId: typeof target === 'string' ? hashName(target) : 0,
      lod: lod ?? -1,
      resolve,
      reject,
    });
  });
}

export function disposedError(): Error {
  return new Error('farfield: the streaming was disposed');
}

export function requestAsset(
  world: StreamWorld,
  name: string,
  lod: number,
  urgency: keyof typeof ResidencyClass,
): AssetRequest {
  assert(
    typeof name === 'string' && name !== '',
    `requestAsset: expected the name of an asset, got ${describe(name)}`,
  );
  checkLod(lod);
  assert(
    urgency in ResidencyClass,
    `requestAsset: expected a class of ${Object.keys(ResidencyClass).join(', ')}, got ${describe(urgency)}`,
  );
  const hold: Hold = { assetId: idOfName(name), lod, urgency: ResidencyClass[urgency], pinned: -1 };
  world.holds.add(hold);
  world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
  const { promise, waiter } = makeWaiter(world, hold);
  return {
    ready: promise,
    release() {
      if (!world.holds.delete(hold)) return;
      world.sweep.sinceSeconds = Number.POSITIVE_INFINITY;
      if (hold.pinned >= 0) unpinPayload(world, hold.pinned);
      if (world.waiters.delete(waiter))
        waiter.reject(new Error(`farfield: the request for "${name}" was released`));
    },
  };
}

function makeWaiter(world: StreamWorld, hold: Hold): { promise: Promise<void>; waiter: Waiter } {
  let resolve: () => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  // Releasing a request nobody awaits is no unhandled rejection.
  promise.catch(() => undefined);
  const waiter: Waiter = {
    entity: 0,
    epoch: 0,
    assetId: hold.assetId,
    lod: hold.lod,
    resolve,
    reject,
  };
  world.waiters.add(waiter);
  return { promise, waiter };
}

export function explain(world: StreamWorld, entity: number): string {
  const { StreamRequest, Residency } = world.set.components;
  const code = Residency.error[entity] ?? 0;
  const row = world.entities.assets[entity] ?? -1;
  const lost = explainVolume(world, entity) || explainScreen(world, entity);
  if (lost !== '') return lost;
  if (code === ErrorCode.InvalidData) return 'its component data were refused; see invalidData';
  if (!hasComponent(world.ecs, entity, StreamRequest)) return '';
  const name = row < 0 ? nameOfId(StreamRequest.asset[entity] ?? 0) : world.assets.names[row]!;
  if (row < 0) return `no opened world has an asset "${name}"`;
  return code === 0 ? '' : `${name}: ${errorName(code)}`;
}

/** A volume whose level is in no opened world loads nothing, which is worth a word. */
function explainVolume(world: StreamWorld, entity: number): string {
  const { StreamingVolume } = world.set.components;
  if (!hasComponent(world.ecs, entity, StreamingVolume)) return '';
  const [name] = unknownLevels(world, entity);
  return name === undefined
    ? ''
    : `no opened world has a level "${name}"; there are: ${listLevels(world)}`;
}

/** A screen only waits: what nobody wants, it waits for in vain. */
function explainScreen(world: StreamWorld, entity: number): string {
  const waiting = world.loading.screens.get(entity);
  if (!waiting || waiting.isReady) return '';
  const [failure] = waiting.failures.filter(({ blocks }) => blocks);
  if (failure)
    return `it waits for ${failure.kind} "${failure.name}", which failed: ${failure.message}`;
  const { levels } = world.set.definitions.LoadingScreen.read(entity);
  for (const name of levels) {
    const level = world.levels.find((one) => one?.name === name);
    if (level && strongestWant(level) < 0)
      return `it waits for level "${name}", which nobody wants; loadLevel loads it, or a volume`;
  }
  return '';
}
