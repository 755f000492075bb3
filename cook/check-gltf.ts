/**
 * Looks at a glTF or GLB file before it is parsed, because parsers say little about what is wrong:
 * here every complaint names the file, what was seen, what was expected and what to do.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { reasonOf } from '../src/base/errors.ts';
import { CookError } from './errors.ts';

const GLB_MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;

interface GltfJson {
  asset?: { version?: string };
  buffers?: { uri?: string; byteLength?: number }[];
  images?: { uri?: string }[];
}

/** Throws `CookError` unless the file and everything it refers to is there. @returns total bytes */
export async function checkGltf(file: string): Promise<number> {
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new CookError(`${file} cannot be read: ${reasonOf(error)}`);
  }
  const isBinary = bytes.length >= 4 && bytes.readUInt32LE(0) === GLB_MAGIC;
  if (!isBinary && file.toLowerCase().endsWith('.glb'))
    throw new CookError(
      `${file} is not a GLB: it begins with ${seen(bytes)}, expected "glTF"; export it again`,
    );
  const json = isBinary ? readGlbJson(file, bytes) : readJson(file, bytes);
  if (typeof json.asset?.version !== 'string')
    throw new CookError(`${file} is not a glTF: it has no asset.version; export it again`);
  if (!json.asset.version.startsWith('2.'))
    throw new CookError(
      `${file} is glTF version ${json.asset.version}, expected 2.x; export it as glTF 2.0`,
    );
  let total = bytes.length;
  for (const [i, buffer] of (json.buffers ?? []).entries())
    total += await checkResource(file, `buffer ${i}`, buffer.uri, buffer.byteLength ?? 0);
  for (const [i, image] of (json.images ?? []).entries())
    total += await checkResource(file, `texture ${i}`, image.uri, 1);
  return total;
}

function readGlbJson(file: string, bytes: Buffer): GltfJson {
  const version = bytes.length >= 8 ? bytes.readUInt32LE(4) : 0;
  if (bytes.length >= 12 && version !== 2)
    throw new CookError(`${file} is GLB version ${version}, expected 2; export it as glTF 2.0`);
  const length = bytes.length >= 12 ? bytes.readUInt32LE(8) : 12;
  if (bytes.length < length)
    throw new CookError(
      `${file} is truncated: it has ${bytes.length} bytes, expected ${length}; copy or export it again`,
    );
  let at = 12;
  let json: GltfJson | undefined;
  while (at + 8 <= length) {
    const chunkBytes = bytes.readUInt32LE(at);
    const end = at + 8 + chunkBytes;
    if (end > length)
      throw new CookError(
        `${file} is damaged: a chunk ends at byte ${end}, expected at most ${length}; export it again`,
      );
    if (bytes.readUInt32LE(at + 4) === JSON_CHUNK)
      json ??= readJson(file, bytes.subarray(at + 8, end));
    at = end;
  }
  if (!json) throw new CookError(`${file} is damaged: it has no JSON chunk; export it again`);
  return json;
}

function readJson(file: string, bytes: Buffer): GltfJson {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new CookError(
      `${file} is not a glTF: it begins with ${seen(bytes)} and is not JSON; expected glTF 2.0`,
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as GltfJson;
  throw new CookError(`${file} is not a glTF: its JSON is not an object; expected glTF 2.0`);
}

async function checkResource(
  file: string,
  what: string,
  uri: string | undefined,
  expectedBytes: number,
): Promise<number> {
  if (uri === undefined || uri.startsWith('data:')) return 0;
  if (/^[a-z]+:\/\//i.test(uri))
    throw new CookError(
      `${file}: ${what} is at ${uri}; the cook reads no network, put the file beside the model`,
    );
  const path = join(dirname(file), decodeUri(uri));
  const found = await stat(path).catch(() => null);
  if (!found?.isFile())
    throw new CookError(
      `${file}: ${what} is missing: ${path} does not exist; put it there or export the model again`,
    );
  if (found.size < expectedBytes)
    throw new CookError(
      `${file}: ${what} is truncated: ${basename(path)} has ${found.size} bytes, expected ${expectedBytes}`,
    );
  return found.size;
}

/** A name that only looks escaped is taken as it is. */
function decodeUri(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch {
    return uri;
  }
}

function seen(bytes: Buffer): string {
  if (bytes.length === 0) return 'nothing (the file is empty)';
  return JSON.stringify(bytes.toString('latin1', 0, Math.min(8, bytes.length)));
}
