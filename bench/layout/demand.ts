/**
 * Which payloads a flight needs, and when it needs each for the first time: from the catalog, by
 * the rule that the runtime chooses LODs with, and so whatever the packs look like.
 */
import { MAX_LODS } from '../../src/base/limits.ts';
import { type Catalog, NO_CHILD } from '../../src/io/bundle/index.ts';
import { classifyBox, FRUSTUM_STRIDE, Side, writeFrustum } from '../../src/spatial/frustum.ts';
import { distanceToBox, pixelsPerTangent } from '../../src/spatial/screen-error.ts';

/** Where the camera is and what it looks at (meters). */
export interface Pose {
  position: readonly [number, number, number];
  target: readonly [number, number, number];
}

/** A payload that is needed, and how soon: higher comes first. */
export interface Want {
  payload: number;
  priority: number;
}

const VIEW = {
  heightPixels: 1080,
  aspect: 16 / 9,
  fovYRadians: Math.PI / 3,
  farMeters: 20_000,
  errorPixels: 2,
  terrainErrorPixels: 6,
};

/** Per pose: what is needed there and was not before, in no order. Nothing is ever given back. */
export function demandOf(catalog: Catalog, poses: readonly Pose[]): Want[][] {
  const seen = new Set<number>();
  return poses.map((pose, step) => {
    const wants = new Map<number, number>();
    const want = (payload: number, priority: number): void => {
      if (!seen.has(payload)) wants.set(payload, Math.max(priority, wants.get(payload) ?? 0));
    };
    // With the coarsest LOD of everything there is no hole, whatever is looked at.
    if (step === 0)
      for (let asset = 0; asset < catalog.counts.assets; asset++)
        want(catalog.assetPayloads[asset]! + catalog.assetLodCounts[asset]! - 1, 1e9);
    const planes = new Float64Array(FRUSTUM_STRIDE);
    const { aspect, fovYRadians, farMeters } = VIEW;
    const orientation = lookAt(pose);
    writeFrustum(planes, 0, { eye: pose.position, orientation, fovYRadians, aspect, farMeters });
    wantCells(catalog, pose, planes, want);
    wantTiles(catalog, pose, planes, want);
    for (const payload of wants.keys()) seen.add(payload);
    return Array.from(wants, ([payload, priority]) => ({ payload, priority }));
  });
}

type SayWant = (payload: number, priority: number) => void;

function wantCells(catalog: Catalog, { position }: Pose, planes: Float64Array, want: SayWant) {
  const { counts, cellBoxes, cellRuns, runAssets, runSlots, positions, scales } = catalog;
  const [x, y, z] = position;
  for (let cell = 0; cell < counts.cells; cell++) {
    if (isOutside(cellBoxes, cell, planes)) continue;
    for (let run = cellRuns[cell]!; run < cellRuns[cell + 1]!; run++) {
      const asset = runAssets[run]!;
      for (let slot = runSlots[run]!; slot < runSlots[run + 1]!; slot++) {
        const at = slot * 3;
        const meters = Math.hypot(
          positions[at]! - x,
          positions[at + 1]! - y,
          positions[at + 2]! - z,
        );
        const distance = meters / scales[slot]!;
        const lod = targetLod(catalog, asset, distance);
        // What is coarse costs little and shows much: it comes first, then what is near.
        want(catalog.assetPayloads[asset]! + lod, lod * 1e6 + 1e6 / (1 + meters));
      }
    }
  }
}

const LOD_REACH = pixelsPerTangent(VIEW.heightPixels, VIEW.fovYRadians) / VIEW.errorPixels;

function targetLod(catalog: Catalog, asset: number, distance: number): number {
  const { assetErrors, assetSpheres, assetLodCounts } = catalog;
  const [cx, cy, cz, radius] = assetSpheres.subarray(asset * 4, asset * 4 + 4);
  const reach = Math.hypot(cx!, cy!, cz!) + radius!;
  let lod = assetLodCounts[asset]! - 1;
  while (lod > 0 && distance < assetErrors[asset * MAX_LODS + lod]! * LOD_REACH + reach) lod--;
  return lod;
}

function wantTiles(catalog: Catalog, { position }: Pose, planes: Float64Array, want: SayWant) {
  const { counts, terrainBoxes, terrainErrors, terrainPayloads, terrainChildren } = catalog;
  if (counts.terrain === 0) return;
  const [x, y, z] = position;
  const reach = (LOD_REACH * VIEW.errorPixels) / VIEW.terrainErrorPixels;
  want(terrainPayloads[0]!, 2e9);
  const stack = [{ node: 0, level: 0 }];
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { node, level } = top;
    const first = terrainChildren[node]!;
    if (first === NO_CHILD || isOutside(terrainBoxes, node, planes)) continue;
    const meters = distanceToBox(terrainBoxes, node * 6, x, y, z);
    if (meters >= terrainErrors[node]! * reach) continue;
    // Siblings show together or not at all.
    for (let child = first; child < first + 4; child++) {
      want(terrainPayloads[child]!, (MAX_LODS - level) * 1e6 + 1e6 / (1 + meters));
      stack.push({ node: child, level: level + 1 });
    }
  }
}

function isOutside(boxes: Float32Array, row: number, planes: Float64Array): boolean {
  const [x0, y0, z0, x1, y1, z1] = boxes.subarray(row * 6, row * 6 + 6) as unknown as number[];
  const center = [(x0! + x1!) / 2, (y0! + y1!) / 2, (z0! + z1!) / 2] as const;
  const half = [(x1! - x0!) / 2, (y1! - y0!) / 2, (z1! - z0!) / 2] as const;
  return classifyBox(planes, 0, ...center, ...half) === Side.Outside;
}

/** The rotation that turns -z to the target, +y staying up. */
function lookAt({ position, target }: Pose): [number, number, number, number] {
  const [dx, dy, dz] = [0, 1, 2].map((c) => target[c]! - position[c]!) as [number, number, number];
  const yaw = Math.atan2(-dx, -dz) / 2;
  const pitch = Math.atan2(dy, Math.hypot(dx, dz)) / 2;
  return [
    Math.cos(yaw) * Math.sin(pitch),
    Math.sin(yaw) * Math.cos(pitch),
    -Math.sin(yaw) * Math.sin(pitch),
    Math.cos(yaw) * Math.cos(pitch),
  ];
}
