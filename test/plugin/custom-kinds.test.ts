/** Kinds of the game's own from a file to the game: cooked, requested, budgeted, evicted, released. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { addComponent, addEntity, createWorld, hasComponent, removeEntity, set } from 'bitecs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseFileOption, parseKindOption } from '../../cook/files.ts';
import { cook, inspect, verify } from '../../cook/index.ts';
import type { KindOptions } from '../../src/io/custom-kinds.ts';
import { memorySource } from '../../src/io/sources/memory.ts';
import type { StreamingOptions } from '../../src/options.ts';
import { installStreaming, type Streaming } from '../../src/plugin.ts';
import { bumpySphere, temporaryFolder, writeGlb } from '../cook/sources.ts';
import { readFolder } from '../cook/worlds.ts';
import { createBookView } from '../support/simulation.ts';
import { bundledWorkerUrl as workerUrl } from '../support/worker-url.ts';

const WAVE = new URL('../support/decoders/wave.js', import.meta.url);
const AUDIO = 16;
const SCRIPT = 17;
const UNKNOWN = 99;
const RESIDENT_BYTES = 160_000;

const wave = Int16Array.from({ length: 40_000 }, (_, i) => Math.sin(i / 9) * 30_000);

async function cookFiles(): Promise<{ folder: string; out: string }> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'files'));
  const write = (name: string, bytes: Uint8Array | string): string => {
    const path = join(folder, 'files', name);
    writeFileSync(path, bytes);
    return path;
  };
  const out = join(folder, 'world');
  const sound = new Uint8Array(wave.buffer);
  await cook({
    inputs: [await writeGlb(folder, 'ball', { mesh: bumpySphere(8, 12) })],
    out,
    files: [
      { name: 'wind', file: write('wind.raw', sound), kind: AUDIO, residentBytes: RESIDENT_BYTES },
      { name: 'rain', file: write('rain.raw', sound), kind: AUDIO, residentBytes: RESIDENT_BYTES },
      { name: 'odd', file: write('odd.raw', sound.subarray(1)), kind: AUDIO },
      { name: 'quest', file: write('quest.json', '{"goal":3}'), kind: SCRIPT },
      { name: 'broken', file: write('broken.json', '{"goal":'), kind: SCRIPT },
      { name: 'alien', file: write('alien.bin', 'what is this'), kind: UNKNOWN },
    ],
  });
  return { folder, out };
}

interface Game {
  streaming: Streaming;
  /** Asks for an asset by an entity. */
  request(asset: string): number;
  until(what: () => boolean): Promise<void>;
  failures: { asset: string; error: string; message: string; entities: readonly number[] }[];
  log: string[];
}

async function play(
  kinds: Record<string, KindOptions>,
  options: StreamingOptions = {},
): Promise<Game> {
  const { out } = await cookFiles();
  const files = Object.fromEntries(readFolder(out));
  const ecs = createWorld();
  const log: string[] = [];
  const logged = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      {
        onReady: (_: unknown, about: { asset: string; entities: readonly number[] }) =>
          log.push(`ready ${about.asset} for ${about.entities.length}`),
        release: (_: unknown, about: { asset: string }) => log.push(`release ${about.asset}`),
        ...kind,
      } as KindOptions,
    ]),
  );
  const streaming = installStreaming(ecs, {
    source: memorySource(files),
    workerUrl,
    workerCount: 1,
    capacity: 64,
    kinds: logged,
    ...options,
  });
  onTestFinished(() => streaming.dispose());
  const failures: Game['failures'] = [];
  streaming.on('assetFailed', (failure) => failures.push(failure));
  streaming.createViewpoint();
  await streaming.open('world.json');
  const { StreamRequest } = streaming.components;
  return {
    streaming,
    failures,
    log,
    request(asset) {
      const entity = addEntity(ecs);
      addComponent(ecs, entity, set(StreamRequest, { asset }));
      return entity;
    },
    async until(what) {
      while (!what()) {
        streaming.begin();
        streaming.update(1 / 30);
        streaming.commit();
        streaming.checkInvariants();
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    },
  };
}

const AUDIO_KIND: KindOptions = { id: AUDIO, decoder: WAVE };
const SCRIPT_KIND: KindOptions = {
  id: SCRIPT,
  decode: (bytes) => JSON.parse(new TextDecoder().decode(bytes)) as unknown,
};

