/**
 * One primitive of a payload, drawn for all slots that show it. An `InstancedMesh` whose instances
 * belong to a batch, and whose ray test looks at spheres before it looks at triangles.
 */
import {
  BufferGeometry,
  InstancedMesh,
  type Intersection,
  type Material,
  Matrix4,
  Mesh,
  Ray,
  type Raycaster,
  Sphere,
} from 'three';
import { correctFace, hookDraws } from './body-mesh.ts';

/** The instances that the meshes of a batch have in common. */
export interface BatchInstances {
  readonly payload: number;
  /** Instances in use. */
  readonly count: number;
  /** Slot of each instance. */
  readonly slots: Uint32Array;
  /** Matrix of each instance, 16 values. */
  readonly matrices: Float32Array;
  /** Differs whenever an instance has come, gone or moved. */
  readonly version: number;
}

const EMPTY = new BufferGeometry();
const probe = new Mesh<BufferGeometry, Material>(EMPTY);
const probeHits: Intersection[] = [];
const inverse = new Matrix4();
const localRay = new Ray();
const worldSphere = new Sphere();

export class BatchMesh extends InstancedMesh<BufferGeometry, Material> {
  readonly batch: BatchInstances;
  #sphereVersion = -1;

  constructor(geometry: BufferGeometry, material: Material, batch: BatchInstances) {
    super(geometry, material, 0);
    hookDraws(this);
    this.batch = batch;
    this.boundingSphere = new Sphere();
    // Whole cells are culled before anything is shown; a sphere around all instances would be
    // recomputed each frame and cull next to nothing.
    this.frustumCulled = false;
    this.matrixAutoUpdate = false;
    this.matrixWorldNeedsUpdate = true;
  }

  /** Sphere around all instances: around the box of their spheres, in two passes over the array. */
  override computeBoundingSphere(): void {
    const { count, matrices, version } = this.batch;
    const sphere = this.boundingSphere ?? new Sphere();
    this.boundingSphere = sphere;
    this.#sphereVersion = version;
    const local = this.geometry.boundingSphere;
    if (count === 0 || !local) {
      sphere.makeEmpty();
      return;
    }
    const { center } = local;
    const low = [Infinity, Infinity, Infinity] as [number, number, number];
    const high = [-Infinity, -Infinity, -Infinity] as [number, number, number];
    for (let i = 0; i < count; i++) {
      for (let axis = 0; axis < 3; axis++) {
        const middle = instanceCenter(matrices, i * 16 + axis, center);
        if (middle < low[axis]!) low[axis] = middle;
        if (middle > high[axis]!) high[axis] = middle;
      }
    }
    sphere.center.fromArray(low).lerp(probe.position.fromArray(high), 0.5);
    sphere.radius = 0;
    for (let i = 0; i < count; i++) {
      const at = i * 16;
      const x = instanceCenter(matrices, at, center) - sphere.center.x;
      const y = instanceCenter(matrices, at + 1, center) - sphere.center.y;
      const z = instanceCenter(matrices, at + 2, center) - sphere.center.z;
      const reach = Math.sqrt(x * x + y * y + z * z) + instanceScale(matrices, at) * local.radius;
      if (reach > sphere.radius) sphere.radius = reach;
    }
  }

  /** Adds a hit per triangle; `instanceId` indexes `batch.slots`. */
  override raycast(raycaster: Raycaster, intersects: Intersection[]): void {
    const { batch, matrixWorld } = this;
    const local = this.geometry.boundingSphere;
    if (batch.count === 0 || !local) return;
    if (this.#sphereVersion !== batch.version) this.computeBoundingSphere();
    worldSphere.copy(this.boundingSphere!).applyMatrix4(matrixWorld);
    if (!raycaster.ray.intersectsSphere(worldSphere)) return;
    localRay.copy(raycaster.ray).applyMatrix4(inverse.copy(matrixWorld).invert());
    probe.geometry = this.geometry;
    probe.material = this.material;
    for (let i = 0; i < batch.count; i++) {
      if (!touches(localRay, batch.matrices, i * 16, local)) continue;
      probe.matrixWorld.fromArray(batch.matrices, i * 16).premultiply(matrixWorld);
      probe.raycast(raycaster, probeHits);
      for (const hit of probeHits) {
        hit.instanceId = i;
        hit.object = this;
        correctFace(hit, this.geometry);
        intersects.push(hit);
      }
      probeHits.length = 0;
    }
    probe.geometry = EMPTY;
  }
}

/** One coordinate of a point of the geometry after the matrix whose row starts at `row`. */
function instanceCenter(
  matrices: Float32Array,
  row: number,
  point: { x: number; y: number; z: number },
): number {
  return (
    matrices[row]! * point.x +
    matrices[row + 4]! * point.y +
    matrices[row + 8]! * point.z +
    matrices[row + 12]!
  );
}

/** Instances scale alike in all directions, so the first column tells it. */
function instanceScale(matrices: Float32Array, at: number): number {
  return Math.hypot(matrices[at]!, matrices[at + 1]!, matrices[at + 2]!);
}

/** Whether the ray touches the sphere of the instance at `at`. */
function touches(ray: Ray, matrices: Float32Array, at: number, sphere: Sphere): boolean {
  const x = instanceCenter(matrices, at, sphere.center) - ray.origin.x;
  const y = instanceCenter(matrices, at + 1, sphere.center) - ray.origin.y;
  const z = instanceCenter(matrices, at + 2, sphere.center) - ray.origin.z;
  const radius = instanceScale(matrices, at) * sphere.radius;
  const along = Math.max(0, x * ray.direction.x + y * ray.direction.y + z * ray.direction.z);
  return x * x + y * y + z * z - along * along <= radius * radius;
}
