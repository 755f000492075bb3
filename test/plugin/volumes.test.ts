/** Streaming volumes as a game authors them. */
import {
  addComponent,
  addEntity,
  hasComponent,
  observe,
  onAdd,
  onRemove,
  query,
  removeComponent,
  removeEntity,
  set,
} from 'bitecs';
import { afterEach, describe, expect, it } from 'vitest';
import type { Streaming } from '../../src/plugin.ts';
import { createSimulation, openSynthetic } from '../support/simulation.ts';
import { makeSyntheticWorld } from '../support/synthetic-world.ts';
import { createVolumeGame, type VolumeGame } from '../support/volume-game.ts';

const running: Streaming[] = [];

function start(options: Parameters<typeof createVolumeGame>[0] = {}): VolumeGame & { eye: number } {
  const game = createVolumeGame(options);
  running.push(game.streaming);
  return { ...game, eye: game.streaming.createViewpoint() };
}

afterEach(async () => {
  for (const streaming of running.splice(0)) await streaming.dispose();
});

describe('entering and leaving', () => {
  it('is an event, a tag and a call, at the distances given', () => {
    const { ecs, streaming, told, addVolume, moveEye, frame, eye } = start();
    const { VolumeEntered, StreamingVolume } = streaming.components;
    const heard: string[] = [];
    observe(ecs, onAdd(VolumeEntered), (entity: number) => heard.push(`tag ${entity}`));
    observe(ecs, onRemove(VolumeEntered), (entity: number) => heard.push(`no tag ${entity}`));
    const volume = addVolume({ radius: 10, loadDistance: 5, unloadDistance: 20 });
    streaming.watchVolume(volume, {
      enter: (entity, viewpoint) => heard.push(`enter ${entity} by ${viewpoint}`),
      leave: (entity) => heard.push(`leave ${entity}`),
    });
    const at = (x: number): boolean => {
      moveEye(eye, x, 0, 0);
      frame();
      return hasComponent(ecs, volume, VolumeEntered);
    };
    expect([at(100), at(15.01), at(14.99), at(29.99), at(30.01), at(20)]).toEqual([
      false,
      false,
      true,
      true,
      false,
      false,
    ]);
    expect(told).toEqual([`+${volume}`, `-${volume}`]);
    const calls = [`enter ${volume} by ${eye}`, `leave ${volume}`];
    expect(heard).toEqual([`tag ${volume}`, calls[0], `no tag ${volume}`, calls[1]]);
    expect([...query(ecs, [StreamingVolume, VolumeEntered])]).toEqual([]);
  });

  it('unloads at 1.5 times the load distance by default', () => {
    const { told, addVolume, moveEye, frame, eye } = start();
    addVolume({ radius: 10, loadDistance: 20 });
    for (const x of [29, 39.9, 40.1]) {
      moveEye(eye, x, 0, 0);
      frame();
    }
    expect(told.map((line) => line[0])).toEqual(['+', '-']);
  });

  it('ends with the component, the entity, the switch, and the last viewpoint', () => {
    const { ecs, streaming, told, addVolume, frame, eye } = start();
    const { StreamingVolume, VolumeEntered } = streaming.components;
    const volumes = [0, 1, 2, 3].map(() => addVolume({}));
    frame();
    told.length = 0;
    removeComponent(ecs, volumes[0]!, StreamingVolume);
    removeEntity(ecs, volumes[1]!);
    StreamingVolume.active[volumes[2]!] = 0;
    frame();
    expect(told.sort()).toEqual(volumes.slice(0, 3).map((entity) => `-${entity}`));
    expect(hasComponent(ecs, volumes[0]!, VolumeEntered)).toBe(false);
    told.length = 0;
    streaming.removeViewpoint(eye);
    frame();
    expect(told).toEqual([`-${volumes[3]}`]);
  });

  it('of an id that is recycled within a frame is that of two volumes, each with its own listeners', () => {
    const { ecs, streaming, told, addVolume, frame } = start();
    const first = addVolume({});
    const heard: string[] = [];
    const listen = (name: string): void => {
      const tell = (what: string) => (): number => heard.push(`${name} ${what}`);
      streaming.watchVolume(first, { enter: tell('entered'), leave: tell('left') });
    };
    listen('first');
    frame();
    removeEntity(ecs, first);
    expect(addVolume({})).toBe(first);
    listen('second');
    frame();
    expect(told).toEqual([`+${first}`, `-${first}`, `+${first}`]);
    expect(heard).toEqual(['first entered', 'first left', 'second entered']);
  });

  it('tells as many a frame as there are, and tags no more than a quarter of the limit', () => {
    const { ecs, streaming, told, addVolume, frame } = start({ structuralOpsPerFrame: 40 });
    const { VolumeEntered } = streaming.components;
    for (let i = 0; i < 25; i++) addVolume({});
    const tagged: number[] = [];
    for (let i = 0; i < 4; i++) {
      frame();
      tagged.push(query(ecs, [VolumeEntered]).length);
    }
    expect(tagged).toEqual([10, 20, 25, 25]);
    expect(told).toHaveLength(25);
  });

  it('a listener that throws is reported and keeps nobody from hearing', () => {
    const { streaming, addVolume, frame } = start();
    const volume = addVolume({});
    const failures: string[] = [];
    streaming.on('listenerFailed', ({ event }) => failures.push(event));
    let heard = 0;
    streaming.watchVolume(volume, {
      enter: () => {
        throw new Error('of the game');
      },
    });
    const stop = streaming.watchVolume(volume, { enter: () => heard++, leave: () => heard++ });
    frame();
    // What failed during the delivery is told with the next.
    frame();
    expect([heard, failures]).toEqual([1, [`watchVolume of entity ${volume}`]]);
    stop();
    streaming.components.StreamingVolume.active[volume] = 0;
    frame();
    expect(heard).toBe(1);
  });
});

