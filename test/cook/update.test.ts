/** Cooking a world again: what a patch replaces, what stays, and what happens to the old folder. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdir, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cook, formatInspection, formatReport, inspect, verify } from '../../cook/index.ts';
import {
  type Catalog,
  COLUMN_SPECS,
  type ColumnName,
  directoryBytesOf,
  formatHead,
  stringAt,
  type WorldHead,
  writeCatalog,
} from '../../src/io/bundle/index.ts';
import { bumpySphere, noisyImage, temporaryFolder, writeGlb } from './sources.ts';
import { openWorld, readFolder } from './worlds.ts';

const ASSETS = 24;
const CHUNK_BYTES = 64 * 1024;

/** Two dozen textured models, each standing in a place of its own. */
async function makeTown() {
  const folder = temporaryFolder();
  const models = join(folder, 'models');
  await mkdir(models);
  const name = (i: number): string => `house-${String(i).padStart(2, '0')}`;
  const write = async (i: number, rings: number = 8 + (i % 5)): Promise<void> => {
    const texture = await noisyImage(180 + i);
    await writeGlb(models, name(i), { mesh: bumpySphere(rings, 20), texture });
  };
  for (let i = 0; i < ASSETS; i++) await write(i);
  const placements = join(folder, 'placements.csv');
  const place = async (count: number): Promise<void> => {
    const rows = Array.from({ length: count }, (_, i) => {
      const [x, z] = [((i * 1103) % 5000) - 2500, ((i * 2741) % 5000) - 2500];
      return `${name(i)},${x},0,${z}`;
    });
    await writeFile(placements, `asset,x,y,z\n${rows.join('\n')}\n`);
  };
  await place(ASSETS);
  const options = { inputs: [models], placements, chunkBytes: CHUNK_BYTES, workers: 0 };
  return { folder, models, name, write, place, options };
}

const packsOf = (head: WorldHead): string[] => head.packs.map(({ file }) => file);

/** Packs that hold a payload of the asset. */
function packsWith({ head, catalog }: { head: WorldHead; catalog: Catalog }, asset: string) {
  const found = new Set<string>();
  for (let row = 0; row < catalog.counts.assets; row++)
    if (stringAt(catalog, catalog.assetNames[row]!) === asset)
      for (let lod = 0; lod < catalog.assetLodCounts[row]!; lod++)
        found.add(packsOf(head)[catalog.payloadPacks[catalog.assetPayloads[row]! + lod]!]!);
  return found;
}

/** Bytes of files that are there now and were not before. */
function download(before: Map<string, Buffer>, after: Map<string, Buffer>, end: string): number {
  let bytes = 0;
  for (const [file, content] of after)
    if (file.endsWith(end) && !before.has(file)) bytes += content.length;
  return bytes;
}

describe('a world that is cooked again', () => {
  test('has new packs only where the changed asset lies', async () => {
    const { folder, write, name, options } = await makeTown();
    const out = join(folder, 'world');
    const first = await cook({ ...options, out });
    expect(first.update).toBeNull();
    const [before, old] = [readFolder(out), openWorld(out)];
    expect(old.head.packs.length).toBeGreaterThan(8);
    // Another texture and another mesh, under the same name.
    await writeGlb(join(folder, 'models'), name(7), {
      mesh: bumpySphere(14, 22),
      texture: await noisyImage(170),
    });
    const second = await cook({ ...options, out });
    const [after, now] = [readFolder(out), openWorld(out)];
    const gone = packsOf(old.head).filter((file) => !packsOf(now.head).includes(file));
    const fresh = packsOf(now.head).filter((file) => !packsOf(old.head).includes(file));
    expect(new Set(gone)).toEqual(packsWith(old, name(7)));
    expect(new Set(fresh)).toEqual(packsWith(now, name(7)));
    const share = download(before, after, '.ffp') / second.totalBytes;
    console.info('one of 24 assets changed', {
      newPacks: `${fresh.length} of ${now.head.packs.length}`,
      packBytes: download(before, after, '.ffp'),
      catalogBytes: download(before, after, '.ffc'),
      totalBytes: second.totalBytes,
    });
    expect(share).toBeLessThan(0.5);
    expect(second.update).toEqual({
      keptFiles: now.head.packs.length - fresh.length,
      keptBytes: second.totalBytes - second.update!.newBytes,
      newFiles: fresh.length + 1,
      newBytes: download(before, after, '.ffp') + download(before, after, '.ffc'),
      removedFiles: gone.length + 1,
    });
    expect(formatReport(second)).toContain(`files kept (`);
    expect((await verify(out)).problems).toEqual([]);

    // Back as it was: the very same files.
    await write(7);
    await cook({ ...options, out });
    const again = readFolder(out);
    expect([...again.keys()]).toEqual([...before.keys()]);
    for (const [file, bytes] of before) expect(bytes.equals(again.get(file)!), file).toBe(true);
  });

  test('keeps most packs when an asset comes or goes', async () => {
    const { folder, models, write, name, place, options } = await makeTown();
    const cookInto = async (out: string) => {
      await cook({ ...options, out: join(folder, out) });
      return openWorld(join(folder, out));
    };
    const whole = await cookInto('whole');
    await write(ASSETS);
    await place(ASSETS + 1);
    const more = await cookInto('more');
    await rm(join(models, `${name(ASSETS)}.glb`));
    await rm(join(models, `${name(ASSETS - 1)}.glb`));
    await place(ASSETS - 1);
    const less = await cookInto('less');
    for (const [what, world] of Object.entries({ more, less })) {
      const kept = packsOf(world.head).filter((file) => packsOf(whole.head).includes(file)).length;
      console.info(`one asset ${what}`, `${kept} of ${world.head.packs.length} packs kept`);
      expect(kept, what).toBeGreaterThan(world.head.packs.length / 2);
      // Not all: it must be somewhere.
      expect(kept, what).toBeLessThan(Math.max(world.head.packs.length, whole.head.packs.length));
    }
  });

  test('leaves files that stay untouched, and takes away those that nothing names', async () => {
    const { folder, name, options } = await makeTown();
    const out = join(folder, 'world');
    await cook({ ...options, out });
    const long = new Date('2001-02-03');
    for (const file of readdirSync(out)) await utimes(join(out, file), long, long);
    const { head } = openWorld(out);
    // A pack that was damaged on the disk is not kept, whatever its name says.
    const [damaged] = packsOf(head).filter((file) => !packsWith(openWorld(out), name(3)).has(file));
    const bytes = readFileSync(join(out, damaged!));
    bytes[5]! ^= 1;
    writeFileSync(join(out, damaged!), bytes);
    await writeGlb(join(folder, 'models'), name(3), { mesh: bumpySphere(14, 22) });
    const { update } = await cook({ ...options, out });
    const after = openWorld(out);
    const named = ['world.json', after.head.catalog.file, ...packsOf(after.head)];
    expect(readdirSync(out).sort()).toEqual(named.sort());
    let kept = 0;
    for (const file of packsOf(after.head)) {
      const isOld = statSync(join(out, file)).mtimeMs === long.getTime();
      expect(isOld, file).toBe(file !== damaged && packsOf(head).includes(file));
      if (isOld) kept++;
    }
    expect(kept).toBe(update!.keptFiles);
    expect(kept).toBeGreaterThan(3);
    expect((await verify(out)).problems).toEqual([]);
    expect(readdirSync(folder).filter((file) => file.startsWith('.'))).toEqual([]);
  });

  test('refuses pack sizes that make no sense', async () => {
    const { folder, options } = await makeTown();
    for (const chunkBytes of [0, 1.5, 65_535, 17 * 1024 * 1024])
      await expect(cook({ ...options, out: join(folder, 'x'), chunkBytes })).rejects.toThrow(
        `chunkBytes is ${chunkBytes}, expected an integer from 65536 to 16777216`,
      );
  });
});

