/**
 * `bench blocks WORLD`: how small each block codec packs the payloads of a cooked world, and how
 * fast one thread of Node and of Chromium undoes them. Geometry and images are apart: images come
 * packed and gain nothing.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { COMPRESSIONS, createPacker } from '../../cook/compress.ts';
import { formatTable } from '../../cook/report-text.ts';
import { unpackBlocks } from '../../src/io/blocks.ts';
import { encodeBlocks, parseHead, readCatalog } from '../../src/io/bundle/index.ts';
import { readMeshHead } from '../../src/io/codecs/mesh-head.ts';
import { PayloadKind } from '../../src/io/content.ts';
import type { Bytes } from '../../src/io/source.ts';
import { launchBrowser, openPage } from '../../test/support/browser.ts';
import { servePage } from '../../test/support/page-server.ts';
import { writeJson } from '../lib/json.ts';
import { measureUndo } from './measure.ts';

/** Samples of one kind of bytes, one per payload that has any. */
type Samples = Map<string, Bytes[]>;

interface BlocksRow {
  content: string;
  codec: string;
  contentBytes: number;
  ratio: number;
  nodeMegabytesPerS: number;
  chromiumMegabytesPerS: number;
}

interface BlocksOptions {
  world: string;
  every: number;
  json?: string;
}

export function addBlocksCommand(program: Command): void {
  program
    .command('blocks')
    .description('ratio and speed of the block codecs over the payloads of a cooked world')
    .option('--world <folder>', 'cooked world', '.farfield/island')
    .option('--every <count>', 'take every COUNTth payload', Number, 6)
    .option('--json <file>', 'write the rows as JSON')
    .action(runBlocks);
}

async function runBlocks({ world, every, json }: BlocksOptions): Promise<void> {
  const samples = await collect(world, every);
  const folder = await mkdtemp(join(tmpdir(), 'farfield-blocks-'));
  const server = await servePage({
    entry: 'bench/blocks/page.ts',
    mounts: { '/samples/': folder },
    isIsolated: true,
  });
  const launched = await launchBrowser({ watchdogMs: 600_000 });
  try {
    const { page } = await openPage(launched, { url: server.origin });
    await page.waitForFunction('"measureFile" in globalThis');
    const rows: BlocksRow[] = [];
    for (const [content, plain] of samples)
      for (const compression of COMPRESSIONS) {
        const row = await measureRow(content, compression, plain, async (packed) => {
          await writeFile(join(folder, 'sample.bin'), joinPayloads(packed));
          return (await page.evaluate('measureFile("sample.bin")')) as number;
        });
        rows.push(row);
      }
    print(rows);
    if (json) writeJson({ runs: rows }, json);
  } finally {
    await launched.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureRow(
  content: string,
  compression: (typeof COMPRESSIONS)[number],
  plain: readonly Bytes[],
  inChromium: (packed: readonly Bytes[]) => Promise<number>,
): Promise<BlocksRow> {
  // For a link of hardly any speed every block is packed that gets smaller by it.
  const pack = await createPacker(compression, compression === 'auto' ? 50 : 1e-3);
  const packed = plain.map((bytes) => encodeBlocks(bytes, pack));
  const sum = (list: readonly Bytes[]): number => list.reduce((all, { length }) => all + length, 0);
  return {
    content,
    codec: compression,
    contentBytes: sum(plain),
    ratio: sum(packed) / sum(plain),
    nodeMegabytesPerS: await measureUndo(packed, () => performance.now()),
    chromiumMegabytesPerS: await inChromium(packed),
  };
}

async function collect(world: string, every: number): Promise<Samples> {
  const head = parseHead(await readFile(join(world, 'world.json'), 'utf8'));
  const catalog = readCatalog(new Uint8Array(await readFile(join(world, head.catalog.file))));
  const samples: Samples = new Map();
  const add = (name: string, parts: readonly Uint8Array[]): void => {
    const bytes = new Uint8Array(Buffer.concat(parts));
    if (bytes.length > 0) samples.set(name, [...(samples.get(name) ?? []), bytes]);
  };
  for (const [index, { file }] of head.packs.entries()) {
    const pack = new Uint8Array(await readFile(join(world, file)));
    for (let i = 0; i < catalog.counts.payloads; i += every) {
      if (catalog.payloadPacks[i] !== index) continue;
      const start = catalog.payloadOffsets[i]!;
      const payload = pack.slice(start, start + catalog.payloadEncodedBytes[i]!);
      const content = await unpackBlocks(payload);
      const { header, streams } = readMeshHead(content);
      const kind = catalog.payloadKinds[i] === PayloadKind.Terrain ? 'terrain' : 'mesh';
      const images = header.images.map(({ offset, bytes }) =>
        streams.slice(offset, offset + bytes),
      );
      const imageStart = Math.min(streams.length, ...header.images.map(({ offset }) => offset));
      const geometry = content.slice(0, content.length - streams.length + imageStart);
      add(`${kind} geometry (${header.codec})`, [geometry]);
      add('images', images);
    }
  }
  return samples;
}

function joinPayloads(payloads: readonly Bytes[]): Buffer {
  return Buffer.concat(
    payloads.flatMap((bytes) => [new Uint8Array(new Uint32Array([bytes.length]).buffer), bytes]),
  );
}

function print(rows: readonly BlocksRow[]): void {
  const table = [['content', 'codec', 'MB', 'ratio', 'Node MB/s', 'Chromium MB/s']];
  for (const row of rows)
    table.push([
      row.content,
      row.codec,
      (row.contentBytes / 1e6).toFixed(2),
      row.ratio.toFixed(3),
      row.nodeMegabytesPerS.toFixed(0),
      row.chromiumMegabytesPerS.toFixed(0),
    ]);
  process.stdout.write(`${formatTable(table).join('\n')}\n`);
}
