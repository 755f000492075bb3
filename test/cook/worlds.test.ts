import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { cook, inspect, verify } from '../../cook/index.ts';
import { SECTIONS_AT } from '../../src/io/bundle/catalog-layout.ts';
import { FORMAT_VERSION, formatHead, NO_LEVEL } from '../../src/io/bundle/index.ts';
import { bumpySphere, noisyImage, temporaryFolder, writeGlb, writeHeights } from './sources.ts';
import { openWorld, readFolder } from './worlds.ts';

const CLI = fileURLToPath(new URL('../../dist/cook/cli.js', import.meta.url));

/** Two models, terrain with color, placements and a level: a world with everything in it. */
async function makeSources() {
  const folder = temporaryFolder();
  const inputs = [
    await writeGlb(folder, 'ball', { mesh: bumpySphere(24, 36), texture: await noisyImage(64) }),
    await writeGlb(folder, 'pebble', { mesh: bumpySphere(6, 8) }),
  ];
  const heightmap = join(folder, 'heights.png');
  await writeHeights(heightmap, 65);
  const heightmapColor = join(folder, 'color.png');
  await writeFile(heightmapColor, await noisyImage(64));
  const placements = join(folder, 'placements.csv');
  const rows = Array.from({ length: 300 }, (_, i) => {
    const name = i % 3 === 0 ? 'ball' : 'pebble';
    return `${name},${((i * 37) % 600) - 300},${((i * 101) % 600) - 300},${i}`;
  });
  await writeFile(placements, `asset,x,z,yaw\n${rows.join('\n')}\n`);
  const levels = join(folder, 'levels.json');
  await writeFile(levels, '[{"name":"yard","center":[0,50,0],"radius":150}]');
  const terrain = { heightmap, heightmapColor, size: 640, height: 100, tileCells: 32 };
  return { folder, options: { inputs, placements, levels, ...terrain } };
}

