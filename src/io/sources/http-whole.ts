/**
 * Parts out of a whole file: what is left when a server answers a range with everything. The first
 * download of a file serves all reads of it; its own parts go out as it comes.
 */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import type { PartCutter } from '../parts.ts';
import type { Bytes } from '../source.ts';
import type { HttpRequest } from './http-request.ts';
import { orCancelled } from './read-error.ts';
import type { WholeFiles } from './whole-files.ts';

export interface WholeRead {
  file: string;
  cutter: PartCutter;
  files: WholeFiles;
  signal: AbortSignal | undefined;
}

/** `request` has been answered with the whole file. Returns the bytes that this read has cost. */
export async function readFromWhole(request: HttpRequest, read: WholeRead): Promise<number> {
  const { file, cutter, files, signal } = read;
  const known = files.get(file);
  if (known) {
    request.abandon();
    cutFrom(file, await orCancelled(file, known, signal), cutter);
    return 0;
  }
  const { capacityBytes } = files;
  const length = Number(request.response.headers.get('content-length') ?? 0);
  if (length > capacityBytes) files.markTooLarge(file);
  if (files.isTooLarge(file)) {
    await request.body(cuttingTap(cutter));
    return finish(request, file, cutter);
  }
  // Others may come to wait for this download: it goes on when this read is cancelled.
  request.release();
  await orCancelled(file, startDownload(request, read, length), signal);
  return finish(request, file, cutter);
}

/** Ends as soon as the cutter has all it wants; the download goes on by itself. */
function startDownload(request: HttpRequest, read: WholeRead, length: number): Promise<unknown> {
  const { file, cutter, files, signal } = read;
  return new Promise((resolve, reject) => {
    const tap = cuttingTap(cutter);
    const download = wholeBody(request, files.capacityBytes, (chunk) => {
      if (signal?.aborted || tap(chunk)) return;
      resolve(undefined);
    }).catch((error: unknown) => {
      if (request.receivedBytes > files.capacityBytes) files.markTooLarge(file);
      throw error;
    });
    files.add(file, length, download).then(resolve, reject);
  });
}

/** Feeds a cutter with its span of a body; false when it has all of it. */
function cuttingTap(cutter: PartCutter): (chunk: Uint8Array) => boolean {
  let at = 0;
  return (chunk) => {
    const from = Math.max(0, cutter.start - at);
    if (from < chunk.length) cutter.push(chunk.subarray(from));
    at += chunk.length;
    return at < cutter.end;
  };
}

/** Cuts parts from a file that is there. */
export function cutFrom(file: string, bytes: Bytes, cutter: PartCutter): void {
  // As much as there is: the parts before the end of the file are good.
  cutter.push(bytes.subarray(cutter.start, cutter.end));
  if (cutter.end > bytes.length) throw tooShort(file, bytes.length, cutter);
}

/** Reads all of a body; throws when it is longer than `maxBytes`. */
export async function wholeBody(
  request: HttpRequest,
  maxBytes: number,
  onChunk: (chunk: Uint8Array) => void = () => undefined,
): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  await request.body((chunk) => {
    onChunk(chunk);
    chunks.push(chunk);
    if (request.receivedBytes <= maxBytes) return true;
    throw new StreamError(
      ErrorCode.ShortRead,
      `${request.url.href} is longer than ${maxBytes} bytes, the most that is read as a whole`,
    );
  });
  const bytes = new Uint8Array(request.receivedBytes);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function finish(request: HttpRequest, file: string, cutter: PartCutter): number {
  const { receivedBytes } = request;
  if (cutter.received < cutter.end - cutter.start) throw tooShort(file, receivedBytes, cutter);
  return receivedBytes;
}

function tooShort(file: string, fileBytes: number, { start, end }: PartCutter): StreamError {
  return new StreamError(
    ErrorCode.ShortRead,
    `${file} has ${fileBytes} bytes, expected bytes ${start} to ${end}`,
  );
}
