/** Checks that what a head says of a height grid fits together: its codec allocates by it. */
import type { AttributeHeader, GridHeader, PrimitiveHeader } from '../bundle/mesh-header.ts';
import { checkFields, checkInteger, damaged } from './check.ts';
import {
  gridIndexCount,
  gridStreamBytes,
  gridVertexCount,
  MAX_GRID_CELLS,
} from './grid-topology.ts';

/** Attributes of a grid, in order; the last is optional. */
const LAYOUT = ['position i16 x 4', 'normal i8 x 4', 'uv u16 x 2'];

/**
 * @param value the entry `grid` of the primitive
 * @param range where its stream lies, checked already
 */
export function checkGrid(
  where: string,
  value: unknown,
  range: { offset: number; bytes: number },
  primitive: PrimitiveHeader,
): GridHeader {
  const fields = checkFields(where, value);
  const cells = checkInteger(`${where}.cells`, fields['cells'], 1, MAX_GRID_CELLS);
  const drop = checkInteger(`${where}.drop`, fields['drop'], 0, 65_535);
  const { vertexCount, indexCount, indexType, attributes } = primitive;
  const layout = attributes.map(describeLayout);
  if (layout.length < 2 || layout.some((text, i) => text !== LAYOUT[i]))
    throw damaged(`${where} has ${layout.join(', ')}, expected ${LAYOUT.join(', ')}`);
  const seen = [vertexCount, indexCount, indexType, range.bytes].join(', ');
  const streamBytes = gridStreamBytes(cells, attributes.length === LAYOUT.length);
  const counts = [gridVertexCount(cells), gridIndexCount(cells), 'u16', streamBytes].join(', ');
  if (seen !== counts)
    throw damaged(
      `${where} of ${cells} cells has vertices, indices, type and bytes ${seen}, expected ${counts}`,
    );
  return { cells, drop, ...range };
}

function describeLayout({ name, type, itemSize }: AttributeHeader): string {
  return `${name} ${type} x ${itemSize}`;
}
