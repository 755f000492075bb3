/**
 * What the view holds on the GPU: the shared geometry buffers where the renderer allows them, and
 * the figures that the budget needs.
 */
import type { ViewMemory } from '../memory/view.ts';
import type { Batches } from './batches.ts';
import { contextOf, createPool, type GeometryPoolSizes } from './create-pool.ts';
import type { GeometryPool } from './geometry-pool.ts';
import type { PayloadResources } from './payload-resources.ts';
import type { PayloadUpload } from './payload-upload.ts';
import type { ViewRenderer } from './textures.ts';

const MEBIBYTE = 1024 * 1024;

/** Of the shared buffers, what may be asked for: a world may have more indices, or more vertices. */
const USABLE_SHARE = 7 / 8;

/** Of the shared buffers, what may lie beside them while one of the two is full. */
const SPILL_SHARE = 1 / 16;

/** What batches that begin to show something take at first, all together. */
const INSTANCE_RESERVE_BYTES = 64 * 1024;

/** Uploads after which the device is asked whether it had room for them. */
const CHECKED_BYTES = 32 * MEBIBYTE;

const OUT_OF_MEMORY = 0x0505;

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
    options: GeometryPoolSizes,
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
