/** Merges vertices that are equal to the bit, so that triangles share them again. */
import type { MeshPart } from './model.ts';

/** A part whose vertices are all different; drops triangles with two corners in one place. */
export function weldPart(part: MeshPart): MeshPart {
  const { remap, kept } = findDuplicates(part);
  const pick = (values: Float32Array, size: number): Float32Array => {
    const out = new Float32Array(kept.length * size);
    for (let i = 0; i < kept.length; i++)
      for (let c = 0; c < size; c++) out[i * size + c] = values[kept[i]! * size + c]!;
    return out;
  };
  const index = new Uint32Array(part.index.length);
  let at = 0;
  for (let i = 0; i < part.index.length; i += 3) {
    const a = remap[part.index[i]!]!;
    const b = remap[part.index[i + 1]!]!;
    const c = remap[part.index[i + 2]!]!;
    if (a === b || b === c || c === a) continue;
    if (isSliver(part.positions, kept[a]! * 3, kept[b]! * 3, kept[c]! * 3)) continue;
    index[at] = a;
    index[at + 1] = b;
    index[at + 2] = c;
    at += 3;
  }
  return {
    material: part.material,
    positions: pick(part.positions, 3),
    normals: pick(part.normals, 3),
    uvs: part.uvs && pick(part.uvs, 2),
    uvs1: part.uvs1 && pick(part.uvs1, 2),
    colors: part.colors && pick(part.colors, 4),
    extras: part.extras.map((extra) => ({ ...extra, values: pick(extra.values, extra.size) })),
    index: index.slice(0, at),
  };
}

function isSliver(p: Float32Array, a: number, b: number, c: number): boolean {
  const isSame = (i: number, k: number): boolean =>
    p[i] === p[k] && p[i + 1] === p[k + 1] && p[i + 2] === p[k + 2];
  return isSame(a, b) || isSame(b, c) || isSame(c, a);
}

function findDuplicates(part: MeshPart): { remap: Uint32Array; kept: Uint32Array } {
  const columns: [Float32Array, number][] = [
    [part.positions, 3],
    [part.normals, 3],
  ];
  if (part.uvs) columns.push([part.uvs, 2]);
  if (part.uvs1) columns.push([part.uvs1, 2]);
  if (part.colors) columns.push([part.colors, 4]);
  for (const { values, size } of part.extras) columns.push([values, size]);
  const count = part.positions.length / 3;
  const stride = columns.reduce((sum, [, size]) => sum + size, 0);
  const floats = new Float32Array(count * stride);
  let column = 0;
  for (const [values, size] of columns) {
    // Adding 0 turns -0 into 0: they are equal and must hash alike.
    for (let i = 0; i < count; i++)
      for (let c = 0; c < size; c++) floats[i * stride + column + c] = values[i * size + c]! + 0;
    column += size;
  }
  const words = new Uint32Array(floats.buffer);
  const tableSize = 2 ** Math.ceil(Math.log2(Math.max(8, count * 2)));
  const table = new Int32Array(tableSize).fill(-1);
  const remap = new Uint32Array(count);
  const kept = new Uint32Array(count);
  let keptCount = 0;
  for (let i = 0; i < count; i++) {
    let slot = hashWords(words, i * stride, stride) & (tableSize - 1);
    let other = table[slot]!;
    while (other >= 0 && !areEqual(words, i * stride, kept[other]! * stride, stride)) {
      slot = (slot + 1) & (tableSize - 1);
      other = table[slot]!;
    }
    if (other < 0) {
      other = keptCount;
      table[slot] = other;
      kept[keptCount++] = i;
    }
    remap[i] = other;
  }
  return { remap, kept: kept.slice(0, keptCount) };
}

/** Based on: MurmurHash2. Appleby. 2008. */
function hashWords(words: Uint32Array, at: number, count: number): number {
  let hash = 0;
  for (let i = at; i < at + count; i++) {
    let k = Math.imul(words[i]!, 0x5bd1e995);
    k ^= k >>> 24;
    hash = Math.imul(hash, 0x5bd1e995) ^ Math.imul(k, 0x5bd1e995);
  }
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0x5bd1e995);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function areEqual(words: Uint32Array, a: number, b: number, count: number): boolean {
  for (let i = 0; i < count; i++) if (words[a + i] !== words[b + i]) return false;
  return true;
}
