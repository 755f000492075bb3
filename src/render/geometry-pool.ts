/**
 * The geometry of all payloads in two GL buffers of fixed size, one for vertices and one for
 * indices: what is resident changes, what the GPU holds does not. Ranges are written in pieces and
 * moved together within a byte budget per frame, so that what fits in sum fits in fact. Who waits for
 * that, and what has to go for it, is `RoomQueue`'s to say.
 */
import { NO_RANGE } from '../memory/arena/range-arena.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import { type GeometryLease, LeaseWriter } from './geometry-lease.ts';
import { RangeBuffer } from './range-buffer.ts';
import { RoomQueue } from './room-queue.ts';

export interface GeometryPoolOptions {
  /** Both buffers together. */
  geometryBytes: number;
  /** Of which the indices get this share. */
  indexShare: number;
  /** Rings of both buffers together; 0: none. */
  stagingBytes: number;
  /** Most bytes that are moved per frame. */
  movedBytesPerFrame: number;
}

/** Nothing fits now, but will when ranges have moved. */
const NOT_YET = 'not yet';

/** There is no room, however ranges move, until others go. */
export const NO_ROOM = 'no room';

/** There would be none if nothing else were here. */
export const TOO_LARGE = 'too large';

/** It was first in line for seconds: what is in its way does not go. */
export const HOPELESS = 'hopeless';

export type Refusal = typeof NOT_YET | typeof NO_ROOM | typeof TOO_LARGE | typeof HOPELESS;

export class GeometryPool {
  readonly vertices: RangeBuffer;
  readonly indices: RangeBuffer;
  readonly #movedBytesPerFrame: number;
  readonly #leases = new Set<GeometryLease>();
  readonly #byVertices = new Map<number, GeometryLease>();
  readonly #byIndices = new Map<number, GeometryLease>();
  readonly #queue: RoomQueue;
  #heldBytes = 0;
  /** Bytes copied within the buffers so far. */
  movedBytes = 0;
  #isUsable = true;

  constructor(gl: WebGL2RenderingContext, options: GeometryPoolOptions) {
    const { geometryBytes, indexShare, stagingBytes } = options;
    this.#movedBytesPerFrame = options.movedBytesPerFrame;
    this.vertices = new RangeBuffer(gl, 'vertices', {
      capacityBytes: geometryBytes * (1 - indexShare),
      stagingBytes: stagingBytes * (1 - indexShare),
    });
    try {
      this.indices = new RangeBuffer(gl, 'indices', {
        capacityBytes: geometryBytes * indexShare,
        stagingBytes: stagingBytes * indexShare,
      });
    } catch (error) {
      this.vertices.dispose();
      throw error;
    }
    this.#queue = new RoomQueue(this.vertices.arena, this.indices.arena);
  }

  /** False where a new context had no room for the buffers: then there is none for anything. */
  get isUsable(): boolean {
    return this.#isUsable;
  }

  /** Bytes of geometry written so far. */
  get writtenBytes(): number {
    return this.vertices.writtenBytes + this.indices.writtenBytes;
  }