describe('a world of thousands of packs', () => {
  test('is verified and inspected', async () => {
    const folder = temporaryFolder();
    const model = await writeGlb(folder, 'ball', { mesh: bumpySphere(8, 10) });
    const source = join(folder, 'source');
    await cook({ inputs: [model], out: source, workers: 0 });
    const { head, catalog } = openWorld(source);
    const count = 3000;
    const asset = catalog.assetPayloads[0]!;
    const start = catalog.payloadOffsets[asset]!;
    const pack = readFileSync(join(source, head.packs[0]!.file));
    const payload = pack.subarray(start, start + catalog.payloadEncodedBytes[asset]!);
    const out = join(folder, 'many');
    await mkdir(out);
    const save = (kind: string, end: string, bytes: Uint8Array) => {
      const sha256 = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
      const file = `${kind}-${sha256}.${end}`;
      writeFileSync(join(out, file), bytes);
      return { file, bytes: bytes.length, sha256 };
    };
    // The same payload behind 16 bytes that differ.
    const packs = Array.from({ length: count }, (_, i) => {
      const bytes = new Uint8Array(16 + payload.length);
      new DataView(bytes.buffer).setUint32(0, i);
      bytes.set(payload, 16);
      return save('pack', 'ffp', bytes);
    });
    const many = manyPayloads(catalog, asset, count);
    const catalogBytes = writeCatalog(many);
    const directoryBytes = directoryBytesOf(catalogBytes);
    const fields = {
      ...head,
      catalog: { ...save('catalog', 'ffc', catalogBytes), directoryBytes },
      packs,
      counts: { ...head.counts, payloads: many.counts.payloads },
    };
    writeFileSync(join(out, 'world.json'), formatHead(fields));
    const report = await verify(out);
    expect(report.problems).toEqual([]);
    expect(report).toMatchObject({ files: count + 2, payloads: count });
    const seen = await inspect(out);
    expect(seen.files).toHaveLength(count + 1);
    const text = formatInspection(seen);
    expect(text).toContain('3,000 packs');
    expect(text.split('\n').length).toBeLessThan(20);

    const broken = join(out, packs[2345]!.file);
    const bytes = readFileSync(broken);
    bytes[40]! ^= 1;
    writeFileSync(broken, bytes);
    await rm(join(out, packs[17]!.file));
    const { problems } = await verify(out);
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(`${packs[17]!.file} cannot be read`);
    expect(problems[1]).toContain(`${packs[2345]!.file}: payload 2345 is damaged`);
  });
});

/** The catalog with its payloads replaced by `count` copies of one, each in its own pack at 16. */
function manyPayloads(catalog: Catalog, row: number, count: number): Catalog {
  const many = { ...catalog, counts: { ...catalog.counts, payloads: count } } as Record<
    string,
    unknown
  >;
  for (const [name, column] of Object.entries(catalog))
    if (name.startsWith('payload')) {
      const { width } = COLUMN_SPECS[name as ColumnName];
      const values = (column as Uint32Array).subarray(row * width, row * width + width);
      const copies = new (column.constructor as Uint32ArrayConstructor)(count * width);
      for (let i = 0; i < count; i++) copies.set(values, i * width);
      many[name] = copies;
    }
  many['payloadPacks'] = Uint16Array.from({ length: count }, (_, i) => i);
  many['payloadOffsets'] = new Uint32Array(count).fill(16);
  return many as unknown as Catalog;
}
