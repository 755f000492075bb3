/** Rows of volumes for tests, and points on their surfaces, made without what is tested. */
import { Quaternion, Vector3 } from 'three';
import type { Random } from '../../src/base/random.ts';
import { createStreamingVolume } from '../../src/components/streaming-volume.ts';
import { createOutline } from '../../src/spatial/outline.ts';
import type { Outline, ShapeColumns } from '../../src/spatial/volume-shape.ts';

/** An L, which is not convex, and a triangle the other way around. */
export const CORNERS: Record<string, [number, number][]> = {
  l: [
    [-2, -2],
    [3, -2],
    [3, 0],
    [0, 0],
    [0, 2.5],
    [-2, 2.5],
  ],
  triangle: [
    [-1, 2],
    [2.5, 1],
    [0, -2],
  ],
};

export const SHAPE_NAMES = ['sphere', 'box', 'orientedBox', 'capsule', 'prism'] as const;

export interface TestVolume {
  shape: (typeof SHAPE_NAMES)[number];
  center: number[];
  quaternion: number[];
  radius: number;
  size: number[];
  height: number;
  outline: string;
  minHeight: number;
  maxHeight: number;
}

export function makeVolume(random: Random, shape: TestVolume['shape']): TestVolume {
  const between = (low: number, high: number): number => Math.fround(low + random() * (high - low));
  const turn = new Quaternion(...[0, 0, 0, 0].map(() => random() - 0.5)).normalize();
  return {
    shape,
    center: [between(-50, 50), between(-50, 50), between(-50, 50)],
    quaternion: turn.toArray().map(Math.fround),
    radius: between(0.5, 2.5),
    size: [between(0.5, 5), between(0.5, 5), between(0.5, 5)],
    height: between(0, 3),
    outline: random() < 0.5 ? 'l' : 'triangle',
    minHeight: between(-3, 0),
    maxHeight: between(0.5, 3),
  };
}

/** Component columns with one volume, and the outlines by number. */
export function storeVolume(volume: object): {
  columns: ShapeColumns;
  outlines: Map<number, Outline>;
} {
  const component = createStreamingVolume(4);
  component.reset(1);
  const problem = component.write(1, { level: 'a', ...volume });
  if (problem) throw new Error(problem);
  const outlines = new Map<number, Outline>();
  for (const [name, corners] of Object.entries(CORNERS)) {
    component.reset(2);
    component.write(2, { level: 'a', outline: name });
    outlines.set(component.store.outline[2]!, createOutline(name, corners));
  }
  return { columns: component.store, outlines };
}

/** Points of the surface no farther apart than that each point of it has one within `SPACING`. */
export const SPACING = 0.13;

export function sampleSurface(volume: TestVolume): Vector3[] {
  const { shape, center, quaternion } = volume;
  const isTurned = shape === 'orientedBox' || shape === 'capsule';
  const turn = isTurned ? new Quaternion(...quaternion) : new Quaternion();
  const offset = new Vector3(...center);
  return sampleLocal(volume).map((point) => point.applyQuaternion(turn).add(offset));
}

function sampleLocal(volume: TestVolume): Vector3[] {
  const { shape, radius, size, height } = volume;
  if (shape === 'sphere') return samplePoles(radius, 0);
  if (shape === 'capsule') return [...samplePoles(radius, height / 2), ...sampleTube(volume)];
  if (shape === 'prism') return samplePrism(volume);
  const half = size.map((edge) => edge / 2);
  const out: Vector3[] = [];
  for (const axis of [0, 1, 2])
    for (const side of [-1, 1])
      for (const u of steps(-half[(axis + 1) % 3]!, half[(axis + 1) % 3]!))
        for (const v of steps(-half[(axis + 2) % 3]!, half[(axis + 2) % 3]!)) {
          const point = [0, 0, 0];
          point[axis] = side * half[axis]!;
          point[(axis + 1) % 3] = u;
          point[(axis + 2) % 3] = v;
          out.push(new Vector3(...point));
        }
  return out;
}

/** From low to high, both among them. */
function steps(low: number, high: number): number[] {
  const count = Math.max(1, Math.ceil((high - low) / SPACING));
  return Array.from({ length: count + 1 }, (_, i) => low + ((high - low) * i) / count);
}

/** A sphere cut in two, the halves moved apart along y. */
function samplePoles(radius: number, apart: number): Vector3[] {
  const out: Vector3[] = [];
  for (const latitude of steps((-Math.PI / 2) * radius, (Math.PI / 2) * radius)) {
    const ring = Math.cos(latitude / radius) * radius;
    const y = Math.sin(latitude / radius) * radius;
    for (const along of steps(0, 2 * Math.PI * ring + 1e-9)) {
      const angle = along / Math.max(ring, 1e-9);
      const shift = y >= 0 ? apart : -apart;
      out.push(new Vector3(Math.cos(angle) * ring, y + shift, Math.sin(angle) * ring));
    }
  }
  return out;
}

function sampleTube({ radius, height }: TestVolume): Vector3[] {
  return steps(-height / 2, height / 2).flatMap((y) =>
    steps(0, 2 * Math.PI * radius).map(
      (along) =>
        new Vector3(Math.cos(along / radius) * radius, y, Math.sin(along / radius) * radius),
    ),
  );
}

function samplePrism({ outline, minHeight, maxHeight }: TestVolume): Vector3[] {
  const corners = CORNERS[outline]!;
  const out: Vector3[] = [];
  for (const [i, [ax, az]] of corners.entries()) {
    const [bx, bz] = corners[(i + 1) % corners.length]!;
    const length = Math.hypot(bx - ax, bz - az);
    for (const along of steps(0, length))
      for (const y of steps(minHeight, maxHeight))
        out.push(
          new Vector3(ax + ((bx - ax) * along) / length, y, az + ((bz - az) * along) / length),
        );
  }
  for (const x of steps(-3, 3))
    for (const z of steps(-3, 3))
      if (isInPolygon(corners, x, z))
        for (const y of [minHeight, maxHeight]) out.push(new Vector3(x, y, z));
  return out;
}

/** By the sum of angles under which the edges are seen: a whole turn inside, none outside. */
function isInPolygon(corners: readonly [number, number][], x: number, z: number): boolean {
  let sum = 0;
  for (const [i, [ax, az]] of corners.entries()) {
    const [bx, bz] = corners[(i + 1) % corners.length]!;
    const angle = Math.atan2(bz - z, bx - x) - Math.atan2(az - z, ax - x);
    sum += Math.atan2(Math.sin(angle), Math.cos(angle));
  }
  return Math.abs(sum) > Math.PI;
}

/** Whether a point is inside, by definition of each shape. */
export function isInside(volume: TestVolume, point: Vector3): boolean {
  const { shape, center, quaternion, radius, size, height } = volume;
  const local = point.clone().sub(new Vector3(...center));
  if (shape === 'orientedBox' || shape === 'capsule')
    local.applyQuaternion(new Quaternion(...quaternion).invert());
  const { x, y, z } = local;
  if (shape === 'sphere') return local.length() < radius;
  if (shape === 'prism')
    return (
      y > volume.minHeight && y < volume.maxHeight && isInPolygon(CORNERS[volume.outline]!, x, z)
    );
  if (shape === 'capsule') {
    const end = Math.abs(y) > height / 2 ? Math.abs(y) - height / 2 : 0;
    return Math.hypot(x, end, z) < radius;
  }
  return [x, y, z].every((axis, i) => Math.abs(axis) < size[i]! / 2);
}