  /** Bytes of all its GL buffers; fixed. */
  get gpuBytes(): number {
    if (!this.#isUsable) return 0;
    return this.vertices.gpuBytes + this.indices.gpuBytes;
  }

  get capacityBytes(): number {
    return this.vertices.arena.capacityBytes + this.indices.arena.capacityBytes;
  }

  /** Bytes of the geometries that are in it, as their payloads count them. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** What may be asked for, in bytes of both kinds together. */
  get usableBytes(): number {
    return this.#queue.usableBytes;
  }

  /** Bytes of geometry that have to go before what waits finds a place. */
  get lackBytes(): number {
    return this.#queue.lackBytes;
  }

  /** Those whose ranges are taken, written or not. */
  get leases(): ReadonlySet<GeometryLease> {
    return this.#leases;
  }

  /** A frame begins: moves what has to move. */
  beginFrame(): void {
    const { vertices, indices } = this;
    vertices.beginFrame();
    indices.beginFrame();
    const most = this.#movedBytesPerFrame;
    this.#queue.beginFrame();
    const { wantedVertexBytes, wantedIndexBytes } = this.#queue;
    const moved = vertices.defragment(most, wantedVertexBytes, this.#vertexRangeMoved);
    this.movedBytes += moved;
    this.movedBytes += indices.defragment(most - moved, wantedIndexBytes, this.#indexRangeMoved);
  }

  /** Takes both ranges for a lease and places its geometries there, or says why not: then ask again. */
  take(lease: GeometryLease): Refusal | null {
    const { vertexBytes, indexBytes } = lease;
    const vertices = this.vertices.arena;
    const indices = this.indices.arena;
    if (vertexBytes > vertices.capacityBytes || indexBytes > indices.capacityBytes)
      return TOO_LARGE;
    if (!this.#isUsable) return NO_ROOM;
    if (vertexBytes > vertices.freeBytes || indexBytes > indices.freeBytes)
      return this.#refuse(lease, NO_ROOM);
    if (!this.#queue.mayGo(lease)) return this.#refuse(lease, NOT_YET);
    const vertexRange = vertices.allocate(vertexBytes);
    const indexRange = indices.allocate(indexBytes);
    if (vertexRange === NO_RANGE || indexRange === NO_RANGE) {
      if (vertexRange !== NO_RANGE) vertices.free(vertexRange);
      if (indexRange !== NO_RANGE) indices.free(indexRange);
      return this.#refuse(lease, NOT_YET);
    }
    this.#queue.arrive(lease);
    lease.vertexRange = vertexRange;
    lease.indexRange = indexRange;
    this.#leases.add(lease);
    this.#byVertices.set(vertexRange, lease);
    this.#byIndices.set(indexRange, lease);
    this.#heldBytes += lease.bytes;
    this.#place(lease);
    return null;
  }

  /** Writes as much as may be written now; true when nothing is left. */
  write(writer: LeaseWriter, limits?: UploadLimits): boolean {
    return writer.write(this.vertices, this.indices, limits);
  }

  /** Gives both ranges back, or its place among those that wait. */
  free(lease: GeometryLease): void {
    this.#queue.leave(lease);
    if (!this.#leases.delete(lease)) return;
    this.#byVertices.delete(lease.vertexRange);
    this.#byIndices.delete(lease.indexRange);
    this.vertices.arena.free(lease.vertexRange);
    this.indices.arena.free(lease.indexRange);
    this.#heldBytes -= lease.bytes;
  }

  /**
   * The context is new: makes the buffers again and writes everything that was taken. Throws where
   * it has no room for them; then nothing fits any more.
   */
  restore(): void {
    this.#isUsable = false;
    this.vertices.restore();
    this.indices.restore();
    this.#isUsable = true;
    for (const lease of this.#leases) {
      this.#place(lease);
      new LeaseWriter(lease).write(this.vertices, this.indices);
    }
  }

  dispose(): void {
    this.vertices.dispose();
    this.indices.dispose();
  }

  #refuse(lease: GeometryLease, why: Refusal): Refusal {
    return this.#queue.wait(lease) ? why : HOPELESS;
  }

  readonly #vertexRangeMoved = (handle: number): void => {
    this.#placeVertices(this.#byVertices.get(handle)!);
  };

  readonly #indexRangeMoved = (handle: number): void => {
    this.#placeIndices(this.#byIndices.get(handle)!);
  };

  #place(lease: GeometryLease): void {
    this.#placeVertices(lease);
    this.#placeIndices(lease);
  }

  #placeVertices(lease: GeometryLease): void {
    const { buffer, arena } = this.vertices;
    lease.placeVertices(buffer, arena.offsetOf(lease.vertexRange));
  }

  #placeIndices(lease: GeometryLease): void {
    const { buffer, arena } = this.indices;
    lease.placeIndices(buffer, arena.offsetOf(lease.indexRange));
  }
}