describe('conditions', () => {
  it('a data layer lets volumes in and puts them out, wherever the viewpoint stands', () => {
    const { streaming, told, addVolume, frame } = start();
    const volume = addVolume({ layer: 'winter' });
    frame();
    expect(told).toEqual([]);
    streaming.setDataLayer('winter', true);
    frame();
    streaming.setDataLayer('winter', false);
    frame();
    expect(told).toEqual([`+${volume}`, `-${volume}`]);
    expect(streaming.isDataLayerOn('winter')).toBe(false);
  });

  it('is asked of volumes that are near alone, and holds by name and by entity', () => {
    const { streaming, told, addVolume, frame } = start();
    const near = addVolume({ condition: 'night' });
    const other = addVolume({ condition: 'night' });
    addVolume({ condition: 'night', center: [5000, 0, 0] });
    frame();
    expect(told).toEqual([]);
    const asked: number[] = [];
    streaming.setVolumeCondition('night', (entity) => asked.push(entity) > 0);
    streaming.setVolumeCondition(other, () => false);
    frame();
    expect([told, asked]).toEqual([[`+${near}`], [near, other]]);
    streaming.setVolumeCondition(other, null);
    frame();
    streaming.setVolumeCondition('night', null);
    frame();
    expect(told).toEqual([`+${near}`, `+${other}`, `-${near}`, `-${other}`]);
  });

  it('that throws does not hold, and is reported once until it answers again', () => {
    const { streaming, told, addVolume, frame } = start();
    const volume = addVolume({ condition: 'odd' });
    const failures: string[] = [];
    streaming.on('listenerFailed', ({ event }) => failures.push(event));
    let isBroken = true;
    streaming.setVolumeCondition('odd', () => {
      if (isBroken) throw new Error('of the game');
      return true;
    });
    for (let i = 0; i < 5; i++) frame();
    expect([told, failures]).toEqual([[], [`condition of volume ${volume}`]]);
    isBroken = false;
    frame();
    expect(told).toEqual([`+${volume}`]);
  });

  it('may end the volume it is asked of', () => {
    const { ecs, streaming, told, addVolume, frame } = start();
    const volume = addVolume({});
    streaming.setVolumeCondition(volume, () => {
      removeEntity(ecs, volume);
      return true;
    });
    frame();
    frame();
    expect(told).toEqual([]);
  });
});

