/** The poses that the game has announced, beside those of its viewpoints. */
import { ANNOUNCED_STRIDE, sampleAnnouncements } from '../spatial/announced.ts';
import { POSE_STRIDE } from '../spatial/expected-error.ts';
import { addSphere } from '../spatial/prefetch-shape.ts';
import { pixelsPerTangent } from '../spatial/screen-error.ts';
import type { StreamWorld } from '../world.ts';
import { endPose, type Lens, setLens } from './viewpoint-poses.ts';

const lens: Lens = { k: 1, halfWidth: 0, halfHeight: 0, share: 0 };

/**
 * Appends what is announced for about now. It is seen through the reference viewpoint's lens, unless
 * it was announced with a field of view.
 */
export function addAnnouncedPoses(world: StreamWorld, reference: number): void {
  const { announced, announcements, prefetchSpheres, score, options } = world;
  announced.count = 0;
  if (announcements.length === 0) return;
  sampleAnnouncements(announcements, world.clock.now(), announced);
  const { Viewpoint } = world.set.components;
  const heightPixels = Viewpoint.heightPixels[reference]!;
  const { values } = announced;
  for (let i = 0; i < announced.count; i++) {
    const from = i * ANNOUNCED_STRIDE;
    const given = values[from + 6]!;
    const fovYRadians = given > 0 ? given : Viewpoint.fovYRadians[reference]!;
    const k = given > 0 ? pixelsPerTangent(heightPixels, given) : score.kReference;
    const isDirected = values[from + 3] !== 0 || values[from + 4] !== 0 || values[from + 5] !== 0;
    // Announced without a direction, every direction is ahead.
    lens.k = k;
    setLens(lens, fovYRadians, Viewpoint.aspect[reference]!, isDirected);
    const at = score.poses.count * POSE_STRIDE;
    for (let part = 0; part < 6; part++) score.poses.values[at + part] = values[from + part]!;
    score.poses.values[at + 6] = values[from + 7]!;
    endPose(world, lens, false);
    const x = values[from]!;
    const y = values[from + 1]!;
    const z = values[from + 2]!;
    addSphere(prefetchSpheres, x, y, z, options.prefetchRadiusMeters);
  }
}
