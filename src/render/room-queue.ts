/**
 * Payloads whose geometry waits for room in the shared buffers: who is next, how large a hole it needs,
 * and how much has to go where moving alone gives it none. With that nothing waits for ever, and the
 * buffers need not grow.
 */
import type { RangeArena } from '../memory/arena/range-arena.ts';
import type { GeometryLease } from './geometry-lease.ts';

/**
 * Frames of waiting after which nobody goes before: others would take what becomes free again and
 * again. Moves open a hole within 30 frames where a tenth more than it is free (`docs/benchmarks.md`).
 */
const PATIENCE_FRAMES = 30;

/** So often, while it waits on, as much as it needs has to go: ranges that cannot move are in its way. */
const STUCK_FRAMES = 60;

/**
 * Then there is no hope: all that is left is pinned. It gives up, for everything else waits for it.
 */
const HOPELESS_FRAMES = 300;

/** Of the buffers, what may be asked for: the rest is what ranges move by. */
const USABLE_SHARE = 7 / 8;

/** What was withheld because it did not fit comes back by this with each payload that does. */
const RETURN_SHARE = 1 / 64;

/** The mix is taken to be that of the capacities until so much of these has another. */
const MIX_WEIGHT = 1 / 8;

export class RoomQueue {
  readonly #vertices: RangeArena;
  readonly #indices: RangeArena;
  /** In the order in which they first asked. */
  readonly #waiting = new Set<GeometryLease>();
  #first: GeometryLease | null = null;
  /** Frames for which it has been the first. */
  #firstFrames = 0;
  /** What is not asked for, since so much of what was did not fit: or the same would come again. */
  #withheldBytes = 0;
  /** Has to go in this frame, because moves do not help. */
  #stuckBytes = 0;

  constructor(vertices: RangeArena, indices: RangeArena) {
    this.#vertices = vertices;
    this.#indices = indices;
  }

  /** Call once a frame, before anybody asks. */
  beginFrame(): void {
    this.#stuckBytes = 0;
  }

  /** Bytes of the holes that are wanted. */
  get wantedVertexBytes(): number {
    return this.#first?.vertexBytes ?? 0;
  }

  get wantedIndexBytes(): number {
    return this.#first?.indexBytes ?? 0;
  }

  /** Whether a lease may take what is free, though others wait. */
  mayGo(lease: GeometryLease): boolean {
    const first = this.#first;
    return first === null || first === lease || this.#firstFrames < PATIENCE_FRAMES;
  }

  /** It asked in this frame, and did not get it. False: it never will, as far as one can tell. */
  wait(lease: GeometryLease): boolean {
    this.#waiting.add(lease);
    this.#first ??= lease;
    if (lease !== this.#first) return true;
    if (this.#firstFrames++ === 0) this.#withheldBytes += this.lackBytes;
    if (this.#firstFrames % STUCK_FRAMES === 0) this.#stuckBytes = lease.bytes;
    return this.#firstFrames < HOPELESS_FRAMES;
  }

  /** It has its place: what there is fits. */
  arrive(lease: GeometryLease): void {
    this.#withheldBytes *= 1 - RETURN_SHARE;
    this.leave(lease);
  }

  /** It wants no place any more. */
  leave(lease: GeometryLease): void {
    if (!this.#waiting.delete(lease) || lease !== this.#first) return;
    this.#first = this.#waiting.values().next().value ?? null;
    this.#firstFrames = 0;
  }

  /**
   * How much geometry may be asked for in all, bytes of both kinds together. With more vertices or more
   * indices than the buffers were divided for, one of the two is full while the other has room.
   */
  get usableBytes(): number {
    const share = this.#indexShare;
    const vertexBytes = this.#vertices.capacityBytes / (1 - share);
    const bytes = USABLE_SHARE * Math.min(vertexBytes, this.#indices.capacityBytes / share);
    return Math.max(bytes / 2, bytes - this.#withheldBytes);
  }

  /** Bytes of geometry that have to go for the first of those who wait; 0: moves will do. */
  get lackBytes(): number {
    const first = this.#first;
    if (first === null) return 0;
    const share = this.#indexShare;
    const vertexBytes = first.vertexBytes - this.#vertices.freeBytes;
    const indexBytes = first.indexBytes - this.#indices.freeBytes;
    return Math.max(this.#stuckBytes, vertexBytes / (1 - share), indexBytes / share, 0);
  }

  /** Share of the indices in what the buffers hold. */
  get #indexShare(): number {
    const vertices = this.#vertices;
    const indices = this.#indices;
    const used = indices.usedBytes + MIX_WEIGHT * indices.capacityBytes;
    const all = vertices.usedBytes + MIX_WEIGHT * vertices.capacityBytes + used;
    return used / all;
  }
}
