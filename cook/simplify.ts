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
import { INFLUENCES } from './skin-influence.ts';
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
const INFLUENCE_WEIGHT = 0.4;
const WEIGHTS: number[] = [
  ...Array<number>(3).fill(NORMAL_WEIGHT),
  ...Array<number>(2).fill(UV_WEIGHT),
  ...Array<number>(3).fill(COLOR_WEIGHT),
  ...Array<number>(INFLUENCES).fill(INFLUENCE_WEIGHT),
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
    const best = simplifyTo(mesh, surface, index, target * 3);
    if (!best || best.index.length > index.length * (1 - MIN_SAVING)) continue;
    index = best.index;
    const triangles = index.length / 3;
    const errorMeters = Math.max(best.errorMeters, lods.at(-1)!.errorMeters);
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

/** A mesh that respects seams is preferred unless another is closer by more than this. */
const SEAM_BONUS = 1.25;

export interface Candidate {
  index: Uint32Array;
  errorMeters: number;
}

/**
 * The closest of several simplifications that come near the target. Respecting every seam of normals
 * and uv leaves few vertices free on coarse meshes: a ball of 96 triangles is off by 74 % of its
 * radius that way, by 8 % with seams allowed to move. Pruning and clustering are for models made of
 * many small pieces.
 */
export function simplifyTo(
  mesh: JoinedMesh,
  surface: SurfaceError,
  index: Uint32Array,
  targetCount: number,
): Candidate | null {
  const target = targetCount - (targetCount % 3);
  const attempt = (flags: ('Prune' | 'Permissive')[]): Candidate =>
    measured(
      surface,
      MeshoptSimplifier.simplifyWithAttributes(
        index,
        mesh.positions,
        3,
        mesh.attributes,
        mesh.stride,
        WEIGHTS.slice(0, mesh.stride),
        null,
        target,
        Number.MAX_VALUE,
        flags,
      )[0],
    );
  const strict = attempt([]);
  const candidates = [
    { index: strict.index, errorMeters: strict.errorMeters / SEAM_BONUS },
    attempt(['Permissive']),
  ];
  const isNear = (candidate: Candidate): boolean =>
    candidate.index.length > 0 && candidate.index.length <= targetCount * 1.3;
  if (!candidates.some(isNear)) {
    candidates.push(attempt(['Permissive', 'Prune']));
    const { positions } = mesh;
    const clustered = MeshoptSimplifier.simplifySloppy(index, positions, 3, null, target, 1e9)[0];
    // It works on a grid of cells and may fall far below the target: then the shape is lost.
    if (clustered.length > targetCount / 2) candidates.push(measured(surface, clustered));
  }
  const near = candidates.filter(isNear);
  const choices = near.length > 0 ? near : candidates.filter((c) => c.index.length > 0);
  const score = (c: Candidate): number => (near.length > 0 ? c.errorMeters : c.index.length);
  const [best] = choices.sort((a, b) => score(a) - score(b));
  if (!best) return null;
  return best.index === strict.index ? strict : best;
}

function measured(surface: SurfaceError, index: Uint32Array): Candidate {
  const errorMeters = index.length > 0 ? surface.measure(index) : Number.POSITIVE_INFINITY;
  return { index, errorMeters };
}
