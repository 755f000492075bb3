/** Typed arrays cannot grow: tables that do are copied into longer ones, between frames. */

type TypedArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array;

/**
 * A copy of the first `used` values in an array of `length`, zeros after them. The old array is
 * left as it is; whoever holds it holds yesterday's table.
 */
export function grown<T extends TypedArray>(
  array: T,
  length: number,
  used: number = array.length,
): T {
  const longer = new (array.constructor as new (length: number) => T)(length);
  longer.set(array.subarray(0, Math.min(used, length)) as never);
  return longer;
}