describe('columns written directly', () => {
  it('center and active are seen by the next update, all else within 64', () => {
    const { streaming, told, addVolume, frame } = start();
    const { StreamingVolume } = streaming.components;
    const volume = addVolume({ center: [1000, 0, 0], radius: 10, loadDistance: 10 });
    frame();
    StreamingVolume.center[volume * 3] = 5;
    frame();
    expect(told).toEqual([`+${volume}`]);
    StreamingVolume.center[volume * 3] = 5000;
    frame();
    expect(told).toEqual([`+${volume}`, `-${volume}`]);
    StreamingVolume.radius[volume] = 5000;
    for (let i = 0; i < 64; i++) frame();
    expect(told).toHaveLength(3);
  });

  it('that make no volume are told of once, by entity; it loads nothing until they are mended', () => {
    const { streaming, told, addVolume, frame } = start();
    const { StreamingVolume } = streaming.components;
    const messages: string[] = [];
    streaming.on('invalidData', ({ entity, message }) => messages.push(`${entity}: ${message}`));
    const volume = addVolume({});
    frame();
    StreamingVolume.center[volume * 3] = Number.NaN;
    for (let i = 0; i < 70; i++) frame();
    const moved = addVolume({});
    frame();
    StreamingVolume.unloadDistance[moved] = 1;
    for (let i = 0; i < 70; i++) frame();
    expect(messages).toEqual([
      `${volume}: StreamingVolume: center: expected finite numbers, got NaN,0,0; it loads nothing until that is put right`,
      `${moved}: StreamingVolume: unloadDistance 1 is less than loadDistance 200; it must be at least that, or the level would flicker; it loads nothing until that is put right`,
    ]);
    expect(told).toEqual([`+${volume}`, `-${volume}`, `+${moved}`, `-${moved}`]);
    StreamingVolume.center[volume * 3] = 0;
    frame();
    expect(told.at(-1)).toBe(`+${volume}`);
  });
});

describe('data that cannot be used', () => {
  const refused: [string, object, RegExp][] = [
    ['no level', { level: '' }, /level: expected the name of a level/],
    ['unload below load', { loadDistance: 9, unloadDistance: 8 }, /unloadDistance 8 is less than/],
    ['no radius', { radius: 0 }, /radius of a sphere: expected more than 0 meters, got 0/],
    ['a radius that is no number', { radius: Number.NaN }, /radius: expected a number/],
    ['a flat box', { shape: 'box', size: [5, 0, 5] }, /size: expected three edges .* got 5,0,5/],
    ['a size that is no number', { shape: 'box', size: [5, NaN, 5] }, /size: expected 3 finite/],
    ['no turn', { shape: 'orientedBox', quaternion: [0, 0, 0, 0] }, /unit length, got 0.000/],
    [
      'a flat prism',
      { shape: 'prism', outline: 'q', maxHeight: 0 },
      /must be higher than 0 meters/,
    ],
    ['a prism without outline', { shape: 'prism' }, /outline of a prism: expected the name/],
    ['too many levels', { levels: [...'abcdefgh'] }, /levels: expected a list of up to 7 names/],
  ];
  it.each(refused)(
    '%s is refused by entity, and the volume stays as it was',
    (_name, data, words) => {
      const { ecs, streaming, told, addVolume, frame } = start();
      const messages: string[] = [];
      streaming.on('invalidData', ({ entity, message }) => messages.push(`${entity}: ${message}`));
      const volume = addVolume({ radius: 30 });
      addComponent(ecs, volume, set(streaming.components.StreamingVolume, data));
      frame();
      expect(messages).toEqual([expect.stringMatching(words)]);
      expect(messages[0]).toMatch(new RegExp(`^${volume}: `));
      expect(told).toEqual([`+${volume}`]);
    },
  );

  it('a prism waits for its outline, which is told, and follows it', () => {
    const { streaming, told, addVolume, moveEye, frame, eye } = start();
    const messages: string[] = [];
    streaming.on('invalidData', ({ message }) => messages.push(message));
    const prism = {
      shape: 'prism',
      outline: 'quay',
      loadDistance: 0,
      center: [100, 0, 0],
    } as const;
    const volume = addVolume(prism);
    moveEye(eye, 95, 1, 0);
    frame();
    expect(messages).toEqual([expect.stringContaining('nobody has defined "quay"')]);
    const square = (half: number): [number, number][] => [
      [-half, -half],
      [half, -half],
      [half, half],
      [-half, half],
    ];
    streaming.defineOutline('quay', square(10));
    frame();
    streaming.defineOutline('quay', square(2));
    frame();
    expect(told).toEqual([`+${volume}`, `-${volume}`]);
    expect(() => streaming.defineOutline('quay', square(0))).toThrow(/defineOutline\("quay"\)/);
  });

  it('calls name what they were given', () => {
    const { streaming } = start();
    expect(() => streaming.setDataLayer('', true)).toThrow(
      /setDataLayer: expected the name of a data layer, without "!", got ""/,
    );
    expect(() => streaming.setVolumeCondition(-1, null)).toThrow(/an entity from 1 .*, got -1/);
    expect(() => streaming.watchVolume(5000, {})).toThrow(/to the capacity of 4096, got 5000/);
  });
});

