import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NodeIO } from '@gltf-transform/core';
import { describe, expect, test } from 'vitest';
import { type CookOptions, cook } from '../../cook/index.ts';
import { bumpySphere, makeDocument, temporaryFolder, writeGlb } from './sources.ts';

/** Cooks what must fail; afterwards the output's folder must be as empty as before. */
async function refuse(options: Omit<CookOptions, 'out'>, message: string | RegExp): Promise<void> {
  const folder = temporaryFolder();
  const out = join(folder, 'deep', 'world');
  await expect(cook({ ...options, out })).rejects.toThrow(message);
  expect(readdirSync(folder)).toEqual([]);
}

describe('a cook says what is wrong, and leaves nothing behind, with', () => {
  test('a file that is no GLB', async () => {
    const file = join(temporaryFolder(), 'fake.glb');
    await writeFile(file, 'hello world');
    await refuse({ inputs: [file] }, `${file} is not a GLB: it begins with "hello wo"`);
  });

  test('a file that is no glTF', async () => {
    const file = join(temporaryFolder(), 'fake.gltf');
    await writeFile(file, 'hello world');
    await refuse({ inputs: [file] }, `${file} is not a glTF: it begins with "hello wo"`);
    await writeFile(file, '{"name":"package"}');
    await refuse({ inputs: [file] }, 'it has no asset.version');
    await writeFile(file, '{"asset":{"version":"1.0"}}');
    await refuse({ inputs: [file] }, 'is glTF version 1.0, expected 2.x');
  });

  test('a GLB cut off at any place', async () => {
    const file = await writeGlb(temporaryFolder(), 'cut');
    const bytes = await readFile(file);
    for (const share of [0.001, 0.01, 0.1, 0.5, 0.99]) {
      await writeFile(file, bytes.subarray(0, Math.floor(bytes.length * share)));
      await refuse({ inputs: [file] }, new RegExp(`${file} is (truncated|not a GLB|damaged)`));
    }
  });

  test('a missing buffer or texture', async () => {
    const folder = temporaryFolder();
    const { json, resources } = await new NodeIO().writeJSON(
      makeDocument({ texture: new Uint8Array([1, 2, 3]) }),
      { basename: 'ball' },
    );
    const file = join(folder, 'ball.gltf');
    await writeFile(file, JSON.stringify(json));
    for (const [name, bytes] of Object.entries(resources))
      await writeFile(join(folder, name), bytes);
    const texture = json.images![0]!.uri!;
    await rm(join(folder, texture));
    await refuse(
      { inputs: [file] },
      `texture 0 is missing: ${join(folder, texture)} does not exist`,
    );
    const buffer = json.buffers![0]!.uri!;
    await writeFile(join(folder, buffer), 'short');
    await refuse({ inputs: [file] }, 'buffer 0 is truncated: ball.bin has 5 bytes, expected');
    await rm(join(folder, buffer));
    await refuse({ inputs: [file] }, `buffer 0 is missing: ${join(folder, buffer)} does not exist`);
  });

  test('a texture that is no image', async () => {
    const folder = temporaryFolder();
    const file = await writeGlb(folder, 'ball', { texture: new Uint8Array(100).fill(3) });
    await refuse({ inputs: [file] }, `${file}: texture "noise" (image/png) cannot be decoded`);
  });

  test('positions that are not numbers', async () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const mesh = bumpySphere(8, 8);
      mesh.positions[10] = bad;
      const file = await writeGlb(temporaryFolder(), 'ball', { mesh });
      await refuse({ inputs: [file] }, `${file}: mesh "ball" has positions that are not finite`);
    }
  });

  test('a node that puts positions beyond all numbers', async () => {
    const file = await writeGlb(temporaryFolder(), 'ball', {
      edit: (document) => document.getRoot().listNodes()[0]!.setScale([1e300, 1, 1]),
    });
    await refuse(
      { inputs: [file] },
      `${file}: mesh "ball" has positions that are not finite numbers once its node, skin`,
    );
  });

  test('a primitive of a mode that glTF does not know', async () => {
    for (const mode of [7, 9]) {
      const file = await writeGlb(temporaryFolder(), 'ball', {
        edit: (document) => {
          const primitive = document.getRoot().listMeshes()[0]!.listPrimitives()[0]!;
          primitive.setMode(mode as 4);
        },
      });
      await refuse(
        { inputs: [file] },
        `${file}: mesh "ball" has a primitive of mode ${mode}, expected 0 to 6`,
      );
    }
  });

  test('0 triangles', async () => {
    const mesh = bumpySphere(8, 8);
    const empty = await writeGlb(temporaryFolder(), 'empty', {
      mesh: { ...mesh, index: new Uint32Array([0, 0, 0]) },
    });
    await refuse({ inputs: [empty] }, `${empty} has 0 triangles, expected at least 1`);
    const lines = await writeGlb(temporaryFolder(), 'lines', {
      edit: (document) => document.getRoot().listMeshes()[0]!.listPrimitives()[0]!.setMode(1),
    });
    await refuse({ inputs: [lines] }, `${lines} has 0 triangles`);
  });

  test('an asset that no model provides', async () => {
    const folder = temporaryFolder();
    const file = await writeGlb(folder, 'tree-oak');
    const csv = join(folder, 'placements.csv');
    await writeFile(csv, 'asset,x,z\ntree-oak,0,0\n\ntree-aok,1,2\n');
    await refuse(
      { inputs: [file], placements: csv },
      `placements ${csv} line 4: unknown asset "tree-aok"; did you mean "tree-oak"?`,
    );
    const json = join(folder, 'placements.json');
    await writeFile(json, '[{"asset":"tree-oak","x":0,"z":0},{"asset":"house","x":0,"z":0}]');
    await refuse(
      { inputs: [file], placements: json },
      'entry 2: unknown asset "house"; known are: tree-oak',
    );
  });

  test('placements that are not numbers', async () => {
    const folder = temporaryFolder();
    const file = await writeGlb(folder, 'oak');
    const csv = join(folder, 'placements.csv');
    const rows: [string, string][] = [
      ['asset,x,z\noak,zero,0', 'line 2: x is "zero", expected a number'],
      ['asset,x,z\noak,0,', 'line 2: z is missing'],
      ['asset,x,z,scale\noak,0,0,-1', 'line 2: scale is -1, expected above 0'],
      ['asset,x,z,sclae\noak,0,0,1', 'unknown column "sclae", did you mean "scale"?'],
      ['asset,x,z,qx,qy,qz,qw\noak,0,0,0,0,0,0', 'the quaternion qx, qy, qz, qw is all zeros'],
    ];
    for (const [text, message] of rows) {
      await writeFile(csv, text);
      await refuse({ inputs: [file], placements: csv }, message);
    }
  });

  test('two files that cannot both have their name', async () => {
    const folder = temporaryFolder();
    for (const name of ['one/same', 'two/one/same'])
      await mkdir(join(folder, name), { recursive: true });
    await writeGlb(join(folder, 'one/same'), 'scene');
    await writeGlb(join(folder, 'two/one/same'), 'scene');
    await refuse({ inputs: [folder] }, 'would both be called "same/scene"; rename one of them');
  });

  test('inputs that are not there or not models', async () => {
    const folder = temporaryFolder();
    await refuse({ inputs: [join(folder, 'none.glb')] }, 'none.glb does not exist');
    await refuse({ inputs: [folder] }, 'holds no .glb and no .gltf file');
    await writeFile(join(folder, 'notes.txt'), '');
    await refuse({ inputs: [join(folder, 'notes.txt')] }, 'is neither .glb nor .gltf nor a folder');
    await refuse({ inputs: [] }, 'nothing to cook');
  });

  test('options that contradict each other', async () => {
    await refuse({ inputs: [], heightmap: 'x.png' }, 'a heightmap needs its world size');
    await refuse({ inputs: [], size: 5 }, 'size and heightmapColor need a heightmap');
    await refuse(
      { inputs: [], heightmap: 'x.png', size: -5 },
      'size is -5, expected a number above 0',
    );
    await refuse({ inputs: [], tileCells: 65 }, 'tileCells is 65, expected a power of two');
  });

  test('a heightmap that cannot be read', async () => {
    const folder = temporaryFolder();
    const missing = join(folder, 'none.png');
    await refuse(
      { inputs: [], heightmap: missing, size: 10, height: 1 },
      `heightmap ${missing} cannot be read`,
    );
    const odd = join(folder, 'odd.bin');
    await writeFile(odd, new Uint8Array(10));
    await refuse(
      { inputs: [], heightmap: odd, size: 10, height: 1 },
      'has 10 bytes, expected a square of 2-byte',
    );
  });
});

