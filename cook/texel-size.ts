/**
 * How coarse a LOD's textures are, in meters. A LOD whose shape is right but whose texels are
 * larger than a pixel looks wrong all the same, so texel size is part of its error.
 */
import type { MaterialRecord } from '../src/io/content.ts';
import type { MeshPart } from './model.ts';

/** A texel this much larger than the tolerated error is still not seen: filtering is smooth. */
const TEXEL_SHARE = 0.75;

/**
 * Error in meters that textures add: the size of a base color texel on the surface, averaged over
 * the textured surface; 0 without textures.
 *
 * @param texelsOf texels of a material's base color image at this LOD, 0 when it has none
 */
export function texelError(
  parts: readonly MeshPart[],
  materials: readonly MaterialRecord[],
  texelsOf: (material: MaterialRecord) => number,
): number {
  let textured = 0;
  let weighted = 0;
  for (const part of parts) {
    const texels = texelsOf(materials[part.material]!);
    if (texels === 0 || !part.uvs) continue;
    const { surface, unwrapped } = areasOf(part, part.uvs);
    // A surface mapped to a point shows one color, which no resolution changes.
    if (unwrapped === 0) continue;
    weighted += surface * Math.sqrt(surface / (unwrapped * texels));
    textured += surface;
  }
  return textured === 0 ? 0 : (weighted / textured) * TEXEL_SHARE;
}

/** Square meters of the triangles, and the area of their uv, in squares of one repeat. */
function areasOf(part: MeshPart, uvs: Float32Array): { surface: number; unwrapped: number } {
  const { index, positions: p } = part;
  let surface = 0;
  let unwrapped = 0;
  for (let i = 0; i < index.length; i += 3) {
    const [a, b, c] = [index[i]! * 3, index[i + 1]! * 3, index[i + 2]! * 3];
    const ux = p[b]! - p[a]!;
    const uy = p[b + 1]! - p[a + 1]!;
    const uz = p[b + 2]! - p[a + 2]!;
    const vx = p[c]! - p[a]!;
    const vy = p[c + 1]! - p[a + 1]!;
    const vz = p[c + 2]! - p[a + 2]!;
    surface += Math.hypot(uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx) / 2;
    const [s, t, r] = [index[i]! * 2, index[i + 1]! * 2, index[i + 2]! * 2];
    const du = uvs[t]! - uvs[s]!;
    const dv = uvs[t + 1]! - uvs[s + 1]!;
    const eu = uvs[r]! - uvs[s]!;
    const ev = uvs[r + 1]! - uvs[s + 1]!;
    unwrapped += Math.abs(du * ev - dv * eu) / 2;
  }
  return { surface, unwrapped };
}
