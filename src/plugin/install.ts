/** Installing the streaming into a game's bitECS world: once per world, however often it is asked. */
import { addComponent, addEntity, commitRemovals, removeEntity, type World } from 'bitecs';
import { assert, assertNumber } from '../base/assert.ts';
import { OWN_MS } from '../memory/load-limit.ts';
import { resolveOptions, type StreamingOptions } from '../options.ts';
import { queueEntity } from '../systems/admit-entities.ts';
import { countUnwanted } from '../systems/payload-lifecycle.ts';
import { assetOfSlot, endPlacements, materialize } from '../systems/placement-entity.ts';
import { AFFORD, GET, run, SHOW, TELL, WANT } from '../systems/schedule.ts';
import { setBudget } from '../systems/set-budget.ts';
import { beginScreen } from '../systems/tell-loading.ts';
import { endTravels } from '../systems/tell-travel.ts';
import { queueVolume } from '../systems/track-volumes.ts';
import { createStreamWorld, type OpenedWorld, type StreamWorld } from '../world.ts';
import {
  contentOf,
  dataOf,
  disposedError,
  explain,
  isResident,
  requestAsset,
  whenResident,
} from './access.ts';
import { foretelling } from './announce.ts';
import { bindingOf, observeComponents } from './binding.ts';
import { closeWorld } from './close-world.ts';
import { reportUnheard } from './console.ts';
import { dumpState } from './dump.ts';
import { gridCalls } from './grid-calls.ts';
import { checkInvariants } from './invariants.ts';
import { levelCalls } from './level-calls.ts';
import { loadingCalls } from './loading-calls.ts';
import { lodCalls } from './lod-calls.ts';
import { memoryCalls } from './memory-calls.ts';
import { metricsCalls } from './metrics-calls.ts';
import { markSeen, setOcclusion } from './occlusion.ts';
import { openWorld } from './open-world.ts';
import { qualityCalls } from './quality-calls.ts';
import { placementsIn } from './queries.ts';
import { levelStates, lodHistogram, reportStats } from './report.ts';
import { retentionCalls } from './retention.ts';
import { snapshotCalls } from './snapshot-calls.ts';
import type { Streaming, WorldInfo } from './streaming.ts';
import { travelCalls } from './travel-calls.ts';
import { createTyped } from './typed.ts';
import { attachView } from './view-slot.ts';
import { volumeCalls } from './volume-calls.ts';

const instances = new WeakMap<World, Streaming>();

/** The streaming installed in a bitECS world, or undefined. */
export function getStreaming(world: World): Streaming | undefined {
  return instances.get(world);
}

/**
 * Installs the streaming into a bitECS world and returns its handle. A second call on the same
 * world returns the first one's; after `dispose` it starts anew and reuses the stores.
 */
export function installStreaming(ecs: World, options: StreamingOptions = {}): Streaming {
  const known = instances.get(ecs);
  if (known) return known;
  const resolved = resolveOptions(options);
  const binding = bindingOf(ecs, resolved.capacity);
  const world = createStreamWorld(ecs, resolved, binding.set, binding.queries);
  world.events.unheard = reportUnheard;
  const stopObserving = observeComponents(world, binding);
  for (const entity of binding.queries.requests.dense) queueEntity(world, entity);
  for (const entity of binding.queries.volumes.dense) queueVolume(world, entity);
  for (const entity of binding.queries.screens.dense) beginScreen(world, entity);
  const streaming = makeStreaming(world, async () => {
    world.disposed = true;
    // Observers are told of the last entities too, and so are ours.
    endPlacements(world);
    endTravels(world, disposedError());
    stopObserving();
    instances.delete(ecs);
    await tearDown(world);
  });
  instances.set(ecs, streaming);
  return streaming;
}