describe('an --out', () => {
  test('that is a file is refused before anything is cooked', async () => {
    const folder = temporaryFolder();
    const file = await writeGlb(folder, 'ball');
    await expect(cook({ inputs: [file], out: file })).rejects.toThrow(
      'is a file, expected a folder',
    );
    await expect(cook({ inputs: [file], out: join(file, 'world') })).rejects.toThrow(
      'is not writable',
    );
    expect(readdirSync(folder)).toEqual(['ball.glb']);
  });

  test('that holds other files is refused and kept', async () => {
    const folder = temporaryFolder();
    const file = await writeGlb(folder, 'ball');
    await expect(cook({ inputs: [file], out: folder })).rejects.toThrow('no world.json');
    expect(readdirSync(folder)).toEqual(['ball.glb']);
  });

  test('in a folder that a failed cook made leaves what others put there', async () => {
    const folder = temporaryFolder();
    const bad = join(folder, 'bad.glb');
    await writeFile(bad, 'x');
    const parent = join(folder, 'made', 'here');
    const onProgress = (): void => writeFileSync(join(parent, 'other.txt'), 'kept');
    const failing = cook({ inputs: [bad], out: join(parent, 'world'), onProgress });
    await expect(failing).rejects.toThrow('not a GLB');
    expect(readdirSync(parent)).toEqual(['other.txt']);
  });

  test('that holds a world keeps it when the next cook fails, and loses it when one succeeds', async () => {
    const folder = temporaryFolder();
    const good = await writeGlb(folder, 'good');
    const out = join(folder, 'world');
    await cook({ inputs: [good], out, name: 'first' });
    const before = await readFile(join(out, 'world.json'), 'utf8');
    const bad = join(folder, 'bad.glb');
    await writeFile(bad, 'x');
    await expect(cook({ inputs: [good, bad], out, name: 'second' })).rejects.toThrow('not a GLB');
    expect(await readFile(join(out, 'world.json'), 'utf8')).toBe(before);
    await cook({ inputs: [good], out, name: 'third' });
    expect(await readFile(join(out, 'world.json'), 'utf8')).toContain('"name": "third"');
    expect(readdirSync(folder).sort()).toEqual(['bad.glb', 'good.glb', 'world']);
    expect(existsSync(join(out, 'world.json'))).toBe(true);
  });
});
