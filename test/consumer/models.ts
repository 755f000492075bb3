/** A small model made in the test: a bumpy ball with normals, uvs, colors and a material. */
import { Document, NodeIO } from '@gltf-transform/core';

/** Writes a GLB of `2 * rings * rings * 2` triangles to `file`; returns how many there are. */
export async function writeBall(file: string, rings: number): Promise<number> {
  const columns = rings * 2;
  const positions: number[] = [];
  const normals: number[] = [];
  const uvs: number[] = [];
  const index: number[] = [];
  for (let row = 0; row <= rings; row++)
    for (let column = 0; column <= columns; column++) {
      const [u, v] = [column / columns, row / rings];
      const [phi, theta] = [u * Math.PI * 2, v * Math.PI];
      const normal = [
        Math.sin(theta) * Math.cos(phi),
        Math.cos(theta),
        Math.sin(theta) * Math.sin(phi),
      ];
      const radius = 1 + 0.1 * Math.sin(phi * 5) * Math.sin(theta * 4);
      positions.push(...normal.map((value) => value * radius));
      normals.push(...normal);
      uvs.push(u, v);
    }
  for (let row = 0; row < rings; row++)
    for (let column = 0; column < columns; column++) {
      const a = row * (columns + 1) + column;
      const b = a + columns + 1;
      // One triangle a quad at the poles: the other would have no area.
      if (row > 0) index.push(a, a + 1, b);
      if (row < rings - 1) index.push(a + 1, b + 1, b);
    }
  const document = new Document();
  const buffer = document.createBuffer();
  const accessor = (
    array: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>,
    type: 'VEC3' | 'VEC2' | 'SCALAR',
  ) => document.createAccessor().setBuffer(buffer).setArray(array).setType(type);
  const material = document
    .createMaterial('bronze')
    .setBaseColorFactor([0.8, 0.5, 0.2, 1])
    .setMetallicFactor(0)
    .setRoughnessFactor(0.6);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', accessor(new Float32Array(positions), 'VEC3'))
    .setAttribute('NORMAL', accessor(new Float32Array(normals), 'VEC3'))
    .setAttribute('TEXCOORD_0', accessor(new Float32Array(uvs), 'VEC2'))
    .setIndices(accessor(new Uint16Array(index), 'SCALAR'))
    .setMaterial(material);
  const node = document.createNode('ball').setMesh(document.createMesh().addPrimitive(primitive));
  document.createScene().addChild(node);
  await new NodeIO().write(file, document);
  return index.length / 3;
}
