/** Addresses: the folder that a source reads from, and the files in it. */
import { assert, describe } from '../../base/assert.ts';

/** The folder's absolute address, with a slash at its end. Throws when it is none. */
export function resolveBase(baseUrl: string | URL): URL {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  const text = String(baseUrl);
  const folder = text.endsWith('/') ? text : `${text}/`;
  assert(
    URL.canParse(folder, page),
    `baseUrl must be an absolute URL${page ? ' or one relative to the page' : ''}, got ${describe(text)}`,
  );
  const url = new URL(folder, page);
  assert(
    url.protocol === 'http:' || url.protocol === 'https:',
    `baseUrl must begin with http: or https:, got ${describe(url.href)}`,
  );
  return url;
}

/** @param file a checked name */
export function fileUrl(base: URL, file: string): URL {
  return new URL(file.split('/').map(encodeURIComponent).join('/'), base);
}
