/**
 * Files of kinds that belong to the game (sounds, animations, anything): each becomes an asset of one
 * payload, its bytes as they are, framed and checked like every other.
 */
import { readFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { crc32 } from '../src/base/crc32.ts';
import { reasonOf } from '../src/base/errors.ts';
import { MAX_CONTENT_BYTES } from '../src/base/limits.ts';
import { BlockCodec } from '../src/io/bundle/format.ts';
import { encodeBlocks, type PackBlock } from '../src/io/bundle/write-payload.ts';
import { FIRST_CUSTOM_KIND, isCustomKind, LAST_CUSTOM_KIND } from '../src/io/content.ts';
import type { CookedModel } from './cook-model.ts';
import { CookError } from './errors.ts';
import type { EncodedPayload } from './mesh-content.ts';

export interface FileInput {
  /** Name of the asset. */
  name: string;
  file: string;
  /** Number of the kind, 16 to 255, as the game registers it. */
  kind: number;
  /**
   * What the decoded value takes in memory, as the budget counts it. Default: the size of the file.
   */
  residentBytes?: number | null;
}

/** What a worker unpacks in a millisecond; what the game's decoder needs is not known. */
const UNPACKED_BYTES_PER_MS = 80_000;

const deflate: PackBlock = (block) => ({
  codec: BlockCodec.Deflate,
  bytes: deflateRawSync(block, { level: 6 }),
});

/** Throws `CookError` that names the entry, what was seen and what was expected. */
export function checkFiles(files: readonly FileInput[]): void {
  for (const { name, file, kind, residentBytes } of files) {
    const entry = `file "${name}" (${file})`;
    if (name === '') throw new CookError(`${entry} has no name, expected NAME=PATH:KIND`);
    if (!Number.isInteger(kind) || !isCustomKind(kind))
      throw new CookError(
        `${entry} is of kind ${kind}, expected an integer from ${FIRST_CUSTOM_KIND} to ${LAST_CUSTOM_KIND}`,
      );
    const bytes = residentBytes ?? 1;
    if (!Number.isInteger(bytes) || bytes < 1 || bytes > 2 ** 32 - 1)
      throw new CookError(`${entry} has residentBytes ${bytes}, expected an integer from 1`);
  }
}

/** As a model of one LOD without a surface: from here on it is an asset like any other. */
export async function cookFile({
  name,
  file,
  kind,
  residentBytes,
}: FileInput): Promise<CookedModel> {
  let content: Uint8Array;
  try {
    content = await readFile(file);
  } catch (error) {
    throw new CookError(`file "${name}": ${file} cannot be read: ${reasonOf(error)}`);
  }
  if (content.length === 0 || content.length > MAX_CONTENT_BYTES)
    throw new CookError(
      `file "${name}": ${file} has ${content.length} bytes, expected 1 to ${MAX_CONTENT_BYTES}`,
    );
  const bytes = encodeBlocks(content, deflate);
  const textureBytes = residentBytes ?? content.length;
  const payload: EncodedPayload = {
    bytes,
    checksum: crc32(bytes),
    codec: 'raw',
    triangles: 0,
    geometryBytes: 0,
    // The content beside the decoded value while it is being decoded; afterwards the value alone.
    imageBytes: content.length,
    textureBytes,
    // The same on every device.
    blockBytes: [textureBytes, textureBytes, textureBytes],
    decodeMs: content.length / UNPACKED_BYTES_PER_MS,
  };
  return {
    name,
    file,
    kind,
    lods: [{ triangles: 0, errorMeters: 0, payload }],
    sphere: [0, 0, 0, 0],
    warnings: [],
    sourceBytes: content.length,
    sourceTriangles: 0,
  };
}

/** `wind=sounds/wind.ogg:audio` or `wind=sounds/wind.ogg:16:250000` of the command line. */
export function parseFileOption(text: string, kinds: ReadonlyMap<string, number>): FileInput {
  const match = /^([^=]+)=(.+?):([A-Za-z0-9_-]+)(?::(\d+))?$/.exec(text);
  if (!match)
    throw new CookError(`--file is "${text}", expected NAME=PATH:KIND or NAME=PATH:KIND:BYTES`);
  const [, name, file, kindName, bytes] = match;
  const kind = kinds.get(kindName!) ?? Number(kindName);
  if (!Number.isInteger(kind))
    throw new CookError(
      `--file "${text}" is of kind "${kindName}", which no --kind names; add --kind ${kindName}=16`,
    );
  return { name: name!, file: file!, kind, residentBytes: bytes ? Number(bytes) : null };
}

/** `audio=16` of the command line. */
export function parseKindOption(text: string): [string, number] {
  const match = /^([A-Za-z_-][A-Za-z0-9_-]*)=(\d+)$/.exec(text);
  if (!match) throw new CookError(`--kind is "${text}", expected NAME=NUMBER, e.g. audio=16`);
  return [match[1]!, Number(match[2])];
}
