/** Where and how large the shared geometry buffers are: by the options, the budget and the device. */
import { REVISION } from 'three';
import { assert, assertNumber, describe } from '../base/assert.ts';
import { GeometryPool } from './geometry-pool.ts';
import { isVerifiedRevision } from './shared-geometry.ts';
import type { ViewRenderer } from './textures.ts';

export interface GeometryPoolSizes {
  /**
   * Bytes of the shared geometry buffers, taken once and kept (default: an eighth of the budget, at
   * most 256 MiB). 0: every payload has buffers of its own.
   */
  geometryBytes?: number;
  /**
   * What happens to geometry for which the shared buffers have no room. `soft` (default): it gets
   * buffers of its own, within the budget. `hard`: more than seven eighths of `geometryBytes` is
   * never asked for, whatever the budget says; what the GPU holds of geometry is fixed.
   */
  geometryLimit?: 'soft' | 'hard';
  /**
   * Bytes of the buffers through which geometry is uploaded; a third of it is what one frame may
   * upload (default: an eighth of `geometryBytes`, at most 8 MiB). 0: geometry is written directly.
   */
  stagingBytes?: number;
  /** Most bytes of geometry that are moved on the GPU per frame (default 4 MiB). */
  movedBytesPerFrame?: number;
}

const MEBIBYTE = 1024 * 1024;
const GEOMETRY_SHARE = 1 / 8;
const MAX_GEOMETRY_BYTES = 256 * MEBIBYTE;
const STAGING_SHARE = 1 / 8;
const MAX_STAGING_BYTES = 8 * MEBIBYTE;
const MOVED_BYTES_PER_FRAME = 4 * MEBIBYTE;

/** Of geometry, as the demo's island has it: a third to two fifths. */
const INDEX_SHARE = 3 / 8;

/** With a budget that is not known. */
const UNKNOWN_BUDGET_BYTES = 256 * MEBIBYTE;

/** Below this the device has no memory for anything. */
const LEAST_GEOMETRY_BYTES = MEBIBYTE;

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
 * The pool, or null and why there is none. Half as much where the device has not that much, and again;
 * none where it has next to nothing. Throws on an option out of range.
 */
export function createPool(
  gl: WebGL2RenderingContext | null,
  budgetBytes: number | undefined,
  options: GeometryPoolSizes,
): [GeometryPool | null, string] {
  const wantedBytes = resolveGeometryBytes(budgetBytes, options);
  const movedBytesPerFrame = options.movedBytesPerFrame ?? MOVED_BYTES_PER_FRAME;
  assertNumber('movedBytesPerFrame', movedBytesPerFrame, 0);
  const { geometryLimit = 'soft' } = options;
  assert(
    geometryLimit === 'soft' || geometryLimit === 'hard',
    `geometryLimit is ${describe(geometryLimit)}, expected 'soft' or 'hard'`,
  );
  if (options.stagingBytes !== undefined) assertNumber('stagingBytes', options.stagingBytes, 0);
  if (wantedBytes === 0) return [null, 'geometryBytes is 0'];
  if (!gl) return [null, 'the renderer is no WebGLRenderer'];
  if (!isVerifiedRevision())
    return [null, `shared geometry is not verified for three.js r${REVISION}`];
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

function resolveGeometryBytes(
  budgetBytes: number | undefined,
  { geometryBytes }: GeometryPoolSizes,
): number {
  if (geometryBytes === undefined) {
    const share = (budgetBytes ?? UNKNOWN_BUDGET_BYTES) * GEOMETRY_SHARE;
    return Math.min(MAX_GEOMETRY_BYTES, share);
  }
  assertNumber('geometryBytes', geometryBytes, 0);
  return geometryBytes;
}
