/**
 * Reads every byte of a cooked world and says what is wrong with it, as precisely as can be: the
 * payload, else the section, else the file.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from '../src/base/crc32.ts';
import { reasonOf } from '../src/base/errors.ts';
import { unpackBlocks } from '../src/io/blocks.ts';
import type { Catalog, FileRecord, WorldHead } from '../src/io/bundle/format.ts';
import type { ImageHeader } from '../src/io/bundle/mesh-header.ts';
import { readCatalog } from '../src/io/bundle/read-catalog.ts';
import { readKtx2 } from '../src/io/codecs/ktx2.ts';
import { readMeshHead } from '../src/io/codecs/mesh-head.ts';
import { KTX2_MIME } from '../src/io/codecs/texture.ts';
import { TEXTURE_TARGETS } from '../src/io/codecs/texture-formats.ts';
import { isCustomKind } from '../src/io/content.ts';
import type { Bytes } from '../src/io/source.ts';
import { textureBytesOf } from './encode-image.ts';
import { openHead, payloadLabels } from './open-world.ts';

export interface VerifyReport {
  /** Empty when every byte is as it was written. */
  problems: string[];
  files: number;
  payloads: number;
  /** Bytes that were read. */
  bytes: number;
}

/** Never throws for what is wrong with the world: that is what `problems` is for. */
export async function verify(folder: string): Promise<VerifyReport> {
  const report: VerifyReport = { problems: [], files: 0, payloads: 0, bytes: 0 };
  let head: WorldHead;
  try {
    head = await openHead(folder);
  } catch (error) {
    report.problems.push(reasonOf(error));
    return report;
  }
  report.files++;
  const catalog = await verifyCatalog(folder, head, report);
  const labels = catalog ? payloadLabels(catalog) : [];
  const members: number[][] = head.packs.map(() => []);
  for (const [payload, pack] of catalog?.payloadPacks.entries() ?? []) members[pack]?.push(payload);
  for (const [pack, record] of head.packs.entries())
    await verifyPack(folder, record, { catalog, members: members[pack]!, labels, report });
  return report;
}

async function verifyCatalog(
  folder: string,
  head: WorldHead,
  report: VerifyReport,
): Promise<Catalog | null> {
  const loaded = await loadFile(folder, head.catalog, report);
  if (!loaded) return null;
  const { bytes, complaint } = loaded;
  try {
    const catalog = readCatalog(bytes);
    if (complaint) report.problems.push(`${complaint}: a byte between its sections was changed`);
    verifyCounts(head, catalog, report);
    return catalog;
  } catch (error) {
    report.problems.push(`${head.catalog.file}: ${reasonOf(error)}`);
    return null;
  }
}

function verifyCounts(head: WorldHead, catalog: Catalog, report: VerifyReport): void {
  for (const [table, expected] of Object.entries(head.counts)) {
    const seen = catalog.counts[table as keyof WorldHead['counts']];
    if (seen !== expected)
      report.problems.push(`world.json counts ${expected} ${table}, the catalog has ${seen}`);
  }
  for (let i = 0; i < catalog.counts.payloads; i++)
    if (catalog.payloadPacks[i]! >= head.packs.length)
      report.problems.push(
        `payload ${i} is in pack ${catalog.payloadPacks[i]}, the world has ${head.packs.length}`,
      );
}

interface PackContext {
  catalog: Catalog | null;
  /** Payloads in the pack. */
  members: readonly number[];
  labels: readonly string[];
  report: VerifyReport;
}

async function verifyPack(
  folder: string,
  record: FileRecord,
  { catalog, members, labels, report }: PackContext,
): Promise<void> {
  const loaded = await loadFile(folder, record, report);
  if (!loaded) return;
  const before = report.problems.length;
  for (const i of catalog ? members : []) {
    report.payloads++;
    const problem = await verifyPayload(loaded.bytes, catalog!, i);
    if (problem) report.problems.push(`${record.file}: ${labels[i]} is damaged: ${problem}`);
  }
  if (loaded.complaint && report.problems.length === before)
    report.problems.push(`${loaded.complaint}: a byte between its payloads was changed`);
}

