/** Installing, disposing, two worlds, pins, holds, failures and levels. */
import { addComponent, addEntity, createWorld, hasComponent, removeEntity, set } from 'bitecs';
import { describe, expect, it } from 'vitest';
import { ErrorCode } from '../../src/base/errors.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { getStreaming, installStreaming } from '../../src/plugin.ts';
import { createSimulation, openSynthetic, type Simulation } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';

const synthetic = makeSyntheticWorld({ placements: 600, assets: 6, terrainDepth: 2 });

async function run(simulation: Simulation, frames = 60): Promise<void> {
  for (let i = 0; i < frames; i++) {
    await simulation.step();
    simulation.streaming.checkInvariants();
  }
}

async function start(options: Parameters<typeof createSimulation>[1] = {}): Promise<Simulation> {
  const simulation = createSimulation(synthetic, options);
  await openSynthetic(simulation, synthetic);
  simulation.look(0, 10, 0, 0);
  return simulation;
}

/** Everything bitECS keeps for a world: queries, observers, components. */
function bitecsFootprint(ecs: object): string {
  const internal = (ecs as Record<symbol, Record<string, { size?: number }>>)[
    Symbol.for('bitecs_internal')
  ]!;
  const components = internal['componentMap'] as unknown as Map<
    object,
    { queries: Set<unknown>; setObservable: object }
  >;
  let queries = 0;
  for (const component of components.values()) queries += component.queries.size;
  return JSON.stringify([internal['queries']!.size, components.size, queries]);
}

describe('installStreaming', () => {
  it('is idempotent per world and found by getStreaming', async () => {
    const ecs = createWorld();
    const streaming = installStreaming(ecs, { decoder: createInlineDecoder(), capacity: 16 });
    expect(installStreaming(ecs)).toBe(streaming);
    expect(getStreaming(ecs)).toBe(streaming);
    await streaming.dispose();
    expect(getStreaming(ecs)).toBeUndefined();
  });

  it('names the option, the value and the range when an option cannot work', () => {
    expect(() => installStreaming(createWorld(), { budgetBytes: -1 })).toThrow(
      /installStreaming: budgetBytes must be a number from 1 to \d+, got -1/,
    );
    expect(() => installStreaming(createWorld(), { scorer: 'best' as 'value' })).toThrow(
      /scorer must be "value", "classic", "distance", .*, got "best"/,
    );
  });

  it('grows nothing over a hundred cycles of install, open, fly and dispose', async () => {
    const ecs = createWorld();
    let footprint = '';
    for (let cycle = 0; cycle < 100; cycle++) {
      const streaming = installStreaming(ecs, { decoder: createInlineDecoder(), capacity: 64 });
      const viewpoint = streaming.createViewpoint();
      const entity = addEntity(ecs);
      addComponent(ecs, entity, set(streaming.components.StreamRequest, { asset: 'asset-1' }));
      for (let frame = 0; frame < 3; frame++) {
        streaming.begin();
        streaming.update(1 / 60);
        streaming.commit();
      }
      removeEntity(ecs, entity);
      removeEntity(ecs, viewpoint);
      await streaming.dispose();
      if (cycle === 1) footprint = bitecsFootprint(ecs);
    }
    expect(bitecsFootprint(ecs)).toBe(footprint);
  });

  it('leaves nothing shown, uploaded or materialized after dispose', async () => {
    const simulation = await start();
    await run(simulation);
    expect(simulation.view.uploaded.size).toBeGreaterThan(0);
    expect(simulation.streaming.stats().entitiesMaterialized).toBeGreaterThan(0);
    const waiting = simulation.streaming.whenResident('no-such-asset');
    const ended = simulation.streaming.dispose();
    await expect(waiting).rejects.toThrow(/disposed/);
    await ended;
    expect(simulation.view.shown.size).toBe(0);
    expect(simulation.view.uploaded.size).toBe(0);
    expect(simulation.view.problems).toEqual([]);
    simulation.streaming.begin();
    simulation.streaming.update(1);
    simulation.streaming.commit();
  });

  it('keeps two worlds in one page apart', async () => {
    const left = await start();
    const right = await start();
    const { StreamRequest } = left.streaming.components;
    const entity = addEntity(left.ecs);
    const other = addEntity(right.ecs);
    expect(other).toBe(entity);
    addComponent(left.ecs, entity, set(StreamRequest, { asset: 'asset-1', importance: 5 }));
    await run(left, 40);
    await run(right, 40);
    expect(left.streaming.isResident(entity)).toBe(true);
    expect(right.streaming.isResident(other)).toBe(false);
    expect(right.streaming.components.StreamRequest.importance[other]).toBe(0);
    await left.streaming.dispose();
    await run(right, 5);
    expect(right.view.shown.size).toBeGreaterThan(0);
    await right.streaming.dispose();
  });

  it('closes a world and opens it again', async () => {
    const simulation = await start();
    await run(simulation);
    const shown = simulation.view.shown.size;
    simulation.streaming.close(synthetic.path);
    await run(simulation, 2);
    expect(simulation.view.shown.size).toBe(0);
    expect(simulation.view.uploaded.size).toBe(0);
    expect(simulation.streaming.stats().usedBytes).toBe(0);
    await openSynthetic(simulation, synthetic);
    await run(simulation);
    expect(simulation.view.shown.size).toBe(shown);
    expect(() => simulation.streaming.close('other.json')).toThrow(/open are: "world.json"/);
    expect(simulation.view.problems).toEqual([]);
    await simulation.streaming.dispose();
  });
});

