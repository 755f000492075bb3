/** A height grid as the one primitive of a terrain tile's content. */
import type { AttributeHeader, PrimitiveHeader } from '../src/io/bundle/mesh-header.ts';
import { encodeGrid, type HeightGridTile } from '../src/io/codecs/grid.ts';
import { gridIndexCount, gridVertexCount } from '../src/io/codecs/grid-topology.ts';
import type { StreamWriter } from './mesh-content.ts';

const POSITION: AttributeHeader = { name: 'position', type: 'i16', itemSize: 4, normalized: false };
const NORMAL: AttributeHeader = { name: 'normal', type: 'i8', itemSize: 4, normalized: true };
const UV: AttributeHeader = { name: 'uv', type: 'u16', itemSize: 2, normalized: true };

export interface GridFields {
  /** Bounding sphere in meters, skirt included: center x, y, z, radius. */
  sphere: [number, number, number, number];
  /** Steps of the position grid that the skirt hangs below the border. */
  drop: number;
}

/** Adds the stream of a tile. */
export function encodeGridPart(
  tile: HeightGridTile,
  { sphere, drop }: GridFields,
  streams: StreamWriter,
): PrimitiveHeader {
  const { cells, uvs } = tile;
  return {
    material: 0,
    vertexCount: gridVertexCount(cells),
    indexCount: gridIndexCount(cells),
    indexType: 'u16',
    sphere,
    attributes: uvs ? [POSITION, NORMAL, UV] : [POSITION, NORMAL],
    grid: { cells, drop, ...streams.add(encodeGrid(tile)) },
  };
}