describe('a file of a kind of the game', () => {
  test('streams like a mesh: requested, decoded in a worker, charged, tagged, released', async () => {
    const game = await play({ audio: AUDIO_KIND });
    const { streaming } = game;
    const view = createBookView();
    streaming.attachView(view, { beforeUpdate: () => undefined });
    const entity = game.request('wind');
    const { Resident, Residency } = streaming.components;
    await game.until(() => hasComponent(streaming.world, entity, Resident));
    const expected = Float32Array.from(wave, (sample) => sample / 32768);
    expect(streaming.content(entity)).toEqual({ samples: expected, rate: 8000 });
    expect(streaming.content('wind')).toBe(streaming.content(entity));
    expect(streaming.data(entity)).toBeNull();
    expect(streaming.content('ball')).toBeNull();
    expect(Residency.bytes[entity]).toBe(RESIDENT_BYTES);
    expect(streaming.stats().poolBytes['custom']).toBe(RESIDENT_BYTES);
    expect(game.log).toEqual(['ready wind for 1']);
    streaming.close('world.json');
    expect(game.log).toEqual(['ready wind for 1', 'release wind']);
    expect(streaming.stats().poolBytes['custom']).toBe(0);
    expect(view.problems).toEqual([]);
    expect(streaming.isResident(entity)).toBe(false);
  }, 60_000);

  test('makes room for another when nobody asks for it any more, and comes back', async () => {
    const game = await play({ audio: AUDIO_KIND }, { budgetBytes: 380_000 });
    const { streaming } = game;
    const first = game.request('wind');
    await game.until(() => streaming.isResident('wind'));
    removeEntity(streaming.world, first);
    const second = game.request('rain');
    await game.until(() => streaming.isResident('rain'));
    expect(game.log).toEqual(['ready wind for 1', 'release wind', 'ready rain for 1']);
    expect(streaming.content('wind')).toBeNull();
    removeEntity(streaming.world, second);
    const held = streaming.requestAsset('wind', 0, 'critical');
    await game.until(() => streaming.isResident('wind'));
    await held.ready;
    streaming.budgetBytes = 200_000;
    await game.until(() => streaming.stats().usedBytes <= 200_000);
    // Pinned, it stays whatever the budget does.
    expect(streaming.isResident('wind')).toBe(true);
    expect(streaming.isResident('rain')).toBe(false);
    held.release();
  }, 60_000);

  test('is decoded within the frame by a function, for small things', async () => {
    const game = await play({ script: SCRIPT_KIND });
    const entity = game.request('quest');
    await game.until(() => game.streaming.isResident(entity));
    expect(game.streaming.content(entity)).toEqual({ goal: 3 });
  }, 60_000);

  test.each([
    ['its decoder throws', 'odd', {}, 'Decode', /odd.*failed: half a sample at the end of odd/],
    ['its function throws', 'broken', {}, 'Decode', /broken.*could not be decoded: .*JSON/],
    [
      'its function gives a promise',
      'quest',
      { decode: () => Promise.reject(new Error('late')) },
      'Decode',
      /decode returned a promise/,
    ],
    [
      'the game refuses it',
      'quest',
      {
        onReady: () => {
          throw new Error('no room in the journal');
        },
      },
      'Upload',
      /quest.*was refused by onReady: no room in the journal/,
    ],
    ['nobody knows its kind', 'alien', {}, 'Decode', /of kind 99, which installStreaming was not/],
  ])(
    'fails with a code and alone when %s',
    async (_, asset, changes, error, message) => {
      const game = await play({ audio: AUDIO_KIND, script: { ...SCRIPT_KIND, ...changes } });
      const { StreamFailed } = game.streaming.components;
      const entity = game.request(asset);
      const other = game.request('wind');
      await game.until(() => hasComponent(game.streaming.world, entity, StreamFailed));
      await game.until(() => game.streaming.isResident(other));
      expect(game.failures).toHaveLength(1);
      expect(game.failures[0]).toMatchObject({ asset, error, entities: [entity] });
      expect(game.failures[0]!.message).toMatch(message);
      expect(game.streaming.content(entity)).toBeNull();
      // The rest of the world goes on coming meanwhile.
      await game.until(() => game.streaming.stats().payloadsPending === 0);
      expect(game.streaming.stats().reservedBytes).toBe(0);
      expect(game.log.filter((line) => line.startsWith('release'))).toEqual([]);
    },
    60_000,
  );

  test('may close its world from onReady, and is released all the same', async () => {
    let close: () => void = () => undefined;
    const game = await play({ script: { ...SCRIPT_KIND, onReady: () => close() } });
    close = () => game.streaming.close('world.json');
    game.request('quest');
    await game.until(() => game.log.includes('release quest'));
    expect(game.streaming.stats().usedBytes).toBe(0);
  }, 60_000);
});

describe('cooked files', () => {
  test('are named on the command line with kinds by name or number', () => {
    const kinds = new Map([parseKindOption('audio=16')]);
    expect(parseFileOption('wind=a:b/wind.ogg:audio', kinds)).toEqual({
      name: 'wind',
      file: 'a:b/wind.ogg',
      kind: 16,
      residentBytes: null,
    });
    expect(parseFileOption('w=x.bin:255:4000', kinds)).toMatchObject({
      file: 'x.bin',
      kind: 255,
      residentBytes: 4000,
    });
    expect(() => parseFileOption('wind.ogg', kinds)).toThrow(/expected NAME=PATH:KIND/);
    expect(() => parseFileOption('w=x.bin:song', kinds)).toThrow(/add --kind song=16/);
    expect(() => parseKindOption('16')).toThrow(/--kind is "16", expected NAME=NUMBER/);
  });

  test('are shown by inspect, checked by verify, and the same every time', async () => {
    const { out } = await cookFiles();
    const report = await inspect(out);
    const wind = report.assets.find(({ name }) => name === 'wind')!;
    expect(wind).toMatchObject({ kind: AUDIO, placements: 0 });
    expect(wind.lods).toHaveLength(1);
    expect((await verify(out)).problems).toEqual([]);
    const again = await cookFiles();
    expect(readFolder(again.out)).toEqual(readFolder(out));
  }, 60_000);

  test.each([
    [{ kind: 15 }, /file "a" \(.*\) is of kind 15, expected an integer from 16 to 255/],
    [{ residentBytes: 0 }, /has residentBytes 0, expected an integer from 1/],
    [{ file: '/nowhere/at.all' }, /\/nowhere\/at\.all cannot be read/],
    [{ name: '' }, /has no name/],
    [{ name: 'ball' }, /would both be called "ball"/],
  ])('are refused with %o', async (changes, message) => {
    const folder = temporaryFolder();
    const file = join(folder, 'a.bin');
    writeFileSync(file, 'content');
    const inputs = [await writeGlb(folder, 'ball')];
    const files = [{ name: 'a', file, kind: 16, ...changes }];
    const cooking = cook({ inputs, out: join(folder, 'world'), files });
    await expect(cooking).rejects.toThrow(message);
  });
});