describe('closing one world and opening another', () => {
  it('leaves nothing of the first behind in what the second shows', async () => {
    const other = makeSyntheticWorld({ seed: 9, placements: 900, assets: 5, terrainDepth: 3 });
    const direct = createSimulation(other, { streaming: { budgetBytes: 1e8 } });
    await openSynthetic(direct, other);
    direct.look(30, 10, 20, 1);
    await direct.settle();
    const changing = createSimulation(synthetic, { streaming: { budgetBytes: 1e8 } });
    await openSynthetic(changing, synthetic);
    changing.look(30, 10, 20, 1);
    await changing.settle();
    changing.streaming.close(synthetic.path);
    const source = memorySource(other.files);
    await changing.streaming.open(other.path, { source });
    await changing.settle();
    changing.streaming.checkInvariants();
    expect([...changing.view.shown].sort()).toEqual([...direct.view.shown].sort());
    expect(changing.view.problems).toEqual([]);
    await direct.streaming.dispose();
    await changing.streaming.dispose();
  });
});

describe('several worlds at a time', () => {
  it('stream together, close in any order, and give all their rows back', async () => {
    const other = makeSyntheticWorld({ seed: 4, placements: 400, assets: 3, terrainDepth: 1 });
    const simulation = createSimulation(synthetic, { streaming: { budgetBytes: 1e8 } });
    const { streaming, view } = simulation;
    const sources = [synthetic, other].map(({ files }) =>
      memorySource(
        Object.fromEntries(Object.entries(files).map(([name, bytes]) => [`w/${name}`, bytes])),
      ),
    );
    simulation.look(0, 10, 0, 0);
    await streaming.open('w/world.json', { source: sources[0]! });
    const renamed = Object.fromEntries(
      Object.entries(other.files).map(([name, bytes]) => [`v/${name}`, bytes]),
    );
    await streaming.open('v/world.json', { source: memorySource(renamed) });
    await simulation.settle();
    const both = view.shown.size;
    streaming.close('w/world.json');
    await run(simulation, 40);
    expect(view.shown.size).toBeLessThan(both);
    expect(view.shown.size).toBeGreaterThan(0);
    streaming.close('v/world.json');
    await run(simulation, 2);
    const { payloads, placements, usedBytes } = streaming.stats();
    expect({ payloads, placements, usedBytes }).toEqual({
      payloads: 0,
      placements: 0,
      usedBytes: 0,
    });
    expect(view.shown.size).toBe(0);
    expect(view.uploaded.size).toBe(0);
    await streaming.open('w/world.json', { source: sources[0]! });
    await simulation.settle();
    streaming.checkInvariants();
    expect(view.shown.size).toBeGreaterThan(0);
    expect(view.problems).toEqual([]);
    await streaming.dispose();
  });
});

describe('pins and holds', () => {
  it('Pinned holds its LOD whatever the budget does', async () => {
    const simulation = await start({ streaming: { budgetBytes: synthetic.residentBytes } });
    const { ecs, streaming } = simulation;
    const { StreamRequest, Pinned, Transform } = streaming.components;
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-5' }));
    addComponent(ecs, entity, set(Transform, { position: [5000, 0, 5000] }));
    addComponent(ecs, entity, set(Pinned, { lod: 1 }));
    await run(simulation);
    expect(streaming.isResident(entity, 1)).toBe(true);
    streaming.budgetBytes = Math.round(synthetic.residentBytes / 6);
    for (let i = 0; i < 30; i++) await simulation.step();
    expect(streaming.isResident(entity, 1)).toBe(true);
    expect(streaming.stats().usedBytes).toBeLessThanOrEqual(streaming.budgetBytes);
    await streaming.dispose();
  });

  it('a pin that can never fit is refused with PinExceedsBudget', async () => {
    const simulation = await start({ streaming: { budgetBytes: 60_000 } });
    const { ecs, streaming } = simulation;
    const { StreamRequest, Pinned, Residency } = streaming.components;
    const messages: string[] = [];
    streaming.on('invalidData', ({ message }) => messages.push(message));
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-5' }));
    addComponent(ecs, entity, set(Pinned, { lod: 0 }));
    await run(simulation, 5);
    expect(Residency.error[entity]).toBe(ErrorCode.PinExceedsBudget);
    expect(messages[0]).toContain('pin a coarser LOD');
    await streaming.dispose();
  });

  it('requestAsset loads by name without an entity, and lets go', async () => {
    const simulation = await start({ streaming: { budgetBytes: synthetic.residentBytes } });
    const { streaming } = simulation;
    const critical = streaming.requestAsset('asset-4', 0, 'critical');
    const normal = streaming.requestAsset('asset-3', 1, 'normal');
    await run(simulation, 120);
    await critical.ready;
    await normal.ready;
    expect(streaming.isResident('asset-4', 0)).toBe(true);
    expect(streaming.isResident('asset-3', 1)).toBe(true);
    critical.release();
    critical.release();
    normal.release();
    expect(() => streaming.requestAsset('asset-1', 9)).toThrow(/lod must be a number from 0 to 4/);
    await streaming.dispose();
  });
});

