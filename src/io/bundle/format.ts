/**
 * The byte layout of a bundle: the only copy. Reader and writer are both driven by these tables;
 * `docs/bundle-format.md` explains them byte by byte. All integers are little-endian.
 *
 * A bundle is a folder: `world.json` (the head), one catalog (`*.ffc`: who and where), and packs
 * (`*.ffp`: the payload bytes). Catalog and packs are named by the hash of their content. A catalog
 * begins with its directory, which has all but the placements; those follow in slices.
 */

/**
 * Raised when old readers could misread new files. A reader refuses every version but its own: a
 * newer one it does not know, an older one is cooked again in seconds.
 */
export const FORMAT_VERSION = 4;

/** `format` field of `world.json`. */
export const FORMAT_NAME = 'farfield-world';

/** First four bytes of a catalog: "FFCT". */
export const CATALOG_MAGIC = 0x54434646;

/** First four bytes of mesh content: "FFM1". */
export const MESH_MAGIC = 0x314d4646;

/** Cell that belongs to no level, or that stands in for none. */
export const NO_LEVEL = 0xffff;

/** What is of no data layer. */
export const NO_LAYER = 0xffff;

/** Beside the number of a layer: there while that layer is off. */
export const WHILE_OFF = 0x8000;

/** Level that is a square of no grid. */
export const NO_GRID = 0xffff;

/** A terrain node without children. */
export const NO_CHILD = 0xffffffff;

/** How a block of a payload is packed: the high byte of its entry in the block table. */
export const BlockCodec = {
  /** Stored as it is: packing did not make it smaller. */
  None: 0,
  /** Raw deflate (RFC 1951). */
  Deflate: 1,
  /** The public LZ4 block format, without any frame. */
  Lz4: 2,
  /** One zstd frame (RFC 8878) without dictionary. */
  Zstd: 3,
} as const;
export type BlockCodec = (typeof BlockCodec)[keyof typeof BlockCodec];

/** Where `BlockCodec` begins in an entry of the block table. */
export const BLOCK_CODEC_SHIFT = 24;

/** The part of an entry that holds the bytes of the stored block. */
export const BLOCK_SIZE_MASK = 0xffffff;

/** How the values of a column are stored. */
export type ColumnType = 'u8' | 'u16' | 'i16' | 'u32' | 'f32';

export interface ColumnSpec {
  /** Four characters naming the section in the file. */
  tag: string;
  type: ColumnType;
  /** Table whose row count sizes the column. */
  table: TableName;
  /** Values per row. */
  width: number;
  /** One more row than the table, because row i + 1 ends what row i begins. */
  prefix?: true;
  /** How the section is packed (`planes.ts`); without it the values lie there as they are. */
  packed?: 'values' | 'rising';
}

/**
 * Tables of the catalog. `strings` counts names, `text` the UTF-8 bytes they take together.
 * `placements` has no column in the directory: see `slice-layout.ts`.
 */
export const TABLES = [
  'strings',
  'text',
  'assets',
  'payloads',
  'levels',
  'cells',
  'runs',
  'placements',
  'terrain',
  'slices',
  'layers',
  'grids',
] as const;
export type TableName = (typeof TABLES)[number];

