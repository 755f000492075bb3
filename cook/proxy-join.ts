/** Triangles of many surfaces as one part with one texture. */
import { MeshoptEncoder } from 'meshoptimizer/encoder';
import type { MeshPart } from './model.ts';
import type { AtlasPlace } from './proxy-atlas.ts';
import { concatenateParts } from './split-parts.ts';
import { weldPart } from './weld.ts';

/**
 * @param parts at least one triangle
 * @param places by material of the parts
 */
export async function joinSurfaces(
  parts: readonly MeshPart[],
  places: readonly AtlasPlace[],
): Promise<MeshPart> {
  await MeshoptEncoder.ready;
  const { positions, index } = concatenateParts(parts);
  const isColored = parts.some(({ colors }) => colors);
  const joined: MeshPart = {
    material: 0,
    positions,
    normals: new Float32Array(positions.length),
    uvs: new Float32Array((positions.length / 3) * 2),
    uvs1: null,
    colors: isColored ? new Float32Array((positions.length / 3) * 4).fill(1) : null,
    extras: [],
    index,
  };
  let first = 0;
  for (const part of parts) {
    joined.normals.set(part.normals, first * 3);
    if (part.colors) joined.colors?.set(part.colors, first * 4);
    writeUvs(joined.uvs!, first * 2, part, places[part.material]!);
    first += part.positions.length / 3;
  }
  return reorder(weldPart(joined));
}

/** The tile itself is the middle half of its square. */
function writeUvs(
  uvs: Float32Array,
  to: number,
  part: MeshPart,
  { color, tile }: AtlasPlace,
): void {
  const from = part.uvs;
  for (let v = 0; v < part.positions.length / 3; v++) {
    const isTiled = tile && from;
    uvs[to + v * 2] = isTiled ? tile.u + (0.25 + from[v * 2]! / 2) * tile.size : color[0];
    uvs[to + v * 2 + 1] = isTiled ? tile.v + (0.25 + from[v * 2 + 1]! / 2) * tile.size : color[1];
  }
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
