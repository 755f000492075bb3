/**
 * Sun and sky light. One shadow box moves with the camera in whole shadow texels, so that edges do
 * not crawl; only near detail casts into it, because a far tree's shadow is not worth drawing twice.
 */
import {
  DirectionalLight,
  HemisphereLight,
  type Object3D,
  type PerspectiveCamera,
  type Scene,
  Vector3,
} from 'three';
import { SUN_DIRECTION } from './atmosphere.ts';

/** Half the side of the shadow box, and how far ahead of the camera its center is (meters). */
const REACH_METERS = 170;
const AHEAD_METERS = 110;
const MAP_TEXELS = 2048;
const TEXEL_METERS = (2 * REACH_METERS) / MAP_TEXELS;

/** LODs this fine and finer cast shadows. */
const CASTING_LOD = 2;

export interface Sunlight {
  update(camera: PerspectiveCamera): void;
}

export function createSunlight(scene: Scene, hasShadows: boolean): Sunlight {
  const sun = new DirectionalLight(0xffe9c8, 3.9);
  sun.castShadow = hasShadows;
  sun.shadow.mapSize.set(MAP_TEXELS, MAP_TEXELS);
  sun.shadow.normalBias = 0.35;
  sun.shadow.bias = -0.0006;
  const box = sun.shadow.camera;
  box.left = box.bottom = -REACH_METERS;
  box.right = box.top = REACH_METERS;
  box.near = 1;
  box.far = 1600;
  scene.add(sun, sun.target, new HemisphereLight(0xa6c9f5, 0x75694f, 1.45));

  const right = new Vector3().crossVectors(new Vector3(0, 1, 0), SUN_DIRECTION).normalize();
  const up = new Vector3().crossVectors(SUN_DIRECTION, right);
  const center = new Vector3();
  const snap = (axis: Vector3): void => {
    const along = center.dot(axis);
    center.addScaledVector(axis, Math.round(along / TEXEL_METERS) * TEXEL_METERS - along);
  };
  return {
    update(camera) {
      camera.getWorldDirection(center);
      center.y = 0;
      if (center.lengthSq() > 1e-6) center.normalize().multiplyScalar(AHEAD_METERS);
      center.add(camera.position);
      snap(right);
      snap(up);
      sun.target.position.copy(center);
      sun.position.copy(center).addScaledVector(SUN_DIRECTION, 900);
      sun.updateMatrixWorld();
      sun.target.updateMatrixWorld();
    },
  };
}

/** Lets only near LODs below `root` cast shadows; call when what is shown may have changed. */
export function limitShadowCasters(root: Object3D): void {
  for (const mesh of root.children) {
    const lod = lodOfLabel(mesh.name);
    if (lod !== null) mesh.castShadow = lod <= CASTING_LOD;
    else if (mesh.name.startsWith('terrain')) mesh.castShadow = false;
  }
}

/** The LOD in a label such as `oak-1 LOD 2`, or null. */
export function lodOfLabel(label: string): number | null {
  const match = /LOD (\d)$/.exec(label);
  return match ? Number(match[1]) : null;
}