function run(...words: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

describe('a cooked world', () => {
  test('is the same bytes every time, with and without worker threads', async () => {
    const { folder, options } = await makeSources();
    const outs = ['first', 'second', 'third'].map((name) => join(folder, name));
    await cook({ ...options, out: outs[0]!, workers: 0 });
    await cook({ ...options, out: outs[1]!, workers: 0 });
    const { inputs, placements, levels, heightmap, heightmapColor } = options;
    const result = run(
      ...['cook', ...[...inputs].reverse(), '--out', outs[2]!, '--placements', placements],
      ...['--levels', levels, '--heightmap', heightmap, '--heightmap-color', heightmapColor],
      ...['--size', '640', '--height', '100', '--tile-cells', '32', '--workers', '3'],
    );
    expect(result.stderr).not.toContain('farfield:');
    expect(result.status).toBe(0);
    const [first, second, third] = outs.map(readFolder);
    expect([...second!.keys()]).toEqual([...first!.keys()]);
    expect([...third!.keys()]).toEqual([...first!.keys()]);
    for (const [file, bytes] of first!) {
      expect(bytes.equals(second!.get(file)!), file).toBe(true);
      expect(bytes.equals(third!.get(file)!), file).toBe(true);
    }
    // Not the same whatever goes in:
    await cook({ ...options, out: join(folder, 'other'), workers: 0, height: 101 });
    expect([...readFolder(join(folder, 'other')).keys()]).not.toEqual([...first!.keys()]);
  });

  test('has packs whose payloads do not overlap and are aligned', async () => {
    const { folder, options } = await makeSources();
    const out = join(folder, 'world');
    await cook({ ...options, out });
    const { catalog, head } = openWorld(out);
    const { payloadOffsets, payloadEncodedBytes, payloadPacks, counts } = catalog;
    const rows = Array.from({ length: counts.payloads }, (_, i) => i).sort(
      (a, b) => payloadPacks[a]! - payloadPacks[b]! || payloadOffsets[a]! - payloadOffsets[b]!,
    );
    let end = 0;
    for (const row of rows) {
      const start = payloadOffsets[row]!;
      const isLarge = payloadEncodedBytes[row]! >= 65536;
      expect(start % (isLarge ? 4096 : 16)).toBe(0);
      expect(start).toBeGreaterThanOrEqual(end);
      end = start + payloadEncodedBytes[row]!;
    }
    expect(head.packs).toHaveLength(1);
    expect(head.packs[0]!.bytes).toBe(end);
    // The coarsest LODs of both models come first.
    const coarsest = [0, 1].map((a) => catalog.assetPayloads[a]! + catalog.assetLodCounts[a]! - 1);
    expect(rows.slice(0, 2).sort()).toEqual(coarsest.sort());
  });

  test('is described by inspect', async () => {
    const { folder, options } = await makeSources();
    const out = join(folder, 'world');
    const report = await cook({ ...options, out, name: 'Probe' });
    const seen = await inspect(out);
    expect(seen).toMatchObject({ name: 'Probe', version: FORMAT_VERSION, placements: 300 });
    expect(seen.assets.map(({ name, placements }) => [name, placements])).toEqual([
      ['ball', 100],
      ['pebble', 200],
    ]);
    expect(seen.residentBytes).toBe(report.residentBytes);
    expect(seen.levels).toHaveLength(1);
    const { catalog } = openWorld(out);
    const inYard = seen.levels[0]!.placements;
    expect(inYard).toBeGreaterThan(10);
    expect(inYard).toBeLessThan(100);
    expect([...catalog.cellLevels].some((level) => level === NO_LEVEL)).toBe(true);
    expect(seen.terrain!.tiles).toBe(5);
    expect(run('inspect', out).stdout).toContain(`world "Probe", format ${FORMAT_VERSION}`);
    expect(JSON.parse(run('inspect', out, '--json').stdout)).toEqual(
      JSON.parse(JSON.stringify(seen)),
    );
  });
});

describe('verify', () => {
  test('passes a whole world and names what is damaged in any other', async () => {
    const { folder, options } = await makeSources();
    const out = join(folder, 'world');
    await cook({ ...options, out });
    expect((await verify(out)).problems).toEqual([]);
    const { catalog, head } = openWorld(out);
    const flip = async (file: string, offset: number): Promise<string> => {
      const broken = join(folder, 'broken');
      cpSync(out, broken, { recursive: true });
      const bytes = readFileSync(join(broken, file));
      bytes[offset]! ^= 0x10;
      writeFileSync(join(broken, file), bytes);
      const { problems } = await verify(broken);
      expect(problems.length, `${file} byte ${offset}`).toBeGreaterThan(0);
      return problems.join('\n');
    };
    const labels = new Map([[catalog.assetPayloads[0]! + 1, 'ball LOD 1']]);
    labels.set(catalog.assetPayloads[1]!, 'pebble LOD 0');
    labels.set(catalog.terrainPayloads[3]!, 'terrain tile 3');
    const [pack] = head.packs;
    for (const [payload, label] of labels)
      for (const share of [0, 0.3, 0.999]) {
        const bytes = catalog.payloadEncodedBytes[payload]!;
        const offset = catalog.payloadOffsets[payload]! + Math.floor(bytes * share);
        expect(await flip(pack!.file, offset)).toContain(`${pack!.file}: ${label} is damaged`);
      }
    const used = new Uint8Array(pack!.bytes);
    for (let i = 0; i < catalog.counts.payloads; i++) {
      const start = catalog.payloadOffsets[i]!;
      used.fill(1, start, start + catalog.payloadEncodedBytes[i]!);
    }
    expect(await flip(pack!.file, used.indexOf(0))).toContain('between its payloads was changed');

    const file = readFileSync(join(out, head.catalog.file));
    const sections = file.readUInt16LE(6);
    for (let i = 0; i < sections; i++) {
      const entry = SECTIONS_AT + i * 16;
      const tag = file.toString('latin1', entry, entry + 4);
      const [start, bytes] = [file.readUInt32LE(entry + 4), file.readUInt32LE(entry + 8)];
      if (bytes > 0)
        expect(await flip(head.catalog.file, start + (bytes >> 1))).toContain(`section ${tag}`);
    }
    const { bytes, directoryBytes } = head.catalog;
    expect(bytes).toBeGreaterThan(directoryBytes);
    for (const share of [0, 0.4, 0.99]) {
      const offset = directoryBytes + Math.floor((bytes - directoryBytes) * share);
      expect(await flip(head.catalog.file, offset)).toMatch(/slice \d has checksum/);
    }
    for (const offset of [0, 5, 7, 20, 49, 53, 70])
      expect(await flip(head.catalog.file, offset)).toContain(head.catalog.file);
    const size = readFileSync(join(out, 'world.json')).length;
    for (let offset = 0; offset < size; offset += 13)
      expect(await flip('world.json', offset)).toContain('world.json');
  });

  test('exits 1 and says what to do about a damaged, a newer or no world', async () => {
    const { folder, options } = await makeSources();
    const out = join(folder, 'world');
    await cook({ ...options, out });
    expect(run('verify', out)).toMatchObject({ status: 0, stderr: '' });
    const { head } = openWorld(out);
    const { checksum: _, ...fields } = head;
    writeFileSync(join(out, 'world.json'), formatHead({ ...fields, version: 99 }));
    const newer = run('verify', out);
    expect(newer.status).toBe(1);
    expect(newer.stderr).toContain(
      `format version 99, the newest this farfield can read is ${FORMAT_VERSION}`,
    );
    expect(run('inspect', out).stderr).toContain('format version 99');
    writeFileSync(join(out, 'world.json'), formatHead(fields));
    const pack = join(out, head.packs[0]!.file);
    writeFileSync(pack, readFileSync(pack).subarray(0, -1));
    const cut = run('verify', out);
    expect(cut.status).toBe(1);
    expect(cut.stderr).toContain('bytes, expected');
    const none = run('verify', folder);
    expect(none.status).toBe(1);
    expect(none.stderr).toContain('is not a cooked world: it has no world.json');
  });
});

describe('the farfield command', () => {
  test('shows every error as one message without a stack, and exits 1', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'fake.glb');
    await writeFile(file, 'x');
    const out = join(folder, 'world');
    const failed = run('cook', file, '--out', out);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain(`farfield: ${file} is not a GLB`);
    expect(failed.stderr).not.toContain('    at ');
    expect(readdirSync(folder)).toEqual(['fake.glb']);
    expect(run('cook', file).stderr).toContain("required option '--out <dir>' not specified");
    const typo = run('cook', file, '--out', out, '--placement', 'x');
    expect(typo.status).toBe(1);
    expect(typo.stderr).toContain('Did you mean --placements?');
    expect(run('cook', file, '--out', out, '--size', 'big').stderr).toContain('expected a number');
    expect(existsSync(out)).toBe(false);
  });
});
