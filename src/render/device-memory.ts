/**
 * What the view holds on the GPU: the shared geometry buffers where the renderer allows them, and
 * the figures that the budget needs.
 */
import { REVISION } from 'three';
import { assertNumber } from '../base/assert.ts';
import type { ViewMemory } from '../memory/view.ts';
import type { Batches } from './batches.ts';
import { GeometryPool } from './geometry-pool.ts';
import type { PayloadResources } from './payload-resources.ts';
import type { PayloadUpload } from './payload-upload.ts';
import { isVerifiedRevision } from './shared-geometry.ts';
import type { ViewRenderer } from './textures.ts';

export interface DeviceMemoryOptions {
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

/** Of geometry, as the demo's worlds have it: see `docs/architecture.md`, "GPU memory". */
const INDEX_SHARE = 3 / 8;

/** Of the shared buffers, what may be asked for: a world may have more indices, or more vertices. */
const USABLE_SHARE = 7 / 8;

/** Of the shared buffers, what may lie beside them while one of the two is full. */
const SPILL_SHARE = 1 / 16;

/** With a budget that is not known. */
const UNKNOWN_BUDGET_BYTES = 256 * MEBIBYTE;

/** Below this the device has no memory for anything. */
const LEAST_GEOMETRY_BYTES = MEBIBYTE;

/** What batches that begin to show something take at first, all together. */
const INSTANCE_RESERVE_BYTES = 64 * 1024;

/** Uploads after which the device is asked whether it had room for them. */
const CHECKED_BYTES = 32 * MEBIBYTE;

const OUT_OF_MEMORY = 0x0505;

/** A `WebGLRenderer`, as far as it matters here. */
interface GlRenderer extends ViewRenderer {
  isWebGLRenderer?: boolean;
  getContext?: () => unknown;
}

export class DeviceMemory implements ViewMemory {
  readonly pool: GeometryPool | null;
  /** Why there is no pool; empty where there is one. */
  readonly reason: string;
  readonly gl: WebGL2RenderingContext | null;
  readonly #batches: () => Batches;
  readonly #uploads: ReadonlyMap<number, PayloadUpload>;
  readonly #isHard: boolean;
  #textureBytes = 0;
  /** Bytes of geometries with buffers of their own. */
  #separateBytes = 0;
  /** Bytes of textures and separate geometries ever uploaded. */
  #addedBytes = 0;
  /** `uploadedBytes` when the device was last asked. */
  #checkedBytes = 0;

  constructor(
    renderer: ViewRenderer,
    budgetBytes: number | undefined,
    options: DeviceMemoryOptions,
    held: { batches: () => Batches; uploads: ReadonlyMap<number, PayloadUpload> },
  ) {
    this.#batches = held.batches;
    this.#uploads = held.uploads;
    this.#isHard = options.geometryLimit === 'hard';
    this.gl = contextOf(renderer);
    [this.pool, this.reason] = createPool(this.gl, budgetBytes, options);
  }

  /** With a hard limit, what is never exceeded, whatever the budget would allow. */
  get geometryCapacityBytes(): number | undefined {
    return this.pool && this.#isHard ? this.pool.capacityBytes * USABLE_SHARE : undefined;
  }

  get sharedBytes(): number {
    return this.pool?.capacityBytes ?? 0;
  }

