/**
 * One GL buffer of fixed size, divided by an arena: bytes come in by a staging ring or directly,
 * and ranges move within it on the GPU.
 *
 * WebGL keeps buffers for indices apart from all others: bytes are only ever copied between buffers
 * of one kind, so each has a ring of its own.
 */
import { MoveList } from '../memory/arena/move-list.ts';
import { RangeArena } from '../memory/arena/range-arena.ts';
import { StagingRing } from '../memory/staging-ring.ts';

/** Offsets are multiples of it: enough for any vertex, and few enough holes. */
export const RANGE_ALIGNMENT_BYTES = 64;

/** Frames until a buffer of the ring is written again. */
const RING_SEGMENTS = 3;

/** By way of which ranges move over their own bytes, where there is no ring. */
const SCRATCH_BYTES = 64 * 1024;

const LEAST_PIECE_BYTES = 16 * 1024;

const ARRAY_BUFFER = 0x8892;
const ELEMENT_ARRAY_BUFFER = 0x8893;
const STATIC_DRAW = 0x88e4;
const STREAM_DRAW = 0x88e0;
const COPY_READ_BUFFER = 0x8f36;
const COPY_WRITE_BUFFER = 0x8f37;
const VERTEX_ARRAY_BINDING = 0x85b5;
const OUT_OF_MEMORY = 0x0505;

export type RangeBufferKind = 'vertices' | 'indices';

export interface RangeBufferOptions {
  /** Rounded down to the alignment. */
  capacityBytes: number;
  /** All buffers of the ring together; 0: everything is written directly. */
  stagingBytes: number;
}

export class RangeBuffer {
  readonly arena: RangeArena;
  /** Bytes of all GL buffers. */
  readonly gpuBytes: number;
  /** Replaced when the context is restored. */
  buffer: WebGLBuffer;
  readonly #gl: WebGL2RenderingContext;
  readonly #kind: RangeBufferKind;
  readonly #ring: StagingRing | null = null;
  /** The ring's, or one for moves alone. */
  #staging: WebGLBuffer[] = [];
  readonly #moves = new MoveList();
  /** Bytes written so far. */
  writtenBytes = 0;

  /** Throws when the device has not that much. */
  constructor(gl: WebGL2RenderingContext, kind: RangeBufferKind, options: RangeBufferOptions) {
    const { capacityBytes, stagingBytes } = options;
    this.#gl = gl;
    this.#kind = kind;
    const units = Math.max(1, Math.floor(capacityBytes / RANGE_ALIGNMENT_BYTES));
    this.arena = new RangeArena(units * RANGE_ALIGNMENT_BYTES, {
      alignment: RANGE_ALIGNMENT_BYTES,
    });
    const segmentBytes = Math.floor(stagingBytes / RING_SEGMENTS / 4) * 4;
    if (segmentBytes > 0) this.#ring = new StagingRing(segmentBytes, RING_SEGMENTS);
    this.gpuBytes = this.arena.capacityBytes + this.#stagingCount * this.#segmentBytes;
    this.buffer = this.#create();
  }

