/**
 * The server of the io benchmark, a process of its own: a folder over HTTP/1.1 with byte ranges, a
 * wait before each answer, one link that all answers share, and a log of every request. Its parent
 * tells it what to do; `bench-server.ts` is the other end.
 *
 *     /run/NAME/FILE   a file of the world, slow; NAME keeps loads apart, in the log and in caches
 *     /flood/BYTES     that many bytes over the slow link, to measure it
 *     /page/FILE       the page that the browser runs, at once
 */
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { join, resolve, sep } from 'node:path';
import { sendFile } from '../../test/support/files.ts';
import type { FromServer, ServerSettings, ToServer } from './bench-server.ts';
import type { LoggedRequest } from './request-log.ts';
import { createSharedLink } from './shared-link.ts';

/** Bytes that may wait in a socket before its reader counts as too slow. */
const MAX_WAITING_BYTES = 1024 * 1024;

/** `SharedArrayBuffer` and fine timers need these. */
const ISOLATION = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
};

const settings: ServerSettings = { world: '', page: '', latencyMs: 0, bytesPerSecond: null };
const link = createSharedLink();
const files = new Map<string, Uint8Array>();
const connections = new WeakMap<Socket, number>();
let connectionCount = 0;
let log: LoggedRequest[] = [];

const now = (): number => performance.timeOrigin + performance.now();

function readWorldFile(name: string): Uint8Array | null {
  const known = files.get(name);
  if (known) return known;
  const root = resolve(settings.world);
  const path = resolve(join(root, name));
  if (!path.startsWith(root + sep) || !statSync(path, { throwIfNoEntry: false })?.isFile())
    return null;
  const bytes = readFileSync(path);
  files.set(name, bytes);
  return bytes;
}

function handle(request: IncomingMessage, response: ServerResponse): void {
  const receivedMs = now();
  const path = decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  const [, room = '', name = '', ...rest] = path.split('/');
  if (room === 'page') {
    const url = path.slice('/page'.length);
    if (!sendFile(settings.page, url, request, response, { headers: ISOLATION })) refuse(response);
    return;
  }
  const isFlood = room === 'flood';
  const file = isFlood ? `flood-${name}` : rest.join('/');
  const bytes = isFlood ? new Uint8Array(Number(name)) : room === 'run' && readWorldFile(file);
  if (!bytes) {
    refuse(response);
    return;
  }
  const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range ? Math.min(bytes.length, Number(range[2]) + 1) : bytes.length;
  const entry: LoggedRequest = {
    run: isFlood ? '' : name,
    file,
    start,
    end,
    connection: connections.get(request.socket) ?? 0,
    receivedMs,
    firstByteMs: 0,
    lastByteMs: 0,
    bytes: 0,
    firstBytes: 0,
    isAborted: false,
  };
  log.push(entry);
  const headers: Record<string, string | number> = {
    'content-type': 'application/octet-stream',
    'content-length': end - start,
    'accept-ranges': 'bytes',
    'cache-control': 'public, max-age=31536000, immutable',
    'cross-origin-resource-policy': 'same-origin',
  };
  if (range) headers['content-range'] = `bytes ${start}-${end - 1}/${bytes.length}`;
  const answer = (): void => {
    response.writeHead(range ? 206 : 200, headers);
    deliver(response, bytes.subarray(start, end), entry);
  };
  if (settings.latencyMs > 0) setTimeout(answer, settings.latencyMs);
  else answer();
}

/** Gives the body to the link and keeps the books. */
function deliver(response: ServerResponse, body: Uint8Array, entry: LoggedRequest): void {
  if (response.destroyed) {
    entry.isAborted = true;
    entry.lastByteMs = now();
    return;
  }
  const flow = {
    remainingBytes: body.length,
    isBlocked: () => response.writableLength > MAX_WAITING_BYTES,
    send(count: number) {
      const chunk = body.subarray(entry.bytes, entry.bytes + count);
      if (entry.bytes === 0) {
        entry.firstByteMs = now();
        entry.firstBytes = count;
      }
      entry.bytes += count;
      entry.lastByteMs = now();
      if (entry.bytes === body.length) response.end(chunk);
      else response.write(chunk);
    },
  };
  response.on('finish', () => {
    entry.lastByteMs = now();
  });
  response.on('close', () => {
    link.remove(flow);
    if (response.writableFinished) return;
    entry.isAborted = true;
    entry.lastByteMs = now();
  });
  if (body.length === 0) response.end();
  else link.add(flow);
}

function refuse(response: ServerResponse): void {
  response.writeHead(404, { 'content-type': 'text/plain' }).end('no such file');
}

const server = createServer({ keepAliveTimeout: 60_000 }, handle);
server.on('connection', (socket) => {
  socket.setNoDelay(true);
  connections.set(socket, ++connectionCount);
});

function say(message: FromServer): void {
  process.send?.(message);
}

process.on('message', (message: ToServer) => {
  if (message.type === 'set') {
    Object.assign(settings, message.settings);
    link.bytesPerSecond = settings.bytesPerSecond ?? Number.POSITIVE_INFINITY;
    say({ type: 'done' });
  } else {
    say({ type: 'log', log });
    log = [];
  }
});
// The benchmark has ended, one way or another.
process.on('disconnect', () => process.exit(0));
server.listen(0, '127.0.0.1', () => {
  say({ type: 'ready', port: (server.address() as AddressInfo).port });
});
