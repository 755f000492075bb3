/** Makes the shared geometry buffers, where the renderer has a context for them and the device room. */
import { REVISION } from 'three';
import { GeometryPool } from './geometry-pool.ts';
import { type GeometryPoolSizes, LEAST_GEOMETRY_BYTES } from './pool-size.ts';
import { isVerifiedRevision } from './shared-geometry.ts';
import type { ViewRenderer } from './textures.ts';

const MEBIBYTE = 1024 * 1024;
const STAGING_SHARE = 1 / 8;
const MAX_STAGING_BYTES = 8 * MEBIBYTE;
const MOVED_BYTES_PER_FRAME = 4 * MEBIBYTE;

/** Of geometry, as the demo's island has it: a third to two fifths. */
const INDEX_SHARE = 3 / 8;

/** A `WebGLRenderer`, as far as it matters here. */
interface GlRenderer extends ViewRenderer {
  isWebGLRenderer?: boolean;
  getContext?: () => unknown;
}

/** The context of a `WebGLRenderer`, null with any other. */
export function contextOf(renderer: ViewRenderer): WebGL2RenderingContext | null {
  const { isWebGLRenderer, getContext } = renderer as GlRenderer;
  if (isWebGLRenderer !== true || !getContext) return null;
  const gl = getContext.call(renderer) as Partial<WebGL2RenderingContext> | null;
  return typeof gl?.copyBufferSubData === 'function' ? (gl as WebGL2RenderingContext) : null;
}

/**
 * A pool of so many bytes, or null and why there is none. Half as much where the device has not that
 * much, and again; none where it has next to nothing.
 */
export function createPool(
  gl: WebGL2RenderingContext | null,
  wantedBytes: number,
  options: GeometryPoolSizes,
): [GeometryPool | null, string] {
  if (wantedBytes === 0) return [null, 'geometryBytes is 0'];
  if (!gl) return [null, 'the renderer is no WebGLRenderer'];
  if (!isVerifiedRevision())
    return [null, `shared geometry is not verified for three.js r${REVISION}`];
  const { movedBytesPerFrame = MOVED_BYTES_PER_FRAME } = options;
  let geometryBytes = wantedBytes;
  for (;;) {
    const share = Math.min(MAX_STAGING_BYTES, geometryBytes * STAGING_SHARE);
    const stagingBytes = options.stagingBytes ?? share;
    try {
      const rest = { indexShare: INDEX_SHARE, stagingBytes, movedBytesPerFrame };
      return [new GeometryPool(gl, { geometryBytes, ...rest }), ''];
    } catch (error) {
      geometryBytes /= 2;
      if (geometryBytes < LEAST_GEOMETRY_BYTES || gl.isContextLost())
        return [null, error instanceof Error ? error.message : String(error)];
    }
  }
}
