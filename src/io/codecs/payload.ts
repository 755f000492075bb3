/**
 * A payload from stored bytes to content: checksum, then blocks, then codec. The one path that the
 * worker and the inline decoder share; whatever goes wrong comes out as a result with a code.
 */
import { crc32 } from '../../base/crc32.ts';
import { ErrorCode, reasonOf, StreamError } from '../../base/errors.ts';
import { unpackBlocks } from '../blocks.ts';
import { isCustomKind, type PayloadContent } from '../content.ts';
import type { DecodeJob, DecodeResult } from '../decoder.ts';
import type { Bytes } from '../source.ts';
import { decodeCustom } from './custom.ts';
import { countBytes } from './transfer.ts';

/**
 * Turns the content of a payload (blocks undone) into arrays and images. `name` is told what unpacks
 * most of it.
 */
export type ContentDecode = (
  content: Bytes,
  job: PayloadJob,
  name: (codec: string) => void,
) => PayloadContent | Promise<PayloadContent>;

export interface PayloadJob
  extends Pick<DecodeJob, 'kind' | 'bytes' | 'checksum' | 'decodedBytes' | 'label'> {
  /** Address of the game's decoder module, for kinds of its own. */
  decoder?: string | null;
}

/** Sends kinds of the game's own to their decoder, and everything else to the mesh codecs. */
export function createContentDecode(decodeMesh: ContentDecode): ContentDecode {
  return (content, job, name) => {
    if (!isCustomKind(job.kind)) return decodeMesh(content, job, name);
    name(`kind ${job.kind}`);
    return decodeCustom(content, job);
  };
}

/** The codec of what was not read far enough to say, or decoded by a stand-in that does not. */
const UNNAMED = 'other';

/**
 * Never throws and never rejects. Answers at once where `decode` does.
 *
 * @param now milliseconds, for `decodeMs`
 */
export function decodePayload(
  job: PayloadJob,
  decode: ContentDecode,
  now: () => number,
): DecodeResult | Promise<DecodeResult> {
  const startMs = now();
  let codec = UNNAMED;
  const name = (seen: string): void => {
    codec = seen;
  };
  const succeed = (content: PayloadContent): DecodeResult => ({
    code: ErrorCode.None,
    message: '',
    content,
    decodeMs: now() - startMs,
    codec,
    decodedBytes: countBytes(content, job.decodedBytes),
  });
  const fail = (error: unknown): DecodeResult => ({
    ...failResult(job.label, error, now() - startMs),
    codec,
  });
  try {
    verify(job);
    const unpacked = unpackBlocks(job.bytes);
    const content =
      unpacked instanceof Promise
        ? unpacked.then((bytes) => decode(bytes, job, name))
        : decode(unpacked, job, name);
    return content instanceof Promise ? content.then(succeed, fail) : succeed(content);
  } catch (error) {
    return fail(error);
  }
}

/** The result of a job that ended in `error`; anything but a `StreamError` counts as `Decode`. */
export function failResult(label: string, error: unknown, decodeMs: number = 0): DecodeResult {
  const code = error instanceof StreamError ? error.code : ErrorCode.Decode;
  const message = reasonOf(error);
  return { code, message: `${label}: ${message}`, content: null, decodeMs, decodedBytes: 0 };
}

function verify({ bytes, checksum }: PayloadJob): void {
  const seen = crc32(bytes);
  if (seen !== checksum >>> 0)
    throw new StreamError(
      ErrorCode.Checksum,
      `${bytes.length} bytes have checksum ${hex(seen)}, expected ${hex(checksum >>> 0)}`,
    );
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
