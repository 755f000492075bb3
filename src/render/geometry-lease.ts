/**
 * The geometries of one payload in the shared buffers: which array lies where in its two ranges,
 * and how far they have been written.
 */
import type { BufferGeometry } from 'three';
import { NO_RANGE } from '../memory/arena/range-arena.ts';
import type { UploadLimits } from '../memory/upload-allowance.ts';
import { UploadKind } from '../memory/upload-cost.ts';
import type { RangeBuffer, TypedSource } from './range-buffer.ts';
import { SharedGeometry } from './shared-geometry.ts';

/** Within a range every array begins at a multiple of it: the largest element. */
const ARRAY_ALIGNMENT_BYTES = 4;

interface PlacedArray {
  array: TypedSource & { readonly length: number };
  /** Bytes from the start of the range. */
  at: number;
}

export class GeometryLease {
  vertexRange: number = NO_RANGE;
  indexRange: number = NO_RANGE;
  /** Bytes of its ranges. */
  readonly vertexBytes: number;
  readonly indexBytes: number;
  /** Bytes of all arrays: what the payload's row says. */
  readonly bytes: number;
  readonly vertexArrays: readonly PlacedArray[];
  readonly indexArrays: readonly PlacedArray[];
  readonly #geometries: readonly SharedGeometry[];

  /** Over geometries of one payload; they are drawable once they are placed and written. */
  constructor(geometries: readonly BufferGeometry[]) {
    this.#geometries = geometries.filter((one) => one instanceof SharedGeometry);
    const vertexArrays = this.#geometries.flatMap(({ attributes }) =>
      Object.values(attributes).map(({ array }) => array as TypedSource as PlacedArray['array']),
    );
    const indexArrays = this.#geometries.map(({ index }) => index!.array as PlacedArray['array']);
    [this.vertexArrays, this.vertexBytes] = pack(vertexArrays);
    [this.indexArrays, this.indexBytes] = pack(indexArrays);
    this.bytes = [...vertexArrays, ...indexArrays].reduce((sum, one) => sum + one.byteLength, 0);
  }

  /** Says where its vertices lie from now on. */
  placeVertices(buffer: WebGLBuffer, offsetBytes: number): void {
    let next = 0;
    for (const geometry of this.#geometries) {
      const first = next;
      next += Object.keys(geometry.attributes).length;
      geometry.placeVertices(buffer, (i) => offsetBytes + this.vertexArrays[first + i]!.at);
    }
  }

  placeIndices(buffer: WebGLBuffer, offsetBytes: number): void {
    this.#geometries.forEach((geometry, i) => {
      geometry.placeIndex(buffer, offsetBytes + this.indexArrays[i]!.at);
    });
  }
}

function pack(arrays: readonly PlacedArray['array'][]): [PlacedArray[], number] {
  let at = 0;
  const placed = arrays.map((array) => {
    const one = { array, at };
    at += Math.ceil(array.byteLength / ARRAY_ALIGNMENT_BYTES) * ARRAY_ALIGNMENT_BYTES;
    return one;
  });
  return [placed, at];
}

/** Writes a lease's arrays into its ranges, a piece at a time. */
export class LeaseWriter {
  readonly #lease: GeometryLease;
  #arrayIndex = 0;
  /** Elements of that array that are written. */
  #written = 0;

  constructor(lease: GeometryLease) {
    this.#lease = lease;
  }

  /** Writes as much as the limits and the rings allow; true when all is written. */
  write(vertices: RangeBuffer, indices: RangeBuffer, limits?: UploadLimits): boolean {
    const { vertexArrays, indexArrays, vertexRange, indexRange } = this.#lease;
    const count = vertexArrays.length + indexArrays.length;
    while (this.#arrayIndex < count) {
      const isVertices = this.#arrayIndex < vertexArrays.length;
      const target = isVertices ? vertices : indices;
      const range = isVertices ? vertexRange : indexRange;
      const one = isVertices
        ? vertexArrays[this.#arrayIndex]!
        : indexArrays[this.#arrayIndex - vertexArrays.length]!;
      if (!this.#writeOne(target, range, one, limits)) return false;
    }
    return true;
  }

  /** A piece of one array; false where no more may be written in this frame. */
  #writeOne(
    target: RangeBuffer,
    range: number,
    { array, at }: PlacedArray,
    limits: UploadLimits | undefined,
  ): boolean {
    const size = array.BYTES_PER_ELEMENT;
    const leftBytes = (array.length - this.#written) * size;
    const staged = limits ? Math.min(leftBytes, target.stagingLeftBytes) : leftBytes;
    if (staged < leftBytes && staged < target.leastPieceBytes) return false;
    const granted = limits ? limits.fit(UploadKind.Geometry, staged) : leftBytes;
    const elements = Math.floor(Math.min(staged, granted) / size);
    if (elements === 0) return false;
    target.write(range, at + this.#written * size, array, this.#written, elements);
    limits?.went(UploadKind.Geometry, elements * size);
    this.#written += elements;
    if (this.#written < array.length) return true;
    this.#arrayIndex++;
    this.#written = 0;
    return true;
  }
}
