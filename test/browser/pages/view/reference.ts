/**
 * The same scene without the view: plain meshes with float geometry in meters, materials and
 * textures written out by hand. Shares no code with `src/render`.
 */
import {
  BufferAttribute,
  BufferGeometry,
  CanvasTexture,
  Group,
  LinearSRGBColorSpace,
  type Material,
  Mesh,
  MeshStandardMaterial,
  Quaternion,
  RepeatWrapping,
  SRGBColorSpace,
} from 'three';
import type { DecodedPrimitive, MaterialRecord, MeshContent } from '../../../../src/io/content.ts';
import type { SlotTransforms } from '../../../../src/memory/view.ts';

/** One mesh per slot and primitive. `canvases` hold the pictures of the content's images. */
export function referenceScene(
  contents: readonly MeshContent[],
  canvases: readonly OffscreenCanvas[],
  shown: readonly number[],
  transforms: SlotTransforms,
): Group {
  const group = new Group();
  const parts = contents.map((content) =>
    content.primitives.map((primitive) => ({
      geometry: floatGeometry(content, primitive),
      material: referenceMaterial(
        content.materials[primitive.material]!,
        canvases,
        primitive.attributes.some(({ name }) => name === 'color'),
      ),
    })),
  );
  shown.forEach((payload, slot) => {
    for (const { geometry, material } of payload < 0 ? [] : parts[payload]!) {
      const mesh = new Mesh(geometry, material);
      mesh.castShadow = true;
      mesh.receiveShadow = true;
      mesh.position.fromArray(transforms.positions, slot * 3);
      mesh.quaternion.copy(new Quaternion().fromArray(transforms.rotations, slot * 4).normalize());
      mesh.scale.setScalar(transforms.scales[slot]!);
      group.add(mesh);
    }
  });
  return group;
}

/** Frees what `referenceScene` made. */
export function disposeReference(group: Group): void {
  group.traverse((object) => {
    if (!(object instanceof Mesh)) return;
    object.geometry.dispose();
    object.material.map?.dispose();
    object.material.dispose();
  });
}

/** Integer that stands for 1. */
const LIMITS: Readonly<Record<string, number>> = {
  position: 32767,
  normal: 127,
  uv: 65535,
  uv1: 65535,
  color: 255,
};

function floatGeometry(content: MeshContent, primitive: DecodedPrimitive): BufferGeometry {
  const geometry = new BufferGeometry();
  for (const { name, array, itemSize } of primitive.attributes) {
    const limit = LIMITS[name];
    if (limit === undefined) throw new Error(`the reference knows no attribute ${name}`);
    const width = name === 'position' || name === 'normal' ? 3 : itemSize;
    const count = array.length / itemSize;
    const values = new Float32Array(count * width);
    for (let i = 0; i < count; i++) {
      for (let k = 0; k < width; k++) {
        const value = array[i * itemSize + k]! / limit;
        values[i * width + k] =
          name === 'position' ? value * content.scale + content.offset[k]! : value;
      }
    }
    geometry.setAttribute(name, new BufferAttribute(values, width));
  }
  geometry.setIndex(new BufferAttribute(primitive.index.slice(), 1));
  return geometry;
}

function referenceMaterial(
  record: MaterialRecord,
  canvases: readonly OffscreenCanvas[],
  hasColors: boolean,
): Material {
  const material = new MeshStandardMaterial({
    metalness: record.metallic,
    roughness: record.roughness,
    vertexColors: hasColors,
  });
  const [r, g, b] = record.baseColor;
  material.color.setRGB(r, g, b, LinearSRGBColorSpace);
  if (record.textures.baseColor) {
    const texture = new CanvasTexture(canvases[record.textures.baseColor.image]!);
    texture.flipY = false;
    texture.wrapS = RepeatWrapping;
    texture.wrapT = RepeatWrapping;
    texture.colorSpace = SRGBColorSpace;
    texture.anisotropy = 4;
    material.map = texture;
  }
  return material;
}
