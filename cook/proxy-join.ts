/**
 * Simplified triangles of many surfaces as one part with one texture. A triangle whose corners come
 * from several surfaces (rough simplification joins what merely touches) shows the color of the
 * surface of most of them: between two places of the atlas there is nothing to see.
 */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import type { MeshPart } from './model.ts';
import type { AtlasPlace } from './proxy-atlas.ts';
import type { JoinedMesh } from './split-parts.ts';
import { weldPart } from './weld.ts';

/** @param places by material of the parts. @returns null when no triangle is left */
export async function joinSurfaces(
  mesh: JoinedMesh,
  index: Uint32Array,
  places: readonly AtlasPlace[],
): Promise<MeshPart | null> {
  await MeshoptEncoder.ready;
  const count = index.length;
  const isColored = mesh.parts.some(({ colors }) => colors);
  const corners: MeshPart = {
    material: 0,
    positions: new Float32Array(count * 3),
    normals: new Float32Array(count * 3),
    uvs: new Float32Array(count * 2),
    uvs1: null,
    colors: isColored ? new Float32Array(count * 4).fill(1) : null,
    extras: [],
    index: Uint32Array.from({ length: count }, (_, i) => i),
  };
  for (let i = 0; i < count; i += 3) {
    const [a, b, c] = [0, 1, 2].map((k) => mesh.partOf[index[i + k]!]!) as [number, number, number];
    const isOne = a === b && b === c;
    const main = b === c ? b : a;
    for (let k = 0; k < 3; k++)
      writeCorner(corners, i + k, mesh, index[i + k]!, isOne ? -1 : main, places);
  }
  const part = weldPart(corners);
  return part.index.length > 0 ? reorder(part) : null;
}

/** @param main part whose color the corner shows, -1 where it shows what its own part says */
function writeCorner(
  corners: MeshPart,
  to: number,
  mesh: JoinedMesh,
  vertex: number,
  main: number,
  places: readonly AtlasPlace[],
): void {
  const row = mesh.partOf[vertex]!;
  const from = mesh.parts[row]!;
  const v = vertex - mesh.firsts[row]!;
  for (let c = 0; c < 3; c++) {
    corners.positions[to * 3 + c] = from.positions[v * 3 + c]!;
    corners.normals[to * 3 + c] = from.normals[v * 3 + c]!;
  }
  if (corners.colors && from.colors)
    for (let c = 0; c < 4; c++) corners.colors[to * 4 + c] = from.colors[v * 4 + c]!;
  const shown = main < 0 ? from : mesh.parts[main]!;
  const place = places[shown.material]!;
  const tile = main < 0 && from.uvs ? place.tile : null;
  const uvs = corners.uvs!;
  // The tile itself is the middle half of its square.
  uvs[to * 2] = tile ? tile.u + (0.25 + from.uvs![v * 2]! / 2) * tile.size : place.color[0];
  uvs[to * 2 + 1] = tile ? tile.v + (0.25 + from.uvs![v * 2 + 1]! / 2) * tile.size : place.color[1];
}

/** For the vertex cache and for size. */
function reorder(part: MeshPart): MeshPart {
  const index = part.index.slice();
  const [remap, count] = MeshoptEncoder.reorderMesh(index, true, true);
  const move = (values: Float32Array, size: number): Float32Array => {
    const out = new Float32Array(count * size);
    for (let v = 0; v < values.length / size; v++)
      if (remap[v]! < count)
        for (let c = 0; c < size; c++) out[remap[v]! * size + c] = values[v * size + c]!;
    return out;
  };
  return {
    ...part,
    positions: move(part.positions, 3),
    normals: move(part.normals, 3),
    uvs: part.uvs && move(part.uvs, 2),
    colors: part.colors && move(part.colors, 4),
    index,
  };
}