  /**
   * Staging, what lies beside shared buffers though they have room, and instances. Matrices count
   * twice, for this side has them too, and may become twice as many within a frame.
   */
  get overheadBytes(): number {
    let bytes = 0;
    for (const batch of this.#batches().values()) bytes += 2 * batch.matrices.byteLength;
    bytes = INSTANCE_RESERVE_BYTES + 2 * bytes;
    const { pool } = this;
    if (!pool) return bytes;
    const besideBytes = Math.min(this.#separateBytes, pool.capacityBytes - pool.heldBytes);
    return (
      bytes + pool.gpuBytes - pool.capacityBytes + Math.max(besideBytes, this.#spillBytes(pool))
    );
  }

  get gpuBytes(): number {
    let bytes = (this.pool?.gpuBytes ?? 0) + this.#textureBytes;
    for (const upload of this.#uploads.values()) bytes += upload.textureBytes;
    for (const batch of this.#batches().values())
      bytes += batch.gpuBytes + batch.resources.drawnBytes;
    return bytes;
  }

  /** Bytes of geometries with buffers of their own beside the shared ones. */
  get separateBytes(): number {
    return this.pool ? this.#separateBytes : 0;
  }

  /** Whether geometry that finds no room may have buffers of its own, within what is paid for. */
  maySpill(bytes: number): boolean {
    const { pool } = this;
    return !pool || !this.#isHard || this.#separateBytes + bytes <= this.#spillBytes(pool);
  }

  /** A payload is uploaded. */
  add({ isShared, geometryBytes, textureBytes }: PayloadResources): void {
    this.#textureBytes += textureBytes;
    this.#addedBytes += textureBytes;
    if (isShared) return;
    this.#addedBytes += geometryBytes;
    this.#separateBytes += geometryBytes;
  }

  /** It is released. */
  remove({ isShared, geometryBytes, textureBytes }: PayloadResources): void {
    this.#textureBytes -= textureBytes;
    if (!isShared) this.#separateBytes -= geometryBytes;
  }

  /**
   * Whether the device has refused memory since the last call. To ask it waits for it, so it is
   * asked after so many bytes of uploads only.
   */
  hasRunOut(): boolean {
    const { gl, uploadedBytes } = this;
    if (!gl || uploadedBytes - this.#checkedBytes < CHECKED_BYTES) return false;
    this.#checkedBytes = uploadedBytes;
    return gl.getError() === OUT_OF_MEMORY;
  }

  /** Bytes handed to the device so far, one way or another; buffers of its own once it is whole. */
  get uploadedBytes(): number {
    let bytes = this.#addedBytes + (this.pool?.writtenBytes ?? 0);
    for (const upload of this.#uploads.values()) bytes += upload.textureBytes;
    return bytes;
  }

  /** Has the next call of `hasRunOut` ask, whatever was uploaded: for tests. */
  checkAtOnce(): void {
    this.#checkedBytes = Number.NEGATIVE_INFINITY;
  }

  /** Makes the shared buffers again in a new context; false where it has no room for them. */
  restore(): boolean {
    try {
      this.pool?.restore();
      return true;
    } catch {
      return false;
    }
  }

  dispose(): void {
    this.pool?.dispose();
  }

  #spillBytes(pool: GeometryPool): number {
    return pool.capacityBytes * SPILL_SHARE;
  }
}

function contextOf(renderer: ViewRenderer): WebGL2RenderingContext | null {
  const { isWebGLRenderer, getContext } = renderer as GlRenderer;
  if (isWebGLRenderer !== true || !getContext) return null;
  const gl = getContext.call(renderer) as Partial<WebGL2RenderingContext> | null;
  return typeof gl?.copyBufferSubData === 'function' ? (gl as WebGL2RenderingContext) : null;
}

/** Half as much where the device has not that much, and again; none where it has next to nothing. */
function createPool(
  gl: WebGL2RenderingContext | null,
  budgetBytes: number | undefined,
  options: DeviceMemoryOptions,
): [GeometryPool | null, string] {
  const wantedBytes = resolveGeometryBytes(budgetBytes, options);
  const movedBytesPerFrame = options.movedBytesPerFrame ?? MOVED_BYTES_PER_FRAME;
  assertNumber('movedBytesPerFrame', movedBytesPerFrame, 0);
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
  { geometryBytes }: DeviceMemoryOptions,
): number {
  if (geometryBytes === undefined) {
    const share = (budgetBytes ?? UNKNOWN_BUDGET_BYTES) * GEOMETRY_SHARE;
    return Math.min(MAX_GEOMETRY_BYTES, share);
  }
  assertNumber('geometryBytes', geometryBytes, 0);
  return geometryBytes;
}
