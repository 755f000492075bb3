/** Checks the materials of mesh content, so that a view may use every field without asking. */
import type { MaterialRecord, TextureRef } from '../content.ts';
import {
  checkBoolean,
  checkFields,
  checkFinite,
  checkInteger,
  checkNumbers,
  checkOneOf,
  checkText,
} from './check.ts';

const WRAPS = ['repeat', 'clamp', 'mirror'] as const;
const TEXTURES = ['baseColor', 'metallicRoughness', 'normal', 'occlusion', 'emissive'] as const;

type Three = [number, number, number];
type Four = [number, number, number, number];

export function checkMaterial(where: string, value: unknown, imageCount: number): MaterialRecord {
  const fields = checkFields(where, value);
  const refs = checkFields(`${where}.textures`, fields['textures']);
  const textures: MaterialRecord['textures'] = {};
  for (const name of TEXTURES)
    if (refs[name] !== undefined)
      textures[name] = checkTexture(`${where}.textures.${name}`, refs[name], imageCount);
  const number = (name: string): number => checkFinite(`${where}.${name}`, fields[name]);
  const numbers = (name: string, length: number): number[] =>
    checkNumbers(`${where}.${name}`, fields[name], length);
  return {
    name: checkText(`${where}.name`, fields['name']),
    shading: checkOneOf(`${where}.shading`, fields['shading'], ['pbr', 'unlit'] as const),
    baseColor: numbers('baseColor', 4) as Four,
    metallic: number('metallic'),
    roughness: number('roughness'),
    emissive: numbers('emissive', 3) as Three,
    alphaMode: checkOneOf(`${where}.alphaMode`, fields['alphaMode'], [
      'opaque',
      'mask',
      'blend',
    ] as const),
    alphaCutoff: number('alphaCutoff'),
    doubleSided: checkBoolean(`${where}.doubleSided`, fields['doubleSided']),
    normalScale: number('normalScale'),
    occlusionStrength: number('occlusionStrength'),
    textures,
  };
}

function checkTexture(where: string, value: unknown, imageCount: number): TextureRef {
  const fields = checkFields(where, value);
  const ref: TextureRef = {
    image: checkInteger(`${where}.image`, fields['image'], 0, imageCount - 1),
    uv: checkOneOf(`${where}.uv`, fields['uv'], [0, 1] as const),
    wrapS: checkOneOf(`${where}.wrapS`, fields['wrapS'], WRAPS),
    wrapT: checkOneOf(`${where}.wrapT`, fields['wrapT'], WRAPS),
  };
  if (fields['transform'] === undefined) return ref;
  const transform = checkFields(`${where}.transform`, fields['transform']);
  ref.transform = {
    offset: checkNumbers(`${where}.transform.offset`, transform['offset'], 2) as [number, number],
    scale: checkNumbers(`${where}.transform.scale`, transform['scale'], 2) as [number, number],
    rotation: checkFinite(`${where}.transform.rotation`, transform['rotation']),
  };
  return ref;
}
