/** A real HTTP server of one file whose answers a test can spoil, path by path. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Ends the request as it likes, or not at all. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FaultServer {
  /** Folder of the files: `http://127.0.0.1:PORT/world`. */
  readonly url: string;
  readonly origin: string;
  /** Requests as they came. */
  readonly requests: {
    path: string;
    range: string | undefined;
    headers: IncomingMessage['headers'];
  }[];
  /** Files by name. */
  readonly files: Map<string, Uint8Array>;
  /** Asked first; returns what shall answer instead, if anything. */
  onRequest: (path: string, request: IncomingMessage) => Answer | undefined;
  /** Answers as a good server would. */
  readonly good: Answer;
  close(): Promise<void>;
}

export async function startFaultServer(): Promise<FaultServer> {
  const files = new Map<string, Uint8Array>();
  const requests: FaultServer['requests'] = [];
  const good: Answer = (request, response) => {
    const file = files.get(nameOf(request));
    if (!file) {
      response.writeHead(404).end('nothing here');
      return;
    }
    const range = rangeOf(request);
    if (!range) {
      response.writeHead(200, { 'content-length': file.length }).end(file);
      return;
    }
    const part = file.subarray(...range);
    const head = rangeHead(range[0], range[0] + part.length, file.length);
    response.writeHead(206, { ...head, 'content-length': part.length }).end(part);
  };
  const server = createServer((request, response) => {
    requests.push({
      path: nameOf(request),
      range: request.headers.range,
      headers: request.headers,
    });
    (result.onRequest(nameOf(request), request) ?? good)(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const result: FaultServer = {
    url: `${origin}/world`,
    origin,
    requests,
    files,
    onRequest: () => undefined,
    good,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return result;
}

/** `[start, end)` of the range asked for. */
export function rangeOf(request: IncomingMessage): [number, number] | undefined {
  const match = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  return match ? [Number(match[1]), Number(match[2]) + 1] : undefined;
}

export function rangeHead(start: number, end: number, total: number): Record<string, string> {
  return { 'content-range': `bytes ${start}-${end - 1}/${total}` };
}

function nameOf(request: IncomingMessage): string {
  return decodeURIComponent((request.url ?? '').replace(/^\/world\//, ''));
}
