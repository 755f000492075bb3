/**
 * A local HTTP server of files in memory that knows byte ranges, and what each file name wants it to
 * do: fail, break off, wait. Counts what it was asked for.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface RangeServer {
  /** Folder of the files, with a slash at the end. */
  readonly base: string;
  readonly files: Map<string, Uint8Array>;
  /** What to do instead of sending a file, by its name. */
  readonly answers: Map<string, Answer>;
  readonly requests: { file: string; range: string | undefined }[];
  /** Requests whose connection was closed before the answer was complete. */
  readonly abortedCount: number;
  close(): Promise<void>;
}

export async function startRangeServer(): Promise<RangeServer> {
  const files = new Map<string, Uint8Array>();
  const answers = new Map<string, Answer>();
  const requests: RangeServer['requests'] = [];
  let abortedCount = 0;
  const server = createServer((request, response) => {
    const file = decodeURIComponent((request.url ?? '').replace('/files/', ''));
    requests.push({ file, range: request.headers.range });
    response.on('close', () => {
      if (!response.writableFinished) abortedCount++;
    });
    const answer = answers.get(file);
    const bytes = files.get(file);
    if (answer) answer(request, response);
    else if (bytes) sendRange(bytes, request, response);
    else response.writeHead(404, { 'content-type': 'text/plain' }).end('nothing here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    base: `http://127.0.0.1:${port}/files/`,
    files,
    answers,
    requests,
    get abortedCount() {
      return abortedCount;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Writes the head of the answer to a range request and returns the bytes that shall follow. */
export function startRange(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): Uint8Array {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  if (!match) {
    response.writeHead(200, { 'content-length': bytes.length });
    return bytes;
  }
  const part = bytes.subarray(Number(match[1]), Number(match[2]) + 1);
  response.writeHead(206, {
    'content-range': `bytes ${match[1]}-${Number(match[1]) + part.length - 1}/${bytes.length}`,
    'content-length': part.length,
  });
  return part;
}

export function sendRange(
  bytes: Uint8Array,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  response.end(startRange(bytes, request, response));
}
