/**
 * Decodes blocks of the public LZ4 block format, so that data of any LZ4 tool can be read. Every
 * length and offset is checked against both buffers before a byte is copied.
 *
 * Based on: Collet, Y. LZ4 Block Format Description. 2022.
 */

/** What `decodeLz4` returns for a block that is none. */
export const LZ4_DAMAGED = -1;

/** Copies at least this long are worth a call into the engine; shorter ones are cheaper in place. */
const LONG_COPY_BYTES = 24;

/**
 * Decodes the block `source[start, end)` into `target[at, limit)` and returns how many bytes came
 * out, or `LZ4_DAMAGED` where the block breaks the format or does not fit. Matches reach back to
 * `at`, never before it. Bytes of the range may have been written either way; none outside of it
 * ever is. Allocates nothing that grows with the data.
 */
export function decodeLz4(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  limit: number,
): number {
  let from = start;
  let to = at;
  while (from < end) {
    const token = source[from++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= end) return LZ4_DAMAGED;
        more = source[from++]!;
        literals += more;
      }
    }
    if (literals > end - from || literals > limit - to) return LZ4_DAMAGED;
    if (literals >= LONG_COPY_BYTES) {
      target.set(source.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    } else for (const stop = from + literals; from < stop; ) target[to++] = source[from++]!;
    // A block ends with literals.
    if (from === end) return to - at;

    if (end - from < 2) return LZ4_DAMAGED;
    const offset = source[from]! | (source[from + 1]! << 8);
    from += 2;
    if (offset === 0 || offset > to - at) return LZ4_DAMAGED;
    let length = token & 15;
    if (length === 15) {
      let more = 255;
      while (more === 255) {
        if (from >= end) return LZ4_DAMAGED;
        more = source[from++]!;
        length += more;
      }
    }
    length += 4;
    if (length > limit - to) return LZ4_DAMAGED;
    if (length >= LONG_COPY_BYTES) repeat(target, to, offset, length);
    else
      for (let i = to - offset, stop = i + length, o = to; i < stop; ) target[o++] = target[i++]!;
    to += length;
  }
  return LZ4_DAMAGED;
}

/** Writes `length` bytes at `to`, each equal to the one `offset` before it, which may overlap. */
function repeat(target: Uint8Array, to: number, offset: number, length: number): void {
  const from = to - offset;
  if (offset === 1) {
    target.fill(target[from]!, to, to + length);
    return;
  }
  // What is written doubles what can be copied next.
  for (let done = 0; done < length; ) {
    const count = Math.min(length - done, offset + done);
    target.copyWithin(to + done, from, from + count);
    done += count;
  }
}
