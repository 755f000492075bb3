/**
 * Everything the world can do wrong, as codes. The network, the bytes and the workers never throw
 * into a frame: they end as a completion record that carries one of these.
 */

/** Why a payload did not arrive. 0 is success. */
export const ErrorCode = {
  None: 0,
  /** No answer, or the connection broke. Retried. */
  Network: 1,
  /** No byte for too long. Retried. */
  Timeout: 2,
  /** The server said no (HTTP 4xx). Final. */
  NotFound: 3,
  /** The server failed (HTTP 5xx). Retried. */
  Server: 4,
  /** Fewer or other bytes than asked for. Retried. */
  ShortRead: 5,
  /** The bytes do not match their checksum. Fetched once more, then final. */
  Checksum: 6,
  /** The bytes match their checksum but cannot be decoded. Final. */
  Decode: 7,
  /** The worker died while decoding this. Retried once. */
  WorkerCrash: 8,
  /** The request was withdrawn. Not an error to anybody. */
  Cancelled: 9,
  /** The payload could not be handed to the GPU. Final. */
  Upload: 10,
  /** The name is in no opened world. */
  UnknownAsset: 11,
  /** A pin asks for more than the budget can ever hold. */
  PinExceedsBudget: 12,
  /** A component holds data that cannot be used. */
  InvalidData: 13,
  /** Not asked: the device is offline or the origin fails so often that it is left alone. Retried. */
  Unavailable: 14,
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const NAMES = Object.keys(ErrorCode) as (keyof typeof ErrorCode)[];

/** The name of a code, for messages: `errorName(6)` is `"Checksum"`. */
export function errorName(code: number): string {
  return NAMES.find((name) => ErrorCode[name] === code) ?? `unknown error ${code}`;
}

/** An error with a code, thrown inside `io` and turned into a completion before it can leave. */
export class StreamError extends Error {
  readonly code: ErrorCode;
  /** Earliest retry asked for by the server (`Retry-After`), in milliseconds from now. */
  readonly retryAfterMs: number;

  constructor(code: ErrorCode, message: string, retryAfterMs: number = 0) {
    super(message);
    this.name = 'StreamError';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The message of anything thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
