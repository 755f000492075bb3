/** Options of the cook, their defaults, and the checks that need no file. */
import { MAX_PACK_BYTES } from '../src/base/limits.ts';
import { COMPRESSIONS, type Compression } from './compress.ts';
import {
  TEXTURE_CODECS,
  TEXTURE_QUALITIES,
  type TextureCodec,
  type TextureQuality,
} from './encode-image.ts';
import type { MeshCodec } from './encode-mesh.ts';
import { CookError } from './errors.ts';
import { checkFiles, type FileInput } from './files.ts';
import type { GridOptions } from './grids.ts';
import type { LevelShape } from './levels.ts';
import { PACK_DEFAULTS } from './pack.ts';
import type { PlacementTable } from './table.ts';

export interface CookOptions {
  /** .glb and .gltf files, and folders that are searched for them. */
  inputs: readonly string[];
  /** Folder to write; an earlier world there is replaced as a whole. */
  out: string;
  /** A .csv, .json or .geojson file, or a table. Default: every model once, in a square. */
  placements?: string | PlacementTable | null;
  /** 16-bit PNG, GeoTIFF, square 16-bit .bin or float .r32f. */
  heightmap?: string | null;
  /** World size of the longer side of the heightmap (meters). Needed with a heightmap. */
  size?: number | null;
  /** Meters that the full range of the heightmap spans; optional where it holds meters. */
  height?: number | null;
  /** Added to every height (meters). */
  heightBase?: number;
  /** Color image over the same square. */
  heightmapColor?: string | null;
  /** Cells a side of one terrain tile: a power of two from 8 to 128. */
  tileCells?: number;
  /** A JSON file of levels, or the levels. */
  levels?: string | readonly LevelShape[] | null;
  /** Grids that cut the open world into squares, which load by distance. */
  grids?: readonly GridOptions[];
  /** Stand-ins for squares of grids (default: true). Named levels have one where they ask for it. */
  proxies?: boolean;
  /** Most triangles of a stand-in at its finest. */
  proxyTriangles?: number;
  /** Files of kinds of the game's own, each an asset of its name. */
  files?: readonly FileInput[];
  meshCodec?: MeshCodec;
  /** Keep uv sets, tangents and colors that no material of a model needs (default: false). */
  allAttributes?: boolean;
  /** How the blocks of all payloads are packed. */
  compression?: Compression;
  /** The link that `'auto'` chooses for (megabits per second). */
  linkMbps?: number;
  linkLatencyMs?: number;
  /** Longest side of the finest texture of a model (pixels). */
  textureSize?: number;
  /**
   * Size of pack files on average, 64 KiB to 16 MiB: they take from half to four times as much.
   * Smaller ones make smaller patches, larger ones merge more reads.
   */
  chunkBytes?: number;
  /**
   * What textures are packed as. WebP is small on the link and RGBA8 on the GPU. KTX2 takes a
   * quarter to an eighth of the GPU's memory and ten times the cook. `auto`: KTX2 from 256 x 256
   * pixels on.
   */
  textures?: TextureCodec;
  /** How KTX2 textures are packed: `small` is ETC1S with UASTC normals, `high` UASTC throughout. */
  textureQuality?: TextureQuality;
  /** Logical name of the world. */
  name?: string;
  /** Worker threads; 0 works in this one. Default: one per core, 0 when run from source. */
  workers?: number | null;
  /** Called with jobs done, jobs in all, and what was just finished ('' at the start). */
  onProgress?: ((done: number, total: number, what: string) => void) | null;
}

/** Smaller packs would leave nothing to merge. */
const MIN_CHUNK = 64 * 1024;

export type ResolvedOptions = Required<CookOptions>;

export const COOK_DEFAULTS: Required<Omit<CookOptions, 'inputs' | 'out'>> = {
  placements: null,
  heightmap: null,
  size: null,
  height: null,
  heightBase: 0,
  heightmapColor: null,
  tileCells: 64,
  levels: null,
  grids: [],
  proxies: true,
  proxyTriangles: 4096,
  files: [],
  meshCodec: 'auto',
  allAttributes: false,
  compression: 'auto',
  linkMbps: 50,
  linkLatencyMs: 40,
  textureSize: 1024,
  chunkBytes: PACK_DEFAULTS.chunkBytes,
  textures: 'webp',
  textureQuality: 'small',
  // Not the name of `out`: the same input must give the same bytes wherever it goes.
  name: 'world',
  workers: null,
  onProgress: null,
};

/** Throws `CookError` that names the option, what was seen and what was expected. */
export function checkOptions(options: ResolvedOptions): ResolvedOptions {
  const positive = (name: keyof CookOptions, value: number | null): void => {
    if (value !== null && !(value > 0 && Number.isFinite(value)))
      throw new CookError(`${name} is ${value}, expected a number above 0`);
  };
  checkFiles(options.files);
  positive('size', options.size);
  positive('height', options.height);
  positive('linkMbps', options.linkMbps);
  if (!(options.linkLatencyMs >= 0))
    throw new CookError(`linkLatencyMs is ${options.linkLatencyMs}, expected 0 or more`);
  if (!Number.isFinite(options.heightBase))
    throw new CookError(`heightBase is ${options.heightBase}, expected a number`);
  if (!['auto', 'draco', 'meshopt', 'raw'].includes(options.meshCodec))
    throw new CookError(
      `meshCodec is "${options.meshCodec}", expected auto, draco, meshopt or raw`,
    );
  if (!TEXTURE_CODECS.includes(options.textures))
    throw new CookError(`textures is "${options.textures}", expected webp, ktx2 or auto`);
  if (!TEXTURE_QUALITIES.includes(options.textureQuality))
    throw new CookError(`textureQuality is "${options.textureQuality}", expected small or high`);
  if (!COMPRESSIONS.includes(options.compression))
    throw new CookError(
      `compression is "${options.compression}", expected ${COMPRESSIONS.join(', ')}`,
    );
  const { tileCells, textureSize, chunkBytes, proxyTriangles } = options;
  if (!Number.isInteger(proxyTriangles) || proxyTriangles < 16 || proxyTriangles > 1_000_000)
    throw new CookError(`proxyTriangles is ${proxyTriangles}, expected 16 to 1,000,000`);
  if (!Number.isInteger(chunkBytes) || chunkBytes < MIN_CHUNK || chunkBytes > MAX_PACK_BYTES / 4)
    throw new CookError(
      `chunkBytes is ${chunkBytes}, expected an integer from ${MIN_CHUNK} to ${MAX_PACK_BYTES / 4}`,
    );
  if (!Number.isInteger(textureSize) || textureSize < 4 || textureSize > 16384)
    throw new CookError(`textureSize is ${textureSize}, expected an integer from 4 to 16384`);
  if (!Number.isInteger(Math.log2(tileCells)) || tileCells < 8 || tileCells > 128)
    throw new CookError(`tileCells is ${tileCells}, expected a power of two from 8 to 128`);
  if (options.heightmap && options.size === null)
    throw new CookError('a heightmap needs its world size: add --size METERS');
  if (!options.heightmap && (options.size !== null || options.heightmapColor))
    throw new CookError('size and heightmapColor need a heightmap: add --heightmap FILE');
  return options;
}