  get #segmentBytes(): number {
    return this.#ring?.segmentBytes ?? SCRATCH_BYTES;
  }

  get #stagingCount(): number {
    return this.#ring?.segments ?? 1;
  }

  /** Makes the buffers anew; what was in them is gone. */
  restore(): void {
    this.buffer = this.#create();
  }

  /** Call once a frame, before its writes. */
  beginFrame(): void {
    this.#ring?.beginFrame();
  }

  /** How many bytes `write` takes before the next frame. */
  get stagingLeftBytes(): number {
    return this.#ring?.leftBytes ?? Number.POSITIVE_INFINITY;
  }

  /** What is left of a ring below this is not worth a piece. */
  get leastPieceBytes(): number {
    return Math.min(LEAST_PIECE_BYTES, this.#segmentBytes);
  }

  /**
   * Writes elements `[start, start + length)` of an array, `at` bytes into a range. By way of the
   * ring where it has room, else directly. Makes no copy of its own.
   */
  write(handle: number, at: number, array: TypedSource, start: number, length: number): void {
    const gl = this.#gl;
    const bytes = length * array.BYTES_PER_ELEMENT;
    const to = this.arena.offsetOf(handle) + at;
    this.arena.noteWrite(handle);
    this.writtenBytes += bytes;
    const staged = this.#ring?.take(bytes) ?? -1;
    gl.bindBuffer(COPY_WRITE_BUFFER, this.buffer);
    if (staged < 0) {
      gl.bufferSubData(COPY_WRITE_BUFFER, to, array, start, length);
    } else {
      gl.bindBuffer(COPY_READ_BUFFER, this.#staging[this.#ring!.segment]!);
      gl.bufferSubData(COPY_READ_BUFFER, staged, array, start, length);
      gl.copyBufferSubData(COPY_READ_BUFFER, COPY_WRITE_BUFFER, staged, to, bytes);
      gl.bindBuffer(COPY_READ_BUFFER, null);
    }
    gl.bindBuffer(COPY_WRITE_BUFFER, null);
  }

  /**
   * Moves ranges together, at most `maxBytes` now, and calls `moved` for each that lies elsewhere
   * afterwards. Returns the bytes copied.
   */
  defragment(maxBytes: number, wantedBytes: number, moved: (handle: number) => void): number {
    const moves = this.#moves;
    moves.clear();
    const bytes = this.arena.defragment(maxBytes, moves, wantedBytes);
    if (moves.count === 0) return 0;
    for (let row = 0; row < moves.count; row++) this.#copy(row);
    for (let row = 0; row < moves.count; row++) {
      const handle = moves.handles[row]!;
      if (moves.completes[row] === 1 && this.arena.isLive(handle)) moved(handle);
    }
    return bytes;
  }

  /** Reads a range back, which waits for the GPU: for tests. */
  read(handle: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.arena.sizeOf(handle));
    const gl = this.#gl;
    gl.bindBuffer(COPY_READ_BUFFER, this.buffer);
    gl.getBufferSubData(COPY_READ_BUFFER, this.arena.offsetOf(handle), bytes);
    gl.bindBuffer(COPY_READ_BUFFER, null);
    return bytes;
  }

  dispose(): void {
    this.#gl.deleteBuffer(this.buffer);
    for (const buffer of this.#staging) this.#gl.deleteBuffer(buffer);
    this.#staging = [];
  }

  #copy(row: number): void {
    const gl = this.#gl;
    const moves = this.#moves;
    const from = moves.from[row]!;
    const to = moves.to[row]!;
    const bytes = moves.bytes[row]!;
    if (moves.overlaps(row)) {
      this.#slide(from, to, bytes);
      return;
    }
    gl.bindBuffer(COPY_READ_BUFFER, this.buffer);
    gl.bindBuffer(COPY_WRITE_BUFFER, this.buffer);
    gl.copyBufferSubData(COPY_READ_BUFFER, COPY_WRITE_BUFFER, from, to, bytes);
    gl.bindBuffer(COPY_READ_BUFFER, null);
    gl.bindBuffer(COPY_WRITE_BUFFER, null);
  }

  /** Source and target share bytes, which GL forbids: piece by piece by way of another buffer. */
  #slide(from: number, to: number, bytes: number): void {
    const gl = this.#gl;
    const scratch = this.#staging[this.#ring?.segment ?? 0]!;
    const piece = this.#segmentBytes;
    for (let done = 0; done < bytes; done += piece) {
      const length = Math.min(piece, bytes - done);
      // Downward the lowest piece goes first, upward the highest.
      const at = to < from ? done : bytes - done - length;
      gl.bindBuffer(COPY_READ_BUFFER, this.buffer);
      gl.bindBuffer(COPY_WRITE_BUFFER, scratch);
      gl.copyBufferSubData(COPY_READ_BUFFER, COPY_WRITE_BUFFER, from + at, 0, length);
      gl.copyBufferSubData(COPY_WRITE_BUFFER, COPY_READ_BUFFER, 0, to + at, length);
    }
    gl.bindBuffer(COPY_READ_BUFFER, null);
    gl.bindBuffer(COPY_WRITE_BUFFER, null);
  }

  #create(): WebGLBuffer {
    const gl = this.#gl;
    // The vertex array object that is bound would take the index buffer for its own.
    const bound = gl.getParameter(VERTEX_ARRAY_BINDING) as WebGLVertexArrayObject | null;
    gl.bindVertexArray(null);
    while (gl.getError() !== 0 && !gl.isContextLost());
    const buffer = this.#allocate(this.arena.capacityBytes, STATIC_DRAW);
    this.#staging = Array.from({ length: this.#stagingCount }, () =>
      this.#allocate(this.#segmentBytes, STREAM_DRAW),
    );
    gl.bindVertexArray(bound);
    if (gl.getError() !== OUT_OF_MEMORY) return buffer;
    this.buffer = buffer;
    this.dispose();
    throw new Error(
      `farfield: the device has no ${this.gpuBytes} bytes for ${this.#kind}; ask for less geometryBytes`,
    );
  }

  #allocate(bytes: number, usage: number): WebGLBuffer {
    const gl = this.#gl;
    // The first target that a buffer is bound to says of which kind it is.
    const target = this.#kind === 'indices' ? ELEMENT_ARRAY_BUFFER : ARRAY_BUFFER;
    const buffer = gl.createBuffer();
    gl.bindBuffer(target, buffer);
    gl.bufferData(target, bytes, usage);
    gl.bindBuffer(target, null);
    return buffer;
  }
}

/** What bytes are written from. */
export type TypedSource = ArrayBufferView<ArrayBuffer> & { readonly BYTES_PER_ELEMENT: number };