async function verifyPayload(pack: Bytes, catalog: Catalog, i: number): Promise<string | null> {
  const start = catalog.payloadOffsets[i]!;
  const end = start + catalog.payloadEncodedBytes[i]!;
  if (end > pack.length) return `it ends at byte ${end} of ${pack.length}`;
  const bytes = pack.subarray(start, end);
  const seen = crc32(bytes);
  const expected = catalog.payloadChecksums[i]!;
  if (seen !== expected)
    return `its checksum is ${seen.toString(16)}, expected ${expected.toString(16)}`;
  try {
    const content = await unpackBlocks(bytes);
    if (isCustomKind(catalog.payloadKinds[i]!)) {
      const { length } = content;
      const promised = catalog.payloadImageBytes[i];
      return length === promised ? null : `it holds ${length} bytes, expected ${promised}`;
    }
    const { header, streams, geometryBytes, imageBytes } = readMeshHead(content);
    if (geometryBytes !== catalog.payloadGeometryBytes[i])
      return `it holds ${geometryBytes} bytes of geometry, expected ${catalog.payloadGeometryBytes[i]}`;
    if (imageBytes !== catalog.payloadImageBytes[i])
      return `it holds ${imageBytes} bytes of images, expected ${catalog.payloadImageBytes[i]}`;
    return verifyTextures(catalog, i, header.images, streams);
  } catch (error) {
    return reasonOf(error);
  }
}

/** What the budget will count for the images must be what they take, on every kind of device. */
function verifyTextures(
  catalog: Catalog,
  payload: number,
  images: readonly ImageHeader[],
  streams: Bytes,
): string | null {
  const seen = [0, 0, 0, 0];
  for (const image of images) {
    const { plain, blocks } = textureBytesOf({ ...image, ...ktx2KindOf(image, streams) });
    [...blocks, plain].forEach((bytes, target) => {
      seen[target]! += bytes;
    });
  }
  const { payloadBlockBytes, payloadTextureBytes } = catalog;
  const expected = [
    ...payloadBlockBytes.subarray(payload * 3, payload * 3 + 3),
    payloadTextureBytes[payload]!,
  ];
  const wrong = seen.findIndex((bytes, target) => bytes !== expected[target]);
  if (wrong < 0) return null;
  return (
    `its textures take ${seen[wrong]} bytes on ${TEXTURE_TARGETS[wrong]} devices, ` +
    `expected ${expected[wrong]}`
  );
}

/** Reads the heads of KTX2 images, which throws when they are damaged. */
function ktx2KindOf({ mimeType, offset, bytes }: ImageHeader, streams: Bytes) {
  if (mimeType !== KTX2_MIME) return {};
  const { basis } = readKtx2(streams.subarray(offset, offset + bytes));
  return basis === 'etc1s' || basis === 'uastc' ? { kind: basis } : {};
}

interface LoadedFile {
  bytes: Bytes;
  /** What is wrong with the file as a whole, or null. */
  complaint: string | null;
}

async function loadFile(
  folder: string,
  { file, bytes: size, sha256 }: FileRecord,
  report: VerifyReport,
): Promise<LoadedFile | null> {
  let bytes: Bytes;
  try {
    bytes = new Uint8Array(await readFile(join(folder, file)));
  } catch (error) {
    report.problems.push(`${file} cannot be read: ${reasonOf(error)}; cook the world again`);
    return null;
  }
  report.files++;
  report.bytes += bytes.length;
  if (bytes.length !== size)
    report.problems.push(`${file} has ${bytes.length} bytes, expected ${size}`);
  const seen = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const complaint = seen === sha256 ? null : `${file} has hash ${seen}, expected ${sha256}`;
  return { bytes, complaint };
}
