/**
 * Geometry that lies somewhere in two buffers shared by all: one for vertices, one for indices.
 * The one place that relies on how three.js's WebGLRenderer is built inside:
 *
 * - `WebGLAttributes` resolves an attribute with `isInterleavedBufferAttribute` to its `data`, and
 *   takes a `data` (or an index) with `isGLBufferAttribute` as a buffer made by somebody else;
 * - `WebGLBindingStates` reads `data.stride` and `offset`, both in elements, and sets a vertex array
 *   object up anew when an attribute's `data` is another object than before;
 * - `renderBufferDirect` draws `drawRange` of the index, as far as `index.count` reaches;
 * - a geometry's `dispose` event deletes the buffers of the attributes that it has at that moment.
 *
 * `test/render/shared-geometry.test.ts` holds the three.js of this repository to all of that.
 */
import { BufferAttribute, BufferGeometry, REVISION, type TypedArray } from 'three';

/** Releases of three.js for which the above was verified. */
const VERIFIED_REVISIONS: readonly string[] = ['187'];

/** Whether shared geometry may be used with the three.js that is loaded. */
export function isVerifiedRevision(revision: string = REVISION): boolean {
  return VERIFIED_REVISIONS.includes(revision);
}

/** GL names of what an array holds. */
function glType(array: TypedArray): number {
  if (array instanceof Int8Array) return 0x1400;
  if (array instanceof Uint8Array) return 0x1401;
  if (array instanceof Int16Array) return 0x1402;
  if (array instanceof Uint16Array) return 0x1403;
  if (array instanceof Uint32Array) return 0x1405;
  if (array instanceof Float32Array) return 0x1406;
  throw new Error(`vertices in a ${array.constructor.name} cannot be shared`);
}

/** What `WebGLAttributes` takes for a buffer that is there already. */
class SharedBuffer {
  readonly isGLBufferAttribute = true;
  readonly isInterleavedBuffer = true;
  readonly version = 0;
  readonly buffer: WebGLBuffer;
  readonly type: number;
  readonly elementSize: number;
  /** Elements from one vertex to the next. */
  readonly stride: number;

  constructor(buffer: WebGLBuffer, type: number, elementSize: number, stride: number) {
    this.buffer = buffer;
    this.type = type;
    this.elementSize = elementSize;
    this.stride = stride;
  }
}

/**
 * One attribute, tightly packed. On the CPU it is an ordinary attribute over the decoded array; on
 * the GPU it begins at `offset` of the shared buffer.
 */
class SharedAttribute extends BufferAttribute {
  readonly isInterleavedBufferAttribute = true;
  data: SharedBuffer | null = null;
  /** Elements from the start of the shared buffer. */
  offset = 0;

  /** Says where it lies now; another `data` makes three.js look again. */
  place(buffer: WebGLBuffer, offsetBytes: number): void {
    const { array, itemSize } = this;
    const elementSize = array.BYTES_PER_ELEMENT;
    this.offset = offsetBytes / elementSize;
    this.data = new SharedBuffer(buffer, glType(array), elementSize, itemSize);
  }

  override clone(): this {
    return new BufferAttribute(this.array, this.itemSize, this.normalized).clone() as this;
  }
}

/** The index: elements `[first, first + length)` of the shared buffer, as the arrays on the CPU say. */
class SharedIndex extends BufferAttribute {
  readonly isGLBufferAttribute = true;
  buffer: WebGLBuffer | null = null;
  readonly type: number;
  readonly elementSize: number;
  first = 0;

  constructor(array: Uint16Array | Uint32Array) {
    super(array, 1);
    this.type = glType(array);
    this.elementSize = array.BYTES_PER_ELEMENT;
  }

  place(buffer: WebGLBuffer, offsetBytes: number): void {
    this.buffer = buffer;
    this.version++;
    this.first = offsetBytes / this.elementSize;
    // How far the shared buffer is used: three.js draws nothing beyond.
    (this as { count: number }).count = this.first + this.array.length;
  }

  /** By the number in the shared buffer, as `drawRange` counts. */
  override getX(index: number): number {
    return this.array[index - this.first]!;
  }

  override clone(): this {
    return new BufferAttribute(this.array, 1).clone() as this;
  }
}

/**
 * A geometry in the shared buffers. Attributes can be read as ever; `clone()` gives an ordinary
 * geometry with buffers of its own, for whoever wants to change it.
 */
export class SharedGeometry extends BufferGeometry {
  readonly isSharedGeometry = true;
  readonly #attributes: SharedAttribute[] = [];
  readonly #index: SharedIndex;

  constructor(index: Uint16Array | Uint32Array) {
    super();
    this.#index = new SharedIndex(index);
    this.setIndex(this.#index);
    this.drawRange.count = index.length;
  }

  /** Attributes are placed in the order in which they are added. */
  add(name: string, array: TypedArray, itemSize: number, normalized: boolean): void {
    const attribute = new SharedAttribute(array, itemSize, normalized);
    this.#attributes.push(attribute);
    this.setAttribute(name, attribute);
  }

  /** Offset of the next of its attributes is asked once each, in order (bytes). */
  placeVertices(buffer: WebGLBuffer, offsetOf: (index: number) => number): void {
    this.#attributes.forEach((attribute, i) => {
      attribute.place(buffer, offsetOf(i));
    });
  }

  placeIndex(buffer: WebGLBuffer, offsetBytes: number): void {
    this.#index.place(buffer, offsetBytes);
    this.drawRange.start = this.#index.first;
  }

  /** What a ray test counts as the first triangle: `faceIndex` of a hit less this is its own. */
  get firstTriangle(): number {
    return Math.floor(this.#index.first / 3);
  }

  /**
   * Lines are drawn by an index of their own, which begins at 0. Called around each drawing with
   * what it is drawn with.
   */
  setWireframe(isWireframe: boolean): void {
    this.drawRange.start = isWireframe ? 0 : this.#index.first;
  }

  /** Frees what three.js has made for it. The shared buffers are not its own. */
  override dispose(): void {
    const { attributes, index } = this;
    this.attributes = {};
    this.index = null;
    super.dispose();
    this.attributes = attributes;
    this.index = index;
  }

  override clone(): this {
    return this.#plain().clone() as this;
  }

  override toNonIndexed(): BufferGeometry {
    return this.#plain().toNonIndexed();
  }

  #plain(): BufferGeometry {
    const plain = new BufferGeometry();
    for (const [name, { array, itemSize, normalized }] of Object.entries(this.attributes)) {
      plain.setAttribute(name, new BufferAttribute(array, itemSize, normalized));
    }
    plain.setIndex(new BufferAttribute(this.#index.array, 1));
    plain.boundingSphere = this.boundingSphere;
    return plain;
  }
}
