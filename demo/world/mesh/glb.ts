/** Writes a model as one GLB: one mesh, one primitive, one material with its own textures. */
import { Document, NodeIO } from '@gltf-transform/core';
import type { PaintedTexture } from '../paint/canvas.ts';
import { type Mesh, vertexCount } from './mesh.ts';

export interface ModelMaterial {
  roughness: number;
  metallic?: number;
  /** Leaves: alpha below the cutoff is cut out. Leaf cards bring their own back sides. */
  cutOut: boolean;
  normalScale?: number;
}

/** The GLB as bytes. `name` names the mesh, its node and its material. */
export async function encodeModel(
  name: string,
  mesh: Mesh,
  material: ModelMaterial,
  texture: PaintedTexture,
): Promise<Uint8Array> {
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (type: 'VEC3' | 'VEC2' | 'VEC4', array: Float32Array | Uint8Array) =>
    document.createAccessor().setType(type).setArray(array).setBuffer(buffer);
  const count = vertexCount(mesh);
  const colors = new Uint8Array(count * 4).fill(255);
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      colors[i * 4 + k] = Math.round(Math.min(1, Math.max(0, mesh.colors[i * 3 + k]!)) * 255);
    }
  }
  const indices = count > 65535 ? new Uint32Array(mesh.indices) : new Uint16Array(mesh.indices);
  const surface = document
    .createMaterial(name)
    .setRoughnessFactor(material.roughness)
    .setMetallicFactor(material.metallic ?? 0)
    .setBaseColorTexture(
      document.createTexture(`${name}-color`).setImage(texture.color).setMimeType(texture.mimeType),
    );
  if (material.cutOut) surface.setAlphaMode('MASK').setAlphaCutoff(0.4);
  if (texture.normal !== null) {
    surface
      .setNormalTexture(
        document.createTexture(`${name}-normal`).setImage(texture.normal).setMimeType('image/jpeg'),
      )
      .setNormalScale(material.normalScale ?? 1);
  }
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor('VEC3', new Float32Array(mesh.positions)))
    .setAttribute('NORMAL', accessor('VEC3', new Float32Array(mesh.normals)))
    .setAttribute('TEXCOORD_0', accessor('VEC2', new Float32Array(mesh.uvs)))
    .setAttribute('COLOR_0', accessor('VEC4', colors).setNormalized(true))
    .setIndices(document.createAccessor().setType('SCALAR').setArray(indices).setBuffer(buffer))
    .setMaterial(surface);
  const node = document.createNode(name).setMesh(document.createMesh(name).addPrimitive(primitive));
  document.createScene(name).addChild(node);
  return await new NodeIO().writeBinary(document);
}
