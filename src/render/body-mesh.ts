/** An ordinary mesh over a geometry that may lie in the shared buffers. */
import {
  type BufferGeometry,
  type Camera,
  type Intersection,
  type Material,
  Mesh,
  type Object3D,
  type Raycaster,
  type Scene,
  type WebGLRenderer,
} from 'three';
import { SharedGeometry } from './shared-geometry.ts';

/** Call before a geometry is drawn with a material. */
export function beforeDraw(geometry: BufferGeometry, material: Material): void {
  if (isWireframe(material) && geometry instanceof SharedGeometry) geometry.setWireframe(true);
}

/** Call after it was drawn. */
export function afterDraw(geometry: BufferGeometry, material: Material): void {
  if (isWireframe(material) && geometry instanceof SharedGeometry) geometry.setWireframe(false);
}

function isWireframe(material: Material): boolean {
  return (material as Material & { wireframe?: boolean }).wireframe === true;
}

/** Has a hit count triangles from the geometry's first, wherever that lies. */
export function correctFace(hit: Intersection, geometry: BufferGeometry): void {
  if (!(geometry instanceof SharedGeometry)) return;
  if (typeof hit.faceIndex === 'number') hit.faceIndex -= geometry.firstTriangle;
}

export class BodyMesh extends Mesh<BufferGeometry, Material> {
  override raycast(raycaster: Raycaster, intersects: Intersection[]): void {
    const first = intersects.length;
    super.raycast(raycaster, intersects);
    for (let i = first; i < intersects.length; i++) correctFace(intersects[i]!, this.geometry);
  }

  override onBeforeRender(
    _renderer: WebGLRenderer,
    _scene: Scene,
    _camera: Camera,
    geometry: BufferGeometry,
    material: Material,
  ): void {
    beforeDraw(geometry, material);
  }

  override onAfterRender(
    _renderer: WebGLRenderer,
    _scene: Scene,
    _camera: Camera,
    geometry: BufferGeometry,
    material: Material,
  ): void {
    afterDraw(geometry, material);
  }

  override onBeforeShadow(
    _renderer: WebGLRenderer,
    _object: Object3D,
    _camera: Camera,
    _shadowCamera: Camera,
    geometry: BufferGeometry,
    material: Material,
  ): void {
    beforeDraw(geometry, material);
  }

  override onAfterShadow(
    _renderer: WebGLRenderer,
    _object: Object3D,
    _camera: Camera,
    _shadowCamera: Camera,
    geometry: BufferGeometry,
    material: Material,
  ): void {
    afterDraw(geometry, material);
  }
}
