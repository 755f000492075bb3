/** A payload to bring in: where it lies and what its bytes must be. Plain data, for any process. */
export interface PayloadRef {
  /** Index in the world's catalog. */
  payload: number;
  /** `PayloadKind`. */
  kind: number;
  file: string;
  /** Bytes `[start, end)` of the file. */
  start: number;
  end: number;
  /** CRC-32 of these bytes. */
  checksum: number;
  /** Most bytes that the decoded content may take. */
  decodedBytes: number;
}

/** Bytes of all payloads together. */
export function totalBytes(payloads: readonly PayloadRef[]): number {
  return payloads.reduce((sum, { start, end }) => sum + end - start, 0);
}
