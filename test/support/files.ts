/**
 * A folder over HTTP with byte ranges, as a middleware and as a server of its own: what a game's
 * static host does, with the faults that tests need.
 */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, resolve, sep } from 'node:path';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.svg': 'image/svg+xml',
};

export interface FileOptions {
  /** Answer range requests with the whole file and status 200, as some hosts do. Default false. */
  ignoreRanges?: boolean;
  /** Sent with every answer. */
  headers?: Record<string, string>;
}

export interface FileServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

/** Serves `folder` on a free local port. The caller closes it. */
export async function serveFolder(folder: string, options: FileOptions = {}): Promise<FileServer> {
  const server = createServer((request, response) => {
    if (sendFile(folder, request.url ?? '/', request, response, options)) return;
    response.writeHead(404, { 'content-type': 'text/plain' }).end(`no such file: ${request.url}`);
  });
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/**
 * Answers with the file at `url` below `folder`; false, and nothing sent, where there is none.
 * Paths that lead out of the folder count as absent.
 */
export function sendFile(
  folder: string,
  url: string,
  request: IncomingMessage,
  response: ServerResponse,
  options: FileOptions = {},
): boolean {
  const root = resolve(folder);
  const name = decodeURIComponent(new URL(url, 'http://localhost').pathname);
  const path = resolve(join(root, name.endsWith('/') ? `${name}index.html` : name));
  if (!path.startsWith(root + sep)) return false;
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats?.isFile()) return false;
  const headers: Record<string, string | number> = {
    'content-type': TYPES[extname(path)] ?? 'application/octet-stream',
    ...(options.ignoreRanges ? {} : { 'accept-ranges': 'bytes' }),
    ...options.headers,
  };
  const range = options.ignoreRanges ? null : parseRange(request.headers.range, stats.size);
  if (range === 'unsatisfiable') {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${stats.size}` }).end();
    return true;
  }
  const [start, end] = range ?? [0, stats.size];
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${stats.size}`;
  headers['content-length'] = end - start;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === 'HEAD' || end === start) response.end();
  else
    createReadStream(path, { start, end: end - 1 })
      .on('error', (error) => response.destroy(error))
      .pipe(response);
  return true;
}

/** `[start, end)` of a single-range header; null where there is none that can be understood. */
function parseRange(
  header: string | undefined,
  sizeBytes: number,
): [number, number] | 'unsatisfiable' | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return null;
  const [, first = '', last = ''] = match;
  const start = first === '' ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? sizeBytes : Math.min(sizeBytes, Number(last) + 1);
  return start < end ? [start, end] : 'unsatisfiable';
}
