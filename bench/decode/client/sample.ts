/** A payload to decode over and over: its stored bytes and what comes out of it. Plain data. */
export interface Sample {
  /** e.g. `meshopt`, or with its block codec `meshopt + deflate`. */
  codec: string;
  /** What was packed, e.g. `grid 101,124 vertices`. */
  name: string;
  file: string;
  /** Stored bytes in all. */
  bytes: number;
  checksum: number;
  /** Bytes of the decoded arrays. */
  decodedBytes: number;
  triangles: number;
}
