/**
 * Material records as three.js materials, value for value what three's own GLTFLoader makes of the
 * same glTF material, so that a streamed model looks like the loaded one.
 */
import {
  type BufferGeometry,
  Color,
  DoubleSide,
  FrontSide,
  LinearSRGBColorSpace,
  type Material,
  MeshBasicMaterial,
  type MeshBasicMaterialParameters,
  MeshStandardMaterial,
  type MeshStandardMaterialParameters,
  Vector2,
} from 'three';
import type { MaterialRecord } from '../io/content.ts';
import type { TextureSet } from './textures.ts';

/** Makes the material for one record, as drawn on one geometry. */
export function createMaterial(
  record: MaterialRecord,
  geometry: BufferGeometry,
  textures: TextureSet,
): Material {
  const material =
    record.shading === 'unlit'
      ? new MeshBasicMaterial(basicParameters(record, textures))
      : new MeshStandardMaterial(
          standardParameters(record, textures, geometry.hasAttribute('tangent')),
        );
  material.name = record.name;
  material.side = record.doubleSided ? DoubleSide : FrontSide;
  if (record.alphaMode === 'blend') {
    material.transparent = true;
    // Several layers of one blended mesh would else hide each other (three.js issue 17706).
    material.depthWrite = false;
  }
  if (record.alphaMode === 'mask') material.alphaTest = record.alphaCutoff;
  if (geometry.hasAttribute('color')) material.vertexColors = true;
  if (material instanceof MeshStandardMaterial && !geometry.hasAttribute('normal')) {
    material.flatShading = true;
  }
  return material;
}

/** Two primitives may share a material when their keys are equal. */
export function materialKey(record: MaterialRecord, geometry: BufferGeometry): string {
  const colors = geometry.hasAttribute('color') ? 'colors' : '';
  const flat = geometry.hasAttribute('normal') ? '' : 'flat';
  const tangents = geometry.hasAttribute('tangent') ? 'tangents' : '';
  return `${colors} ${flat} ${tangents} ${JSON.stringify(record)}`;
}

function basicParameters(
  record: MaterialRecord,
  textures: TextureSet,
): MeshBasicMaterialParameters {
  const parameters: MeshBasicMaterialParameters = {
    color: linear(record.baseColor),
    opacity: record.baseColor[3],
  };
  const { baseColor } = record.textures;
  if (baseColor) parameters.map = textures.get(baseColor, 'color');
  return parameters;
}

function standardParameters(
  record: MaterialRecord,
  textures: TextureSet,
  hasTangents: boolean,
): MeshStandardMaterialParameters {
  const parameters: MeshStandardMaterialParameters = {
    ...basicParameters(record, textures),
    metalness: record.metallic,
    roughness: record.roughness,
    emissive: linear(record.emissive),
  };
  const { metallicRoughness, normal, occlusion, emissive } = record.textures;
  if (metallicRoughness) {
    const map = textures.get(metallicRoughness, 'data');
    parameters.metalnessMap = map;
    parameters.roughnessMap = map;
  }
  if (normal) {
    parameters.normalMap = textures.get(normal, 'data');
    // Without tangents three.js derives them from uvs whose v points the other way than glTF's.
    const side = hasTangents ? 1 : -1;
    parameters.normalScale = new Vector2(record.normalScale, side * record.normalScale);
  }
  if (occlusion) {
    parameters.aoMap = textures.get(occlusion, 'data');
    parameters.aoMapIntensity = record.occlusionStrength;
  }
  if (emissive) parameters.emissiveMap = textures.get(emissive, 'color');
  return parameters;
}

function linear(rgb: readonly number[]): Color {
  return new Color().setRGB(rgb[0] ?? 0, rgb[1] ?? 0, rgb[2] ?? 0, LinearSRGBColorSpace);
}
