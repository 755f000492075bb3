/**
 * The geometry of all payloads in two GL buffers of fixed size, one for vertices and one for
 * indices: what is resident changes, what the GPU holds does not. Ranges are written in pieces and
 * moved together within a byte budget per frame, so that what fits in sum fits in fact.
 */
import { NO_RANGE } from '../memory/arena/range-arena.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import { type GeometryLease, LeaseWriter } from './geometry-lease.ts';
import { RangeBuffer } from './range-buffer.ts';

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

/** There is no room, however ranges move. */
export const NO_ROOM = 'no room';

export class GeometryPool {
  readonly vertices: RangeBuffer;
  readonly indices: RangeBuffer;
  readonly #movedBytesPerFrame: number;
  readonly #leases = new Set<GeometryLease>();
  readonly #byVertices = new Map<number, GeometryLease>();
  readonly #byIndices = new Map<number, GeometryLease>();
  #heldBytes = 0;
  #wantedVertexBytes = 0;
  #wantedIndexBytes = 0;
  /** Bytes copied within the buffers so far. */
  movedBytes = 0;
  /** Cleared when a new context has no room for the buffers: then there is none for anything. */
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
    const moved = vertices.defragment(most, this.#wantedVertexBytes, this.#vertexRangeMoved);
    this.movedBytes += moved;
    this.movedBytes += indices.defragment(
      most - moved,
      this.#wantedIndexBytes,
      this.#indexRangeMoved,
    );
    this.#wantedVertexBytes = 0;
    this.#wantedIndexBytes = 0;
  }

  /** Takes both ranges for a lease and places its geometries there, or says why not. */
  take(lease: GeometryLease): typeof NOT_YET | typeof NO_ROOM | null {
    const { vertexBytes, indexBytes } = lease;
    const vertices = this.vertices.arena;
    const indices = this.indices.arena;
    if (!this.#isUsable || vertexBytes > vertices.freeBytes || indexBytes > indices.freeBytes)
      return NO_ROOM;
    const vertexRange = vertices.allocate(vertexBytes);
    const indexRange = indices.allocate(indexBytes);
    if (vertexRange !== NO_RANGE && indexRange !== NO_RANGE) {
      lease.vertexRange = vertexRange;
      lease.indexRange = indexRange;
      this.#leases.add(lease);
      this.#byVertices.set(vertexRange, lease);
      this.#byIndices.set(indexRange, lease);
      this.#heldBytes += lease.bytes;
      this.#place(lease);
      return null;
    }
    if (vertexRange !== NO_RANGE) vertices.free(vertexRange);
    else this.#wantedVertexBytes = Math.max(this.#wantedVertexBytes, vertexBytes);
    if (indexRange !== NO_RANGE) indices.free(indexRange);
    else this.#wantedIndexBytes = Math.max(this.#wantedIndexBytes, indexBytes);
    return NOT_YET;
  }

  /** Writes as much as may be written now; true when nothing is left. */
  write(writer: LeaseWriter, limits?: UploadLimits): boolean {
    return writer.write(this.vertices, this.indices, limits);
  }

  /** Gives both ranges back. */
  free(lease: GeometryLease): void {
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
