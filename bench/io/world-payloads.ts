/** The payloads of a cooked world on disk, as its catalog lists them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCatalog } from '../../src/io/bundle/read-catalog.ts';
import { parseHead } from '../../src/io/bundle/read-head.ts';
import type { PayloadRef } from './client/payload-ref.ts';

export interface WorldFiles {
  folder: string;
  /** All payloads, by index. */
  payloads: PayloadRef[];
  /** The files of the bundle, in memory. */
  files: Record<string, Uint8Array<ArrayBuffer>>;
}

export function readWorldFiles(folder: string): WorldFiles {
  const head = parseHead(readFileSync(join(folder, 'world.json'), 'utf8'));
  const names = ['world.json', head.catalog.file, ...head.packs.map(({ file }) => file)];
  const files = Object.fromEntries(
    names.map((name) => [name, new Uint8Array(readFileSync(join(folder, name)))]),
  );
  const catalog = readCatalog(files[head.catalog.file]!);
  const payloads = Array.from(catalog.payloadOffsets, (start, payload): PayloadRef => {
    const { payloadGeometryBytes, payloadImageBytes } = catalog;
    return {
      payload,
      kind: catalog.payloadKinds[payload]!,
      file: head.packs[catalog.payloadPacks[payload]!]!.file,
      start,
      end: start + catalog.payloadEncodedBytes[payload]!,
      checksum: catalog.payloadChecksums[payload]!,
      decodedBytes: payloadGeometryBytes[payload]! + payloadImageBytes[payload]!,
    };
  });
  return { folder, payloads, files };
}
