/** The content of one small terrain tile, as the cook makes it. */
import { encodeGrid } from '../../../src/io/codecs/grid.ts';
import { gridIndexCount, gridVertexCount } from '../../../src/io/codecs/grid-topology.ts';
import type { Bytes } from '../../../src/io/source.ts';
import { PLAIN_MATERIAL, writeContent } from '../encode-mesh.ts';

const CELLS = 4;

export function encodeGridContent(): Bytes {
  const side = CELLS + 1;
  const axis = Int16Array.from({ length: side }, (_, i) => i * 100 - 200);
  const stream = encodeGrid({
    cells: CELLS,
    columns: axis,
    rows: axis,
    uvs: Uint16Array.from({ length: side }, (_, i) => i * 16_000),
    heights: Int16Array.from({ length: side * side }, (_, i) => (i * i * 7) % 300),
    normalsX: new Int8Array(side * side).fill(20),
    normalsZ: new Int8Array(side * side).fill(-9),
  });
  const padded = new Uint8Array(Math.ceil(stream.length / 4) * 4);
  padded.set(stream);
  const attributes = [
    { name: 'position', type: 'i16', itemSize: 4, normalized: false },
    { name: 'normal', type: 'i8', itemSize: 4, normalized: true },
    { name: 'uv', type: 'u16', itemSize: 2, normalized: true },
  ];
  const primitive = {
    material: 0,
    vertexCount: gridVertexCount(CELLS),
    indexCount: gridIndexCount(CELLS),
    indexType: 'u16',
    sphere: [0, 0, 0, 1],
    attributes,
    grid: { cells: CELLS, drop: 3, offset: 0, bytes: stream.length },
  };
  const header = {
    codec: 'grid',
    scale: 1,
    offset: [0, 0, 0],
    primitives: [primitive],
    materials: [PLAIN_MATERIAL],
    images: [],
  };
  return writeContent(header, [padded]);
}
