/** An ordinary mesh over a geometry that may lie in the shared buffers. */
import { type BufferGeometry, type Intersection, type Material, Mesh, type Raycaster } from 'three';
import { SharedGeometry } from './shared-geometry.ts';

type DrawHooks = Pick<
  Mesh,
  'onBeforeRender' | 'onAfterRender' | 'onBeforeShadow' | 'onAfterShadow'
>;

const HOOKS: DrawHooks = {
  onBeforeRender: (_renderer, _scene, _camera, geometry, material) =>
    setWireframe(geometry, material, true),
  onAfterRender: (_renderer, _scene, _camera, geometry, material) =>
    setWireframe(geometry, material, false),
  onBeforeShadow: (_renderer, _object, _camera, _shadowCamera, geometry, material) =>
    setWireframe(geometry, material, true),
  onAfterShadow: (_renderer, _object, _camera, _shadowCamera, geometry, material) =>
    setWireframe(geometry, material, false),
};

/** Has a mesh draw the lines of a shared geometry where its material asks for them. */
export function hookDraws(mesh: Mesh<BufferGeometry, Material>): void {
  Object.assign(mesh, HOOKS);
}

function setWireframe(geometry: BufferGeometry, material: Material, isDrawing: boolean): void {
  if (isWireframe(material) && geometry instanceof SharedGeometry) geometry.setWireframe(isDrawing);
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
  constructor(geometry?: BufferGeometry, material?: Material) {
    super(geometry, material);
    hookDraws(this);
  }

  override raycast(raycaster: Raycaster, intersects: Intersection[]): void {
    const first = intersects.length;
    super.raycast(raycaster, intersects);
    for (let i = first; i < intersects.length; i++) correctFace(intersects[i]!, this.geometry);
  }
}
