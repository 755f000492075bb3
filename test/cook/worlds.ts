/** Reading back what a cook wrote, the way a game does. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ErrorCode } from '../../src/base/errors.ts';
import {
  type Catalog,
  parseHead,
  readCatalog,
  stringAt,
  type WorldHead,
} from '../../src/io/bundle/index.ts';
import type { MeshContent, PayloadKind } from '../../src/io/content.ts';
import { createInlineDecoder } from '../../src/io/worker/inline-decoder.ts';
import { meshOf } from '../support/content.ts';

export interface OpenedWorld {
  head: WorldHead;
  catalog: Catalog;
  /** Row of the asset with this name. */
  asset(name: string): number;
  decode(payload: number): Promise<MeshContent>;
}

export function openWorld(folder: string): OpenedWorld {
  const head = parseHead(readFileSync(join(folder, 'world.json'), 'utf8'));
  const catalog = readCatalog(new Uint8Array(readFileSync(join(folder, head.catalog.file))));
  const decoder = createInlineDecoder();
  return {
    head,
    catalog,
    asset(name) {
      for (let i = 0; i < catalog.counts.assets; i++)
        if (stringAt(catalog, catalog.assetNames[i]!) === name) return i;
      throw new Error(`no asset "${name}"`);
    },
    async decode(payload) {
      const pack = readFileSync(join(folder, head.packs[catalog.payloadPacks[payload]!]!.file));
      const start = catalog.payloadOffsets[payload]!;
      const end = start + catalog.payloadEncodedBytes[payload]!;
      const result = await decoder.decode({
        payload,
        kind: catalog.payloadKinds[payload] as PayloadKind,
        bytes: new Uint8Array(pack.subarray(start, end)),
        checksum: catalog.payloadChecksums[payload]!,
        decodedBytes: catalog.payloadGeometryBytes[payload]! + catalog.payloadImageBytes[payload]!,
        priority: 0,
        label: `payload ${payload}`,
      });
      expect(result.message).toBe('');
      expect(result.code).toBe(ErrorCode.None);
      return meshOf(result.content);
    },
  };
}

/** Bytes that decoded arrays take. */
export function geometryBytes(content: MeshContent): number {
  let bytes = 0;
  for (const { attributes, index } of content.primitives) {
    bytes += index.byteLength;
    for (const { array } of attributes) bytes += array.byteLength;
  }
  return bytes;
}

/** Positions of a primitive in meters, three per vertex. */
export function positionsOf(content: MeshContent, primitive: number): Float64Array {
  const { attributes } = content.primitives[primitive]!;
  const { array } = attributes.find(({ name }) => name === 'position')!;
  const out = new Float64Array((array.length / 4) * 3);
  for (let i = 0; i < array.length / 4; i++)
    for (let c = 0; c < 3; c++)
      out[i * 3 + c] = (array[i * 4 + c]! / 32767) * content.scale + content.offset[c]!;
  return out;
}

/** Every file of a folder by name. */
export function readFolder(folder: string): Map<string, Buffer> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(join(folder, file))]),
  );
}
