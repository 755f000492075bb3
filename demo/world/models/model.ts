/** What a model is before it is written: a mesh, its paint, and how light meets it. */
import type { Random } from '../../../src/base/random.ts';
import type { ModelMaterial } from '../mesh/glb.ts';
import type { Mesh } from '../mesh/mesh.ts';
import type { Canvas } from '../paint/canvas.ts';

export interface Model {
  mesh: Mesh;
  canvas: Canvas;
  material: ModelMaterial;
  /** Whether the paint's relief is worth a normal map. */
  normalMap: boolean;
}

export interface ModelInput {
  random: Random;
  /** Seed for the paint. */
  seed: number;
  /** Side of the texture, texels. */
  texels: number;
}

/** Builds one model. The same input gives the same model. */
export type Builder = (input: ModelInput) => Model;

/** A number in [low, high). */
export function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

export function pick<T>(random: Random, values: readonly T[]): T {
  return values[Math.floor(random() * values.length)]!;
}

/** How leaves meet light: rough, cut out, softly dented. */
export const LEAF_MATERIAL: ModelMaterial = { roughness: 0.85, cutOut: true, normalScale: 0.7 };
