/** All parts of a model as one mesh for simplification, and back into parts by material. */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import type { AttributeHeader } from '../src/io/bundle/mesh-header.ts';
import type { MeshPart } from './model.ts';
import { addInfluences, INFLUENCES, type Skin } from './skin-influence.ts';
import type { VertexAttribute } from './vertex-attribute.ts';

export interface JoinedMesh {
  parts: readonly MeshPart[];
  /** Part of each vertex. */
  partOf: Uint16Array;
  /** First vertex of each part. */
  firsts: number[];
  positions: Float32Array;
  /** Normal (3), uv (2), color (3) and, where anything has a skin, influences (3) per vertex. */
  attributes: Float32Array;
  /** Entries of `attributes` per vertex. */
  stride: number;
  index: Uint32Array;
}

const ATTRIBUTES = 8;

export function concatenateParts(parts: readonly MeshPart[]): JoinedMesh {
  const vertexCount = parts.reduce((sum, part) => sum + part.positions.length / 3, 0);
  const skins = parts.map(skinOf);
  const stride = ATTRIBUTES + (skins.some((skin) => skin) ? INFLUENCES : 0);
  const mesh: JoinedMesh = {
    parts,
    partOf: new Uint16Array(vertexCount),
    firsts: [],
    positions: new Float32Array(vertexCount * 3),
    attributes: new Float32Array(vertexCount * stride),
    stride,
    index: new Uint32Array(parts.reduce((sum, part) => sum + part.index.length, 0)),
  };
  let first = 0;
  let at = 0;
  parts.forEach((part, row) => {
    const count = part.positions.length / 3;
    mesh.firsts.push(first);
    mesh.partOf.fill(row, first, first + count);
    mesh.positions.set(part.positions, first * 3);
    const uvs = part.uvs ?? part.uvs1;
    for (let i = 0; i < count; i++) {
      const to = (first + i) * stride;
      for (let c = 0; c < 3; c++) mesh.attributes[to + c] = part.normals[i * 3 + c]!;
      for (let c = 0; c < 2; c++) mesh.attributes[to + 3 + c] = uvs?.[i * 2 + c] ?? 0;
      for (let c = 0; c < 3; c++) mesh.attributes[to + 5 + c] = part.colors?.[i * 4 + c] ?? 1;
    }
    const skin = skins[row];
    if (skin) addInfluences(skin, mesh.attributes, first * stride + ATTRIBUTES, stride);
    for (let i = 0; i < part.index.length; i++) mesh.index[at + i] = part.index[i]! + first;
    at += part.index.length;
    first += count;
  });
  return mesh;
}

/**
 * Parts that hold only the vertices `index` uses, reordered for the vertex cache and for size. A
 * triangle whose corners come from several parts (rough simplification joins what merely touches)
 * goes to the part of most of them.
 */
export async function splitParts(mesh: JoinedMesh, index: Uint32Array): Promise<MeshPart[]> {
  await MeshoptEncoder.ready;
  const corners: number[][] = mesh.parts.map(() => []);
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]!, index[i + 1]!, index[i + 2]!];
    const [pa, pb, pc] = [mesh.partOf[a]!, mesh.partOf[b]!, mesh.partOf[c]!];
    corners[pb === pc ? pb : pa]!.push(a, b, c);
  }
  return mesh.parts.flatMap((part, row) =>
    corners[row]!.length > 0 ? [gather(mesh, part, Uint32Array.from(corners[row]!))] : [],
  );
}

/** `corners` are vertices of the joined mesh. */
function gather(mesh: JoinedMesh, part: MeshPart, corners: Uint32Array): MeshPart {
  // reorderMesh sizes its tables by the largest index: number the used vertices from 0 first.
  const numbers = new Map<number, number>();
  const used: number[] = [];
  const index = corners.map((vertex) => {
    let number = numbers.get(vertex);
    if (number === undefined) {
      number = used.push(vertex) - 1;
      numbers.set(vertex, number);
    }
    return number;
  });
  const [remap, count] = MeshoptEncoder.reorderMesh(index, true, true);
  const out: MeshPart = {
    material: part.material,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    uvs: part.uvs && new Float32Array(count * 2),
    uvs1: part.uvs1 && new Float32Array(count * 2),
    colors: part.colors && new Float32Array(count * 4).fill(1),
    extras: part.extras.map((extra) => ({
      ...extra,
      values: new Float32Array(count * extra.size),
    })),
    index,
  };
  used.forEach((vertex, number) => {
    const to = remap[number]!;
    const row = mesh.partOf[vertex]!;
    const from = mesh.parts[row]!;
    const i = vertex - mesh.firsts[row]!;
    copy(out.positions, to, from.positions, i, 3);
    copy(out.normals, to, from.normals, i, 3);
    copy(out.uvs, to, from.uvs, i, 2);
    copy(out.uvs1, to, from.uvs1, i, 2);
    copy(out.colors, to, from.colors, i, 4);
    for (const extra of out.extras) {
      // A vertex from another part may lack it; a skinned one then stays with the first joint.
      const other = from.extras.find(({ layout }) => isAlike(layout, extra.layout));
      copy(extra.values, to, other?.values ?? fillerOf(extra), other ? i : 0, extra.size);
    }
  });
  return out;
}

/** Joints and weights of a part, four each per vertex. */
function skinOf({ extras }: MeshPart): Skin | null {
  const find = (name: string) => extras.find(({ layout }) => layout.name === name)?.values;
  const [joints, weights] = [find('skinIndex'), find('skinWeight')];
  return joints && weights ? { joints, weights } : null;
}

/** One vertex of an attribute that its part does not have. */
function fillerOf({ layout, size }: VertexAttribute): Float32Array {
  const values = new Float32Array(size);
  if (layout.name === 'skinWeight' || layout.name === 'tangent') values[0] = 1;
  if (layout.name === 'tangent') values[3] = 1;
  return values;
}

function isAlike(a: AttributeHeader, b: AttributeHeader): boolean {
  return a.name === b.name && a.normalized === b.normalized && a.itemSize === b.itemSize;
}

function copy(
  target: Float32Array | null,
  to: number,
  source: Float32Array | null,
  from: number,
  size: number,
): void {
  if (!target || !source) return;
  for (let c = 0; c < size; c++) target[to * size + c] = source[from * size + c]!;
}