describe('a damaged payload', () => {
  it('fails alone, is reported on the entity, and the coarser LOD stays', async () => {
    const damaged = structuredClone(synthetic);
    const pack = damaged.files['pack.ffp']!;
    const { payloadOffsets, payloadEncodedBytes } = synthetic.catalog;
    // Asset 2, LODs 0 and 1: one flipped bit each.
    for (const payload of [10, 11])
      pack[payloadOffsets[payload]! + (payloadEncodedBytes[payload]! >> 1)]! ^= 4;
    const simulation = createSimulation(damaged, {
      streaming: { budgetBytes: synthetic.residentBytes * 2 },
    });
    await openSynthetic(simulation, damaged);
    simulation.look(0, 10, 0, 0);
    const { ecs, streaming } = simulation;
    const { StreamRequest, Transform, StreamFailed, Resident, Residency } = streaming.components;
    const failures: string[] = [];
    streaming.on('assetFailed', ({ message }) => failures.push(message));
    const entity = addEntity(ecs);
    addComponent(ecs, entity, set(StreamRequest, { asset: 'asset-2', importance: 10 }));
    addComponent(ecs, entity, set(Transform, { position: [0, 10, -3] }));
    await run(simulation, 200);
    expect(hasComponent(ecs, entity, StreamFailed)).toBe(true);
    expect(hasComponent(ecs, entity, Resident)).toBe(true);
    expect(Residency.error[entity]).toBe(ErrorCode.Checksum);
    expect(streaming.isResident(entity, 0)).toBe(false);
    expect(streaming.isResident(entity, 2)).toBe(true);
    expect(failures.some((message) => message.includes('asset-2 LOD 0'))).toBe(true);
    expect(streaming.explain(entity)).toContain('Checksum');
    await streaming.dispose();
  });
});

describe('a streaming volume', () => {
  const withLevel = makeSyntheticWorld({
    placements: 800,
    assets: 6,
    levels: [{ name: 'harbor', center: [300, 0, 300], radius: 120 }],
  });

  it('loads its level inside the load distance and unloads beyond the unload distance', async () => {
    const simulation = createSimulation(withLevel, {
      streaming: { budgetBytes: withLevel.residentBytes * 2 },
    });
    await openSynthetic(simulation, withLevel);
    const { ecs, streaming } = simulation;
    const { StreamingVolume } = streaming.components;
    const states: string[] = [];
    streaming.on('levelStateChanged', ({ to }) => states.push(to));
    const volume = addEntity(ecs);
    addComponent(
      ecs,
      volume,
      set(StreamingVolume, {
        level: 'harbor',
        center: [300, 0, 300],
        radius: 120,
        loadDistance: 80,
      }),
    );
    expect(streaming.explain(volume)).toBe('');
    const lost = addEntity(ecs);
    addComponent(ecs, lost, set(StreamingVolume, { level: 'harbour' }));
    expect(streaming.explain(lost)).toBe(
      'no opened world has a level "harbour"; there are: "harbor"',
    );
    removeEntity(ecs, lost);
    const at = async (distance: number): Promise<string> => {
      simulation.look(300 - distance, 5, 300, -Math.PI / 2);
      await run(simulation, 40);
      return streaming.levels()['harbor']!;
    };
    expect(await at(400)).toBe('unloaded');
    expect(await at(190)).toBe('active');
    // Between load (200 m) and unload (240 m): stays. Beyond: goes.
    expect(await at(230)).toBe('active');
    const withHarbor = simulation.view.shown.size;
    expect(await at(260)).toBe('unloaded');
    expect(await at(230)).toBe('unloaded');
    expect(simulation.view.shown.size).toBeLessThan(withHarbor);
    expect(states).toEqual(['loading', 'loaded', 'active', 'unloading', 'unloaded']);
    expect(simulation.view.problems).toEqual([]);
    await streaming.dispose();
  });
});
