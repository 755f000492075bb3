/** What a decode result is, to the byte. Runs in pages too. */
import { crc32 } from '../../src/base/crc32.ts';
import { type AttributeArray, isCustom } from '../../src/io/content.ts';
import type { DecodeResult } from '../../src/io/decoder.ts';

/** All of a result but its time, arrays by type and checksum of their bytes. */
export function fingerprint({ decodeMs: _, ...result }: DecodeResult): string {
  return JSON.stringify(result, (_key, value: unknown) => {
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      const bytes = new Uint8Array(byteLength);
      bytes.set(new Uint8Array(buffer, byteOffset, byteLength));
      return `${value.constructor.name} ${byteLength} ${crc32(bytes)}`;
    }
    return Object.is(value, -0) ? '-0' : typeof value === 'number' ? String(value) : value;
  });
}

/** Arrays of the content that lie in shared memory, and all of them. */
export function countShared(results: readonly DecodeResult[]): { shared: number; all: number } {
  let [shared, all] = [0, 0];
  // A page that is not isolated does not even know the name.
  const isShared = typeof SharedArrayBuffer === 'function';
  for (const array of arraysOf(results)) {
    all++;
    if (isShared && (array.buffer as unknown) instanceof SharedArrayBuffer) shared++;
  }
  return { shared, all };
}

/** Vertices and indices of all meshes. */
export function arraysOf(results: readonly DecodeResult[]): (AttributeArray | Uint32Array)[] {
  return results.flatMap(({ content }) =>
    content && !isCustom(content)
      ? content.primitives.flatMap(({ attributes, index }) => [
          index,
          ...attributes.map(({ array }) => array),
        ])
      : [],
  );
}