describe('levels', () => {
  const names = ['harbor', 'market', 'cellar'];
  const world = makeSyntheticWorld({
    placements: 900,
    assets: 5,
    finestBytes: 500,
    levels: names.map((name, i) => ({ name, center: [i * 300 - 300, 0, 300], radius: 100 })),
  });

  async function open() {
    const simulation = createSimulation(world, { bandwidthBytesPerSecond: 1e9 });
    running.push(simulation.streaming);
    simulation.look(0, 0, 0, 0);
    const add = (data: object): number => {
      const entity = addEntity(simulation.ecs);
      const { StreamingVolume } = simulation.streaming.components;
      addComponent(simulation.ecs, entity, set(StreamingVolume, data));
      return entity;
    };
    const run = async (frames: number): Promise<Record<string, string>> => {
      for (let i = 0; i < frames; i++) await simulation.step();
      return simulation.streaming.levels();
    };
    return { ...simulation, add, run };
  }

  it('several of one volume, and one of several volumes, whoever leaves first', async () => {
    const { add, run, streaming, ...simulation } = await open();
    const { StreamingVolume } = streaming.components;
    const both = add({ level: 'harbor', levels: ['market'], radius: 10, priority: 'critical' });
    const inner = add({ levels: ['market'], radius: 5, priority: 'low' });
    await openSynthetic({ ...simulation, streaming }, world);
    expect(await run(30)).toEqual({ harbor: 'active', market: 'active', cellar: 'unloaded' });
    StreamingVolume.active[both] = 0;
    expect(await run(30)).toEqual({ harbor: 'unloaded', market: 'active', cellar: 'unloaded' });
    addComponent(simulation.ecs, inner, set(StreamingVolume, { levels: ['cellar', 'market'] }));
    expect(await run(30)).toEqual({ harbor: 'unloaded', market: 'active', cellar: 'active' });
    removeEntity(simulation.ecs, inner);
    const unloaded = { harbor: 'unloaded', market: 'unloaded', cellar: 'unloaded' };
    expect(await run(30)).toEqual(unloaded);
  });

  it('of a world that is closed and opened again are wanted by whoever stands there', async () => {
    const { add, run, streaming, ...simulation } = await open();
    add({ level: 'harbor' });
    await openSynthetic({ ...simulation, streaming }, world);
    expect((await run(30))['harbor']).toBe('active');
    streaming.close(world.path);
    expect(await run(3)).toEqual({});
    await openSynthetic({ ...simulation, streaming }, world);
    expect((await run(30))['harbor']).toBe('active');
  });

  it('that no world has are warned of once all are open, by entity and name', async () => {
    const { add, run, streaming, ...simulation } = await open();
    const warnings: string[] = [];
    streaming.on('warning', ({ message }) => warnings.push(message));
    const lost = add({ level: 'harbor', levels: ['harbour'] });
    add({ level: 'harbour' });
    await run(3);
    expect(warnings).toEqual([]);
    await openSynthetic({ ...simulation, streaming }, world);
    await run(3);
    expect(warnings).toEqual([
      `StreamingVolume of entity ${lost}: no opened world has a level "harbour"; there are: "harbor", "market", "cellar"`,
    ]);
    expect(streaming.explain(lost)).toMatch(/no opened world has a level "harbour"/);
  });

  it.each([
    [60, 1],
    [0, 500],
  ])(
    'a walk of 1,000 crossings of the border, %i m of hysteresis: %i loads',
    async (meters, loads) => {
      const { add, run, streaming, look, ...simulation } = await open();
      add({ level: 'harbor', radius: 50, loadDistance: 50, unloadDistance: 50 + meters });
      look(150, 0, 0, 0);
      await openSynthetic({ ...simulation, look, streaming }, world);
      let loading = 0;
      streaming.on('levelStateChanged', ({ to }) => {
        if (to === 'loading') loading++;
      });
      // Out and in again, 2 m to either side of the load distance.
      for (let crossing = 0; crossing < 1000; crossing++) {
        look(crossing % 2 === 0 ? 98 : 102, 0, 0, 0);
        await run(1);
      }
      if (loads === 1) expect(loading).toBe(1);
      else expect(loading).toBeGreaterThanOrEqual(200);
    },
  );
});
