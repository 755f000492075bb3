/**
 * The LOD chain of a model. All parts are simplified as one surface, so that no gap opens where
 * two materials meet; every LOD starts from the one before it.
 *
 * Based on: Garland, Heckbert. Surface simplification using quadric error metrics. 1997, as
 * implemented by meshoptimizer.
 */
import { MeshoptSimplifier } from 'meshoptimizer/simplifier';
import { MAX_LODS } from '../src/base/limits.ts';
import type { MeshPart } from './model.ts';
import { concatenateParts, type JoinedMesh, splitParts } from './split-parts.ts';
import { SurfaceError } from './surface-error.ts';

export interface Lod {
  parts: MeshPart[];
  triangles: number;
  /** Distance from LOD 0 (meters); never falls from fine to coarse, and is 0 for LOD 0. */
  errorMeters: number;
}

/** Triangles of the coarsest LOD: small enough to keep in memory always. */
const COARSEST_TRIANGLES = 96;

/** Below this nothing is left to recognize. */
const FEWEST_TRIANGLES = 20;

/** A LOD must save at least this share of its predecessor, else it is not worth its bytes. */
const MIN_SAVING = 0.25;

/** Weights beside a position error relative to the model's size. */
const NORMAL_WEIGHT = 0.4;
const UV_WEIGHT = 0.1;
const COLOR_WEIGHT = 0.4;
const WEIGHTS: number[] = [
  ...Array<number>(3).fill(NORMAL_WEIGHT),
  ...Array<number>(2).fill(UV_WEIGHT),
  ...Array<number>(3).fill(COLOR_WEIGHT),
];

/** Up to five LODs, LOD 0 first: the parts themselves, only reordered. */
export async function buildLods(parts: readonly MeshPart[]): Promise<Lod[]> {
  await MeshoptSimplifier.ready;
  const mesh = concatenateParts(parts);
  const full = mesh.index.length / 3;
  const lods: Lod[] = [
    { parts: await splitParts(mesh, mesh.index), triangles: full, errorMeters: 0 },
  ];
  const targets = lodTargets(full);
  if (targets.length === 0) return lods;
  const surface = new SurfaceError(mesh.positions, mesh.index);
  let index = mesh.index;
  for (const target of targets) {
    const simplified = simplifyTo(mesh, index, target * 3);
    const triangles = simplified.length / 3;
    if (triangles === 0 || triangles > (index.length / 3) * (1 - MIN_SAVING)) continue;
    index = simplified;
    const errorMeters = Math.max(surface.measure(index), lods.at(-1)!.errorMeters);
    lods.push({ parts: await splitParts(mesh, index), triangles, errorMeters });
  }
  return lods;
}

/** Triangles to aim for after LOD 0: evenly spaced on a logarithmic scale, at least halving. */
export function lodTargets(full: number): number[] {
  const ratio = Math.max(2, (full / COARSEST_TRIANGLES) ** (1 / (MAX_LODS - 1)));
  const targets: number[] = [];
  for (let lod = 1; lod < MAX_LODS; lod++) {
    const target = Math.round(full / ratio ** lod);
    if (target < FEWEST_TRIANGLES) break;
    targets.push(target);
  }
  return targets;
}

/** Tries ever rougher means until the mesh is near the target. */
function simplifyTo(mesh: JoinedMesh, index: Uint32Array, targetCount: number): Uint32Array {
  const goodEnough = targetCount * 1.3;
  const attempt = (flags: ('Prune' | 'Permissive')[]): Uint32Array =>
    MeshoptSimplifier.simplifyWithAttributes(
      index,
      mesh.positions,
      3,
      mesh.attributes,
      WEIGHTS.length,
      WEIGHTS,
      null,
      targetCount - (targetCount % 3),
      Number.MAX_VALUE,
      flags,
    )[0];
  let best = attempt([]);
  if (best.length <= goodEnough) return best;
  best = shorter(best, attempt(['Permissive']));
  if (best.length <= goodEnough) return best;
  best = shorter(best, attempt(['Permissive', 'Prune']));
  if (best.length <= goodEnough) return best;
  const [sloppy] = MeshoptSimplifier.simplifySloppy(
    index,
    mesh.positions,
    3,
    null,
    targetCount - (targetCount % 3),
    Number.MAX_VALUE,
  );
  // It works on a grid of cells and may fall far below the target: then it has lost the shape.
  return sloppy.length > targetCount / 2 ? shorter(best, sloppy) : best;
}

function shorter(a: Uint32Array, b: Uint32Array): Uint32Array {
  return b.length > 0 && b.length < a.length ? b : a;
}