/** Every column of the directory, in file order. */
const COLUMNS = {
  /** UTF-8 of all names, end to end. */
  text: { tag: 'TEXT', type: 'u8', table: 'text', width: 1 },
  /** Byte where each name begins in `text`. */
  stringStarts: { tag: 'STRS', type: 'u32', table: 'strings', width: 1, prefix: true },

  /** Stable hash of the asset's name (`base/hash.ts`). */
  assetIds: { tag: 'AIDS', type: 'u32', table: 'assets', width: 1 },
  /** Index of the asset's name. */
  assetNames: { tag: 'ANAM', type: 'u32', table: 'assets', width: 1 },
  /** Bounding sphere in model space: center x, y, z, radius (meters). */
  assetSpheres: { tag: 'ASPH', type: 'f32', table: 'assets', width: 4 },
  /** Number of LODs, 1 to 5. */
  assetLodCounts: { tag: 'ALOD', type: 'u8', table: 'assets', width: 1 },
  /** Payload of LOD 0; LOD i is this plus i. */
  assetPayloads: { tag: 'APAY', type: 'u32', table: 'assets', width: 1 },
  /** Geometric error of each LOD (meters, model scale 1), never falling from fine to coarse. */
  assetErrors: { tag: 'AERR', type: 'f32', table: 'assets', width: 5 },
  /** Triangles of each LOD. */
  assetTriangles: { tag: 'ATRI', type: 'u32', table: 'assets', width: 5 },
  /** How much this asset matters to the picture beside others; 1 is normal. */
  assetImportances: { tag: 'AIMP', type: 'f32', table: 'assets', width: 1 },

  /** `PayloadKind`. */
  payloadKinds: { tag: 'PKND', type: 'u8', table: 'payloads', width: 1 },
  /** Index of the pack that holds it. */
  payloadPacks: { tag: 'PPCK', type: 'u16', table: 'payloads', width: 1 },
  /** First byte in the pack. */
  payloadOffsets: { tag: 'POFF', type: 'u32', table: 'payloads', width: 1 },
  /** Bytes in the pack. */
  payloadEncodedBytes: { tag: 'PENC', type: 'u32', table: 'payloads', width: 1 },
  /** CRC-32 of those bytes. */
  payloadChecksums: { tag: 'PCRC', type: 'u32', table: 'payloads', width: 1 },
  /** Bytes of the decoded vertex and index arrays. */
  payloadGeometryBytes: { tag: 'PGEO', type: 'u32', table: 'payloads', width: 1 },
  /** Bytes of the decoded images, RGBA8, finest level only. */
  payloadImageBytes: { tag: 'PIMG', type: 'u32', table: 'payloads', width: 1 },
  /** Bytes of the same images on a GPU that samples RGBA8 alone, with mips. */
  payloadTextureBytes: { tag: 'PTEX', type: 'u32', table: 'payloads', width: 1 },
  /** The same where KTX2 images become BC, ASTC and ETC2 blocks, in this order. */
  payloadBlockBytes: { tag: 'PTBK', type: 'u32', table: 'payloads', width: 3 },
  /** Estimated milliseconds of a decode worker. */
  payloadDecodeMs: { tag: 'PDMS', type: 'f32', table: 'payloads', width: 1 },

  /** Index of the level's name. */
  levelNames: { tag: 'LNAM', type: 'u32', table: 'levels', width: 1 },
  /** Grid that the level is a square of, or `NO_GRID`. */
  levelGrids: { tag: 'LGRD', type: 'u16', table: 'levels', width: 1 },
  /** Which of its squares: x, z. Square (x, z) is [x, x + 1] × [z, z + 1] edges; else 0, 0. */
  levelSquares: { tag: 'LGXZ', type: 'i16', table: 'levels', width: 2 },

  /** Index of the data layer's name. */
  layerNames: { tag: 'YNAM', type: 'u32', table: 'layers', width: 1 },

  /** Index of the grid's name. */
  gridNames: { tag: 'GNAM', type: 'u32', table: 'grids', width: 1 },
  /** Edge of a square (meters). */
  gridEdges: { tag: 'GCEL', type: 'f32', table: 'grids', width: 1 },
  /** Horizontal distance from a viewpoint to a square at which it is loaded (meters). */
  gridRanges: { tag: 'GRNG', type: 'f32', table: 'grids', width: 1 },
  /** Data layer of all that stands in it, as in `cellLayers`: while that is not there nothing is loaded. */
  gridLayers: { tag: 'GLAY', type: 'u16', table: 'grids', width: 1 },

  /** Box around everything placed in the cell: min x, y, z, max x, y, z (meters, world). */
  cellBoxes: { tag: 'CBOX', type: 'f32', table: 'cells', width: 6, packed: 'values' },
  /** Level the cell belongs to, or `NO_LEVEL`. */
  cellLevels: { tag: 'CLVL', type: 'u16', table: 'cells', width: 1, packed: 'values' },
  /** Data layer of the cell, with `WHILE_OFF` where it is there while that is off, or `NO_LAYER`. */
  cellLayers: { tag: 'CLAY', type: 'u16', table: 'cells', width: 1, packed: 'values' },
  /** Level that the cell, a proxy, stands in for while that is not active, or `NO_LEVEL`. */
  cellProxies: { tag: 'CPRX', type: 'u16', table: 'cells', width: 1, packed: 'values' },
  /** First run of the cell. */
  cellRuns: { tag: 'CRUN', type: 'u32', table: 'cells', width: 1, prefix: true, packed: 'rising' },

  /** Asset that every placement of the run shows. */
  runAssets: { tag: 'RAST', type: 'u32', table: 'runs', width: 1, packed: 'values' },
  /** First placement of the run. */
  runSlots: { tag: 'RSLT', type: 'u32', table: 'runs', width: 1, prefix: true, packed: 'rising' },
  /** Largest placement scale in the run. */
  runScales: { tag: 'RSCL', type: 'f32', table: 'runs', width: 1, packed: 'values' },

  /** Box of the tile: min x, y, z, max x, y, z (meters, world). Node 0 of each tree is its root. */
  terrainBoxes: { tag: 'TBOX', type: 'f32', table: 'terrain', width: 6 },
  /** Geometric error of the tile (meters). */
  terrainErrors: { tag: 'TERR', type: 'f32', table: 'terrain', width: 1 },
  /** Payload of the tile. */
  terrainPayloads: { tag: 'TPAY', type: 'u32', table: 'terrain', width: 1 },
  /** First of four consecutive children, or `NO_CHILD`. Children always follow their parent. */
  terrainChildren: { tag: 'TCHD', type: 'u32', table: 'terrain', width: 1 },

  /** First cell whose placements the slice holds. */
  sliceCells: { tag: 'LCEL', type: 'u32', table: 'slices', width: 1, prefix: true },
  /** Where the slice begins, in bytes behind the directory. */
  sliceStarts: { tag: 'LPOS', type: 'u32', table: 'slices', width: 1, prefix: true },
  /** CRC-32 of its bytes. */
  sliceChecksums: { tag: 'LCRC', type: 'u32', table: 'slices', width: 1 },
} as const;

