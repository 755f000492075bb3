/**
 * What the view holds on the GPU: the shared geometry buffers where the renderer allows them, and
 * the figures that the budget needs.
 */
import type { GeometryFacts, ViewMemory } from '../memory/view.ts';
import type { Batches } from './batches.ts';
import { contextOf, createPool } from './create-pool.ts';
import type { GeometryPool } from './geometry-pool.ts';
import type { PayloadResources } from './payload-resources.ts';
import type { PayloadUpload } from './payload-upload.ts';
import {
  checkSizes,
  fittingGeometryBytes,
  type GeometryPoolSizes,
  initialGeometryBytes,
} from './pool-size.ts';
import type { ViewRenderer } from './textures.ts';

const MEBIBYTE = 1024 * 1024;

/** Of the shared buffers, what may lie beside them while one of the two is full, where anything may. */
const SPILL_SHARE = 1 / 16;

/** What batches that begin to show something take at first, all together. */
const INSTANCE_RESERVE_BYTES = 64 * 1024;

/** Uploads after which the device is asked whether it had room for them. */
const CHECKED_BYTES = 32 * MEBIBYTE;

const OUT_OF_MEMORY = 0x0505;

export class DeviceMemory implements ViewMemory {
  pool: GeometryPool | null;
  /** Why there is no pool; empty where there is one. */
  reason: string;
  readonly gl: WebGL2RenderingContext | null;
  readonly #sizes: GeometryPoolSizes;
  #batches: Batches | null = null;
  #uploads: ReadonlyMap<number, PayloadUpload> = new Map();
  readonly #isHard: boolean;
  #isFitted: boolean;
  #textureBytes = 0;
  /** Bytes of geometries with buffers of their own. */
  #separateBytes = 0;
  /** Bytes of textures and separate geometries ever uploaded. */
  #addedBytes = 0;
  /** `uploadedBytes` when the device was last asked. */
  #checkedBytes = 0;

  constructor(renderer: ViewRenderer, budgetBytes: number | undefined, options: GeometryPoolSizes) {
    this.#sizes = options;
    this.#isHard = options.geometryLimit === 'hard';
    this.gl = contextOf(renderer);
    checkSizes(options);
    const geometryBytes = options.geometryBytes ?? initialGeometryBytes(budgetBytes);
    this.#isFitted = !this.#isHard || options.geometryBytes !== undefined;
    [this.pool, this.reason] = createPool(this.gl, geometryBytes, options);
  }

  /** Says whose bytes count from now on, beside those of what is added. */
  watch(batches: Batches, uploads: ReadonlyMap<number, PayloadUpload>): void {
    this.#batches = batches;
    this.#uploads = uploads;
  }

  /** Of a fixed footprint: makes the buffers anew in the size that suits, once, unless the game has. */
  fitGeometry(facts: GeometryFacts): void {
    const { pool, gl } = this;
    if (this.#isFitted || !pool || !gl || facts.geometryBytes === 0) return;
    this.#isFitted = true;
    pool.dispose();
    [this.pool, this.reason] = createPool(gl, fittingGeometryBytes(facts), this.#sizes);
  }

  /** What is never exceeded, whatever the budget would allow. */
  get geometryCapacityBytes(): number | undefined {
    return this.mayHaveOwn ? undefined : this.pool!.usableBytes;
  }

  /** What has to go before geometry that waits for its place finds one. */
  get geometryLackBytes(): number {
    return this.mayHaveOwn ? 0 : this.pool!.lackBytes;
  }

  /** Whether geometry that finds no room in the shared buffers may have its own. */
  get mayHaveOwn(): boolean {
    return !this.#isHard || !this.pool?.isUsable;
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
    for (const batch of this.#batches?.values() ?? []) bytes += 2 * batch.matrices.byteLength;
    bytes = INSTANCE_RESERVE_BYTES + 2 * bytes;
    const { pool } = this;
    if (!pool) return bytes;
    bytes += pool.gpuBytes - pool.capacityBytes;
    if (!this.mayHaveOwn) return bytes;
    const besideBytes = Math.min(this.#separateBytes, pool.capacityBytes - pool.heldBytes);
    return bytes + Math.max(besideBytes, pool.capacityBytes * SPILL_SHARE);
  }

  get gpuBytes(): number {
    let bytes = (this.pool?.gpuBytes ?? 0) + this.#textureBytes;
    for (const upload of this.#uploads.values()) bytes += upload.textureBytes;
    for (const batch of this.#batches?.values() ?? [])
      bytes += batch.gpuBytes + batch.resources.drawnBytes;
    return bytes;
  }

  /** Bytes of geometries with buffers of their own beside the shared ones. */
  get separateBytes(): number {
    return this.pool ? this.#separateBytes : 0;
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
}
