/**
 * The JSON head of mesh content. Layout of the content (after the payload's blocks are undone):
 *
 *     0  u32  magic "FFM1"
 *     4  u32  bytes of the JSON head, padded with spaces to a multiple of 4
 *     8  the head, UTF-8
 *     …  streams; `offset`s in the head count from the end of the head; each is 4-byte aligned
 */
import type { AttributeName, MaterialRecord, TextureRole } from '../content.ts';

export type ScalarType = 'i8' | 'u8' | 'i16' | 'u16' | 'f32';

export interface AttributeHeader {
  name: AttributeName;
  type: ScalarType;
  itemSize: number;
  normalized: boolean;
}

export interface StreamRange {
  offset: number;
  bytes: number;
}

/** A terrain tile as heights on a square grid (`codecs/grid.ts`). */
export interface GridHeader extends StreamRange {
  /** Cells a side, 1 to 128. */
  cells: number;
  /** Steps of the position grid that the skirt hangs below the border. */
  drop: number;
}

/** Triangles of one material, encoded. */
export interface PrimitiveHeader {
  material: number;
  vertexCount: number;
  indexCount: number;
  indexType: 'u16' | 'u32';
  sphere: [number, number, number, number];
  /** Raw and meshopt: one stream per attribute, in this order. Draco: the layout to convert to. */
  attributes: (AttributeHeader & Partial<StreamRange>)[];
  /** Raw and meshopt: the index stream. */
  index?: StreamRange;
  /** Draco: the one stream that holds everything. */
  draco?: StreamRange;
  /** Grid: the one stream, and what the mesh is made by. */
  grid?: GridHeader;
}

export interface ImageHeader extends StreamRange {
  mimeType: string;
  width: number;
  height: number;
  colorSpace: 'srgb' | 'linear';
  /** Chooses the format of KTX2 images. Absent: `cutout` in sRGB, `data` in linear images. */
  role?: TextureRole;
}

export interface MeshHeader {
  /**
   * raw: little-endian arrays. meshopt: EXT_meshopt_compression streams (ATTRIBUTES / TRIANGLES).
   * draco: one Draco buffer per primitive whose attributes carry float positions in meters.
   * grid: one height grid per primitive, for terrain tiles.
   */
  codec: 'raw' | 'meshopt' | 'draco' | 'grid';
  /** See `MeshContent`. Positions are quantized with these in every codec. */
  scale: number;
  offset: [number, number, number];
  primitives: PrimitiveHeader[];
  materials: MaterialRecord[];
  images: ImageHeader[];
}
