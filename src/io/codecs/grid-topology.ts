/** The triangles that all height grids of one size share: a square of cells and a skirt around it. */

/** Most cells a side: vertices are then named by 16 bits with room to spare. */
export const MAX_GRID_CELLS = 128;

/** Columns walked together: their vertices stay in a GPU's vertex cache from row to row. */
const STRIP_COLUMNS = 16;

export interface GridTopology {
  /** Grid vertices, row by row from the north-western corner, then the skirt's. */
  readonly vertexCount: number;
  /** Grid vertex above each vertex of the skirt, once around. */
  readonly border: Uint16Array;
  readonly index: Uint16Array<ArrayBuffer>;
}

const topologies = new Map<number, GridTopology>();

/** @param cells a side, 1 to `MAX_GRID_CELLS`; every size is made once per thread */
export function gridTopology(cells: number): GridTopology {
  let topology = topologies.get(cells);
  if (!topology) {
    const border = listBorder(cells);
    const vertexCount = (cells + 1) ** 2 + border.length;
    topology = { vertexCount, border, index: listTriangles(cells, border) };
    topologies.set(cells, topology);
  }
  return topology;
}

export function gridVertexCount(cells: number): number {
  return (cells + 1) ** 2 + 4 * cells;
}

export function gridIndexCount(cells: number): number {
  return 6 * cells * cells + 24 * cells;
}

/** Bytes of the stream that `encodeGrid` makes. */
export function gridStreamBytes(cells: number, hasUvs: boolean): number {
  const side = cells + 1;
  return 2 * (side * (hasUvs ? 3 : 2) + side * side) + 2 * side * side;
}

/** In the order that makes skirts face outwards: along the north edge eastwards first. */
function listBorder(cells: number): Uint16Array {
  const side = cells + 1;
  const border: number[] = [];
  for (let i = 0; i < cells; i++) border.push(i);
  for (let i = 0; i < cells; i++) border.push(i * side + cells);
  for (let i = cells; i > 0; i--) border.push(cells * side + i);
  for (let i = cells; i > 0; i--) border.push(i * side);
  return Uint16Array.from(border);
}

function listTriangles(cells: number, border: Uint16Array): Uint16Array<ArrayBuffer> {
  const side = cells + 1;
  const index = new Uint16Array(gridIndexCount(cells));
  let at = 0;
  const add = (a: number, b: number, c: number): void => {
    index[at++] = a;
    index[at++] = b;
    index[at++] = c;
  };
  for (let west = 0; west < cells; west += STRIP_COLUMNS)
    for (let row = 0; row < cells; row++)
      for (let column = west; column < Math.min(cells, west + STRIP_COLUMNS); column++) {
        const nw = row * side + column;
        add(nw, nw + side, nw + 1);
        add(nw + 1, nw + side, nw + side + 1);
      }
  for (let i = 0; i < border.length; i++) {
    const next = (i + 1) % border.length;
    const [below, nextBelow] = [side * side + i, side * side + next];
    add(border[i]!, border[next]!, below);
    add(below, border[next]!, nextBelow);
  }
  return index;
}
