/**
 * Raw inflate with a known output size. Node's own zlib is four times faster than JavaScript and is
 * used where it exists; a browser worker uses fflate writing straight into place.
 */
import { inflateSync } from 'fflate';
import type { Bytes } from './source.ts';

/**
 * Inflates `source` into `target` and returns how many bytes came out. One that returns more than
 * `target.length` says that the stream holds more than fits. Throws when the stream is damaged.
 */
export type Inflate = (source: Bytes, target: Bytes) => number;

/** Inflate in JavaScript; allocates nothing that grows with the data. */
export const inflateWithFflate: Inflate = (source, target) =>
  inflateSync(source, { out: target }).length;

interface Zlib {
  inflateRawSync(source: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

/** Inflate through Node's zlib, or null where there is none. */
export function findNodeInflate(): Inflate | null {
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => unknown } };
  const zlib = host.process?.getBuiltinModule?.('node:zlib') as Zlib | undefined;
  if (typeof zlib?.inflateRawSync !== 'function') return null;
  return (source, target) => {
    const bytes = zlib.inflateRawSync(source, { maxOutputLength: target.length });
    target.set(bytes);
    return bytes.length;
  };
}

/** The fastest inflate of this host. */
export const inflate: Inflate = findNodeInflate() ?? inflateWithFflate;
