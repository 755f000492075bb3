/** Serves the demo with vite, and the cooked worlds beside it under `/worlds/`, with byte ranges. */
import { join } from 'node:path';
import { type Connect, createServer, type Plugin } from 'vite';
import { sendFile } from '../../test/support/files.ts';
import { repositoryRoot } from '../../test/support/page-server.ts';

/** Prepared before the page opens: a package that vite finds late makes it reload the page. */
const PACKAGES = [
  'three',
  'bitecs',
  '@loaders.gl/core',
  '@loaders.gl/draco',
  'fflate',
  'meshoptimizer/decoder',
];

export interface DemoServer {
  /** `http://127.0.0.1:PORT`, without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

export interface ServeOptions {
  /** Folder of each world, by name. */
  worlds: Record<string, string>;
  /** 0 = any that is free. Another one is taken when it is in use. */
  port: number;
  /** Folder of `node_modules` for vite's cache, one for each server that runs beside others. */
  cacheName?: string;
  /** Follow changes of the sources. Default true. */
  isWatching?: boolean;
}

export async function serveDemo(options: ServeOptions): Promise<DemoServer> {
  const { worlds, port, cacheName = '.vite-demo', isWatching = true } = options;
  const server = await createServer({
    configFile: join(repositoryRoot, 'vite.config.ts'),
    root: join(repositoryRoot, 'demo'),
    logLevel: 'error',
    cacheDir: join(repositoryRoot, 'node_modules', cacheName),
    optimizeDeps: { noDiscovery: true, include: PACKAGES },
    server: {
      host: '127.0.0.1',
      port,
      fs: { allow: [repositoryRoot] },
      ...(isWatching ? {} : { hmr: false, watch: null }),
    },
    plugins: [worldsPlugin(worlds)],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== 'object' || address === null) {
    await server.close();
    throw new Error(`demo server: expected a TCP address, got ${address}`);
  }
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** `/worlds/NAME/FILE`: ranges are answered with 206, unknown files with a plain 404. */
function worldsPlugin(worlds: Record<string, string>): Plugin {
  const handle: Connect.NextHandleFunction = (request, response, next) => {
    const match = /^\/worlds\/([^/?]+)(\/[^?]*)/.exec(request.url ?? '');
    if (!match) return next();
    const folder = worlds[decodeURIComponent(match[1]!)];
    const headers = { 'cache-control': 'no-cache' };
    if (folder && sendFile(folder, match[2]!, request, response, { headers })) return;
    const known = Object.keys(worlds).join(', ');
    response
      .writeHead(404, { 'content-type': 'text/plain' })
      .end(`no such file: ${request.url}; worlds are: ${known}`);
  };
  return {
    name: 'worlds',
    configureServer: (server) => void server.middlewares.use(handle),
  };
}
