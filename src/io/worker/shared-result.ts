/**
 * A decode result as a text record: its arrays lie in slabs of shared memory and the text says
 * where, so that the other thread makes views instead of receiving buffers. What text cannot say
 * exactly is listed beside it; what cannot be shared (images, other classes) is left to a message.
 */
import { type DecodedImage, isCustom } from '../content.ts';
import type { WorkerResult } from './protocol.ts';

/** Results with more bytes than this are transferred: their message costs little beside them. */
export const MAX_SHARED_BYTES: number = 256 * 1024;
const SLAB_BYTES = 1024 * 1024;

const ARRAYS = [
  Int8Array,
  Uint8Array,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
] as const;

/** What JSON would change. */
const ODD_VALUES: readonly unknown[] = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  -0,
];

type Path = (string | number)[];

interface SharedRecord {
  result: WorkerResult;
  /** Where in `result`, index in `ARRAYS`, slab, byte offset, length. */
  arrays: [Path, number, number, number, number][];
  /** Where in `result`, index in `ODD_VALUES`. */
  odd: [Path, number][];
}

/** Shared memory, filled from the front. A slab lives as long as any content in it does. */
export class SlabWriter {
  readonly #announce: (index: number, buffer: SharedArrayBuffer) => void;
  #buffer: SharedArrayBuffer | null = null;
  #index = -1;
  #used = 0;

  /** @param announce told of every slab before anything is put in it */
  constructor(announce: (index: number, buffer: SharedArrayBuffer) => void) {
    this.#announce = announce;
  }

  /** Copies the bytes to where the next ones belong. */
  put(bytes: Uint8Array): { slab: number; offset: number } {
    if (!this.#buffer || this.#used + bytes.length > SLAB_BYTES) {
      this.#buffer = new SharedArrayBuffer(SLAB_BYTES);
      this.#index++;
      this.#used = 0;
      this.#announce(this.#index, this.#buffer);
    }
    const offset = this.#used;
    new Uint8Array(this.#buffer, offset, bytes.length).set(bytes);
    // The next array may need to begin at a multiple of 8.
    this.#used = (offset + bytes.length + 7) & ~7;
    return { slab: this.#index, offset };
  }
}

/** The record of a result, or null when it has to go by message. */
export function packResult(result: WorkerResult, slabs: SlabWriter): string | null {
  const { content } = result;
  // What the game made is the game's; a bitmap cannot be shared, and encoded bytes may be for a Blob.
  if (content && (isCustom(content) || content.images.some(isUnshareable))) return null;
  const views: { path: Path; view: ArrayBufferView }[] = [];
  const odd: SharedRecord['odd'] = [];
  const plain = flatten(result, [], views, odd);
  if (plain === REFUSED) return null;
  if (views.reduce((sum, { view }) => sum + view.byteLength, 0) > MAX_SHARED_BYTES) return null;
  const arrays = views.map(({ path, view }): SharedRecord['arrays'][number] => {
    const type = ARRAYS.findIndex((one) => view instanceof one);
    const { slab, offset } = slabs.put(
      new Uint8Array(view.buffer, view.byteOffset, view.byteLength),
    );
    return [path, type, slab, offset, (view as Uint8Array).length];
  });
  return JSON.stringify({ result: plain, arrays, odd });
}

/**
 * The result that a record stands for, or null when a slab of it has not been announced yet.
 *
 * @param slabs by index; those before the ones used are forgotten
 */
export function unpackResult(
  text: string,
  slabs: Map<number, SharedArrayBuffer>,
): WorkerResult | null {
  const { result, arrays, odd } = JSON.parse(text) as SharedRecord;
  if (arrays.some(([, , slab]) => !slabs.has(slab))) return null;
  for (const [path, type, slab, offset, length] of arrays)
    assign(result, path, new ARRAYS[type]!(slabs.get(slab)! as never, offset, length));
  for (const [path, index] of odd) assign(result, path, ODD_VALUES[index]);
  const first = arrays[0]?.[2] ?? 0;
  for (const index of slabs.keys()) if (index < first) slabs.delete(index);
  return result;
}

function isUnshareable({ bitmap, encoded }: DecodedImage): boolean {
  return bitmap !== null || encoded !== null;
}

const REFUSED = Symbol('refused');

/** A copy without arrays and odd values, which are listed with their paths. */
function flatten(
  value: unknown,
  path: Path,
  views: { path: Path; view: ArrayBufferView }[],
  odd: SharedRecord['odd'],
): unknown {
  const oddIndex = ODD_VALUES.findIndex((one) => Object.is(one, value));
  if (oddIndex >= 0) {
    odd.push([path, oddIndex]);
    return 0;
  }
  if (typeof value !== 'object' || value === null)
    return ['string', 'number', 'boolean'].includes(typeof value) || value === null
      ? value
      : REFUSED;
  if (ARRAYS.some((one) => value instanceof one)) {
    views.push({ path, view: value as ArrayBufferView });
    return 0;
  }
  const isList = Array.isArray(value);
  if (!isList && Object.getPrototypeOf(value) !== Object.prototype) return REFUSED;
  const copy: Record<string | number, unknown> | unknown[] = isList ? [] : {};
  for (const key of Object.keys(value)) {
    const step = isList ? Number(key) : key;
    const part = flatten((value as Record<string, unknown>)[key], [...path, step], views, odd);
    if (part === REFUSED || key === '__proto__') return REFUSED;
    (copy as Record<string | number, unknown>)[step] = part;
  }
  return copy;
}

function assign(root: object, path: Path, value: unknown): void {
  let at = root as Record<string | number, unknown>;
  for (let i = 0; i < path.length - 1; i++) at = at[path[i]!] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
}