/** The same table for code that walks all columns. */
export const COLUMN_SPECS: Readonly<Record<ColumnName, ColumnSpec>> = COLUMNS;

export type ColumnName = keyof typeof COLUMNS;

interface ArrayOf {
  u8: Uint8Array;
  u16: Uint16Array;
  i16: Int16Array;
  u32: Uint32Array;
  f32: Float32Array;
}

type Columns = { [K in ColumnName]: ArrayOf[(typeof COLUMNS)[K]['type']] };

type SliceColumn = 'sliceCells' | 'sliceStarts' | 'sliceChecksums';

/** All of a catalog but its placements, and where those are. */
export type Directory = Columns & {
  readonly counts: Readonly<Record<TableName, number>>;
  /** Bytes of the file before the first slice. */
  readonly directoryBytes: number;
};

/** Where things stand: one row per placement, in the order of the runs. */
export interface PlacementColumns {
  /** World position of the model's origin: x, y, z (meters). */
  positions: Float32Array;
  /** Unit quaternion x, y, z, w, each times 32767. */
  rotations: Int16Array;
  /** Uniform scale. */
  scales: Float32Array;
}

/** Who and what: a catalog without placements and without what says how they are cut. */
export type CatalogTables = Omit<Columns, SliceColumn> & {
  readonly counts: Readonly<Record<Exclude<TableName, 'slices'>, number>>;
};

/** A whole catalog in memory: one typed array per column. */
export type Catalog = CatalogTables & PlacementColumns;

/** A file of the bundle, as its head names it. */
export interface FileRecord {
  file: string;
  bytes: number;
  /** SHA-256 of the file, first 16 hex digits; also part of the file's name. */
  sha256: string;
}

/** The catalog among the files of a bundle. */
export interface CatalogRecord extends FileRecord {
  /** Bytes of the directory, which the file begins with. */
  directoryBytes: number;
}

/** `world.json`. */
export interface WorldHead {
  format: typeof FORMAT_NAME;
  version: number;
  /** Logical name of the world. */
  name: string;
  /** Package and version that wrote it; informative. */
  generator: string;
  catalog: CatalogRecord;
  packs: FileRecord[];
  /** Box around everything: min x, y, z, max x, y, z (meters). */
  bounds: [number, number, number, number, number, number];
  counts: { assets: number; payloads: number; levels: number; placements: number; terrain: number };
  /** Sum over all payloads of what each would take if resident, in bytes. */
  residentBytes: number;
  /** CRC-32 (8 hex digits) of the head's own canonical text up to this field. */
  checksum: string;
}
