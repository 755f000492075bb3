/**
 * Serves a page of the repository with vite, TypeScript and workers included, plus any folders a
 * test wants beside it (a cooked world, say) with byte ranges.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Connect, createServer, type Plugin } from 'vite';
import { type FileOptions, sendFile } from './files.ts';

/** The repository's root, whether this file runs from its source or from dist. */
export const repositoryRoot: string = findRoot(dirname(fileURLToPath(import.meta.url)));

/**
 * What pages import from npm. Prepared before the page opens and nothing else after it: a package
 * that vite discovers late makes it reload the page in the middle of a test.
 */
const PREPARED = [
  'three',
  'bitecs',
  '@loaders.gl/core',
  '@loaders.gl/draco',
  'fflate',
  'meshoptimizer/decoder',
  'zstddec',
];

export interface ServePageOptions {
  /** Folder to serve, from the repository's root. Default the root itself. */
  root?: string;
  /** A module, from the repository's root, to open in an otherwise empty page at `/`. */
  entry?: string;
  /** More folders, by the path they appear under, such as `{ '/world/': folder }`. */
  mounts?: Record<string, string | (FileOptions & { folder: string })>;
  /** npm packages that only this page imports. */
  packages?: string[];
  /** Cross-origin isolation: SharedArrayBuffer works. Default false. */
  isIsolated?: boolean;
}

export interface PageServer {
  /** `http://localhost:PORT`, without a slash at the end. */
  origin: string;
  close(): Promise<void>;
}

/** Starts a server on a free local port. The caller closes it. */
export async function servePage(options: ServePageOptions): Promise<PageServer> {
  const { mounts = {}, entry, packages = [], isIsolated = false } = options;
  const server = await createServer({
    configFile: false,
    root: resolve(repositoryRoot, options.root ?? '.'),
    // Test files run side by side, each in a process of its own: a cache that another one writes anew
    // would make vite reload the page in the middle of a test.
    cacheDir: join(repositoryRoot, `node_modules/.vite-test-${process.env['VITEST_POOL_ID'] ?? 0}`),
    logLevel: 'error',
    appType: entry === undefined ? 'mpa' : 'custom',
    worker: { format: 'es' },
    optimizeDeps: { noDiscovery: true, include: [...PREPARED, ...packages] },
    server: {
      host: '127.0.0.1',
      port: 0,
      hmr: false,
      watch: null,
      fs: { allow: [repositoryRoot] },
    },
    plugins: [
      ...(isIsolated ? [ISOLATION] : []),
      mountPlugin(mounts),
      ...(entry === undefined ? [] : [entryPlugin(entry)]),
    ],
  });
  await server.listen();
  const address = server.httpServer?.address();
  if (typeof address !== 'object' || address === null) {
    await server.close();
    throw new Error(`page server: expected a TCP address, got ${address}`);
  }
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Set before any handler runs, so that mounted folders and the entry page carry them too. */
const ISOLATION: Plugin = {
  name: 'isolation',
  configureServer: (server) =>
    void server.middlewares.use((_request, response, next) => {
      response.setHeader('cross-origin-opener-policy', 'same-origin');
      response.setHeader('cross-origin-embedder-policy', 'require-corp');
      next();
    }),
};

function mountPlugin(mounts: NonNullable<ServePageOptions['mounts']>): Plugin {
  const handle: Connect.NextHandleFunction = (request, response, next) => {
    for (const [prefix, mount] of Object.entries(mounts)) {
      if (!request.url?.startsWith(prefix)) continue;
      const options = typeof mount === 'string' ? { folder: mount } : mount;
      const url = `/${request.url.slice(prefix.length)}`;
      if (!sendFile(options.folder, url, request, response, options))
        response.writeHead(404, { 'content-type': 'text/plain' }).end(`no such file: ${url}`);
      return;
    }
    next();
  };
  return { name: 'mounts', configureServer: (server) => void server.middlewares.use(handle) };
}

function entryPlugin(entry: string): Plugin {
  const module = `/@fs${resolve(repositoryRoot, entry)}`;
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${entry}</title>
<link rel="icon" href="data:,"><style>body{margin:0}canvas{display:block}</style></head>
<body><script type="module" src="${module}"></script></body></html>`;
  return {
    name: 'entry',
    configureServer: (server) =>
      void server.middlewares.use((request, response, next) => {
        if (request.url?.split('?')[0] !== '/') return next();
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html);
      }),
  };
}

function findRoot(from: string): string {
  let folder = from;
  while (!existsSync(join(folder, 'package.json'))) {
    const above = dirname(folder);
    if (above === folder) throw new Error(`no package.json above ${from}`);
    folder = above;
  }
  return folder;
}
