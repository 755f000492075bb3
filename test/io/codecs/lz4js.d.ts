/** The part of lz4js that the tests use: another implementation of the LZ4 block format. */
declare module 'lz4js' {
  const lz4js: {
    compressBound(length: number): number;
    /** Returns the bytes written, 0 where there is nothing to match. */
    compressBlock(
      source: Uint8Array,
      target: Uint8Array,
      start: number,
      length: number,
      table: Uint32Array,
    ): number;
    /** Returns the index behind the last byte written. */
    decompressBlock(
      source: Uint8Array,
      target: Uint8Array,
      start: number,
      length: number,
      to: number,
    ): number;
    /** A frame, as the `lz4` tool writes it. */
    compress(source: Uint8Array): Uint8Array;
  };
  export default lz4js;
}
