/** A glTF or GLB file as a flat model: triangles joined by material, every warning collected. */
import { metalRough } from '@gltf-transform/functions';
import type { MaterialRecord } from '../src/io/content.ts';
import { CookError } from './errors.ts';
import { type FlatPrimitive, flattenScene } from './flatten.ts';
import { readGltf } from './gltf-io.ts';
import { MaterialList, needsMetalRough, usedUvSets } from './materials.ts';
import { countTriangles, type MeshPart, type SourceModel } from './model.ts';
import type { VertexAttribute } from './vertex-attribute.ts';
import { weldPart } from './weld.ts';

/**
 * Throws `CookError` naming the file, what was seen and what was expected.
 *
 * @param keepAll keep uv sets, tangents and colors that no material needs, too
 */
export async function loadModel(file: string, keepAll: boolean = false): Promise<SourceModel> {
  const { document, sourceBytes } = await readGltf(file);
  const warnings = new Set<string>();
  if (needsMetalRough(document)) await document.transform(metalRough());
  const flat = await flattenScene(file, document, warnings);
  const materials = new MaterialList(warnings);
  const groups = new Map<string, { row: number; primitives: FlatPrimitive[] }>();
  for (const primitive of flat) {
    const row = materials.add(primitive.source.getMaterial());
    primitive.extras = keepExtras(primitive, materials.records[row]!, keepAll);
    // Only what has the same attributes can be joined: a vertex without tangents or joints has no
    // value that would do.
    const key = `${row} ${JSON.stringify(primitive.extras.map(({ layout }) => layout))}`;
    const group = groups.get(key);
    if (group) group.primitives.push(primitive);
    else groups.set(key, { row, primitives: [primitive] });
  }
  const parts = [...groups.values()]
    .sort((a, b) => a.row - b.row)
    .map(({ row, primitives }) =>
      weldPart(joinGroup(row, primitives, { materials, warnings, keepAll })),
    )
    .filter((part) => part.index.length > 0);
  if (countTriangles(parts) === 0)
    throw new CookError(
      `${file} has 0 triangles, expected at least 1; does its default scene hold a mesh?`,
    );
  return {
    parts,
    materials: materials.records,
    images: materials.images,
    warnings: [...warnings],
    sourceBytes,
  };
}

/** Three.js looks at tangents only where there is a normal map. */
function keepExtras(
  { extras }: FlatPrimitive,
  { textures }: MaterialRecord,
  keepAll: boolean,
): VertexAttribute[] {
  if (keepAll || textures.normal) return extras;
  return extras.filter(({ layout }) => layout.name !== 'tangent');
}

interface Joining {
  materials: MaterialList;
  warnings: Set<string>;
  keepAll: boolean;
}

function joinGroup(
  row: number,
  group: readonly FlatPrimitive[],
  { materials, warnings, keepAll }: Joining,
): MeshPart {
  const material = materials.records[row]!;
  const uses = usedUvSets(material);
  const missing = (set: 'uvs' | 'uvs1'): void => {
    if (group.some((primitive) => !primitive[set]))
      warnings.add(`material "${material.name}" has textures but a mesh has no uv: zeros are used`);
  };
  if (uses.first) missing('uvs');
  if (uses.second) missing('uvs1');
  const keep = (set: 'uvs' | 'uvs1', isUsed: boolean): boolean =>
    isUsed || (keepAll && group.some((primitive) => primitive[set]));
  const isColored = group.some(({ colors }) => colors?.some((value) => keepAll || value !== 1));
  const join = (
    pick: (primitive: FlatPrimitive) => Float32Array | null,
    size: number,
    filler: number,
  ): Float32Array => {
    const total = group.reduce((sum, { positions }) => sum + positions.length / 3, 0);
    const out = new Float32Array(total * size).fill(filler);
    let at = 0;
    for (const primitive of group) {
      const values = pick(primitive);
      if (values) out.set(values, at);
      at += (primitive.positions.length / 3) * size;
    }
    return out;
  };
  return {
    material: row,
    positions: join(({ positions }) => positions, 3, 0),
    normals: join(({ normals }) => normals, 3, 0),
    uvs: keep('uvs', uses.first) ? join(({ uvs }) => uvs, 2, 0) : null,
    uvs1: keep('uvs1', uses.second) ? join(({ uvs1 }) => uvs1, 2, 0) : null,
    colors: isColored ? join(({ colors }) => colors, 4, 1) : null,
    extras: group[0]!.extras.map((extra, i) => ({
      ...extra,
      values: join(({ extras }) => extras[i]!.values, extra.size, 0),
    })),
    index: joinIndex(group),
  };
}

function joinIndex(group: readonly FlatPrimitive[]): Uint32Array {
  const out = new Uint32Array(group.reduce((sum, { index }) => sum + index.length, 0));
  let at = 0;
  let first = 0;
  for (const { index, positions } of group) {
    for (let i = 0; i < index.length; i++) out[at + i] = index[i]! + first;
    at += index.length;
    first += positions.length / 3;
  }
  return out;
}
