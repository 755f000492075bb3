/**
 * Flattens the default scene: every primitive in model space, node transforms baked in, triangles
 * only. Skins and morph targets keep the pose that the file opens with; joints and weights stay, for
 * a skeleton that is bound in that pose.
 */
import type { Document, Node, Primitive, Scene } from '@gltf-transform/core';
import { convertPrimitiveToTriangles, uninstance } from '@gltf-transform/functions';
import { areFinite, readFloats } from './accessors.ts';
import { CookError } from './errors.ts';
import { applyMatrix, applyNormalMatrix, applyTangentMatrix, determinant } from './matrix.ts';
import { generateNormals } from './normals.ts';
import { blendTargets, skinMatrices, skinVertices } from './pose.ts';
import {
  readCustom,
  readSkin,
  readTangents,
  type VertexAttribute,
  warnOfSets,
} from './vertex-attribute.ts';

/** One primitive at one node. */
export interface FlatPrimitive {
  source: Primitive;
  positions: Float32Array;
  normals: Float32Array;
  uvs: Float32Array | null;
  uvs1: Float32Array | null;
  colors: Float32Array | null;
  /** Tangents, joints and weights, custom attributes. */
  extras: VertexAttribute[];
  index: Uint32Array;
}

const TRIANGLES = 4;
const FIRST_SURFACE_MODE = 4;
/** Fans of triangles; glTF knows no mode beyond. */
const LAST_MODE = 6;

/** Throws `CookError` that names the file and the mesh; adds to `warnings` what was left out. */
export async function flattenScene(
  file: string,
  document: Document,
  warnings: Set<string>,
): Promise<FlatPrimitive[]> {
  const root = document.getRoot();
  if (root.listExtensionsUsed().some((e) => e.extensionName === 'EXT_mesh_gpu_instancing'))
    await document.transform(uninstance());
  const scene: Scene | undefined = root.getDefaultScene() ?? root.listScenes()[0];
  if (!scene)
    throw new CookError(`${file} has no scene, expected one with a mesh; export it again`);
  const flat: FlatPrimitive[] = [];
  scene.traverse((node) => {
    for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
      const result = flattenPrimitive({ file, document, warnings }, node, primitive);
      if (result) flat.push(result);
    }
  });
  return flat;
}

interface Flattening {
  file: string;
  document: Document;
  warnings: Set<string>;
}

function flattenPrimitive(
  flattening: Flattening,
  node: Node,
  primitive: Primitive,
): FlatPrimitive | null {
  const { file, warnings } = flattening;
  const meshName = node.getMesh()?.getName() || node.getName() || 'unnamed';
  const mode: number = primitive.getMode();
  if (!Number.isInteger(mode) || mode < 0 || mode > LAST_MODE)
    throw new CookError(
      `${file}: mesh "${meshName}" has a primitive of mode ${mode}, expected 0 to ${LAST_MODE}; ` +
        'export it again',
    );
  if (mode < FIRST_SURFACE_MODE) {
    warnings.add(`mesh "${meshName}": points and lines are left out`);
    return null;
  }
  const accessor = primitive.getAttribute('POSITION');
  if (!accessor || accessor.getCount() === 0) {
    warnings.add(`mesh "${meshName}" has no positions and is left out`);
    return null;
  }
  if (mode !== TRIANGLES) convertPrimitiveToTriangles(primitive);
  const positions = readFloats(accessor, 3);
  if (!areFinite(positions))
    throw new CookError(
      `${file}: mesh "${meshName}" has positions that are not finite numbers (NaN or Infinity); ` +
        'repair the mesh and export it again',
    );
  const count = positions.length / 3;
  const normals = readOptional(primitive, 'NORMAL', 3, count);
  const flat: FlatPrimitive = {
    source: primitive,
    positions,
    normals: normals ?? new Float32Array(positions.length),
    uvs: readOptional(primitive, 'TEXCOORD_0', 2, count),
    uvs1: readOptional(primitive, 'TEXCOORD_1', 2, count),
    colors: readOptional(primitive, 'COLOR_0', 4, count),
    extras: readCustom(meshName, primitive, count, warnings),
    index: readIndex(file, meshName, primitive, count),
  };
  warnOfSets(meshName, primitive, warnings);
  // Tangents belong to the normals they came with.
  const tangents = normals ? readTangents(primitive, count) : null;
  if (tangents) flat.extras.unshift(tangents);
  pose(flattening, meshName, node, flat);
  // Figures of nodes, skins and morph targets may be anything, too.
  if (!areFinite(flat.positions))
    throw new CookError(
      `${file}: mesh "${meshName}" has positions that are not finite numbers once its node, skin ` +
        'and morph targets are applied; repair their figures and export it again',
    );
  if (normals) return flat;
  warnings.add(`mesh "${meshName}" has no (usable) normals: they were generated`);
  const corners = unweld(flat);
  corners.normals = generateNormals(corners.positions);
  return corners;
}

