/** Mesh content made by hand: boxes and bumpy balls, quantized as the decoder delivers them. */
import type {
  DecodedAttribute,
  DecodedImage,
  DecodedPrimitive,
  MaterialRecord,
  MeshContent,
} from '../../src/io/content.ts';

/** A plain gray material; `changes` replaces fields. */
export function material(changes: Partial<MaterialRecord> = {}): MaterialRecord {
  return {
    name: 'gray',
    shading: 'pbr',
    baseColor: [0.5, 0.5, 0.5, 1],
    metallic: 0,
    roughness: 1,
    emissive: [0, 0, 0],
    alphaMode: 'opaque',
    alphaCutoff: 0.5,
    doubleSided: false,
    normalScale: 1,
    occlusionStrength: 1,
    textures: {},
    ...changes,
  };
}

/** Triangles before quantization; positions in meters. */
export interface Shape {
  positions: number[];
  normals: number[];
  uvs: number[];
  indices: number[];
}

/** A box of `half` extents around `center`, 24 vertices, 12 triangles. */
export function box(half: [number, number, number], center: [number, number, number]): Shape {
  const shape: Shape = { positions: [], normals: [], uvs: [], indices: [] };
  for (let axis = 0; axis < 3; axis++) {
    for (const side of [-1, 1]) {
      const first = shape.positions.length / 3;
      for (const [u, v] of [
        [-1, -1],
        [1, -1],
        [1, 1],
        [-1, 1],
      ] as const) {
        const unit = [0, 0, 0];
        unit[axis] = side;
        unit[(axis + 1) % 3] = u * side;
        unit[(axis + 2) % 3] = v;
        for (let k = 0; k < 3; k++) shape.positions.push(unit[k]! * half[k]! + center[k]!);
        const normal = [0, 0, 0];
        normal[axis] = side;
        shape.normals.push(...normal);
        shape.uvs.push((u + 1) / 2, (v + 1) / 2);
      }
      shape.indices.push(first, first + 1, first + 2, first, first + 2, first + 3);
    }
  }
  return shape;
}

/** A ball of `rings` x 2 `rings` quads. */
export function ball(radius: number, rings: number, center: [number, number, number]): Shape {
  const shape: Shape = { positions: [], normals: [], uvs: [], indices: [] };
  const columns = rings * 2;
  for (let i = 0; i <= rings; i++) {
    for (let j = 0; j <= columns; j++) {
      const theta = (i / rings) * Math.PI;
      const phi = (j / columns) * Math.PI * 2;
      const n = [
        -Math.sin(theta) * Math.cos(phi),
        Math.cos(theta),
        Math.sin(theta) * Math.sin(phi),
      ];
      shape.normals.push(...n);
      for (let k = 0; k < 3; k++) shape.positions.push(n[k]! * radius + center[k]!);
      shape.uvs.push(j / columns, i / rings);
    }
  }
  for (let i = 0; i < rings; i++) {
    for (let j = 0; j < columns; j++) {
      const a = i * (columns + 1) + j;
      const b = a + columns + 1;
      shape.indices.push(a, b, a + 1, b, b + 1, a + 1);
    }
  }
  return shape;
}

export interface Part {
  shape: Shape;
  material: MaterialRecord;
  /** Adds a color attribute, the same at every vertex (0 to 255). */
  color?: [number, number, number, number];
  normals?: false;
}

/** Quantizes parts into one content with one scale and offset. */
export function meshContent(parts: Part[], images: DecodedImage[] = []): MeshContent {
  const all = parts.flatMap((part) => part.shape.positions);
  const offset: [number, number, number] = [0, 0, 0];
  let scale = 0;
  for (let k = 0; k < 3; k++) {
    const values = all.filter((_, i) => i % 3 === k);
    const low = Math.min(...values);
    const high = Math.max(...values);
    offset[k] = Math.fround((low + high) / 2);
    scale = Math.max(scale, (high - low) / 2);
  }
  scale = Math.fround(scale * 1.0001);
  return {
    scale,
    offset,
    primitives: parts.map((part, index) => primitive(part, index, scale, offset)),
    materials: parts.map((part) => part.material),
    images,
  };
}

function primitive(
  part: Part,
  index: number,
  scale: number,
  offset: [number, number, number],
): DecodedPrimitive {
  const { shape } = part;
  const count = shape.positions.length / 3;
  const position = new Int16Array(count * 4);
  const normal = new Int8Array(count * 4);
  const center = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < 3; k++) {
      const meters = shape.positions[i * 3 + k]!;
      position[i * 4 + k] = Math.round(((meters - offset[k]!) / scale) * 32767);
      normal[i * 4 + k] = Math.round(shape.normals[i * 3 + k]! * 127);
      center[k]! += meters / count;
    }
  }
  let radius = 0;
  for (let i = 0; i < count; i++) {
    const [x, y, z] = shape.positions.slice(i * 3, i * 3 + 3).map((v, k) => v - center[k]!);
    radius = Math.max(radius, Math.hypot(x!, y!, z!));
  }
  const uv = new Uint16Array(shape.uvs.map((v) => Math.round(v * 65535)));
  const attributes: DecodedAttribute[] = [
    { name: 'position', array: position, itemSize: 4, normalized: true },
    { name: 'uv', array: uv, itemSize: 2, normalized: true },
  ];
  if (part.normals !== false) {
    attributes.push({ name: 'normal', array: normal, itemSize: 4, normalized: true });
  }
  if (part.color) {
    const color = new Uint8Array(count * 4);
    for (let i = 0; i < color.length; i++) color[i] = part.color[i % 4]!;
    attributes.push({ name: 'color', array: color, itemSize: 4, normalized: true });
  }
  return {
    material: index,
    attributes,
    index: new Uint16Array(shape.indices),
    sphere: [center[0]!, center[1]!, center[2]!, radius * 1.001],
  };
}
