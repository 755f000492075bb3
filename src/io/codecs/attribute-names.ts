/** Vertex attributes: which names a mesh head may use, and what each is called inside Draco. */
import type { AttributeHeader } from '../bundle/mesh-header.ts';
import type { AttributeName } from '../content.ts';
import { damaged } from './check.ts';

/** glTF's names; the author's own attributes keep theirs. */
const DRACO_NAMES: Readonly<Record<string, string>> = {
  position: 'POSITION',
  normal: 'NORMAL',
  tangent: 'TANGENT',
  uv: 'TEXCOORD_0',
  uv1: 'TEXCOORD_1',
  color: 'COLOR_0',
  skinIndex: 'JOINTS_0',
  skinWeight: 'WEIGHTS_0',
};

/** More attributes than any GPU takes: no model but a damaged head. */
export const MAX_ATTRIBUTES = 32;

const OWN_NAME = /^_[a-z0-9_]{1,63}$/;

/** Name of the attribute inside a Draco stream. */
export function dracoName(name: AttributeName): string {
  return DRACO_NAMES[name] ?? name;
}

/** Whether a mesh head may use the name. */
export function isAttributeName(name: string): name is AttributeName {
  return Object.hasOwn(DRACO_NAMES, name) || OWN_NAME.test(name);
}

/** Throws `StreamError(Decode)` when three.js would misread an attribute of this name and layout. */
export function checkLayout(where: string, attribute: AttributeHeader): void {
  const { name, type, itemSize, normalized } = attribute;
  const seen = `${where} (${name}) is ${type} x ${itemSize}${normalized ? ', normalized' : ''}`;
  if (name === 'position' && (type !== 'i16' || itemSize !== 4))
    throw damaged(`${seen}, expected i16 x 4`);
  if (name === 'skinIndex' && (itemSize !== 4 || normalized || (type !== 'u8' && type !== 'u16')))
    throw damaged(`${seen}, expected u8 x 4 or u16 x 4`);
  if (name === 'skinWeight' && (itemSize !== 4 || normalized === (type === 'f32')))
    throw damaged(`${seen}, expected 4 weights of 0 to 1`);
  if (name === 'tangent' && itemSize !== 4) throw damaged(`${seen}, expected 4 components`);
}
