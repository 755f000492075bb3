/**
 * The buffers of a WebGL2 context in memory, for the parts of the view that work on them: creates,
 * writes, copies and reads back as GL does, and refuses what GL refuses. Draws nothing.
 */
import type { ViewRenderer } from '../../src/render/textures.ts';

interface FakeBuffer {
  bytes: Uint8Array;
  kind: 'undefined' | 'index' | 'other';
}

export interface VertexPointer {
  location: number;
  buffer: FakeBuffer;
  size: number;
  type: number;
  normalized: boolean;
  stride: number;
  offset: number;
}

export interface FakeGl {
  gl: WebGL2RenderingContext;
  /** What was refused. */
  errors: string[];
  /** Bytes of all buffers. */
  readonly liveBytes: number;
  /** Every `vertexAttribPointer` so far. */
  pointers: VertexPointer[];
  /** When above 0, allocations beyond it fail with OUT_OF_MEMORY. */
  limitBytes: number;
  bytesOf(buffer: WebGLBuffer): Uint8Array;
  /** Skips the next copy between buffers: what a defect would do. */
  skipCopies: number;
}

const ELEMENT_ARRAY_BUFFER = 0x8893;
const COPY_READ_BUFFER = 0x8f36;
const COPY_WRITE_BUFFER = 0x8f37;

export function createFakeGl(): FakeGl {
  const bound = new Map<number, FakeBuffer | null>();
  const alive = new Set<FakeBuffer>();
  let error = 0;
  const liveBytes = (): number => [...alive].reduce((sum, { bytes }) => sum + bytes.length, 0);
  const at = (target: number, what: string): FakeBuffer => {
    const buffer = bound.get(target);
    if (!buffer || !alive.has(buffer)) {
      fake.errors.push(`${what}: no buffer`);
      throw new Error(`${what}: no live buffer is bound to ${target}`);
    }
    return buffer;
  };
  const gl = {
    SHORT: 0x1402,
    INT: 0x1404,
    UNSIGNED_INT: 0x1405,
    ARRAY_BUFFER: 0x8892,
    ELEMENT_ARRAY_BUFFER,
    createBuffer() {
      const buffer: FakeBuffer = { bytes: new Uint8Array(0), kind: 'undefined' };
      alive.add(buffer);
      return buffer;
    },
    deleteBuffer(buffer: FakeBuffer) {
      alive.delete(buffer);
    },
    bindBuffer(target: number, buffer: FakeBuffer | null) {
      if (buffer && target !== COPY_READ_BUFFER && target !== COPY_WRITE_BUFFER) {
        const kind = target === ELEMENT_ARRAY_BUFFER ? 'index' : 'other';
        if (buffer.kind !== 'undefined' && buffer.kind !== kind)
          fake.errors.push('bindBuffer: of the other kind');
        buffer.kind = kind;
      }
      bound.set(target, buffer);
    },
    bufferData(target: number, bytes: number) {
      if (fake.limitBytes > 0 && liveBytes() + bytes > fake.limitBytes) error = 0x0505;
      else at(target, 'bufferData').bytes = new Uint8Array(bytes);
    },
    bufferSubData(target: number, to: number, source: Uint8Array, start: number, length: number) {
      const size = source.BYTES_PER_ELEMENT;
      const from = new Uint8Array(source.buffer, source.byteOffset + start * size, length * size);
      const { bytes } = at(target, 'bufferSubData');
      if (to + from.length > bytes.length) fake.errors.push('bufferSubData: out of range');
      else bytes.set(from, to);
    },
    copyBufferSubData(read: number, write: number, from: number, to: number, length: number) {
      const source = at(read, 'copyBufferSubData');
      const target = at(write, 'copyBufferSubData');
      if (source.kind !== target.kind) fake.errors.push('copyBufferSubData: kinds differ');
      if (from + length > source.bytes.length || to + length > target.bytes.length)
        fake.errors.push('copyBufferSubData: out of range');
      if (source === target && Math.abs(from - to) < length)
        fake.errors.push('copyBufferSubData: overlap');
      if (fake.skipCopies-- > 0) return;
      target.bytes.set(source.bytes.slice(from, from + length), to);
    },
    getBufferSubData(target: number, from: number, into: Uint8Array) {
      into.set(at(target, 'getBufferSubData').bytes.subarray(from, from + into.length));
    },
    getParameter: () => null,
    bindVertexArray() {},
    createVertexArray: () => ({}),
    deleteVertexArray() {},
    enableVertexAttribArray() {},
    disableVertexAttribArray() {},
    vertexAttribDivisor() {},
    vertexAttribPointer(
      location: number,
      size: number,
      type: number,
      normalized: boolean,
      stride: number,
      offset: number,
    ) {
      const buffer = at(0x8892, 'vertexAttribPointer');
      fake.pointers.push({ location, buffer, size, type, normalized, stride, offset });
    },
    isContextLost: () => false,
    getError() {
      const last = error;
      error = 0;
      return last;
    },
  };
  const fake: FakeGl = {
    gl: gl as unknown as WebGL2RenderingContext,
    errors: [],
    pointers: [],
    limitBytes: 0,
    skipCopies: 0,
    get liveBytes() {
      return liveBytes();
    },
    bytesOf: (buffer) => (buffer as unknown as FakeBuffer).bytes,
  };
  return fake;
}

/** A renderer that draws nothing, on such a context. */
export function fakeRenderer({ gl }: FakeGl): ViewRenderer {
  const renderer: ViewRenderer & { isWebGLRenderer: boolean; getContext: () => unknown } = {
    isWebGLRenderer: true,
    initTexture: () => undefined,
    getDrawingBufferSize: (target) => target.set(1280, 720),
    getContext: () => gl,
  };
  return renderer;
}