function makeStreaming(world: StreamWorld, end: () => Promise<void>): Streaming {
  let disposing: Promise<void> | undefined;
  const { components } = world.set;
  const volumes = volumeCalls(world);
  return {
    world: world.ecs,
    components,
    typed: createTyped(world.set),
    get disposed() {
      return world.disposed;
    },
    get budgetBytes() {
      return world.budget.budgetBytes;
    },
    set budgetBytes(bytes) {
      setBudget(world, bytes);
    },
    ...memoryCalls(world),
    ...retentionCalls(world),
    get errorPixels() {
      return world.options.errorPixels;
    },
    set errorPixels(pixels) {
      assertNumber('errorPixels', pixels, 0.01, 1000);
      world.options.errorPixels = pixels;
    },
    get terrainErrorPixels() {
      return world.options.terrainErrorPixels;
    },
    set terrainErrorPixels(pixels) {
      assertNumber('terrainErrorPixels', pixels, 0.01, 1000);
      world.options.terrainErrorPixels = pixels;
    },
    ...lodCalls(world),
    ...qualityCalls(world),
    ...metricsCalls(world),
    ...levelCalls(world),
    ...loadingCalls(world),
    ...travelCalls(world),
    ...volumes,
    ...gridCalls(world),
    ...snapshotCalls(world, volumes),
    ...frameCalls(world),
    ...worldCalls(world),
    ...foretelling(world),
    ...questions(world),
    ...viewCalls(world),
    dispose() {
      checkIdle(world, 'dispose');
      if (disposing) return disposing;
      let begin: (ended: Promise<void>) => void = () => undefined;
      // Set before anything ends: an observer that hears of it may call again.
      disposing = new Promise((resolve) => {
        begin = resolve;
      });
      begin(end());
      return disposing;
    },
  };
}

/** A scorer is asked in the midst of a frame: nothing may move under its feet, or ours. */
function checkIdle({ scoring }: StreamWorld, call: string): void {
  assert(!scoring.isRunning, `${call}: a scorer may not call it; wait for the end of update`);
}

function frameCalls(world: StreamWorld): Pick<Streaming, 'begin' | 'update' | 'commit'> {
  const { clock, stats } = world;
  return {
    begin() {
      checkIdle(world, 'begin');
      if (world.disposed) return;
      const start = clock.now();
      commitRemovals(world.ecs);
      world.frame++;
      world.pace.frames = world.frame;
      stats.structuralOps = 0;
      run(GET, world);
      world.loads.measured[OWN_MS]! += clock.now() - start;
      stats.beginMs.record(clock.now() - start);
    },
    update(dtSeconds) {
      checkIdle(world, 'update');
      assertNumber('update: dtSeconds', dtSeconds, 0, 3600);
      if (world.disposed) return;
      const start = clock.now();
      world.dtSeconds = dtSeconds;
      for (const hook of world.beforeUpdate) hook();
      run(WANT, world);
      run(AFFORD, world);
      world.loads.measured[OWN_MS]! += clock.now() - start;
      stats.updateMs.record(clock.now() - start);
    },
    commit() {
      checkIdle(world, 'commit');
      if (world.disposed) return;
      const start = clock.now();
      run(SHOW, world);
      run(TELL, world);
      world.loads.measured[OWN_MS]! += clock.now() - start;
      stats.commitMs.record(clock.now() - start);
    },
  };
}

function worldCalls(world: StreamWorld): Pick<Streaming, 'open' | 'close'> {
  return {
    async open(path, options = {}) {
      if (world.disposed) throw disposedError();
      const source = options.source ?? world.options.source;
      assert(source, `open("${path}"): no source; give one here or to installStreaming`);
      const twice = world.opening.has(path) || world.opened.some((one) => one.path === path);
      assert(!twice, `open("${path}"): this world is open already; close it first`);
      const ending = new AbortController();
      world.opening.set(path, ending);
      try {
        return describeWorld(world, await openWorld(world, path, source, ending));
      } finally {
        world.opening.delete(path);
      }
    },
    close(path) {
      checkIdle(world, 'close');
      const opened = world.opened.find((other) => other.path === path);
      const opening = world.opening.get(path);
      if (!opened && opening) {
        opening.abort();
        return;
      }
      const names = world.opened.map((other) => `"${other.path}"`).join(', ') || 'none';
      assert(opened, `close("${path}"): no such world is open; open are: ${names}`);
      closeWorld(world, opened);
    },
  };
}