/** Puts vertices where the node (or the skin) has them; mirrored ones keep their front. */
function pose(
  { document, warnings }: Flattening,
  meshName: string,
  node: Node,
  flat: FlatPrimitive,
): void {
  const { source, positions, normals, index } = flat;
  const tangents = flat.extras.find(({ layout }) => layout.name === 'tangent')?.values ?? null;
  if (source.listTargets().length > 0) {
    warnings.add(`mesh "${meshName}": morph targets are frozen as the file opens`);
    blendTargets(source, node, positions);
  }
  const skin = node.getSkin();
  const joints = source.getAttribute('JOINTS_0');
  const weights = source.getAttribute('WEIGHTS_0');
  if (skin && joints && weights) {
    warnings.add(
      `mesh "${meshName}": its skin is posed as the file opens; joints and weights are kept`,
    );
    skinVertices(skinMatrices(skin), joints, weights, positions, normals, tangents);
    flat.extras.push(...readSkin(document, skin, joints, weights));
    return;
  }
  const matrix = node.getWorldMatrix();
  applyMatrix(matrix, positions);
  applyNormalMatrix(matrix, normals);
  if (tangents) applyTangentMatrix(matrix, tangents);
  if (determinant(matrix) >= 0) return;
  for (let i = 0; i < index.length; i += 3) {
    const second = index[i + 1]!;
    index[i + 1] = index[i + 2]!;
    index[i + 2] = second;
  }
}

function readIndex(
  file: string,
  meshName: string,
  primitive: Primitive,
  vertexCount: number,
): Uint32Array {
  const array = primitive.getIndices()?.getArray();
  const index = array
    ? new Uint32Array(array)
    : Uint32Array.from({ length: vertexCount }, (_, i) => i);
  for (const vertex of index)
    if (vertex >= vertexCount)
      throw new CookError(
        `${file}: mesh "${meshName}" names vertex ${vertex} of ${vertexCount}; export it again`,
      );
  return index.subarray(0, index.length - (index.length % 3));
}

/** The attribute as floats, or null when it is missing, of another length or not finite. */
function readOptional(
  primitive: Primitive,
  name: string,
  size: number,
  count: number,
): Float32Array | null {
  const accessor = primitive.getAttribute(name);
  if (!accessor || accessor.getCount() !== count) return null;
  const values = readFloats(accessor, size, 1);
  return areFinite(values) ? values : null;
}

/** One vertex per corner, so that faces may differ in their normals. */
function unweld(flat: FlatPrimitive): FlatPrimitive {
  const { index } = flat;
  const spread = (values: Float32Array, size: number): Float32Array => {
    const corners = new Float32Array(index.length * size);
    for (let i = 0; i < index.length; i++)
      for (let c = 0; c < size; c++) corners[i * size + c] = values[index[i]! * size + c]!;
    return corners;
  };
  return {
    source: flat.source,
    positions: spread(flat.positions, 3),
    normals: new Float32Array(index.length * 3),
    uvs: flat.uvs && spread(flat.uvs, 2),
    uvs1: flat.uvs1 && spread(flat.uvs1, 2),
    colors: flat.colors && spread(flat.colors, 4),
    extras: flat.extras.map((extra) => ({ ...extra, values: spread(extra.values, extra.size) })),
    index: Uint32Array.from({ length: index.length }, (_, i) => i),
  };
}
