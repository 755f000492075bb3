/** The triangles that every terrain tile shares: a grid with a skirt around it. */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import { encodeIndexStream } from './encode-mesh.ts';

export interface TileMesh {
  /** Vertices of the grid and its skirt, in the order they are stored. */
  vertexCount: number;
  /** Column and row of each vertex, in cells. */
  columns: Uint16Array;
  rows: Uint16Array;
  /** 1 where the vertex hangs below the border. */
  isSkirt: Uint8Array;
  index: Uint16Array | Uint32Array;
  /** The index as a meshopt stream. */
  indexStream: Uint8Array;
}

const meshes = new Map<number, Promise<TileMesh>>();

/** The mesh of tiles with this many cells a side; made once per thread. */
export function tileMesh(cells: number): Promise<TileMesh> {
  const known = meshes.get(cells);
  if (known) return known;
  const made = makeMesh(cells);
  meshes.set(cells, made);
  return made;
}

async function makeMesh(cells: number): Promise<TileMesh> {
  await MeshoptEncoder.ready;
  const side = cells + 1;
  const border = borderOf(cells);
  const gridCount = side * side;
  const triangles: number[] = [];
  for (let row = 0; row < cells; row++)
    for (let column = 0; column < cells; column++) {
      const nw = row * side + column;
      const [ne, sw, se] = [nw + 1, nw + side, nw + side + 1];
      triangles.push(nw, sw, ne, ne, sw, se);
    }
  border.forEach((vertex, i) => {
    const next = (i + 1) % border.length;
    const [below, nextBelow] = [gridCount + i, gridCount + next];
    triangles.push(vertex, border[next]!, below, below, border[next]!, nextBelow);
  });
  const index = Uint32Array.from(triangles);
  const [remap, vertexCount] = MeshoptEncoder.reorderMesh(index, true, true);
  const mesh: TileMesh = {
    vertexCount,
    columns: new Uint16Array(vertexCount),
    rows: new Uint16Array(vertexCount),
    isSkirt: new Uint8Array(vertexCount),
    index: vertexCount <= 65535 ? new Uint16Array(index) : index,
    indexStream: new Uint8Array(0),
  };
  for (let vertex = 0; vertex < vertexCount; vertex++) {
    const onGrid = vertex < gridCount ? vertex : border[vertex - gridCount]!;
    const to = remap[vertex]!;
    mesh.columns[to] = onGrid % side;
    mesh.rows[to] = Math.floor(onGrid / side);
    mesh.isSkirt[to] = vertex < gridCount ? 0 : 1;
  }
  mesh.indexStream = encodeIndexStream(mesh.index);
  return mesh;
}

/** Border vertices in the order that makes outward skirts: along the north edge eastwards first. */
function borderOf(cells: number): number[] {
  const side = cells + 1;
  const border: number[] = [];
  for (let i = 0; i < cells; i++) border.push(i);
  for (let i = 0; i < cells; i++) border.push(i * side + cells);
  for (let i = cells; i > 0; i--) border.push(cells * side + i);
  for (let i = cells; i > 0; i--) border.push(i * side);
  return border;
}