function describeWorld(world: StreamWorld, opened: OpenedWorld): WorldInfo {
  const { mount } = opened;
  const { residentBytes, sharedBytes } = world.payloads.columns;
  let bytes = 0;
  const end = mount.firstPayload + mount.payloadCount;
  for (let row = mount.firstPayload; row < end; row++)
    bytes += residentBytes[row]! + sharedBytes[row]!;
  return {
    name: opened.name,
    placements: mount.slotCount - mount.terrainCount,
    assets: world.assets.names.slice(mount.firstAsset, mount.firstAsset + mount.assetCount),
    levels: mount.levelNames,
    bounds: opened.bounds,
    residentBytes: bytes,
  };
}

function questions(
  world: StreamWorld,
): Pick<
  Streaming,
  | 'requestAsset'
  | 'isResident'
  | 'data'
  | 'content'
  | 'whenResident'
  | 'explain'
  | 'placementsIn'
  | 'levels'
  | 'lodHistogram'
  | 'stats'
  | 'counts'
  | 'dumpState'
  | 'checkInvariants'
  | 'on'
> {
  return {
    requestAsset: (name, lod, urgency = 'normal') => requestAsset(world, name, lod, urgency),
    isResident: (target, lod) => isResident(world, target, lod),
    data: (target, lod) => dataOf(world, target, lod),
    content: (target) => contentOf(world, target),
    whenResident: (target, lod) => whenResident(world, target, lod),
    explain: (entity) => explain(world, entity),
    placementsIn: (shape, out) => placementsIn(world, shape, out),
    levels: () => levelStates(world),
    lodHistogram: () => lodHistogram(world),
    stats: () => reportStats(world),
    counts: () => ({
      used: world.stats.shownSlots,
      visited: world.stats.visitedNodes + world.stats.visibleCells,
    }),
    dumpState: () => dumpState(world),
    checkInvariants: () => checkInvariants(world),
    on: (name, listener) => world.events.on(name, listener),
  };
}

function viewCalls(
  world: StreamWorld,
): Pick<
  Streaming,
  | 'attachView'
  | 'onDeviceMemory'
  | 'createViewpoint'
  | 'removeViewpoint'
  | 'entityOfSlot'
  | 'slotOfEntity'
  | 'assetNameOfSlot'
  | 'setOcclusion'
  | 'markSeen'
> {
  const { Viewpoint } = world.set.components;
  return {
    attachView: (view, hooks) => attachView(world, view, hooks),
    onDeviceMemory(event) {
      if (!world.disposed) world.deviceEvents.push(event);
    },
    createViewpoint() {
      const entity = addEntity(world.ecs);
      addComponent(world.ecs, entity, Viewpoint);
      return entity;
    },
    removeViewpoint(entity) {
      removeEntity(world.ecs, entity);
    },
    entityOfSlot(slot) {
      if (slot < world.slots.entitySlots) return world.entities.assets[slot]! >= 0 ? slot : 0;
      // Too far away, it goes again with the next pass.
      world.activation.isDue = true;
      return materialize(world, slot);
    },
    slotOfEntity(entity) {
      const placement = world.materialized.slots[entity] ?? -1;
      if (placement >= 0) return placement;
      return (world.entities.assets[entity] ?? -1) >= 0 ? entity : -1;
    },
    setOcclusion: (slots, hidden, count) => setOcclusion(world, slots, hidden, count),
    markSeen: (slots, count) => markSeen(world, slots, count),
    assetNameOfSlot(slot) {
      const asset = assetOfSlot(world, slot);
      return asset < 0 ? '' : world.assets.names[asset]!;
    },
  };
}

/** Gives back everything, in the order in which it was taken. */
async function tearDown(world: StreamWorld): Promise<void> {
  for (const ending of world.opening.values()) ending.abort();
  for (const opened of [...world.opened].reverse()) closeWorld(world, opened);
  for (const waiter of world.waiters) waiter.reject(disposedError());
  world.waiters.clear();
  world.holds.clear();
  world.levelIntents.rejectAll(disposedError());
  world.view = null;
  world.beforeUpdate.length = 0;
  await world.io.dispose();
  countUnwanted(world);
  world.mailbox.drain(() => undefined);
  await world.ioWorker?.dispose();
  // A decoder of the game's own is the game's to end.
  if (!world.options.decoder) await world.decoder.dispose();
  world.events.clear();
}
